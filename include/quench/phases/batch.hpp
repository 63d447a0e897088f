// SPDX-License-Identifier: Apache-2.0
// The inputs and outputs of a network: batches, checked colours and shapes, output ranks.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <quench/ground/apply.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/trace.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/image.hpp>
#include <quench/training/inputs.hpp>
#include <quench/training/parameters.hpp>

namespace quench {

namespace phases {

using training::CheckedInputs;
using training::InputValues;

template <class Input>
struct BatchOf {  // Features<...>
  using type = xt::xtensor<float, static_cast<std::size_t>(Input::shape.rank) + 1, xt::layout_type::row_major>;
};
template <class Color, int H, int W>
struct BatchOf<Image<Color, H, W>> {
  using type = ImageBatch<Color>;
};
template <int... Extents>
struct BatchOf<Indices<Extents...>> {
  using type = xt::xtensor<std::int32_t, sizeof...(Extents) + 1, xt::layout_type::row_major>;
};

template <class Inputs>
struct InputTypes;
template <class... Input>
struct InputTypes<Inputs<Input...>> {
  using Batches = std::tuple<typename BatchOf<Input>::type...>;
  using First = std::tuple_element_t<0, std::tuple<typename BatchOf<Input>::type..., std::tuple<>>>;  // also of none
  static constexpr int count = sizeof...(Input);
};
template <class Net>
using InputsOf = InputTypes<typename Net::Inputs>;

}  // namespace phases

/// A batch for training. `inputs` is a tuple with an entry for each input: ImageBatch<Color>, or an xt::xtensor
/// [N, ...] of floats, or of std::int32_t for indices. A network with one input has `images` instead. `labels` are
/// classes, as in cross_entropy. `Batch<Net>{}` is empty until it is assigned to; using it throws empty-input.
template <class Net, int InputCount = phases::InputsOf<Net>::count>
struct Batch {
  typename phases::InputsOf<Net>::Batches inputs{};
  std::vector<int> labels{};
};
template <class Net>
struct Batch<Net, 1> {
  typename phases::InputsOf<Net>::First images{};
  std::vector<int> labels{};
};

namespace phases {

template <class Net, int Count, class F>
decltype(auto) with_inputs(const Batch<Net, Count>& batch, F&& f) {
  if constexpr (Count == 1)
    return f(batch.images);
  else
    return ground::apply(f, batch.inputs);
}

inline std::string input_name(int i) { return "input " + std::to_string(i); }

/// Checks one input and returns its number of samples.
/// Errors   shape-mismatch, empty-input
int check_extents(const Shape& shape, const Extents& extents, int i);

/// Errors   value-out-of-range: the real values of a centred image are its codes / 128
void check_pixels(const Node& node, const Range& range);

/// The smallest table in which input `i` of a network is looked up; `max_elements` rows without any.
struct SmallestTable {
  int rows = max_elements;
  int node = -1;  // of the Embedding

  SmallestTable(const Graph& graph, int i);
};

/// Checks input `i` of a network.
/// Errors   index-out-of-range, with the name of the Embedding and the place of the first such index
void check_indices(const Graph& graph, int i, const TensorInput<std::int32_t>& indices);

template <class Color>
Extents read_input(const Node& node, const ImageBatch<Color>& images, int i, InputValues& input) {
  check_extents(node.shape, images.extents(), i);
  if constexpr (std::is_same_v<typename ImageBatch<Color>::Code, std::int8_t>) input.codes = images.codes();
  return images.extents();
}
template <FloatTensor X>
Extents read_input(const Node& node, const X& x, int i, InputValues& input) {
  const FloatInput given(x);
  check_extents(node.shape, given.extents(), i);
  in_module(input_name(i), [&] { check_pixels(node, finite_range(given)); });
  input.values = given.values();
  if (!given.is_in_place()) {
    input.evaluated.assign(given.values().begin(), given.values().end());
    input.values = input.evaluated;
  }
  return given.extents();
}

/// What can be passed for an input of indices: an xtensor expression of std::int32_t.
template <class X>
concept IndexTensor = XtensorExpression<X> && std::is_constructible_v<TensorInput<std::int32_t>, const X&>;

template <IndexTensor X>
Extents read_indices(const Graph& graph, const X& x, int i, InputValues& input) {
  const TensorInput<std::int32_t> given(x);
  check_extents(graph.nodes[graph.inputs[i]].shape, given.extents(), i);
  check_indices(graph, i, given);
  input.indices = given.values();
  if (!given.is_in_place()) {
    input.evaluated_indices.assign(given.values().begin(), given.values().end());
    input.indices = input.evaluated_indices;
  }
  return given.extents();
}

template <class Input, class Given>
inline constexpr bool is_input = FloatTensor<Given>;
template <int... Extents, class Given>  // check_type reports another type
inline constexpr bool is_input<Indices<Extents...>, Given> = XtensorExpression<Given>;
template <class Color, int H, int W, class Given>
inline constexpr bool is_input<Image<Color, H, W>, ImageBatch<Given>> = true;  // check_type reports another colour

template <class Inputs, class... Given>
inline constexpr bool are_inputs = false;
template <class... Input, class... Given>
  requires(sizeof...(Input) == sizeof...(Given))
inline constexpr bool are_inputs<Inputs<Input...>, Given...> = (is_input<Input, Given> && ...);

/// The arguments of a forward pass: for each input an ImageBatch of the network's colour, a float tensor, or a tensor of
/// indices.
template <class Net, class... Given>
concept InputsFor = are_inputs<typename Net::Inputs, Given...>;

template <class... Given>
CheckedInputs check_inputs(const Graph& graph, const Given&... given) {
  CheckedInputs inputs;
  inputs.of.resize(sizeof...(Given));
  int i = 0;
  const auto read = [&](const auto& x) {
    const Node& node = graph.nodes[graph.inputs[i]];
    const Extents extents = [&] {
      if constexpr (IndexTensor<std::remove_cvref_t<decltype(x)>>)
        if (node.domain == Domain::Indices) return read_indices(graph, x, i, inputs.of[index(i)]);
      return read_input(node, x, i, inputs.of[index(i)]);
    }();
    const int samples = static_cast<int>(extents[0]);
    if (i > 0 && samples != inputs.samples)
      throw Error(diagnosis::shape_mismatch,
                  "needed " + std::to_string(inputs.samples) + " samples, given " + std::to_string(samples),
                  input_name(i));
    inputs.samples = samples;
    ++i;
  };
  (read(given), ...);
  return inputs;
}

// Images of another colour than the input has become an ImageBatch of its colour, which does not compile.
template <class Input, class Given>
void check_type(const Given&) {
  static_assert(!is_indices<Input> || IndexTensor<Given>,
                "quench: an input of indices takes a tensor of std::int32_t. Other numbers might be rounded or cut. "
                "If those of `x` fit, write `xt::cast<std::int32_t>(x)`.");
}
template <class Input, class Given>
  requires(!std::is_same_v<typename BatchOf<Input>::type, ImageBatch<Given>>)
void check_type(const ImageBatch<Given>& images) {
  static_cast<void>(typename BatchOf<Input>::type(images));
}

/// The arguments of a forward pass of a network.
/// Errors   input-not-centered-yuv444 (compile time); those of check_inputs
template <class Net, class... Given>
CheckedInputs inputs_of(const Given&... given) {
  [&]<class... Input>(std::type_identity<Inputs<Input...>>) {
    (check_type<Input>(given), ...);
  }(std::type_identity<typename Net::Inputs>{});
  return check_inputs(graph<Net>, given...);
}

template <class Net>
CheckedInputs check_batch(const Batch<Net>& batch) {
  return with_inputs<Net>(batch, [](const auto&... given) { return check_inputs(graph<Net>, given...); });
}

/// Output `I` of a network as a tensor [N, ...].
template <class Net, int I>
using OutputTensor =
    xt::xtensor<float, static_cast<std::size_t>(graph<Net>.nodes[graph<Net>.outputs[I]].shape.rank) + 1,
                xt::layout_type::row_major>;

/// Writable output `I` of a network.
template <class Net, int I>
OutputTensor<Net, I> make_output(int samples) {
  return make_result<OutputTensor<Net, I>>(
      tensors::batch_extents(graph<Net>.nodes[graph<Net>.outputs[I]].shape, samples));
}

/// The outputs of a network for a batch: a tensor, or a tuple of several. `fill(to)` writes output i to to[i].
template <class Net, class Fill>
auto make_outputs(int samples, const Fill& fill) {
  return [&]<int... I>(std::integer_sequence<int, I...>) {
    std::tuple<OutputTensor<Net, I>...> outputs(make_output<Net, I>(samples)...);
    const std::array<float*, sizeof...(I)> to{std::get<I>(outputs).data()...};
    fill(std::span<float* const>(to));
    if constexpr (sizeof...(I) == 1)
      return std::get<0>(std::move(outputs));
    else
      return outputs;
  }(std::make_integer_sequence<int, graph<Net>.output_count>{});
}

/// The gradients of all outputs, checked against their shapes: a tensor, or a tuple of several.
template <class Net, class Gradient>
std::vector<std::vector<float>> check_gradients(int samples, const Gradient& gradient) {
  std::vector<std::vector<float>> values;
  const auto read = [&](const auto& given) {
    const int i = static_cast<int>(values.size());
    const FloatInput input(given);
    const Extents needed = tensors::batch_extents(graph<Net>.nodes[graph<Net>.outputs[i]].shape, samples);
    const std::string name = "gradient of output " + std::to_string(i);
    if (!(input.extents() == needed))
      throw Error(diagnosis::shape_mismatch, "needed " + needed.text() + ", given " + input.extents().text(), name);
    in_module(name, [&] { finite_range(input); });
    values.emplace_back(input.values().begin(), input.values().end());
  };
  if constexpr (FloatTensor<Gradient>) {
    static_assert(graph<Net>.output_count == 1, "backward takes a std::tuple with the gradient of each output");
    read(gradient);
  } else {
    static_assert(std::tuple_size_v<Gradient> == static_cast<std::size_t>(graph<Net>.output_count),
                  "backward takes a gradient for each output");
    ground::apply([&](const auto&... each) { (read(each), ...); }, gradient);
  }
  return values;
}

template <class Net, class Input>
auto random_input(training::Random& random, int size, int i) {
  const auto count = static_cast<std::size_t>(size);
  if constexpr (Input::color != ColorFormat::None) {
    typename BatchOf<Input>::type images(count, index(Input::shape[0]), index(Input::shape[1]));
    for (auto& code : images.codes())
      code = static_cast<std::remove_reference_t<decltype(code)>>(random.below(256) - 128);
    return images;
  } else if constexpr (is_indices<Input>) {
    const SmallestTable table(graph<Net>, i);
    auto indices = make_result<typename BatchOf<Input>::type, std::int32_t>(tensors::batch_extents(Input::shape, size));
    for (std::int32_t& index : indices) index = random.below(table.rows);
    return indices;
  } else {
    auto values = make_result<typename BatchOf<Input>::type>(tensors::batch_extents(Input::shape, size));
    for (float& value : values) value = random.uniform(-1, 1);
    return values;
  }
}

template <class Net, class... Input>
Batch<Net> random_batch(training::Random& random, int size, Inputs<Input...>) {
  if constexpr (sizeof...(Input) == 1) {
    return {random_input<Net, Input...>(random, size, 0)};
  } else {
    int i = 0;
    return {typename InputsOf<Net>::Batches{random_input<Net, Input>(random, size, i++)...}};
  }
}

}  // namespace phases

/// `count` batches of `size` random inputs without labels, for tests and examples. Pixels have any code; features are
/// uniform in [-1, 1); indices name the rows of the smallest table that looks them up. A seed gives the same data on
/// every machine.
template <class Net>
std::vector<Batch<Net>> random_batches(Seed seed, int count, int size) {
  training::Random random(seed);
  std::vector<Batch<Net>> batches;
  for (int i = 0; i < count; ++i) batches.push_back(phases::random_batch<Net>(random, size, typename Net::Inputs{}));
  return batches;
}

/// As random_batches, with random labels for output 0: for each sample, or each position of a [..., classes] output.
template <class Net>
std::vector<Batch<Net>> random_labelled_batches(Seed seed, int count, int size) {
  std::vector<Batch<Net>> batches = random_batches<Net>(seed, count, size);
  training::Random random(Seed{seed.value ^ 0x9e3779b97f4a7c15u});
  constexpr Shape shape = graph<Net>.nodes[graph<Net>.outputs[0]].shape;
  constexpr int labels = shape.elements() / shape.channels();
  for (Batch<Net>& batch : batches)
    for (int i = 0; i < size * labels; ++i) batch.labels.push_back(random.below(shape.channels()));
  return batches;
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/phases/batch_impl.hpp>
#endif
