// SPDX-License-Identifier: Apache-2.0
// `AttachedModel`: a quantized model with operators before its inputs and after its outputs.
#pragma once

#include <algorithm>
#include <optional>

#include <quench/flow/input_operators.hpp>
#include <quench/flow/output_operators.hpp>
#include <quench/phases/quantized_model.hpp>

namespace quench {

namespace detail {

/// An operator before an input of a network.
template <int Input, class Attached>
struct AtInput {
  static constexpr int input = Input;
  using Operator = Attached;
  Attached op;
};

/// The batch type for input I that the attached operators turn into `Batch`.
template <int I, class Batch, class... Attached>
struct BatchThrough {
  using type = Batch;
};
template <int I, class Batch, class First, class... Others>
struct BatchThrough<I, Batch, First, Others...>
    : BatchThrough<I,
                   typename std::conditional_t<First::input == I, BatchBefore<typename First::Operator, Batch>,
                                               std::type_identity<Batch>>::type,
                   Others...> {};

template <int Count>
struct OutputForms {
  OutputForm of[array_size(Count)]{};

  constexpr OutputForms with(int output, OutputForm form) const {
    OutputForms forms = *this;
    forms.of[output] = form;
    return forms;
  }
};

/// The operators appended to an output, if any.
struct AppendedOutput {
  Rearrangement rearrangement;
  std::optional<IntegerClasses> integers;  // if the output is not floats
};

}  // namespace detail

template <class Model, class Attached = std::tuple<>,
          auto Forms = detail::OutputForms<graph<typename Model::Network>.output_count>{}>
class AttachedModel;

template <class Model, class... Attached, auto Forms>
class AttachedModel<Model, std::tuple<Attached...>, Forms> {
  static constexpr int input_count = phases::InputsOf<typename Model::Network>::count;
  static constexpr int output_count = graph<typename Model::Network>.output_count;

 public:
  using Network = typename Model::Network;

  /// The type of input I. Any tensor of such values may replace an xt::xtensor.
  template <int I>
  using Input = typename detail::BatchThrough<
      I, std::tuple_element_t<static_cast<std::size_t>(I), typename phases::InputsOf<Network>::Batches>,
      Attached...>::type;

 private:
  template <int I, class Given>
  static constexpr bool takes_at() {
    return std::is_same_v<Given, Input<I>> ||
           (graph<Network>.nodes[graph<Network>.inputs[I]].domain == Domain::Float && FloatTensor<Given>) ||
           (graph<Network>.nodes[graph<Network>.inputs[I]].domain == Domain::Indices && phases::IndexTensor<Given>);
  }
  template <class... Given>
  static constexpr bool takes() {
    if constexpr (sizeof...(Given) != index(input_count))
      return false;
    else
      return []<int... I>(std::integer_sequence<int, I...>) {
        return (takes_at<I, Given>() && ...);
      }(std::make_integer_sequence<int, input_count>{});
  }
  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

 public:
  explicit AttachedModel(Model model, std::tuple<Attached...> attached = {})
      : AttachedModel(std::move(model), std::move(attached), std::vector<detail::AppendedOutput>(index(output_count))) {
  }
  AttachedModel(Model model, std::tuple<Attached...> attached, std::vector<detail::AppendedOutput> appended)
      : model_(std::move(model)), attached_(std::move(attached)), appended_(std::move(appended)) {}

  /// The outputs for a batch. An output with appended operators has the type of their result; the others are tensors.
  /// Shapes   each input what its operators take, or as the model -> an output, or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite, index-out-of-range
  template <class... Given>
    requires(takes<Given...>())
  auto predict(const Given&... given) const {
    return [&]<int... I>(std::integer_sequence<int, I...>) {
      // The results of the operators live until the pass is over.
      return predict_of(phases::check_inputs(graph<Network>, through<I>(given)...));
    }(std::make_integer_sequence<int, input_count>{});
  }

  /// The model without operators: for `evaluate`, `deploy` and `export_cpp`.
  Model& model() & { return model_; }
  const Model& model() const& { return model_; }
  const Model& model() const&& = delete;
  const std::tuple<Attached...>& attached() const& { return attached_; }
  const std::tuple<Attached...>& attached() const&& = delete;
  const std::vector<detail::AppendedOutput>& appended() const& { return appended_; }
  const std::vector<detail::AppendedOutput>& appended() const&& = delete;

  /// Sets how many threads share a batch. Results do not depend on the number.
  void set_workers(Workers workers) { model_.set_workers(workers); }

 private:
  // An input after its operators; unchanged if there are none.
  template <int I, class Given>
  decltype(auto) through(const Given& given) const {
    if constexpr (((Attached::input == I) || ...))
      return in_module(phases::input_name(I), [&] { return through_first<I, sizeof...(Attached)>(given); });
    else
      return (given);
  }
  // After the first `Count` operators. The last of them comes first.
  template <int I, std::size_t Count, class Given>
  auto through_first(const Given& given) const {
    if constexpr (Count == 0)
      return given;
    else if constexpr (std::tuple_element_t<Count - 1, std::tuple<Attached...>>::input == I)
      return through_first<I, Count - 1>(detail::run_operator(std::get<Count - 1>(attached_).op, given));
    else
      return through_first<I, Count - 1>(given);
  }

  auto predict_of(const phases::CheckedInputs& inputs) const {
    return [&]<int... I>(std::integer_sequence<int, I...>) {
      std::tuple<decltype(output<I>(0))...> outputs(output<I>(inputs.samples)...);
      model_.core().predict(
          inputs, [&](phases::Pass& pass, Shard samples) { (write<I>(pass, samples, std::get<I>(outputs)), ...); });
      if constexpr (output_count == 1)
        return std::get<0>(std::move(outputs));
      else
        return outputs;
    }(std::make_integer_sequence<int, output_count>{});
  }

  // Output I for this number of samples, not yet written.
  template <int I>
  auto output(int samples) const {
    constexpr detail::OutputForm form = Forms.of[I];
    [[maybe_unused]] const detail::AppendedOutput& appended = appended_[index(I)];
    if constexpr (form == detail::OutputForm::Classes)
      return std::vector<int>(detail::decisions(appended.integers->shape) * index(samples));
    else if constexpr (form == detail::OutputForm::Integers)
      return detail::make_integer_output(model_.core().constants(), *appended.integers, samples);
    else if constexpr (form == detail::OutputForm::Rearranged)
      return make_result<xt::xarray<float, xt::layout_type::row_major>>(
          tensors::batch_extents(appended.rearrangement.shape(), samples));
    else
      return phases::make_output<Network, I>(samples);
  }

  template <int I, class To>
  void write(phases::Pass& pass, Shard samples, To& to) const {
    constexpr detail::OutputForm form = Forms.of[I];
    [[maybe_unused]] const detail::AppendedOutput& appended = appended_[index(I)];
    [[maybe_unused]] const IntegerConstants& constants = model_.core().constants();
    const std::size_t begin = index(samples.begin);
    if constexpr (form == detail::OutputForm::Classes) {
      detail::write_classes(pass, constants, *appended.integers, I,
                            to.data() + begin * detail::decisions(appended.integers->shape));
    } else if constexpr (form == detail::OutputForm::Integers) {
      detail::write_integers(pass, constants, *appended.integers,
                             to.values.data() + begin * appended.integers->element.size());
    } else if constexpr (form == detail::OutputForm::Rearranged) {
      detail::write_rearranged(pass, appended.rearrangement, I,
                               to.data() + begin * appended.rearrangement.from().size());
    } else {
      const std::span<const float> values = pass.all_reals(graph<Network>.outputs[I]);
      std::copy(values.begin(), values.end(), to.data() + begin * (values.size() / index(samples.count())));
    }
  }

  Model model_;
  std::tuple<Attached...> attached_;
  std::vector<detail::AppendedOutput> appended_;
};

template <class Model>
AttachedModel(Model) -> AttachedModel<Model>;

}  // namespace quench
