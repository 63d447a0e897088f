// SPDX-License-Identifier: Apache-2.0
// The part of the catalogue about how a description connects its modules: inputs and results that nothing uses,
// operators of C++, and ties. The form of the rules is that of catalogue.hpp. Freestanding.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::misuse {

/// Evidence: an argument of `forward`, counted from 0.
template <int Index>
struct input;

template <class Input>
struct input_never_used {
  static_assert(allowed<input_never_used>,
                "quench[input-never-used]: forward() never uses this input. "
                "The model would ask for data that changes nothing, and often another input is used twice instead. "
                "Use it in forward(), or delete it from `Inputs` and from the parameters of forward().");
};

template <Text Module, class Lines>
struct indices_not_looked_up {
  static_assert(
      allowed<indices_not_looked_up>,
      "quench[indices-not-looked-up]: a tensor of indices goes to something other than an Embedding. "
      "Indices are names of rows, so their sums, products and scales mean nothing. "
      "Pass the input itself to an Embedding first, without a QuantStub: `auto x = embedding(indices);`; for an "
      "input of numbers, write `quench::Features<L>` in `Inputs`.");
};

template <Text Module, class Lines>
struct embedding_without_indices {
  static_assert(allowed<embedding_without_indices>,
                "quench[embedding-without-indices]: an Embedding is given a tensor that contains no indices. "
                "It looks up the rows of its table by whole numbers, and these values are real numbers. "
                "Write `quench::Indices<L>` in `Inputs`, and pass this input to the Embedding without a QuantStub.");
};

template <Text Module, class Lines>
struct result_never_used {
  static_assert(allowed<result_never_used>,
                "quench[result-never-used]: nothing uses the result of this call in forward(). "
                "The call takes time, and no training reaches its weights; often another value is used instead. "
                "Use the result or return it, or delete the call and its member.");
};

template <Text Operation, class Lines>
struct operator_has_no_scale {
  static_assert(
      allowed<operator_has_no_scale>,
      "quench[operator-has-no-scale]: forward() computes with a tensor by an operator of C++. "
      "Each result needs its own scale, and an operator has no place for one. "
      "Declare a `quench::FloatFunctional f;` for each operator, and call what the evidence names: `f.add(x, y)`, "
      "`f.mul_scalar(x, 2)`. For x / y declare a `quench::Div div;`, and call `div(x, y)`.");
};

/// `Module` is the module whose result is compared.
template <Text Module, class Lines>
struct tensor_has_no_values {
  static_assert(allowed<tensor_has_no_values>,
                "quench[tensor-has-no-values]: forward() compares the result of this module. "
                "The compiler runs forward() once, without data, so a tensor has no values there. "
                "Use a layer instead (`quench::ReLU`, or `maximum` and `minimum` of a `quench::FloatFunctional`), or "
                "compare what `predict` returns.");
};

template <Text Functional, class Lines>
struct cat_takes_no_axis {
  static_assert(allowed<cat_takes_no_axis>,
                "quench[cat-takes-no-axis]: this `cat` is given something that is no tensor. "
                "It joins tensors along the last axis, the channels of [H, W, C], or along one in angle brackets. "
                "Write `cat.cat(x, y)`, or `cat.cat<0>(x, y)` for another axis.");
};

template <Text First, Text Second>
struct tie_does_not_match {
  static_assert(allowed<tie_does_not_match>,
                "quench[tie-does-not-match]: a Tie names two modules that cannot share weights. "
                "One of them does not exist, owns no parameters, or has other settings than the other. "
                "Name two layers (not blocks) of the same type, weight shape, groups, bias and eps by their members: "
                "`quench::Tie<\"left.conv\", \"right.conv\">`.");
};

template <Text Struct>
struct ties_not_read {
  static_assert(allowed<ties_not_read>,
                "quench[ties-not-read]: this struct lists ties that quench does not read. "
                "The modules would have separate weights. "
                "Write exactly `using Ties = quench::Ties<quench::Tie<\"left.conv\", \"right.conv\">>;` (`Ties`, not "
                "`Tie`), with names relative to the struct.");
};

// Why a module cannot have the scale of another one.
struct no_such_member;
struct no_scale_of_its_own;
struct named_twice;
struct other_block_lacks_it;

// The sentence says why. `Module` is the culprit.
template <Text Module, Text Other, class Why>
struct tied_scale_does_not_match;

template <Text Module, Text Other>
struct tied_scale_does_not_match<Module, Other, no_such_member> {
  static_assert(allowed<tied_scale_does_not_match>,
                "quench[tied-scale-does-not-match]: a TiedScale names a member that does not exist. "
                "The modules would have separate scales, and the integers of one would mean other values in the other. "
                "Write the names of members, relative to the struct with the list: "
                "`quench::TiedScale<\"quant_state\", \"cell.state\">`.");
};

template <Text Module, Text Other>
struct tied_scale_does_not_match<Module, Other, no_scale_of_its_own> {
  static_assert(allowed<tied_scale_does_not_match>,
                "quench[tied-scale-does-not-match]: a TiedScale names a module that has no scale of its own. "
                "A ReLU or a max pool uses the scale of its input, the QuantStub of an image has 1/128, and modules "
                "outside the stubs run in float. "
                "Name the layer or FloatFunctional between the stubs whose values it passes on.");
};

template <Text Module, Text Other>
struct tied_scale_does_not_match<Module, Other, named_twice> {
  static_assert(allowed<tied_scale_does_not_match>,
                "quench[tied-scale-does-not-match]: a TiedScale ties these two names again, or a name to itself. "
                "That adds nothing, so another module that was meant would have a separate scale. "
                "Tie each pair of names once: `quench::TiedScale<\"quant_state\", \"cell.state\">`.");
};

template <Text Module, Text Other>
struct tied_scale_does_not_match<Module, Other, other_block_lacks_it> {
  static_assert(allowed<tied_scale_does_not_match>,
                "quench[tied-scale-does-not-match]: a TiedScale ties two blocks, and the other block has no module "
                "with a scale that corresponds to this one. "
                "This module would have a separate scale. "
                "Tie blocks of one type, or name a module in each block: "
                "`quench::TiedScale<\"first.state\", \"second.state\">`.");
};

}  // namespace quench::misuse
