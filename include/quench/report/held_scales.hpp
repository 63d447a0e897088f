// SPDX-License-Identifier: Apache-2.0
// Learned scales that training has reduced to the smallest one, for `summary` and `compare`.
//
// A large optimizer step can make a scale negative. The scale is then held at `smallest_scale`, 2^-23. Nearly every
// value saturates there, so no gradient passes, and a weight channel outputs almost nothing. Training continues without
// an error, so the reports name the scale.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/phases/quantization.hpp>
#include <quench/qconfig/setter.hpp>

namespace quench {

/// A module whose learned scales are held at the smallest one.
struct HeldScales {
  std::string module;
  bool is_weight = false;  // else the scale of its output
  std::size_t held = 1;    // channels
  std::size_t of = 1;
};

namespace detail {

/// The number of channels whose scale is held although values saturate. A channel of zeros has the smallest scale
/// rightly. A quantized model has only its dequantized weights.
std::size_t held_channels(const std::vector<float>& weight, const std::vector<float>& scales, DType dtype);

/// For each module, whether training learns the scale of its output.
template <class Net, march::March M, Setter S>
std::vector<bool> learned_activations() {
  std::vector<bool> learns(index(graph<Net>.module_count));
  const auto look = [&]<int Rule>(std::integral_constant<int, Rule>) {
    using Q = typename S::template QConfigOfRule<static_cast<std::size_t>(Rule)>;
    if constexpr (!std::is_void_v<Q>)
      for (std::size_t m = 0; m < learns.size(); ++m)
        if (SetterDecisions<Net, M, S>::table.of_module[m].rule == Rule)
          learns[m] = LearningFakeQuantizer<typename Q::Qat::Activation>;
  };
  [&]<int... Rule>(std::integer_sequence<int, Rule...>) {
    (look(std::integral_constant<int, Rule>{}), ...);
  }(std::make_integer_sequence<int, S::rule_count>{});
  return learns;
}

/// The held scales of a model, in the order of its modules. An observed scale is never held: it throws scale-underflow,
/// or is an int16 scale that represents all values. `learns` comes from `learned_activations`.
std::vector<HeldScales> find_held_scales(const Graph& graph, const training::Parameters& parameters,
                                         const phases::ModelScales& scales, const std::vector<bool>& learns);

/// Adds the scales that a model in training has learned for its weights, and no others.
void add_learned_weight_scales(const training::Parameters& parameters, const phases::ModuleQuantizers& quantizers,
                               phases::ModelScales& scales);

/// The lines of a report, or none.
std::string text_of_held_scales(const std::vector<HeldScales>& held);

}  // namespace detail

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/held_scales_impl.hpp>
#endif
