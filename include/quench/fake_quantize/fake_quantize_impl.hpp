// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/fake_quantize/fake_quantize.hpp>

#include <cstring>
#include <optional>
#include <string>

namespace quench::fake_quantize {

QUENCH_INLINE void check_start(const QParams& found, std::optional<int> axis) {
  const auto text_of = [](std::optional<int> along) {
    return along ? "scales along axis " + std::to_string(*along) : std::string("one scale");
  };
  if (found.axis != axis)
    throw Error(diagnosis::shape_mismatch, "needed " + text_of(axis) + ", given " + text_of(found.axis));
  if (axis ? found.scales.empty() : found.scales.size() != 1)
    throw Error(diagnosis::shape_mismatch,
                "needed " + text_of(axis) + ", given " + std::to_string(found.scales.size()));
  for (const float scale : found.scales) checked_scale(scale);
}

}  // namespace quench::fake_quantize
