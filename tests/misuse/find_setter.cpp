// SPDX-License-Identifier: Apache-2.0
// What is found between a setter and a network, as values.
#include <quench/misuse/find_setter.hpp>

#include <doctest/doctest.h>
#include <quench/network.hpp>

namespace q = quench;
using q::misuse::Mistake;
using Subject = q::SetterRule::Subject;

namespace {

struct Head {
  q::Softmax softmax;
  constexpr auto forward(auto x) const { return softmax(x); }
};

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::ReLU never;
  q::Conv2d pre{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::BatchNorm2d bn{.channels = 4};
  q::ReLU relu;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Linear classifier{.in_features = 64, .out_features = 4};
  q::DeQuantStub dequant;
  Head head;
  constexpr auto forward(auto x) const {
    return head.forward(dequant(classifier(q::flatten(pool(relu(bn(conv(quant(pre(x))))))))));
  }
};

constexpr q::SetterRule everything{Subject::Everything, {}, {}, q::DType::Int8};
constexpr q::SetterRule high_precision{Subject::HighPrecision, {}, {}, q::DType::Int32};

struct Found {
  q::misuse::Finding finding[8]{};
  int count = 0;

  constexpr bool is(Mistake mistake, q::TextView name, q::TextView other = {}) const {
    return count == 1 && finding[0].mistake == mistake && finding[0].name == name && finding[0].other == other;
  }
};

template <class Described = Net, std::size_t N>
constexpr Found find(const q::SetterRule (&rules)[N]) {
  constexpr const q::Graph& graph = q::graph<Described>;
  q::SetterDecision decisions[16]{};
  bool is_output[16]{}, takes_int16[16]{}, is_int16_output[16]{};
  q::decide<q::march::NashE>(graph, rules, static_cast<int>(N), decisions, {is_output, takes_int16, is_int16_output},
                             [](const q::Node&) { return false; });
  Found found;
  q::misuse::Findings findings{found.finding, 0};
  q::misuse::find_setter_mistakes(graph, rules, static_cast<int>(N), decisions, is_output, is_int16_output, findings);
  found.count = findings.count;
  return found;
}

constexpr q::SetterRule by_name(q::TextView name, q::DType activation = q::DType::Int8) {
  return {Subject::Name, name, {}, activation};
}

constexpr bool names_are_checked() {
  const auto with = [](q::TextView name) { return find({by_name(name), high_precision, everything}); };
  // A member that is never called is a mistake of the description, and reported there.
  return with("never").count == 0 && with("conv").count == 0 && with("quant").count == 0 &&
         with("conv9").is(Mistake::QConfigNamesNoModule, "conv9") &&
         with("con").is(Mistake::QConfigNamesNoModule, "con") &&
         with("bn").is(Mistake::QConfigNamesNoModule, "bn", "conv") &&
         with("relu").is(Mistake::QConfigNamesNoModule, "relu", "conv") &&
         with("pool").is(Mistake::QConfigNamesNoModule, "pool", "conv") &&
         with("dequant").is(Mistake::QConfigNamesNoModule, "dequant", "classifier") &&
         with("pre").is(Mistake::QConfigOutsideQuantizedRegion, "pre") &&
         with("head").is(Mistake::QConfigOutsideQuantizedRegion, "head") &&
         with("head.softmax").is(Mistake::QConfigOutsideQuantizedRegion, "head.softmax");
}
static_assert(names_are_checked());

struct Clamps {
  q::ReLU inside, before;
};

// A layer is in float. One clamp is called in float and on integers, and a block has one of each.
struct PartlyFloat {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  Clamps clamps;
  q::Conv2d first{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  q::QuantStub quant;
  q::Linear linear{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    return dequant(linear(clamps.inside(relu(quant(relu(first(clamps.before(x))))))));
  }
};
constexpr bool modules_in_float_are_outside() {
  const auto with = [](q::TextView name) { return find<PartlyFloat>({by_name(name), high_precision, everything}); };
  return with("first").is(Mistake::QConfigOutsideQuantizedRegion, "first") &&
         with("relu").is(Mistake::QConfigNamesNoModule, "relu", "quant") &&
         with("clamps").is(Mistake::QConfigNamesNoModule, "clamps", "quant");
}
static_assert(modules_in_float_are_outside());

// A module that is never called is found elsewhere, also if a rule is for its kind.
struct NeverCalled {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Sigmoid never;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};
static_assert(find<NeverCalled>({q::SetterRule{Subject::Kind, {}, q::Operator::Sigmoid, q::DType::Int8}, high_precision,
                                 everything})
                  .count == 0);

// A DeQuantStub without a QuantStub is found elsewhere, and nothing has the scale that it uses.
struct NeverQuantized {
  using Inputs = q::Inputs<q::Features<4>>;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(relu(x)); }
};
static_assert(find<NeverQuantized>({by_name("dequant"), everything}).finding[0].other == "");

constexpr bool unreachable_names_are_found() {
  const Found late = find({high_precision, everything, by_name("conv")});
  return late.is(Mistake::QConfigNamesNoModule, "conv") && late.finding[0].number == 1 &&
         find({high_precision, everything, by_name("quant")}).is(Mistake::QConfigNamesNoModule, "quant") &&
         find({by_name("conv"), by_name("conv"), high_precision, everything})
             .is(Mistake::QConfigNamesNoModule, "conv") &&
         // A block whose modules earlier rules decide in part still decides the rest.
         find({by_name("quant"), high_precision, by_name("conv"), everything}).count == 0;
}
static_assert(unreachable_names_are_found());

constexpr bool rules_decide_something() {
  using q::misuse::NoEffect;
  const auto is = [](const Found& found, q::TextView rule, NoEffect why) {
    return found.is(Mistake::RuleWithoutEffect, rule) && found.finding[0].no_effect == why;
  };
  const auto kind = [](q::Operator op) { return q::SetterRule{Subject::Kind, {}, op, q::DType::Int8}; };
  const auto with = [&](q::Operator op) { return find({high_precision, kind(op), everything}); };
  constexpr q::SetterRule int16{Subject::WhereInt16Supported, {}, {}, q::DType::Int16};
  constexpr q::SetterRule allow_conv{Subject::AllowLowPrecision, "conv", {}, q::DType::Int8};
  constexpr q::SetterRule allow{Subject::AllowLowPrecision, "classifier", {}, q::DType::Int8};
  return with(q::Operator::Conv2d).count == 0 && with(q::Operator::QuantStub).count == 0 &&
         is(with(q::Operator::ConvTranspose2d), "ConvTranspose2d", NoEffect::NoModuleOfThisKind) &&
         is(with(q::Operator::Linear), "Linear", NoEffect::AnEarlierRuleDecides) &&
         is(with(q::Operator::MaxPool2d), "MaxPool2d", NoEffect::OwnsNoScale) &&
         is(with(q::Operator::BatchNorm2d), "BatchNorm2d", NoEffect::OwnsNoScale) &&
         is(with(q::Operator::DeQuantStub), "DeQuantStub", NoEffect::OwnsNoScale) &&
         is(with(q::Operator::Softmax), "Softmax", NoEffect::OutsideQuantizedRegion) &&
         is(find({high_precision, everything, kind(q::Operator::Conv2d)}), "Conv2d", NoEffect::AnEarlierRuleDecides) &&
         is(find({high_precision, everything, kind(q::Operator::QuantStub)}), "QuantStub",
            NoEffect::AnEarlierRuleDecides) &&
         is(find({everything, high_precision}), "HighPrecisionOutput", NoEffect::AnEarlierRuleDecides) &&
         is(find({high_precision, high_precision, everything}), "HighPrecisionOutput",
            NoEffect::AnEarlierRuleDecides) &&
         is(find({high_precision, everything, int16}), "WhereInt16Supported", NoEffect::AnEarlierRuleDecides) &&
         is(find({high_precision, everything, everything}), "Everything", NoEffect::AnEarlierRuleDecides) &&
         is(find({allow_conv, high_precision, everything}), "conv", NoEffect::NotAnOutputOfHighPrecision) &&
         is(find({allow, high_precision, everything}), "classifier", NoEffect::HasHighPrecision) &&
         // General rules may find nothing left, and nothing at all.
         find({by_name("classifier", q::DType::Int32), high_precision, int16, everything}).count == 0 &&
         find({by_name("quant"), by_name("conv"), by_name("classifier", q::DType::Int32), high_precision, everything})
                 .count == 0;
}
static_assert(rules_decide_something());

constexpr bool outputs_are_checked() {
  const q::SetterRule allowed{Subject::AllowLowPrecision, "classifier", {}, q::DType::Int8};
  const q::SetterRule allowed_typo{Subject::AllowLowPrecision, "clasifier", {}, q::DType::Int8};
  return find({everything}).is(Mistake::OutputNotHighPrecision, "classifier") &&
         find({by_name("classifier", q::DType::Int16), high_precision, everything})
             .is(Mistake::OutputNotHighPrecision, "classifier") &&
         find({allowed, everything}).count == 0 && find({everything, allowed}).count == 0 &&
         find({allowed_typo, high_precision, everything}).is(Mistake::QConfigNamesNoModule, "clasifier") &&
         find({by_name("conv", q::DType::Int32), high_precision, everything})
             .is(Mistake::HighPrecisionNotOutput, "conv") &&
         find({by_name("quant", q::DType::Int32), high_precision, everything})
             .is(Mistake::HighPrecisionNotOutput, "quant");
}
static_assert(outputs_are_checked());

constexpr bool every_module_has_a_qconfig() {
  const q::SetterRule convs{Subject::Kind, {}, q::Operator::Conv2d, q::DType::Int8};
  return find({high_precision, convs}).is(Mistake::ModuleWithoutQConfig, "quant");
}
static_assert(every_module_has_a_qconfig());

// The forms of one rule for all modules but the output, and what is found of them.
struct Forms {
  q::ScaleAxis calibration{}, training{};
};
constexpr Found find_axes(Forms weight, Forms activation = {}) {
  q::SetterRule rule = everything;
  rule.weight_axis[0] = weight.calibration;
  rule.weight_axis[1] = weight.training;
  rule.activation_axis[0] = activation.calibration;
  rule.activation_axis[1] = activation.training;
  return find({high_precision, rule});
}
constexpr Forms both(int axis) { return {{true, axis}, {true, axis}}; }

// The weight of `conv` is [4, 3, 3, 4]: only 0 and -4 are the axis of its output channels.
constexpr bool weights_have_scales_of_axis_0() {
  for (int axis = -6; axis <= 6; ++axis) {
    const Found found = find_axes(both(axis));
    if (axis == 0 || axis == -4) {
      if (found.count != 0) return false;
    } else if (!found.is(Mistake::WeightAxisNotOutputChannels, "conv") || found.finding[0].number != axis) {
      return false;
    }
  }
  return find_axes({{false, 0}, {true, 1}}).is(Mistake::WeightAxisNotOutputChannels, "conv") &&
         find_axes({{true, 3}, {true, 0}}).is(Mistake::WeightAxisNotOutputChannels, "conv") && find_axes({}).count == 0;
}
static_assert(weights_have_scales_of_axis_0());

// Of a linear layer, [4, 64], axis -2 is that of the outputs.
constexpr bool negative_axes_count_from_the_end_of_each_weight() {
  q::SetterRule last = high_precision;
  last.weight_axis[0] = {true, -2};
  last.weight_axis[1] = {true, -2};
  q::SetterRule wrong = last;
  wrong.weight_axis[1] = {true, -1};
  return find({last, everything}).count == 0 &&
         find({wrong, everything}).is(Mistake::WeightAxisNotOutputChannels, "classifier");
}
static_assert(negative_axes_count_from_the_end_of_each_weight());

constexpr bool activations_have_one_scale() {
  return find_axes({}, both(-1)).is(Mistake::ActivationPerChannel, "quant") &&
         find_axes({}, {{}, {true, 0}}).is(Mistake::ActivationPerChannel, "quant") &&
         find_axes({}, {{true, 2}, {}}).is(Mistake::ActivationPerChannel, "quant") &&
         find_axes(both(2), both(1)).count == 2;
}
static_assert(activations_have_one_scale());

}  // namespace

TEST_CASE("scales of weights belong to the output channels, in both forms of a qconfig") {
  CHECK(weights_have_scales_of_axis_0());
  CHECK(negative_axes_count_from_the_end_of_each_weight());
}
TEST_CASE("scales of activations belong to the whole tensor, in both forms of a qconfig") {
  CHECK(activations_have_one_scale());
}
TEST_CASE("a name that gives nothing a qconfig is found, with the module that the scale belongs to") {
  CHECK(names_are_checked());
}
TEST_CASE("a name that an earlier rule leaves nothing is found") { CHECK(unreachable_names_are_found()); }
TEST_CASE("low precision where the accumulator could stay, and high precision where it cannot, are found") {
  CHECK(outputs_are_checked());
}
TEST_CASE("a rule that decides nothing is found, with the reason") { CHECK(rules_decide_something()); }
TEST_CASE("a module that no rule speaks of is found") { CHECK(every_module_has_a_qconfig()); }
