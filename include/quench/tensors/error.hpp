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

#include <quench/misuse/diagnoses.hpp>

namespace quench {

namespace tensors {

inline std::string text(TextView view) { return {view.data, static_cast<std::size_t>(view.size)}; }

}  // namespace tensors

class Error : public std::runtime_error {
 public:
  /// `evidence` says what was found and where. `module` is the dotted name of the module, or empty.
  Error(const Diagnosis& diagnosis, std::string evidence, std::string module = {})
      : Error(diagnosis, std::move(evidence), std::move(module), false) {}

  /// The slug of the diagnosis: "value-not-finite".
  TextView slug() const { return diagnosis_->slug; }
  const std::string& module() const& { return module_; }
  const std::string& module() const&& = delete;
  const std::string& evidence() const& { return evidence_; }
  const std::string& evidence() const&& = delete;

  Error with_evidence(const std::string& more) const {
    return {*diagnosis_, evidence_.empty() ? more : evidence_ + "; " + more, module_, is_in_training_};
  }
  /// The same error inside a module. Dots join the names, outermost first.
  Error in_module(const std::string& outer) const {
    return {*diagnosis_, evidence_, module_.empty() ? outer : outer + "." + module_, is_in_training_};
  }
  /// The same error with the cure for training, if the diagnosis has one.
  Error in_training() const { return {*diagnosis_, evidence_, module_, true}; }

 private:
  Error(const Diagnosis& diagnosis, std::string evidence, std::string module, bool is_in_training)
      : std::runtime_error(message(diagnosis, evidence, module, is_in_training)),
        diagnosis_(&diagnosis),
        evidence_(std::move(evidence)),
        module_(std::move(module)),
        is_in_training_(is_in_training) {}

  static std::string message(const Diagnosis& diagnosis, const std::string& evidence, const std::string& module,
                             bool is_in_training) {
    const bool has_other_cure = is_in_training && diagnosis.cure_in_training.size > 0;
    return "quench[" + tensors::text(diagnosis.slug) + "]: " + (module.empty() ? "" : module + ": ") +
           tensors::text(diagnosis.what) + (evidence.empty() ? "" : " (" + evidence + ")") + ". " +
           tensors::text(diagnosis.why) + " " +
           tensors::text(has_other_cure ? diagnosis.cure_in_training : diagnosis.cure);
  }

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
