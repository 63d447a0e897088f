// SPDX-License-Identifier: Apache-2.0
// What modules share: weights by a Tie, the scale of their outputs by a TiedScale. Freestanding.
#pragma once

#include <concepts>

#include <quench/network/graph.hpp>

namespace quench {

/// The modules after `First` use its parameters. All have the same weight shape, groups, bias and eps.
/// If the batch norms after two layers are not tied as well, as in a head with a batch norm for each level, the layers
/// share their weights in a FloatModel, and their gradients are summed. `prepare` makes each batch norm part of a copy of
/// the weights. From then on the copies train apart, because no device shares them.
template <Text First, Text Second, Text... More>
struct Tie {
  static constexpr int count = 1 + sizeof...(More);
  static constexpr NamedTie list[1 + sizeof...(More)] = {{First, Second, false}, {First, More, false}...};
};

/// The outputs of these modules have one scale, which calibration and training find over all of them. So the integers
/// of one output can be used where those of another are expected: a recurrent state that leaves the network, and enters
/// it in the next call. Names of blocks tie each module of a block to the module of that name in the other blocks.
/// Each module has a scale of its own between the stubs. A setter gives all of them one dtype, int8 or int16, and one
/// fake-quantizer; HighPrecisionOutput passes them by.
/// Errors   tied-scale-does-not-match, tied-scale-needs-one-qconfig (compile time)
template <Text First, Text Second, Text... More>
struct TiedScale {
  static constexpr int count = 1 + sizeof...(More);
  static constexpr NamedTie list[1 + sizeof...(More)] = {{First, Second, true}, {First, More, true}...};
};

/// The ties of a network or of a block (a single one needs no list). Names are relative to the struct with the list:
/// `using Ties = quench::Ties<quench::Tie<"left.conv", "right.conv">>;`
template <class... Each>
struct Ties {
  static constexpr int count = (Each::count + ... + 0);

 private:
  struct Storage {
    NamedTie of[array_size(count)]{};
  };
  static constexpr Storage all = [] {
    Storage storage;
    int next = 0;
    [[maybe_unused]] const auto add = [&](const NamedTie* ties, int number) {
      for (int t = 0; t < number; ++t) storage.of[next++] = ties[t];
    };
    (add(Each::list, Each::count), ...);
    return storage;
  }();

 public:
  static constexpr const NamedTie* list = all.of;
};

namespace detail {

template <class T>
concept TieList = requires {
  { T::count } -> std::convertible_to<int>;
  { T::list[0] } -> std::convertible_to<NamedTie>;
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
        requires { requires TieList<typename Struct::TiedScale>; } ||
        requires { requires TieList<typename Struct::TiedScales>; } ||
        requires { requires TieList<typename Struct::ties>; } || requires { requires TieList<typename Struct::tie>; });

}  // namespace detail

/// The ties that a struct itself lists.
template <class Struct>
using ties_of = typename detail::TiesOf<Struct>::type;

}  // namespace quench
