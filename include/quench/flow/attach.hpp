// SPDX-License-Identifier: Apache-2.0
// `attach_input<Operator>(model)` and `append<Operator>(model)` add pre- and post-processing to a quantized model.
//
//   auto camera = quench::attach_input<quench::Nv12ToCenteredYuv444>(quantized);
//   auto finder = quench::append<quench::ArgMax>(quench::append<quench::Slice>(camera, {.axis = 2, .end = 10}));
//   std::vector<int> classes = finder.predict(nv12);            // quench::Nv12Batch
//
// Operators chain. The operator attached last sees the pictures first; the operator appended last sees the values last.
// Operators with a scale are refused: they would need calibration.
#pragma once

#include <quench/flow/attached_model.hpp>
#include <quench/flow/broken_rule.hpp>
#include <quench/ground/apply.hpp>

namespace quench {

namespace detail {

/// The size of the pictures that the outermost operator of an input takes.
template <int Input, class Model, class... Attached, auto Forms>
PictureSize picture_size(const AttachedModel<Model, std::tuple<Attached...>, Forms>& model) {
  constexpr const Graph& network = graph<typename Model::Network>;
  const Shape& shape = network.nodes[network.inputs[Input]].shape;
  PictureSize size{shape[0], shape[1]};
  const auto pass = [&size](auto attached) {
    if (attached.input == Input) size = settle(attached.op, size);
  };
  ground::apply([&](const auto&... attached) { (pass(attached), ...); }, model.attached());
  return size;
}

template <class Operator, class Batch>
inline constexpr bool gives = !std::is_void_v<typename BatchBefore<Operator, Batch>::type>;

template <class Model>
inline constexpr int input_count_of = phases::InputsOf<typename Model::Network>::count;

}  // namespace detail

/// A model whose input `Input` first goes through an operator: Nv12ToCenteredYuv444, GrayToCentered,
/// RgbToCenteredYuv444, Resize, Crop. Other inputs stay unchanged.
/// Shapes   as the operator says
/// Errors   operator-needs-statistics (compile time), a colour that does not fit (compile time); shape-mismatch
/// Equals   predict of the images converted by hand, bit for bit
/// Source   nash.md section 6
template <class Operator, int Input = 0, class Model, class... Attached, auto Forms>
auto attach_input(AttachedModel<Model, std::tuple<Attached...>, Forms> model, [[maybe_unused]] Operator op = {}) {
  using Given = AttachedModel<Model, std::tuple<Attached...>, Forms>;
  constexpr bool exists = Input >= 0 && Input < detail::input_count_of<Model>;
  if constexpr (detail::needs_statistics<Operator>) {
    return detail::broken<misuse::operator_needs_statistics<Operator>, Given>();
  } else if constexpr (!detail::is_input_operator<Operator>) {
    static_assert(detail::is_input_operator<Operator>,
                  "quench: attach_input does not take this operator. Use Nv12ToCenteredYuv444, GrayToCentered, "
                  "RgbToCenteredYuv444, Resize or Crop.");
    return detail::never<Given>();
  } else if constexpr (!exists) {
    static_assert(exists, "quench: the network has fewer inputs. They are counted from 0.");
    return detail::never<Given>();
  } else {
    using Taken = typename Given::template Input<Input>;
    if constexpr (!detail::gives<Operator, Taken>) {
      static_assert(detail::gives<Operator, Taken>,
                    "quench: this operator does not give what the input takes. Nv12ToCenteredYuv444 and "
                    "RgbToCenteredYuv444 give color::CenteredYuv444, GrayToCentered gives color::CenteredGray, Resize "
                    "and Crop give images of any one colour, no NV12. "
                    "The operator attached last sees the images first: attach Resize and Crop before it.");
      return detail::never<Given>();
    } else {
      in_module(phases::input_name(Input), [&] { detail::settle(op, detail::picture_size<Input>(model)); });
      using Added = detail::AtInput<Input, Operator>;
      return AttachedModel<Model, std::tuple<Attached..., Added>, Forms>(
          std::move(model.model()), std::tuple_cat(model.attached(), std::tuple(Added{op})), model.appended());
    }
  }
}
template <class Operator, int Input = 0, class Net, march::March M, Setter S>
auto attach_input(QuantizedModel<Net, M, S> model, Operator op = {}) {
  return attach_input<Operator, Input>(AttachedModel(std::move(model)), op);
}

/// A model whose output `Output` goes through an operator: ArgMax, Slice, Reshape, Permute, RemoveDequantize. Other
/// outputs stay unchanged.
/// Shapes   as the operator says; axes do not count the batch
/// Errors   operator-needs-statistics (compile time); shape-mismatch
/// Equals   the operator applied to the result of predict; ArgMax compares the integers
/// Source   nash.md section 6
template <class Operator, int Output = 0, class Model, class Attached, auto Forms>
auto append(AttachedModel<Model, Attached, Forms> model, [[maybe_unused]] Operator op = {}) {
  using Given = AttachedModel<Model, Attached, Forms>;
  constexpr const Graph& network = graph<typename Model::Network>;
  constexpr bool exists = Output >= 0 && Output < network.output_count;
  if constexpr (detail::needs_statistics<Operator>) {
    return detail::broken<misuse::operator_needs_statistics<Operator>, Given>();
  } else if constexpr (!detail::is_output_operator<Operator>) {
    static_assert(
        detail::is_output_operator<Operator>,
        "quench: append does not take this operator. Use ArgMax, Slice, Reshape, Permute or RemoveDequantize.");
    return detail::never<Given>();
  } else if constexpr (!exists) {
    static_assert(exists, "quench: the network has fewer outputs. They are counted from 0.");
    return detail::never<Given>();
  } else if constexpr (constexpr detail::OutputForm before = Forms.of[Output]; before == detail::OutputForm::Classes) {
    static_assert(before != detail::OutputForm::Classes,
                  "quench: no operator can follow ArgMax. Append this operator before it.");
    return detail::never<Given>();
  } else if constexpr (constexpr bool removes = std::is_same_v<Operator, RemoveDequantize>;
                       removes &&
                       (before == detail::OutputForm::Integers || detail::dequantized_by(network, Output) < 0)) {
    static_assert(!removes,
                  "quench: this output has no dequantize to be removed: it is computed in float, or it was removed "
                  "before.");
    return detail::never<Given>();
  } else {
    constexpr detail::OutputForm after = detail::form_after<Operator>(before);
    std::vector<detail::AppendedOutput> outputs = model.appended();
    detail::AppendedOutput& output = outputs[static_cast<std::size_t>(Output)];
    if (before == detail::OutputForm::Tensor)
      output.rearrangement = detail::Rearrangement(network.nodes[network.outputs[Output]].shape);
    if constexpr (detail::is_shape_operator<Operator>)
      in_module("output " + std::to_string(Output), [&] { output.rearrangement.append(op); });
    if constexpr (after != detail::OutputForm::Rearranged) {
      output.integers.emplace(network, model.model().core().constants(), Output);
      output.integers->rearrange(output.rearrangement.shape(), output.rearrangement.from());
    }
    return AttachedModel<Model, Attached, Forms.with(Output, after)>(std::move(model.model()), model.attached(),
                                                                     std::move(outputs));
  }
}
template <class Operator, int Output = 0, class Net, march::March M, Setter S>
auto append(QuantizedModel<Net, M, S> model, Operator op = {}) {
  return append<Operator, Output>(AttachedModel(std::move(model)), op);
}

}  // namespace quench
