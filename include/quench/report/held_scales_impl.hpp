// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/held_scales.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace quench {

namespace detail {

QUENCH_INLINE std::size_t held_channels(const std::vector<float>& weight, const std::vector<float>& scales,
                                        DType dtype) {
  const std::size_t size = weight.size() / scales.size();
  std::size_t held = 0;
  for (std::size_t c = 0; c < scales.size(); ++c) {
    if (scales[c] > smallest_scale) continue;
    bool saturates = false;
    for (std::size_t i = c * size; i < (c + 1) * size; ++i)
      saturates = saturates || std::abs(weight[i]) >= static_cast<float>(code_range(dtype).qmax) * smallest_scale;
    held += saturates ? 1 : 0;
  }
  return held;
}

QUENCH_INLINE std::vector<HeldScales> find_held_scales(const Graph& graph, const training::Parameters& parameters,
                                                       const phases::ModelScales& scales,
                                                       const std::vector<bool>& learns) {
  std::vector<HeldScales> found;
  for (int m = 0; m < graph.module_count; ++m) {
    const float activation = scales.activation[index(m)];
    if (learns[index(m)] && activation > 0 && activation <= smallest_scale)
      found.push_back({tensors::text(graph.modules[m].name)});
    const std::vector<float>& of_weight = scales.weight[index(m)];
    if (of_weight.empty()) continue;
    const std::size_t held =
        held_channels(parameters[parameters.of(m).weight].values, of_weight, scales.weight_dtype[index(m)]);
    if (held > 0) found.push_back({tensors::text(graph.modules[m].name), true, held, of_weight.size()});
  }
  return found;
}

QUENCH_INLINE void add_learned_weight_scales(const training::Parameters& parameters,
                                             const phases::ModuleQuantizers& quantizers, phases::ModelScales& scales) {
  scales.weight.resize(quantizers.weight.size());
  scales.weight_dtype.resize(quantizers.weight.size());
  for (std::size_t m = 0; m < quantizers.weight.size(); ++m) {
    const phases::FakeQuantizerHandle& quantizer = quantizers.weight[m];
    if (!quantizer || !quantizer->learns()) continue;
    scales.weight[m] = quantizer->scales();
    scales.weight_dtype[m] = quantizer->dtype();
    const std::size_t channels = parameters[parameters.of(static_cast<int>(m)).weight].shape[0];
    if (scales.weight[m].size() == 1) scales.weight[m].assign(channels, scales.weight[m][0]);
  }
}

QUENCH_INLINE std::string text_of_held_scales(const std::vector<HeldScales>& held) {
  if (held.empty()) return "";
  std::string text = "\nlearned scales that training has driven to the smallest one, 2^-23:\n";
  for (const HeldScales& each : held)
    text += "  " + each.module + ": " +
            (each.is_weight ? std::to_string(each.held) + " of " + std::to_string(each.of) + " channels of the weight"
                            : std::string("the output")) +
            "\n";
  return text +
         "Nearly every value saturates there, and no gradient passes. Train again from the calibrated model with a "
         "lower rate for\nscales: `quench::Adam{.learning_rate = 0.01f, .scales = {.learning_rate = 0.0001f}}`.\n";
}

}  // namespace detail

}  // namespace quench
