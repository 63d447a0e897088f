// SPDX-License-Identifier: Apache-2.0
// `write_html(path, float_model, quantized, batches)`: a page that shows how a network is quantized.
//
//   quench::write_html("report.html", model, quantized, batches);
//
// The page is one file and needs nothing else, no network and no server. It shows the graph, and for each module its
// signal-to-quantization-noise ratio, its saturation, its dtype and scale, and the histogram of its real values with the
// range of its codes, the worst module first. Last comes the arena over time. The figures are those of `compare` and
// `summary`. No part of quench.hpp: include it where it is used.
#pragma once

#include <map>
#include <span>
#include <string>

#include <quench/ground/compiled.hpp>
#include <quench/report/compare.hpp>
#include <quench/report/drawings.hpp>
#include <quench/report/summary.hpp>
#include <quench/report/value_histogram.hpp>

namespace quench {

namespace detail {

/// What a page says. It refers to everything but the names.
struct Page {
  std::string network, march;  // types
  const Graph& graph;
  const IntegerConstants& constants;
  const Summary& summary;
  const Comparison& comparison;
  const std::map<int, ValueHistogram>& values;  // of each step that was compared
  Arena arena;
};

/// The text of a page. Equal pages have equal bytes.
std::string html_of(const Page& page);

/// Errors   file-not-writable
void check_page_is_writable(const std::string& path);
void write_page(const std::string& path, const Page& page);

}  // namespace detail

/// Writes a page about a quantized model and the float model that it was converted from. After quantization-aware
/// training the weights are others, and the figures would say so. Both stay unchanged. Replaces an older file as a whole,
/// or leaves it as it is. The same models and batches give the same bytes, whatever the workers.
/// Shapes   batches: a range of Batch<Net>, labels are not needed. Only counts are kept of their values
/// Errors   empty-input, shape-mismatch, index-out-of-range, value-not-finite (with the module where the float model
///          overflows), file-not-writable
template <class Net, march::March M, Setter S, class Batches>
void write_html(const std::string& path, const FloatModel<Net>& float_model, const QuantizedModel<Net, M, S>& quantized,
                const Batches& batches, const Progress& progress = {}) {
  detail::check_page_is_writable(path);  // before the batches run
  const IntegerConstants& constants = quantized.core().constants();
  std::map<int, detail::ValueHistogram> values;
  const Comparison comparison =
      detail::compare_and_see(float_model, quantized, batches, progress, [&](int step, std::span<const float> reals) {
        values[step].add(reals, constants.scales(step), constants.dtype(step));
      });
  constexpr const auto& plan = device::memory_plan<Net, SetterDecisions<Net, M, S>>;
  detail::write_page(path, {tensors::text(type_name<Net>()),
                            tensors::text(type_name<M>()),
                            graph<Net>,
                            constants,
                            summary(quantized),
                            comparison,
                            values,
                            {std::span(plan.buffers).first(index(plan.buffer_count)), plan.buffer_of, plan.arena_bytes,
                             plan.lower_bound}});
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/html_impl.hpp>
#endif
