// SPDX-License-Identifier: Apache-2.0
// Shared weights: one set of parameters, two modules, two output scales. Freestanding.
#pragma once

#include <concepts>

#include <quench/ground/text.hpp>

namespace quench {

/// The module `Second` uses the parameters of the module `First`. Both have the same weight shape, groups, bias and eps.
/// If the batch norms after two layers are not tied as well, as in a head with a batch norm for each level, the layers
/// share their weights in a FloatModel, and their gradients are summed. `prepare` makes each batch norm part of a copy of
/// the weights. From then on the copies train apart, because no device shares them.
template <Text First, Text Second>
struct Tie {
  static constexpr int count = 1;
  static constexpr TextView first[] = {First};
  static constexpr TextView second[] = {Second};
};

/// The ties of a network or of a block (a single one needs no list). Names are relative to the struct with the list:
/// `using Ties = quench::Ties<quench::Tie<"left.conv", "right.conv">>;`
template <class... Tie>
struct Ties {
  static constexpr int count = sizeof...(Tie);
  static constexpr TextView first[sizeof...(Tie) + 1] = {Tie::first[0]..., {}};
  static constexpr TextView second[sizeof...(Tie) + 1] = {Tie::second[0]..., {}};
};

namespace detail {

template <class T>
concept TieList = requires {
  { T::count } -> std::convertible_to<int>;
  { T::first[0] } -> std::convertible_to<TextView>;
  { T::second[0] } -> std::convertible_to<TextView>;
};

template <class Struct>
concept HasTies = requires { requires TieList<typename Struct::Ties>; };

template <class Struct>
struct TiesOf {
  using type = Ties<>;
};
template <HasTies Struct>
struct TiesOf<Struct> {
  using type = typename Struct::Ties;
};

/// True if a struct lists ties under a name that nothing reads, or something else as `Ties`.
template <class Struct>
concept HasTiesUnread =
    !HasTies<Struct> &&
    (
        requires { typename Struct::Ties; } || requires { requires TieList<typename Struct::Tie>; } ||
        requires { requires TieList<typename Struct::Tied>; } ||
        requires { requires TieList<typename Struct::ties>; } || requires { requires TieList<typename Struct::tie>; });

}  // namespace detail

/// The ties that a struct itself lists.
template <class Struct>
using ties_of = typename detail::TiesOf<Struct>::type;

}  // namespace quench
