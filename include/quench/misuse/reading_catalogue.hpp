// SPDX-License-Identifier: Apache-2.0
// The part of the catalogue about structs that quench cannot read as a network: one sentence for each fault. The form of
// the rules is that of catalogue.hpp. Freestanding.
#pragma once

#include <quench/misuse/catalogue.hpp>
#include <quench/network/trace.hpp>

namespace quench::misuse {

/// `Block` is the dotted name of the block with the fault; it is empty if the network itself has it.
template <class Net, Text Block, NetworkFault Fault>
struct network_not_readable;

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::NoInputs> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: this struct does not say what its inputs are. "
                "The shapes of all layers follow from the inputs. "
                "Write `using Inputs = quench::Inputs<quench::Features<H, W, C>>;` in the struct, with one `Features`, "
                "`Image` or `Indices` for each tensor that forward() takes.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::ForwardDoesNotTakeTheInputs> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: this network has no forward() that takes its inputs. "
                "The compiler calls forward() of a const network with one tensor for each of `Inputs`. "
                "Write `constexpr auto forward(auto x) const`, public, with one `auto` for each input; if the compiler "
                "reports another error in forward(), mend that one first.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::ForwardIsNotConstexpr> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: the compiler cannot run forward() of this network. "
                "It runs forward() once, without data, to see which layers the network calls. "
                "Write `constexpr auto forward(auto x) const`, and call only constexpr functions; `constexpr int calls "
                "= quench::call_count<Net>();` makes the compiler say where it stops.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::ForwardReturnsNoTensor> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: forward() of this network returns something that is no tensor. "
                "A network returns the tensors that it computes. "
                "Return one tensor, or several in a std::tuple: `return std::tuple(dequant(y), dequant(z));`.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::NotAnAggregate> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: this struct has a constructor, or a private or virtual member. "
                "quench reads the public data members of plain structs. "
                "Delete the constructor and make the members public; write each setting at its member: `quench::Conv2d "
                "conv{.in_channels = 4, .out_channels = 8, .kernel_size = 3};`.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::DefaultIsNotConstexpr> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: the compiler cannot make an object of this struct. "
                "It reads the settings of the layers from `Net{}`. "
                "Give the members values that are constant: no std::vector, no reference, no pointer to the heap, and "
                "only constexpr "
                "functions.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::HasBaseClass> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: this struct has a base class. "
                "quench reads the data members of plain structs, and would miss the layers of a base class. "
                "Make the base class a member, `Base base;`, and call `base.forward(x)`.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::MoreThan128Members> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: this struct has more than 128 data members. "
                "quench reads at most 128 members of a struct. "
                "Group members in blocks (structs with a forward() of their own), in a std::array or in a std::tuple.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::MoreThan2000Calls> {
  static_assert(allowed<network_not_readable>,
                "quench[network-not-readable]: forward() of this network makes more than 2000 calls. "
                "The compiler runs forward(), and stops after a number of steps. "
                "Divide the network into two, and pass what the first returns to the second.");
};

template <class Net, Text Block>
struct network_not_readable<Net, Block, NetworkFault::MemberWithoutDefault> {
  static_assert(
      allowed<network_not_readable>,
      "quench[network-not-readable]: this struct has a data member whose type has no default. "
      "quench counts the members of a struct by giving `{}` to each. "
      "Give the type of that member a constructor without arguments, not explicit, or use a plain type such as int.");
};

}  // namespace quench::misuse
