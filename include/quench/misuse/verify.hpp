// SPDX-License-Identifier: Apache-2.0
// `quench::verified<Net>`: a network that breaks a rule does not compile.
//
//   static_assert(quench::verified<FashionNet>());                        // the rules that need the description only
//   static_assert(quench::verified<FashionNet, quench::march::NashE>());  // and the operators of a march
//
// The find_*.hpp headers look for mistakes in the graph. Each finding becomes a base class here: its rule of the
// catalogue, whose static_assert fails. So the compiler reports all mistakes of a network together, each once.
// Freestanding.
#pragma once

#include <type_traits>
#include <utility>

#include <quench/misuse/catalogue.hpp>
#include <quench/misuse/find_arithmetic.hpp>
#include <quench/misuse/find_calls.hpp>
#include <quench/misuse/find_march.hpp>
#include <quench/misuse/find_settings.hpp>
#include <quench/misuse/find_stubs.hpp>
#include <quench/misuse/find_tied_scales.hpp>
#include <quench/misuse/reading_catalogue.hpp>
#include <quench/misuse/setter_catalogue.hpp>
#include <quench/misuse/wiring_catalogue.hpp>
#include <quench/network/trace.hpp>
#include <quench/types/processor.hpp>

namespace quench {

namespace misuse {
namespace detail {

// Three steps check the rules. Each is a class with `find(Findings&)`.

template <class Net>
struct Description {
  static constexpr void find(Findings& findings) {
    if (fault<Net> != NetworkFault::None) return;
    StubMark stubs[graph<Net>.node_count]{};
    ShapeMark shapes[graph<Net>.node_count]{};
    mark_shapes(graph<Net>, shapes);
    find_stub_mistakes(graph<Net>, stubs, findings);
    find_call_mistakes(graph<Net>, findings);
    find_setting_mistakes(graph<Net>, shapes, findings);
    find_shape_mistakes(graph<Net>, shapes, findings);
    find_accumulator_mistakes(graph<Net>, shapes, findings);
    find_batch_norm_mistakes(graph<Net>, findings);
    find_tie_mistakes(graph<Net>, findings);
    find_tied_scale_mistakes(graph<Net>, findings);
    if constexpr (has_unread_ties<Net>) findings.add(Finding(Mistake::TiesNotRead, struct_with_unread_ties<Net>));
    find_axes_of_cat(graph<Net>, findings);
    find_unused_values(graph<Net>, findings);
  }
};

template <class Net, march::March TheMarch>
struct Operators {
  using March = TheMarch;
  static constexpr void find(Findings& findings) { find_operator_mistakes<March>(graph<Net>, findings); }
};

template <class Net, march::March TheMarch, DTypeTable DTypes>
struct DTypesOf {
  using March = TheMarch;
  static constexpr void find(Findings& findings) {
    DType dtypes[graph<Net>.node_count]{};
    write_dtypes<DTypes>(graph<Net>, dtypes);
    find_dtype_mistakes<March>(graph<Net>, dtypes, findings);
  }
};

template <int Count>
struct FindingList {
  Finding finding[array_size(Count)]{};
  int count = 0;
};

template <class Step>
inline constexpr int finding_count = [] {
  Findings findings;
  Step::find(findings);
  return findings.count;
}();

// The findings of a step, each mistake once: two equal base classes would be a second error.
template <class Step>
inline constexpr auto finding_list = [] {
  FindingList<finding_count<Step>> list;
  Findings findings{list.finding, 0};
  Step::find(findings);
  for (int f = 0; f < findings.count; ++f) {
    bool seen = false;
    for (int earlier = 0; earlier < list.count && !seen; ++earlier)
      seen = are_one_mistake(list.finding[earlier], list.finding[f]);
    if (!seen) list.finding[list.count++] = list.finding[f];
  }
  return list;
}();

template <class Step>
constexpr int rule_count() {
  if constexpr (finding_count<Step> == 0)
    return 0;
  else
    return finding_list<Step>.count;
}

}  // namespace detail

/// A text as a template argument, cut to its exact length. Compilers would print the padding.
template <int Size>
constexpr auto cut(TextView view) {
  Text<array_size(Size + 1)> text;
  for (int i = 0; i < Size; ++i) text.characters[i] = view[i];
  return text;
}

namespace detail {

template <NoEffect Why>
constexpr auto evidence_of() {
  if constexpr (Why == NoEffect::AnEarlierRuleDecides)
    return std::type_identity<an_earlier_rule_decides>{};
  else if constexpr (Why == NoEffect::NoModuleOfThisKind)
    return std::type_identity<no_module_of_this_kind>{};
  else if constexpr (Why == NoEffect::OutsideQuantizedRegion)
    return std::type_identity<outside_quantized_region>{};
  else if constexpr (Why == NoEffect::OwnsNoScale)
    return std::type_identity<owns_no_scale>{};
  else if constexpr (Why == NoEffect::CodesOfAnImage)
    return std::type_identity<codes_of_an_image>{};
  else if constexpr (Why == NoEffect::NotAnOutputOfHighPrecision)
    return std::type_identity<not_an_output_of_high_precision>{};
  else if constexpr (Why == NoEffect::HasHighPrecision)
    return std::type_identity<has_high_precision>{};
}

template <NoScale Why>
constexpr auto evidence_of() {
  if constexpr (Why == NoScale::NoSuchMember)
    return std::type_identity<no_such_member>{};
  else if constexpr (Why == NoScale::NoScaleOfItsOwn)
    return std::type_identity<no_scale_of_its_own>{};
  else if constexpr (Why == NoScale::NamedTwice)
    return std::type_identity<named_twice>{};
  else if constexpr (Why == NoScale::OtherBlockLacksIt)
    return std::type_identity<other_block_lacks_it>{};
}

template <class Step, int F>
struct Evidence {
  static constexpr const Finding& finding = finding_list<Step>.finding[F];
  static constexpr auto name = cut<finding.name.size>(finding.name);
  static constexpr auto other = cut<finding.other.size>(finding.other);

  template <int... I>
  static given<finding.given[I]...> given_shape(std::integer_sequence<int, I...>);
  template <int... I>
  static needed<finding.needed[I]...> needed_shape(std::integer_sequence<int, I...>);
  template <int... I>
  static on_lines<finding.lines[I]...> lines(std::integer_sequence<int, I...>);

  using Given = decltype(given_shape(std::make_integer_sequence<int, finding.given.rank>{}));
  using Needed = decltype(needed_shape(std::make_integer_sequence<int, finding.needed.rank>{}));
  using Lines = decltype(lines(std::make_integer_sequence<int, finding.line_count>{}));
  using Why = typename decltype(evidence_of<finding.no_effect>())::type;
  using WhyNoScale = typename decltype(evidence_of<finding.no_scale>())::type;
  using Value = std::conditional_t<finding.is_real, real_value, value<finding.number>>;
};

template <Mistake>
inline constexpr bool has_rule = false;

// The rule of the catalogue that a finding breaks, with its evidence. A mistake that is missing here does not compile.
template <class Step, int F>
constexpr auto rule_of() {
  using E = Evidence<Step, F>;
  constexpr Mistake mistake = E::finding.mistake;
  constexpr int number = E::finding.number;
  using Lines = typename E::Lines;
  if constexpr (mistake == Mistake::FunctionalCalledOnce)
    return std::type_identity<functional_called_once<E::name, number, Lines>>{};
  else if constexpr (mistake == Mistake::ModuleCalledOnce)
    return std::type_identity<module_called_once<E::name, number, Lines>>{};
  else if constexpr (mistake == Mistake::ModuleNeverCalled)
    return std::type_identity<module_never_called<E::name>>{};
  else if constexpr (mistake == Mistake::ModuleNotAMember)
    return std::type_identity<module_not_a_member<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::MissingQuantStub)
    return std::type_identity<missing_quant_stub<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::MissingDequantStub)
    return std::type_identity<missing_dequant_stub<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::AlreadyQuantized)
    return std::type_identity<already_quantized<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::InputNotCenteredYuv444)
    return std::type_identity<input_not_centered_yuv444<E::name, E::finding.color, Lines>>{};
  else if constexpr (mistake == Mistake::IndicesNotLookedUp)
    return std::type_identity<indices_not_looked_up<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::EmbeddingWithoutIndices)
    return std::type_identity<embedding_without_indices<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::ShapeMismatch)
    return std::type_identity<shape_mismatch<E::name, typename E::Given, typename E::Needed, Lines>>{};
  else if constexpr (mistake == Mistake::SettingOutOfRange)
    return std::type_identity<setting_out_of_range<E::name, E::other, typename E::Value, Lines>>{};
  else if constexpr (mistake == Mistake::AccumulatorMayOverflow)
    return std::type_identity<accumulator_may_overflow<E::name, number, Lines>>{};
  else if constexpr (mistake == Mistake::BatchNormNotFoldable)
    return std::type_identity<batch_norm_not_foldable<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::OperatorHasNoScale)
    return std::type_identity<operator_has_no_scale<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::TensorHasNoValues)
    return std::type_identity<tensor_has_no_values<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::CatTakesNoAxis)
    return std::type_identity<cat_takes_no_axis<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::InputNeverUsed)
    return std::type_identity<input_never_used<input<number>>>{};
  else if constexpr (mistake == Mistake::ResultNeverUsed)
    return std::type_identity<result_never_used<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::TiesNotRead)
    return std::type_identity<ties_not_read<E::name>>{};
  else if constexpr (mistake == Mistake::TieDoesNotMatch)
    return std::type_identity<tie_does_not_match<E::name, E::other>>{};
  else if constexpr (mistake == Mistake::TiedScaleDoesNotMatch)
    return std::type_identity<tied_scale_does_not_match<E::name, E::other, typename E::WhyNoScale>>{};
  else if constexpr (mistake == Mistake::TiedScaleNeedsOneQConfig)
    return std::type_identity<tied_scale_needs_one_qconfig<E::name, E::other>>{};
  else if constexpr (mistake == Mistake::OperatorNotSupportedByMarch)
    return std::type_identity<operator_not_supported_by_march<E::name, typename Step::March, Lines>>{};
  else if constexpr (mistake == Mistake::Int16NotSupported)
    return std::type_identity<int16_not_supported<E::name, typename Step::March, Lines>>{};
  else if constexpr (mistake == Mistake::QConfigNamesNoModule && E::finding.other.size > 0)
    return std::type_identity<qconfig_names_no_module<E::name, scale_belongs_to<E::other>>>{};
  else if constexpr (mistake == Mistake::QConfigNamesNoModule && number == 1)
    return std::type_identity<qconfig_names_no_module<E::name, an_earlier_rule_decides>>{};
  else if constexpr (mistake == Mistake::QConfigNamesNoModule)
    return std::type_identity<qconfig_names_no_module<E::name, no_such_member>>{};
  else if constexpr (mistake == Mistake::QConfigOutsideQuantizedRegion)
    return std::type_identity<qconfig_outside_quantized_region<E::name>>{};
  else if constexpr (mistake == Mistake::RuleWithoutEffect)
    return std::type_identity<rule_without_effect<E::name, typename E::Why>>{};
  else if constexpr (mistake == Mistake::ModuleWithoutQConfig)
    return std::type_identity<module_without_qconfig<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::OutputNotHighPrecision)
    return std::type_identity<output_not_high_precision<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::HighPrecisionNotOutput)
    return std::type_identity<high_precision_not_output<E::name, Lines>>{};
  else if constexpr (mistake == Mistake::WeightAxisNotOutputChannels)
    return std::type_identity<weight_axis_not_output_channels<E::name, axis<number>, Lines>>{};
  else if constexpr (mistake == Mistake::ActivationPerChannel)
    return std::type_identity<activation_per_channel<E::name, axis<number>, Lines>>{};
  else
    static_assert(has_rule<mistake>, "this mistake has no rule of the catalogue here");
}

}  // namespace detail

/// A base class of `verified`: it derives from every rule that the step finds broken.
template <class Step, class Indices = std::make_integer_sequence<int, detail::rule_count<Step>()>>
struct Checked;

template <class Step, int... F>
struct Checked<Step, std::integer_sequence<int, F...>> : decltype(detail::rule_of<Step, F>())::type... {};

namespace detail {

// A network that cannot be traced breaks only this rule.
template <class Net>
constexpr auto readable() {
  if constexpr (fault<Net> == NetworkFault::None || fault<Net> == NetworkFault::ErrorInForward) {
    return std::type_identity<std::true_type>{};  // the compiler has already reported an error in forward
  } else {
    constexpr TextView block = block_at_fault<Net>;
    return std::type_identity<network_not_readable<Net, cut<block.size>(block), fault<Net>>>{};
  }
}

}  // namespace detail
}  // namespace misuse

/// True if the network keeps the rules; otherwise it does not compile.
/// verified<Net>                 the rules that need only the description
/// verified<Net, March>          also: the march has each operator between the stubs
/// verified<Net, March, DTypes>  also: the march takes the dtypes that a table gives to the modules
/// Errors   one for each mistake, see catalogue.hpp
template <class Net, class... MarchAndDTypes>
struct verified;

template <class Net>
struct verified<Net> : decltype(misuse::detail::readable<Net>())::type,
                       misuse::Checked<misuse::detail::Description<Net>> {
  static constexpr bool value = true;
  constexpr operator bool() const { return value; }  // implicit, for static_assert(verified<Net>())
};

template <class Net, march::March March>
struct verified<Net, March> : verified<Net>, misuse::Checked<misuse::detail::Operators<Net, March>> {
  static constexpr bool value = true;
  constexpr operator bool() const { return value; }
};

template <class Net, march::March March, DTypeTable DTypes>
struct verified<Net, March, DTypes> : verified<Net, March>,
                                      misuse::Checked<misuse::detail::DTypesOf<Net, March, DTypes>> {
  static constexpr bool value = true;
  constexpr operator bool() const { return value; }
};

/// True if a model made for `March` runs on `Processor`; otherwise it does not compile.
/// Errors   march-does-not-match-processor
template <march::March March, class Processor>
struct verified_processor : std::conditional_t<processor::runs<March, Processor>, std::true_type,
                                               misuse::march_does_not_match_processor<March, Processor>> {
  static constexpr bool value = true;
  constexpr operator bool() const { return value; }
};

}  // namespace quench
