// SPDX-License-Identifier: Apache-2.0
// The part of the catalogue about qconfigs and setters. A mistake with several causes has a sentence for each cause, so
// that its cure applies. The form of the rules is that of catalogue.hpp. Freestanding.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::misuse {

// Evidence.

/// The axis of a tensor that has a scale for each index, as the user writes it.
template <int Axis>
struct axis;
/// The module whose scale the named module uses.
template <Text Module>
struct scale_belongs_to;
/// The network has no member with this name.
struct no_such_member;
// Why a rule of the setter decides nothing.
struct an_earlier_rule_decides;  // for every module of this rule
struct no_module_of_this_kind;
struct outside_quantized_region;  // where all modules of this kind are
struct owns_no_scale;             // the kind uses the scale of its input
struct codes_of_an_image;         // int8 at the scale 1/128
struct not_an_output_of_high_precision;
struct has_high_precision;  // by another rule

// Rules.

// The sentence says why the rule by name decides nothing.
template <Text Name, class Why>
struct qconfig_names_no_module;

template <Text Name>
struct qconfig_names_no_module<Name, no_such_member> {
  static_assert(allowed<qconfig_names_no_module>,
                "quench[qconfig-names-no-module]: a rule of the setter names a member that the network does not have. "
                "The rule would do nothing, and the intended module would get another qconfig. "
                "Write the name of a member as forward() calls it: `\"conv0\"`, `\"block0.conv\"`, "
                "`\"blocks.0.conv\"`, or `\"block0\"` for all modules of a block.");
};

template <Text Name, Text Module>
struct qconfig_names_no_module<Name, scale_belongs_to<Module>> {
  static_assert(allowed<qconfig_names_no_module>,
                "quench[qconfig-names-no-module]: a rule of the setter names a module without a scale of its own (a "
                "ReLU, a max pool or a folded batch norm, for example). "
                "Such a module uses the scale of a layer before it. "
                "Name that layer in the rule: it is the module after `scale_belongs_to` in the evidence.");
};

template <Text Name>
struct qconfig_names_no_module<Name, an_earlier_rule_decides> {
  static_assert(
      allowed<qconfig_names_no_module>,
      "quench[qconfig-names-no-module]: earlier rules of the setter decide for each module that this rule names. "
      "The first rule that fits a module wins, so this rule would do nothing. "
      "Put this rule before those rules (`Everything` comes last), or delete it.");
};

template <Text Module>
struct qconfig_outside_quantized_region {
  static_assert(
      allowed<qconfig_outside_quantized_region>,
      "quench[qconfig-outside-quantized-region]: the setter gives a qconfig to a module of the pre- or "
      "post-processing. "
      "This module runs in float, also on the device, and would be trained with a rounding that never happens. "
      "Delete this rule, or move the module between the QuantStub and the DeQuantStub.");
};

// The sentence says why the rule decides nothing.
template <Text Rule, class Why>
struct rule_without_effect;

template <Text Rule>
struct rule_without_effect<Rule, an_earlier_rule_decides> {
  static_assert(
      allowed<rule_without_effect>,
      "quench[rule-without-effect]: this rule of the setter decides nothing: earlier rules decide for all its modules. "
      "The first rule that fits a module wins. "
      "Put this rule before those rules (`Everything` comes last), or delete it.");
};

template <Text Rule>
struct rule_without_effect<Rule, no_module_of_this_kind> {
  static_assert(
      allowed<rule_without_effect>,
      "quench[rule-without-effect]: this rule of the setter decides nothing: the network has no module of this kind. "
      "The modules that the rule was meant for get another qconfig. "
      "Write a kind that the network has, as in `quench::rule::ByKind<quench::Conv2d, Q>`, or delete the rule.");
};

template <Text Rule>
struct rule_without_effect<Rule, outside_quantized_region> {
  static_assert(allowed<rule_without_effect>,
                "quench[rule-without-effect]: this rule of the setter decides nothing: all modules of this kind run in "
                "float, outside of the stubs. "
                "Only modules between a QuantStub and a DeQuantStub have a qconfig. "
                "Delete the rule, or call a module of this kind between the stubs.");
};

template <Text Rule>
struct rule_without_effect<Rule, owns_no_scale> {
  static_assert(allowed<rule_without_effect>,
                "quench[rule-without-effect]: this rule of the setter decides nothing: modules of this kind have no "
                "scale of their own. "
                "Each uses the scale of the layer before it. "
                "Write the kind of that layer, as in `quench::rule::ByKind<quench::Conv2d, Q>`, or delete the rule.");
};

template <Text Rule>
struct rule_without_effect<Rule, codes_of_an_image> {
  static_assert(
      allowed<rule_without_effect>,
      "quench[rule-without-effect]: this rule of the setter decides nothing: it fits only the QuantStub of an image. "
      "The pixels of an image are always int8 at the scale 1/128. "
      "Delete the rule, or write it for the layers that it was meant for.");
};

template <Text Rule>
struct rule_without_effect<Rule, not_an_output_of_high_precision> {
  static_assert(allowed<rule_without_effect>,
                "quench[rule-without-effect]: this `AllowLowPrecisionOutput` decides nothing: the module is not an "
                "output that could have high precision. "
                "It allows a low precision only of a module whose result goes to a DeQuantStub and to nothing else. "
                "Name such a module, or delete the rule.");
};

template <Text Rule>
struct rule_without_effect<Rule, has_high_precision> {
  static_assert(allowed<rule_without_effect>,
                "quench[rule-without-effect]: this `AllowLowPrecisionOutput` decides nothing: another rule gives high "
                "precision to the module. "
                "It allows a low precision, but gives none. "
                "Delete it to keep the high precision; for int8, put `quench::rule::ByName<\"name\", "
                "quench::qconfig::Int8>` first.");
};

template <Text Module, class Lines>
struct module_without_qconfig {
  static_assert(allowed<module_without_qconfig>,
                "quench[module-without-qconfig]: no rule of the setter matches this module of the quantized region. "
                "Without a qconfig it has no scale and no integers. "
                "End the setter with `quench::rule::Everything<quench::qconfig::Int8>`.");
};

template <Text Module, class Lines>
struct output_not_high_precision {
  static_assert(allowed<output_not_high_precision>,
                "quench[output-not-high-precision]: this module feeds only the DeQuantStub, and the setter gives it an "
                "int8 or int16 output. "
                "Rounding the result once more loses accuracy and saves nothing. "
                "Put `quench::rule::HighPrecisionOutput<>` first in the setter; if you want the rounding, write "
                "`quench::rule::AllowLowPrecisionOutput<\"name\">`.");
};

template <Text Module, class Lines>
struct high_precision_not_output {
  static_assert(
      allowed<high_precision_not_output>,
      "quench[high-precision-not-output]: the setter gives a high-precision output to a module that has no "
      "accumulator, or that does not only feed DeQuantStubs. "
      "No operator takes int32. "
      "Give it an int8 or int16 qconfig; `quench::rule::HighPrecisionOutput<>` finds the right modules itself.");
};

template <Text Module, class Axis, class Lines>
struct weight_axis_not_output_channels {
  static_assert(allowed<weight_axis_not_output_channels>,
                "quench[weight-axis-not-output-channels]: the setter gives the weight of this module scales along "
                "another axis than its output channels. "
                "A layer has one scale for each output channel, and output channels are axis 0 of every weight. "
                "Write `quench::PerChannel<0>`: `quench::FakeQuantize<quench::MinMaxObserver, quench::QInt8, "
                "quench::PerChannel<0>>`.");
};

template <Text Module, class Axis, class Lines>
struct activation_per_channel {
  static_assert(allowed<activation_per_channel>,
                "quench[activation-per-channel]: the setter gives the output of this module a scale for each channel. "
                "The hardware has one scale for a whole tensor. "
                "Write `quench::PerTensor` for activations: `quench::FakeQuantize<quench::MinMaxObserver, "
                "quench::QInt8, quench::PerTensor>`.");
};

template <Text First, Text Second>
struct tied_scale_needs_one_qconfig {
  static_assert(allowed<tied_scale_needs_one_qconfig>,
                "quench[tied-scale-needs-one-qconfig]: the setter gives different qconfigs, or int32 outputs, to two "
                "modules with one scale. "
                "A scale belongs to one dtype, int8 or int16, and one fake-quantizer finds it for both modules. "
                "Name both with one qconfig: `quench::rule::ByName<\"first\", Q>, quench::rule::ByName<\"second\", "
                "Q>`.");
};

template <class Loss>
struct qconfig_on_loss {
  static_assert(allowed<qconfig_on_loss>,
                "quench[qconfig-on-loss]: a loss function is given a qconfig. "
                "It runs in float, in training only, and rounding it would spoil the gradients. "
                "Use the loss as it is: `quench::CrossEntropyLoss loss;`.");
};

}  // namespace quench::misuse
