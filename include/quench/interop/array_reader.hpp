// SPDX-License-Identifier: Apache-2.0
// Taking named arrays one by one, each checked, until none is left.
#pragma once

#include <set>

#include <quench/interop/named_arrays.hpp>
#include <quench/observers/observer.hpp>

namespace quench::interop::detail {

/// Takes arrays out of a file by name, checks them, and at the end that none was left.
class Reader {
 public:
  explicit Reader(const NamedArrays& arrays) : arrays_(&arrays) {}

  bool has(const std::string& name) const { return arrays_->count(name) > 0; }

  /// Errors   state-not-valid: no such array, another shape; value-not-finite
  std::vector<float> floats(const std::string& name, const std::vector<std::size_t>& shape) {
    const NamedArray& array = take(name);
    if (array.shape != shape)
      throw Error(diagnosis::state_not_valid,
                  "needed " + Extents(shape).text() + ", given " + Extents(array.shape).text(), name);
    std::vector<float> values =
        array.type == ArrayType::Float64 ? narrowed(array.values<double>()) : array.values<float>();
    if (!values.empty()) in_module(name, [&] { finite_range(values); });
    return values;
  }

  std::vector<double> doubles(const std::string& name) { return take(name).values<double>(); }

  /// Counts of batches, which PyTorch keeps and nobody needs.
  void finish() {
    for (const auto& [name, array] : *arrays_)
      if (taken_.count(name) == 0 && !name.ends_with(".num_batches_tracked"))
        throw Error(diagnosis::state_not_valid, "the model has no such parameter", name);
  }

  void ignore(const std::string& name) { taken_.insert(name); }

 private:
  const NamedArray& take(const std::string& name) {
    const auto found = arrays_->find(name);
    if (found == arrays_->end()) throw Error(diagnosis::state_not_valid, "the file lacks it", name);
    taken_.insert(name);
    return found->second;
  }

  static std::vector<float> narrowed(const std::vector<double>& values) { return {values.begin(), values.end()}; }

  const NamedArrays* arrays_;
  std::set<std::string> taken_;
};

}  // namespace quench::interop::detail
