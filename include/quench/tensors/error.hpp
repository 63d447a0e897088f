// SPDX-License-Identifier: Apache-2.0
// `quench::Error`: the one exception type. A function that throws it has changed nothing.
//
//   quench[value-not-finite]: conv1: a value is NaN or infinite (element 3 is nan). No scale ... . Look for ... .
//
// Primitives leave the module's name empty. Callers add it with `in_module`. The texts are in misuse/diagnoses.hpp.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <quench/ground/compiled.hpp>
#include <quench/misuse/diagnoses.hpp>

namespace quench {

namespace tensors {

inline std::string text(TextView view) { return {view.data, static_cast<std::size_t>(view.size)}; }

}  // namespace tensors

/// The exception of every error at run time. A function that throws it has changed nothing.
class Error : public std::runtime_error {
 public:
  /// `evidence` says what was found and where. `module` is the dotted name of the module, or empty.
  Error(const Diagnosis& diagnosis, std::string evidence, std::string module = {});

  /// The slug of the diagnosis: "value-not-finite".
  TextView slug() const { return diagnosis_->slug; }
  const std::string& module() const& { return module_; }
  const std::string& module() const&& = delete;
  const std::string& evidence() const& { return evidence_; }
  const std::string& evidence() const&& = delete;

  Error with_evidence(const std::string& more) const;
  /// The same error inside a module. Dots join the names, outermost first.
  Error in_module(const std::string& outer) const;
  /// The same error with the cure for training, if the diagnosis has one.
  Error in_training() const { return {*diagnosis_, evidence_, module_, true}; }

 private:
  Error(const Diagnosis& diagnosis, std::string evidence, std::string module, bool is_in_training);

  static std::string message(const Diagnosis& diagnosis, const std::string& evidence, const std::string& module,
                             bool is_in_training);

  const Diagnosis* diagnosis_;  // one of namespace diagnosis
  std::string evidence_;
  std::string module_;
  bool is_in_training_;
};

/// Returns `f()`. Adds the module's name to an Error that `f` throws.
template <class F>
decltype(auto) in_module(const std::string& name, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const Error& error) {
    throw error.in_module(name);
  }
}

/// Returns `f()`. Changes an Error that `f` throws to the cure for training.
template <class F>
decltype(auto) in_training(F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const Error& error) {
    throw error.in_training();
  }
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/error_impl.hpp>
#endif
