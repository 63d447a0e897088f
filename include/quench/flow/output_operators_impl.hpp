// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/output_operators.hpp>

#include <cstring>
#include <numeric>
#include <string>

#include <quench/misuse/find_settings.hpp>

namespace quench {

namespace detail {

inline std::string extents_text(const Shape& shape) {
  return Extents(std::span<const int>(shape.extents, index(shape.rank))).text();
}

QUENCH_INLINE Rearrangement::Rearrangement(const Shape& shape) : shape_(shape), from_(index(shape.elements())) {
  std::iota(from_.begin(), from_.end(), 0);
}

QUENCH_INLINE void Rearrangement::check(const Graph& graph, const Node& node) const {
  const auto setting = misuse::check_settings(graph, node, true);
  if (setting.failed())
    throw Error(diagnosis::shape_mismatch,
                tensors::text(setting.setting) + " " + std::to_string(setting.value) + ", for a tensor " +
                    extents_text(shape_) + " without the batch",
                tensors::text(name_of(node.op)));
  if (!node.shapes_agree)
    throw Error(diagnosis::shape_mismatch,
                "needed " + std::to_string(shape_.elements()) + " elements, given " + extents_text(node.shape),
                tensors::text(name_of(node.op)));
}

QUENCH_INLINE void write_rearranged(const phases::Pass& pass, const Rearrangement& rearrangement, int output,
                                    float* to) {
  for (int sample = 0; sample < pass.samples(); ++sample) {
    const float* values = pass.reals(pass.plan().graph().outputs[output], sample);
    for (const int i : rearrangement.from()) *to++ = values[i];
  }
}

QUENCH_INLINE void write_integers(phases::Pass& pass, const IntegerConstants& constants, const IntegerClasses& map,
                                  std::int32_t* to) {
  for (int sample = 0; sample < pass.samples(); ++sample)
    execution::with_integers(constants, map.node, pass.integers(), sample, [&](const auto* q) {
      for (const int i : map.element) *to++ = q[i];
    });
}

QUENCH_INLINE IntegerOutput make_integer_output(const IntegerConstants& constants, const IntegerClasses& map,
                                                int samples) {
  IntegerOutput output;
  output.dtype = constants.dtype(map.node);
  output.extents = tensors::batch_extents(map.shape, samples);
  output.scales = map.scale;
  output.multipliers = map.multiplier;
  output.values.resize(output.extents.elements());
  return output;
}

}  // namespace detail

}  // namespace quench
