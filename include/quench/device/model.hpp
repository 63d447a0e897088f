// SPDX-License-Identifier: Apache-2.0
// `embedded::Model`: a quantized network on a device, with a static arena.
//
//   static quench::embedded::Model<fashion_net_weights> model;
//   auto logits = model.run(pixels);                       // integers before the DeQuantStub
//   int best = quench::embedded::argmax(logits);           // never compare raw values of two channels
//
// No heap, no float arithmetic, no exceptions. Freestanding.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <quench/kernels/argmax.hpp>
#include <quench/device/engine.hpp>
#include <quench/misuse/device_catalogue.hpp>
#include <quench/network/hash.hpp>

namespace quench::embedded {

/// The index of the operand's element that is element i of the output of a permute or slice.
constexpr int source_element(const Node& node, const Shape& x, int i) {
  int source = 0;
  const kernels::Strides strides = kernels::strides_of(x);
  for (int axis = node.shape.rank - 1; axis >= 0; --axis) {
    const int at = i % node.shape[axis];
    i /= node.shape[axis];
    const int from = node.op == Operator::Permute ? node.settings.axes[axis] : axis;
    const int begin = node.op == Operator::Slice && axis == node.settings.axes[0] ? node.settings.begin[0] : 0;
    source += (at + begin) * strides[from];
  }
  return source;
}

/// The integers before one DeQuantStub. They lie in the model's arena until its next run.
template <class T>
struct Output {
  const T* values = nullptr;
  Shape shape{};
  const device::StepConstants* constants = nullptr;  // of the step that owns the scale
  const Graph* network = nullptr;
  int node = 0;  // the node whose values these are

  constexpr T operator[](int i) const { return values[i]; }
  constexpr int size() const { return shape.elements(); }

  /// The channel of the module that element i came from, before flatten, reshape, permute and slice.
  constexpr int channel(int i) const {
    int n = node;
    for (;; n = network->operand(network->nodes[n], 0)) {
      const Node& at = network->nodes[n];
      if (at.op == Operator::Permute || at.op == Operator::Slice)
        i = source_element(at, network->operand_node(at, 0).shape, i);
      else if (!row_of(at.op).passes_accumulators)
        break;
    }
    return i % network->nodes[n].shape.channels();
  }
  /// The scale of element i. The device itself does not compute with it.
  constexpr float scale(int i) const {  // float data
    return constants->scales[constants->scale_count > 1 ? channel(i) : 0];
  }
};

/// The index of the largest real value of an output, as nash.md defines it: values times the relative scale of their
/// channel, in 64 bits. The first of equal values wins.
template <class T>
constexpr int argmax(const Output<T>& output) {
  const std::uint16_t* multipliers = output.constants->multipliers;
  int best = 0;
  std::int64_t largest = INT64_MIN;
  for (int i = 0; i < output.size(); ++i) {
    const std::int64_t value = std::int64_t{output[i]} * (multipliers != nullptr ? multipliers[output.channel(i)] : 1);
    if (value <= largest) continue;
    largest = value;
    best = i;
  }
  return best;
}

namespace detail {

// A rule that is kept.
struct Belongs {};

// The processor that exported weights were checked for; void in weights written by hand.
template <class Weights>
constexpr auto processor_of() {
  if constexpr (requires { typename Weights::Processor; })
    return std::type_identity<typename Weights::Processor>{};
  else
    return std::type_identity<void>{};
}

// The rule that exported weights break, if any.
template <class Weights, class Processor>
constexpr auto rule_of() {
  using Net = typename Weights::Network;
  if constexpr (!requires { requires Weights::network_hash == network_hash<typename Weights::Network>; })
    return std::type_identity<
        misuse::weights_of_another_network<Weights, misuse::needed_network<Net, network_hash<Net>>>>{};
  else if constexpr (!std::is_same_v<Processor, typename decltype(processor_of<Weights>())::type>)
    return std::type_identity<misuse::weights_of_another_network<Weights, misuse::needed_processor<Processor>>>{};
  else
    return std::type_identity<Belongs>{};
}
template <class Weights, class Processor>
inline constexpr bool belongs = std::is_same_v<typename decltype(rule_of<Weights, Processor>())::type, Belongs>;

}  // namespace detail

/// A quantized network with its arena. Declare it static: the arena is a member. `Model<weights, processor::J6E>` also
/// checks that the weights were deployed for the processor of this build.
/// Errors   weights-of-another-network (compile time): the network has changed since the export, or the weights were
///          exported for another processor
template <device::ExportedWeights Weights, class Processor = typename decltype(detail::processor_of<Weights>())::type>
class Model {
  using Net = typename Weights::Network;
  static constexpr const Graph& network = graph<Net>;
  static constexpr const auto& plan = device::memory_plan<Net, Weights>;

  // Some nodes, in the order of their calls.
  struct NodeList {
    int count = 0;
    int of[array_size(graph<Net>.node_count)]{};
    constexpr explicit NodeList(bool (*contains)(const Node&)) {
      for (int n = 0; n < network.node_count; ++n)
        if (contains(network.nodes[n])) of[count++] = n;
    }
  };
  static constexpr NodeList inputs{device::is_given};
  static constexpr NodeList dequantized{[](const Node& node) { return node.op == Operator::DeQuantStub; }};

  static constexpr int output_node(int i) { return network.operand(network.nodes[dequantized.of[i]], 0); }
  template <int I>
  using InputCode = device::CodeOf<device::node_dtypes<Net, Weights>.of[inputs.of[I]]>;
  template <int I>
  using OutputValue = device::CodeOf<device::node_dtypes<Net, Weights>.of[output_node(I)]>;

 public:
  static constexpr int input_count = inputs.count;
  static constexpr int output_count = dequantized.count;
  /// The size of the arena: everything that the model keeps in RAM.
  static constexpr int arena_bytes = plan.arena_bytes;

  /// Runs the network on its inputs of indices, int32, in the order of the arguments of `forward`, and then on the codes
  /// of its QuantStubs in the order of their calls: int8, or int16 if the stub gives it. An index that names no row
  /// counts as the nearest one that does. Returns output 0.
  template <class... Codes>
  auto run(const Codes*... codes) & {
    static_assert(sizeof...(Codes) == static_cast<std::size_t>(input_count),
                  "run takes each input of indices, and the codes of each QuantStub in the order of their calls");
    if constexpr (sizeof...(Codes) == static_cast<std::size_t>(input_count))
      [&]<int... I>(std::integer_sequence<int, I...>) {
        (set_input<I>(codes), ...);
      }(std::make_integer_sequence<int, input_count>{});
    device::run_steps<Weights>(arena_);
    return output<0>();
  }

  /// After `run`: the integers before DeQuantStub number I, in the order of the calls.
  template <int I>
  Output<OutputValue<I>> output() const& {
    static_assert(I >= 0 && I < output_count, "the network has fewer DeQuantStubs");
    constexpr int n = output_node(I), step = device::step_of(network, n);
    return {reinterpret_cast<const OutputValue<I>*>(arena_ + plan.offset_of(n)), network.nodes[n].shape,
            &Weights::steps[owner_of(step)], &network, n};
  }
  template <int I>
  Output<OutputValue<I>> output() const&& = delete;

 private:
  // The step that owns the scale of a step's values.
  static constexpr int owner_of(int step) {
    while (!owns_output_scale(network.nodes[step].op))
      step = device::step_of(network, network.operand(network.nodes[step], 0));
    return step;
  }

  template <int I, class Code>
  void set_input(const Code* codes) {
    static_assert(std::is_same_v<Code, InputCode<I>>,
                  "indices are int32; codes are int8, or int16 if their QuantStub gives it");
    constexpr int n = inputs.of[I];
    constexpr int bytes = network.nodes[n].shape.elements() * static_cast<int>(sizeof(Code));
    const auto* from = reinterpret_cast<const unsigned char*>(codes);
    unsigned char* to = arena_ + plan.offset_of(n);
    for (int b = 0; b < bytes; ++b) to[b] = from[b];
  }

  alignas(device::alignment) unsigned char arena_[array_size(plan.arena_bytes)]{};
};

/// Weights of another network: reports the rule, and offers what a program asks for, so that no second error follows.
template <device::ExportedWeights Weights, class Processor>
  requires(!detail::belongs<Weights, Processor>)
class Model<Weights, Processor> : decltype(detail::rule_of<Weights, Processor>())::type {
 public:
  static constexpr int input_count = 0, output_count = 0, arena_bytes = 0;
  Output<std::int32_t> run(const auto*...) & { return {}; }
  template <int>
  Output<std::int32_t> output() const& {
    return {};
  }
};

}  // namespace quench::embedded
