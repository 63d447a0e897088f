// SPDX-License-Identifier: Apache-2.0
// Layers and blocks in sequence, like PyTorch's Sequential: a std::tuple if their types differ, a std::array or an
// array if they are the same. Their positions are their names, "layer1.0.conv1", as in PyTorch. Freestanding.
#pragma once

#include <tuple>

#include <quench/ground/apply.hpp>
#include <quench/network/modules.hpp>

namespace quench {

/// Calls each of `layers` on the output of the one before. Tuples and arrays may be nested.
template <class Layers>
[[nodiscard]] constexpr Symbol sequential(const Layers& layers, Symbol x, CallLine line = CallLine::here()) {
  if constexpr (ModuleType<Layers>) {
    return layers(x, line);
  } else if constexpr (detail::ArrayLike<Layers>) {
    for (const auto& layer : layers) x = sequential(layer, x, line);
    return x;
  } else if constexpr (detail::TupleLike<Layers>) {
    ground::apply([&](const auto&... layer) { ((x = sequential(layer, x, line)), ...); }, layers);
    return x;
  } else {
    return layers.forward(x);
  }
}

}  // namespace quench
