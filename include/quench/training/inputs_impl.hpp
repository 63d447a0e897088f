// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/inputs.hpp>

#include <algorithm>

#include <quench/execution/steps.hpp>

namespace quench::training {

QUENCH_INLINE void InputValues::copy(std::size_t begin, std::size_t count, float* to) const {
  if (codes.empty())
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(begin), count, to);
  else
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(codes[begin + i]) * execution::image_scale;
}

}  // namespace quench::training
