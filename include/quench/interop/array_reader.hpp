// SPDX-License-Identifier: Apache-2.0
// Reads named arrays from a file and checks each one.
//
// A reader collects every array that is missing, unused, or of another shape or type. `finish()` throws one error for
// all of them. Before that, an array that does not fit reads as empty, and callers skip it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/named_arrays.hpp>

namespace quench::interop::detail {

/// Takes arrays out of a file by name and checks them. At the end it checks that no array is left.
class Reader {
 public:
  explicit Reader(const NamedArrays& arrays) : arrays_(&arrays) {}
  explicit Reader(NamedArrays&&) = delete;

  bool has(const std::string& name) const { return arrays_->count(name) > 0; }

  /// Empty if the array does not fit.
  std::vector<float> floats(const std::string& name, const std::vector<std::size_t>& shape);

  /// Empty if the file has no such array of doubles.
  std::optional<std::vector<double>> doubles(const std::string& name);

  /// A text, as `text_array` writes it. Empty if the array does not fit.
  std::string text_of(const std::string& name);

  /// A number of at least 0. Returns 0 if the array does not fit.
  std::int64_t count(const std::string& name);

  /// Collects the Error that `f` throws about an array or a module.
  template <class F>
  void try_to(const std::string& name, F&& f) {
    try {
      f();
    } catch (const Error& error) {
      faults_.push_back(error.in_module(name));
    }
  }
  void note(Error error) { faults_.push_back(std::move(error)); }

  void ignore(const std::string& name) { taken_.insert(name); }

  /// Errors   the fault found; state-not-valid with all faults if there are several
  void finish();

 private:
  static constexpr std::size_t most_shown = 8, most_compared = 4096, longest_name = 100;

  /// The array, if the file has it with the shape that may be given.
  const NamedArray* take(const std::string& name, const std::vector<std::size_t>* shape);

  /// The name in the file that is most like a missing one, if at most half of it differs. A wrapper in PyTorch adds a
  /// word before each name ("module.conv.weight"), and a file may lack the word that a block adds here.
  static std::string nearest(const std::string& name, const std::vector<std::string>& names);

  static std::string limited(const std::string& name);
  static std::string slug(const Error& error);
  static std::vector<float> narrowed(const std::vector<double>& values) { return {values.begin(), values.end()}; }

  const NamedArrays* arrays_;
  std::set<std::string> taken_;
  std::vector<std::string> missing_;
  std::vector<Error> faults_;
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/array_reader_impl.hpp>
#endif
