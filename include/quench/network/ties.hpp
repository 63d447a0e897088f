// SPDX-License-Identifier: Apache-2.0
// Shared weights: one set of parameters, two modules, two output scales. Freestanding.
#pragma once

#include <quench/ground/text.hpp>

namespace quench {

/// The module `Second` uses the parameters of the module `First`. Both have the same weight shape.
template <Text First, Text Second>
struct Tie {
  static constexpr int count = 1;
  static constexpr TextView first[] = {First};
  static constexpr TextView second[] = {Second};
};

/// The ties of a network (a single one needs no list):
/// `using Ties = quench::Ties<quench::Tie<"left.conv", "right.conv">>;`
template <class... Tie>
struct Ties {
  static constexpr int count = sizeof...(Tie);
  static constexpr TextView first[sizeof...(Tie) + 1] = {Tie::first[0]..., {}};
  static constexpr TextView second[sizeof...(Tie) + 1] = {Tie::second[0]..., {}};
};

namespace detail {

template <class Net>
struct TiesOf {
  using type = Ties<>;
};
template <class Net>
  requires requires { typename Net::Ties; }
struct TiesOf<Net> {
  using type = typename Net::Ties;
};

}  // namespace detail

/// The ties of a network; none if it declares none.
template <class Net>
using ties_of = typename detail::TiesOf<Net>::type;

}  // namespace quench
