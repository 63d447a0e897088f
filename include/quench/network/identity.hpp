// SPDX-License-Identifier: Apache-2.0
// Identity and Dropout, which return their input: they are no modules, and the graph has no node for them. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// x, for a place that some networks fill with a layer. It keeps its number in a sequence, so that PyTorch's weights find
/// the layers after it.
/// Shapes   x [any] -> y [the same]
/// Equals   torch.nn.Identity
struct Identity {
  [[nodiscard]] constexpr Symbol operator()(Symbol x) const { return x; }
  [[nodiscard]] constexpr Symbol forward(Symbol x) const { return x; }  // as a block, for `sequential`
};

namespace detail {

// A number of any type that has no effect.
struct IgnoredNumber {
  constexpr IgnoredNumber() = default;
  constexpr IgnoredNumber(NumberBesideTensor auto) {}  // implicit, as a setting
};

}  // namespace detail

/// x: quench drops nothing, also not in training. Train with dropout in PyTorch, and load the weights. Training in quench
/// has weight decay instead.
/// Shapes   x [any] -> y [the same]
/// Equals   torch.nn.Dropout and Dropout2d after `model.eval()`
struct Dropout {
  detail::IgnoredNumber p{};  // 0.1 or 0.1f

  [[nodiscard]] constexpr Symbol operator()(Symbol x) const { return x; }
  [[nodiscard]] constexpr Symbol forward(Symbol x) const { return x; }  // as a block, for `sequential`
};

}  // namespace quench
