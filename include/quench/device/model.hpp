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
#include <quench/device/facts.hpp>
#include <quench/device/output.hpp>
#include <quench/device/quantize_input.hpp>
#include <quench/misuse/device_catalogue.hpp>
#include <quench/network/hash.hpp>

namespace quench::embedded {

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
  static constexpr const auto& plan = device::memory_plan<Net, Weights>;

  template <int I>
  using InputCode = device::CodeOf<detail::input_dtypes<Weights>.of[I]>;
  template <int I>
  using OutputValue = device::CodeOf<detail::output_dtypes<Weights>.of[I]>;

 public:
  static constexpr int input_count = detail::inputs<Net>.count;
  static constexpr int output_count = detail::dequantized<Net>.count;
  /// The size of the arena: everything that the model keeps in RAM.
  static constexpr int arena_bytes = plan.arena_bytes;

  /// Facts of input i, in the order of the arguments of `run`: its shape without a batch, the dtype of its codes, the real
  /// value of code 1 (0 for an input of indices), and the name of its QuantStub ("Input" for indices). Code 0 is always
  /// the real 0.
  /// Errors   none; undefined unless 0 <= i < input_count
  static constexpr Shape input_shape(int i = 0) { return detail::input_shapes<Net>.of[i]; }
  static constexpr DType input_dtype(int i = 0) { return detail::input_dtypes<Weights>.of[i]; }
  static constexpr float input_scale(int i = 0) { return detail::input_scales<Weights>.of[i]; }  // float data
  static constexpr TextView input_name(int i = 0) { return detail::input_names<Net>[i]; }

  /// Facts of output i, in the order of the DeQuantStubs: its shape, the dtype of its integers, and the name of the module
  /// whose values they are, which may have moved since. `output<I>().scale(j)` has the scale of each element.
  /// Errors   none; undefined unless 0 <= i < output_count
  static constexpr Shape output_shape(int i = 0) { return detail::output_shapes<Net>.of[i]; }
  static constexpr DType output_dtype(int i = 0) { return detail::output_dtypes<Weights>.of[i]; }
  static constexpr TextView output_name(int i = 0) { return detail::output_names<Net>[i]; }

  /// The code of a real number for input I, which the host's QuantStub gives it too. For boards that may compute with
  /// floats: one product, on an FPU or by the compiler's library. A program that does not call it has none.
  /// Rounding half to even, then saturation; NaN becomes 0, where the host refuses it
  template <int I = 0>
  static constexpr auto quantize_input(float x) {  // asked for by the firmware
    static_assert(I >= 0 && I < input_count, "the network has fewer inputs");
    static_assert(input_dtype(I) != DType::Int32, "an input of indices takes whole numbers, which have no codes");
    return device::quantize<InputCode<I>>(x, input_scale(I));
  }

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
    constexpr int n = detail::output_node<Net>(I), offset = plan.offset_of(n);
    constexpr const auto& owner = Weights::steps[device::owner_of_scale(graph<Net>, n)];
    constexpr OutputScales scales{owner.scales, owner.multipliers, owner.scale_count};
    constexpr int moves = detail::move_count<Net, I>;
    return {reinterpret_cast<const OutputValue<I>*>(arena_ + offset), output_shape(I), scales,
            moves > 0 ? detail::moves<Net, I>.of : nullptr,           moves,           detail::channels_of<Net, I>};
  }
  template <int I>
  Output<OutputValue<I>> output() const&& = delete;

 private:
  template <int I, class Code>
  void set_input(const Code* codes) {
    static_assert(std::is_same_v<Code, InputCode<I>>,
                  "indices are int32; codes are int8, or int16 if their QuantStub gives it");
    constexpr int offset = plan.offset_of(detail::inputs<Net>.of[I]);
    constexpr int bytes = input_shape(I).elements() * static_cast<int>(sizeof(Code));
    const auto* from = reinterpret_cast<const unsigned char*>(codes);
    unsigned char* to = arena_ + offset;
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
  static constexpr Shape input_shape(int = 0) { return {}; }
  static constexpr Shape output_shape(int = 0) { return {}; }
  static constexpr DType input_dtype(int = 0) { return {}; }
  static constexpr DType output_dtype(int = 0) { return {}; }
  static constexpr float input_scale(int = 0) { return 1; }  // float data
  static constexpr TextView input_name(int = 0) { return {}; }
  static constexpr TextView output_name(int = 0) { return {}; }
  template <int = 0>
  static constexpr std::int8_t quantize_input(float) {  // asked for by the firmware
    return 0;
  }
  Output<std::int32_t> run(const auto*...) & { return {}; }
  template <int>
  Output<std::int32_t> output() const& {
    return {};
  }
};

}  // namespace quench::embedded
