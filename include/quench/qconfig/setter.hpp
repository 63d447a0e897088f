// SPDX-License-Identifier: Apache-2.0
// Setters: which module gets which qconfig, as a type.
//
//   using Mine = quench::QConfigSetter<
//       quench::rule::ByName<"block0.conv", quench::qconfig::Int8WeightInt16Activation>,
//       quench::rule::HighPrecisionOutput<>,                  // each output is int32 or int16, where the march can
//       quench::rule::Everything<quench::qconfig::Int8>>;
//   static_assert(quench::verified_setter<FashionNet, quench::march::NashE, Mine>());
//
// The first rule that matches a module decides. Rules apply only to modules between the stubs that own a scale. A rule
// by name or by kind must decide for a module, and AllowLowPrecisionOutput must allow an output. HighPrecisionOutput,
// WhereInt16Supported and Everything take what suits them, which may be nothing, so one setter fits many networks.
// They have no effect only after Everything, or after a rule of the same kind.
#pragma once

#include <tuple>

#include <quench/misuse/find_setter.hpp>
#include <quench/misuse/verify.hpp>
#include <quench/qconfig/qconfig.hpp>

namespace quench {

namespace rule {

/// The module with that dotted name, or all modules of that block.
template <Text Name, QuantizationConfig Q>
struct ByName {
  using QConfig = Q;
  static constexpr SetterRule value = detail::setter_rule<Q>(SetterRule::Subject::Name, Name);
};

/// All modules of a type: `ByKind<quench::Linear, Q>`.
template <ModuleType Kind, QuantizationConfig Q>
struct ByKind {
  using QConfig = Q;
  static constexpr SetterRule value = detail::setter_rule<Q>(SetterRule::Subject::Kind, {}, Kind::op);
};

/// Gives each output the most bits that the march can give it. int32: the accumulator of a conv, linear or matmul that
/// feeds only DeQuantStubs, directly or through flatten, reshape, permute and slice. int16: any other module whose values
/// reach a DeQuantStub unchanged, if all its users take int16. An operator that keeps the scale of its input (a ReLU, a
/// pad, mul_scalar, slice, ...) changes no value in this sense: the rule decides the module before it. After a cat of
/// int16 the rule decides the operands too. Other outputs stay int8, and `summary` and `compare` name them.
template <QuantizationConfig Q = qconfig::Int8WeightHighPrecisionOutput,
          QuantizationConfig Int16 = qconfig::Int8WeightInt16Activation>
struct HighPrecisionOutput {
  static_assert(activation_dtype<Q> == DType::Int32, "this qconfig has no high-precision output");
  static_assert(activation_dtype<Int16> == DType::Int16, "this qconfig has no int16 output");
  using QConfig = Q;
  static constexpr SetterRule value = detail::setter_rule<Q>(SetterRule::Subject::HighPrecision);

  // The rule for the outputs without an accumulator, which follows at once.
  struct Otherwise {
    using QConfig = Int16;
    static constexpr SetterRule value = detail::setter_rule<Int16>(SetterRule::Subject::Int16Output);
  };
};

/// Gives no qconfig. Confirms that the low precision of this output is intended, so that no report names it. It does not
/// compile for a module that could not have a high-precision output; the reports name those outputs.
/// Errors   rule-without-effect (compile time)
template <Text Name>
struct AllowLowPrecisionOutput {
  using QConfig = void;
  static constexpr SetterRule value{SetterRule::Subject::AllowLowPrecision, Name, {}, DType::Int8};
};

/// All modules whose output can be int16 for all its users on the march.
template <QuantizationConfig Q = qconfig::Int8WeightInt16Activation>
struct WhereInt16Supported {
  static_assert(activation_dtype<Q> == DType::Int16, "this qconfig has no int16 output");
  using QConfig = Q;
  static constexpr SetterRule value = detail::setter_rule<Q>(SetterRule::Subject::WhereInt16Supported);
};

/// All modules of the quantized region.
template <QuantizationConfig Q>
struct Everything {
  using QConfig = Q;
  static constexpr SetterRule value = detail::setter_rule<Q>(SetterRule::Subject::Everything);
};

}  // namespace rule

/// A rule of a setter: which modules it decides, and their qconfig.
template <class R>
concept QConfigRule = requires {
  typename R::QConfig;
  { R::value } -> std::convertible_to<SetterRule>;
};

namespace detail {

// The rules that a rule consists of.
template <class Rule>
struct PartsOfRule {
  using type = std::tuple<Rule>;
};
template <class Rule>
  requires requires { typename Rule::Otherwise; }
struct PartsOfRule<Rule> {
  using type = std::tuple<Rule, typename Rule::Otherwise>;
};

template <class>
struct RuleList;
template <class... Rules>
struct RuleList<std::tuple<Rules...>> {
  static constexpr int rule_count = sizeof...(Rules);
  static constexpr SetterRule rules[sizeof...(Rules) + 1] = {Rules::value..., {}};

  /// The qconfig that rule `Index` gives.
  template <std::size_t Index>
  using QConfigOfRule = typename std::tuple_element_t<Index, std::tuple<Rules...>>::QConfig;
};

}  // namespace detail

/// A setter: a list of rules. The first rule that matches a module decides.
template <QConfigRule... Rules>
struct QConfigSetter : detail::RuleList<decltype(std::tuple_cat(typename detail::PartsOfRule<Rules>::type()...))> {};

/// A list of rules, such as `QConfigSetter<...>` and the setters in `quench::setter`.
template <class S>
concept Setter = requires {
  { S::rule_count } -> std::convertible_to<int>;
  { S::rules[0] } -> std::convertible_to<const SetterRule&>;
};

namespace setter {

/// int8, high-precision outputs.
using DefaultCalibration = QConfigSetter<rule::HighPrecisionOutput<>, rule::Everything<qconfig::Int8>>;
/// The same for quantization-aware training.
using DefaultQat = DefaultCalibration;
/// As DefaultQat, with the activation scales of calibration.
using FixedActivationQat = QConfigSetter<
    rule::HighPrecisionOutput<qconfig::Int8WeightHighPrecisionOutput, qconfig::Int8WeightInt16FixedActivation>,
    rule::Everything<qconfig::Int8FixedActivation>>;
/// int16 where the march and all users of an output take it, int8 elsewhere.
using Int16WhereSupported =
    QConfigSetter<rule::HighPrecisionOutput<>, rule::WhereInt16Supported<>, rule::Everything<qconfig::Int8>>;

}  // namespace setter

namespace detail {

// Equal addresses mean equal types.
template <class...>
inline constexpr char identity{};

template <class Q>
constexpr const char* output_quantizers_of() {
  if constexpr (std::is_void_v<Q>)
    return nullptr;
  else
    return &identity<typename Q::Calibration::Activation, typename Q::Qat::Activation>;
}

template <std::size_t Count>
struct Identities {
  const char* of[Count + 1]{};
};

// The fake-quantizers that each rule of a setter gives to outputs.
template <class S, std::size_t... Rule>
constexpr Identities<sizeof...(Rule)> output_quantizers(std::index_sequence<Rule...>) {
  return {{output_quantizers_of<typename S::template QConfigOfRule<Rule>>()...}};
}

}  // namespace detail

/// The decisions of a setter for each module of a network on a march.
template <class Net, march::March March, Setter S>
struct SetterDecisions {
  static constexpr const Graph& graph = quench::graph<Net>;

  struct Table {
    SetterDecision of_module[array_size(graph.module_count)]{};
    bool is_output[array_size(graph.node_count)]{};
    bool takes_int16[array_size(graph.node_count)]{};
    bool is_int16_output[array_size(graph.node_count)]{};
  };
  static constexpr Table table = [] {
    Table result;
    decide<March>(graph, S::rules, S::rule_count, result.of_module,
                  {result.is_output, result.takes_int16, result.is_int16_output},
                  [](const Node& node) { return misuse::may_overflow(graph, node, DType::Int16); });
    return result;
  }();

  static constexpr DType of(int module) { return table.of_module[module].activation; }

  // A step of verification, see misuse/verify.hpp.
  static constexpr void find(misuse::Findings& findings) {
    misuse::find_setter_mistakes(graph, S::rules, S::rule_count, table.of_module, table.is_output,
                                 table.is_int16_output, findings);
    if constexpr (graph.tie_count > 0) {
      constexpr auto quantizers =
          detail::output_quantizers<S>(std::make_index_sequence<static_cast<std::size_t>(S::rule_count)>{});
      misuse::find_tied_qconfig_mistakes(graph, table.of_module, quantizers.of, findings);
    }
  }
};

/// True if a network keeps the rules with the qconfigs of a setter on a march; otherwise it does not compile.
/// Errors   those of verified<Net, March, DTypes>; qconfig-names-no-module, qconfig-outside-quantized-region,
///          rule-without-effect, module-without-qconfig, output-not-high-precision, high-precision-not-output,
///          weight-axis-not-output-channels, activation-per-channel, tied-scale-needs-one-qconfig
template <class Net, march::March March, Setter S>
struct verified_setter : verified<Net, March, SetterDecisions<Net, March, S>>,
                         misuse::Checked<SetterDecisions<Net, March, S>> {
  static constexpr bool value = true;
  constexpr operator bool() const { return value; }  // implicit, for static_assert
};

}  // namespace quench
