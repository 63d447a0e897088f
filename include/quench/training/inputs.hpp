// SPDX-License-Identifier: Apache-2.0
// The inputs of a pass: views of the tensors and images that the caller passed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>

namespace quench::training {

/// One input of a pass: a view of the tensor that the caller passed.
struct InputValues {
  std::span<const float> values;            // real values; none for images
  std::span<const std::int8_t> codes;       // of images: code c is the real value c / 128
  std::span<const std::int32_t> indices{};  // in place of values
  std::vector<float> evaluated{};           // if the tensor's values are not contiguous
  std::vector<std::int32_t> evaluated_indices{};

  std::size_t size() const { return codes.empty() ? values.size() : codes.size(); }

  /// Real values; indices have none.
  void copy(std::size_t begin, std::size_t count, float* to) const;
};

/// All inputs of a pass, checked, with `samples` each. They are views of the arguments.
struct CheckedInputs {
  std::vector<InputValues> of;
  int samples = 0;

  CheckedInputs() = default;
  CheckedInputs(CheckedInputs&&) = default;
  CheckedInputs& operator=(CheckedInputs&&) = default;
};

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/inputs_impl.hpp>
#endif
