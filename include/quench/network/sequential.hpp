// SPDX-License-Identifier: Apache-2.0
// Layers and blocks one after the other, PyTorch's Sequential: a std::tuple where their types differ, a std::array where
// they are the same. Their names are their places, "layer1.0.conv1", as in PyTorch. Freestanding.
#pragma once

#include <tuple>

#include <quench/network/symbol.hpp>

namespace quench {

/// Calls each of `layers`, a std::tuple or std::array of layers and blocks, on the output of the one before it.
constexpr Symbol sequential(const auto& layers, Symbol x, int line = __builtin_LINE()) {
  std::apply(
      [&](const auto&... layer) {
        [[maybe_unused]] const auto call = [&](const auto& each) {
          if constexpr (ModuleType<std::remove_cvref_t<decltype(each)>>)
            x = each(x, line);
          else
            x = each.forward(x);
        };
        (call(layer), ...);
      },
      layers);
  return x;
}

}  // namespace quench
