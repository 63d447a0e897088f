// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/compare.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <quench/report/table.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE void StepComparison::add(const IntegerConstants& constants, int step, phases::Pass& pass,
                                       std::span<const float> values) {
  dequantized_.resize(values.size());
  execution::dequantize_codes(pass.plan().graph(), constants, step, pass.integers(), {0, pass.samples()},
                              dequantized_.data());
  agreement_.add(values, dequantized_);
  const std::span<const float> scales = constants.scales(step);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = static_cast<double>(values[i]) - static_cast<double>(dequantized_[i]);
    largest_error_ = std::max(largest_error_, std::abs(difference) / static_cast<double>(scales[i % scales.size()]));
  }
  const CodeRange codes = code_range(constants.dtype(step));
  execution::with_integers(constants, step, pass.integers(), 0, [&](const auto* q) {
    for (std::size_t i = 0; i < values.size(); ++i)
      saturated_ += std::int32_t{q[i]} == codes.qmin || std::int32_t{q[i]} == codes.qmax ? 1 : 0;
  });
  count_ += values.size();
}

QUENCH_INLINE ComparisonRow StepComparison::row(const Graph& graph, int step, DType dtype) const {
  return {execution::name_of(graph, step),
          graph.nodes[step].op,
          dtype,
          agreement_.sqnr(),
          agreement_.cosine(),
          largest_error_,
          static_cast<double>(saturated_) / static_cast<double>(count_)};
}

QUENCH_INLINE bool is_step_of_module(const Graph& graph, int n) {
  return device::is_step(graph, n) && graph.nodes[n].module >= 0;
}

}  // namespace detail

QUENCH_INLINE std::string Comparison::text() const {
  detail::Table table(2, {"module", "operator", "dtype", "SQNR [dB]", "cosine", "error [steps]", "saturated [%]"});
  for (const ComparisonRow& row : rows)
    table.add({row.module, tensors::text(name_of(row.op)), detail::text(row.dtype), detail::fixed(row.sqnr, 1),
               detail::fixed(row.cosine, 4), detail::fixed(row.largest_error, 1),
               detail::fixed(100 * row.saturation, 2)});
  return table.text() + detail::text_of(low_precision_outputs) + detail::text_of_held_scales(held_scales);
}

}  // namespace quench
