// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/deployment_summary.hpp>

#include <algorithm>
#include <cstdint>

#include <quench/report/table.hpp>

namespace quench {

namespace detail {

template <class T>
inline constexpr auto size_of = static_cast<long long>(sizeof(T));

// Records that contain pointers, with pointers of four bytes.
inline constexpr long long softmax_record_bytes = 2 * 4 + 2 * size_of<Requantization> + size_of<int>;
inline constexpr long long row_norm_record_bytes = 2 * size_of<int> + size_of<std::int64_t> + 2 * 4;

/// The arrays of one type that are counted. The exporter writes equal ones once.
template <class T>
class Counted {
 public:
  /// The bytes of an array; 0 if an earlier one is equal.
  long long bytes(std::span<const T> values) {
    for (const std::span<const T> earlier : arrays_)
      if (std::equal(earlier.begin(), earlier.end(), values.begin(), values.end())) return 0;
    arrays_.push_back(values);
    return static_cast<long long>(values.size_bytes());
  }

 private:
  std::vector<std::span<const T>> arrays_;
};

QUENCH_INLINE std::vector<FlashRow> flash_rows(const Graph& graph, const IntegerConstants& constants) {
  Counted<std::int8_t> int8;
  Counted<std::int16_t> int16;
  Counted<std::uint16_t> uint16;
  Counted<std::int32_t> int32;
  Counted<int> counts;  // not with the int32: the types have two names
  Counted<float> scales;
  Counted<Requantization> requantizations;
  Counted<kernels::RowWeight> row_weights;
  Counted<kernels::PiecewiseTable> piecewise;
  std::vector<FlashRow> rows;
  for (int n = 0; n < graph.node_count; ++n) {
    if (!device::is_step(graph, n)) continue;
    const Node& node = graph.nodes[n];
    const device::StepConstants& c = constants.step(n);
    FlashRow row{execution::name_of(graph, n), node.op};
    if (c.weight != nullptr) {
      const IntegerLayer& layer = constants.layer(n);
      row.weights = int8.bytes(layer.weight);
      row.biases = int32.bytes(layer.bias);
      row.records = requantizations.bytes(layer.requantization);
    } else {
      row.records = requantizations.bytes(constants.requantizations(n));
      row.tables = counts.bytes(constants.counts(n));
    }
    if (c.addition != nullptr) row.records += size_of<kernels::Addition>;
    if (c.scalar_addition != nullptr) row.records += size_of<kernels::ScalarAddition>;
    const Shape rows_of_table = weight_shape(node);  // of an Embedding
    const auto entries = index(rows_of_table.rank > 0 ? rows_of_table.elements() : 256);
    if (c.int8_table != nullptr) row.tables += int8.bytes({c.int8_table, entries});
    if (c.int16_table != nullptr) row.tables += int16.bytes({c.int16_table, entries});
    if (c.piecewise != nullptr) row.tables += piecewise.bytes({c.piecewise, 1});
    if (c.softmax != nullptr) {
      row.records += softmax_record_bytes;
      row.tables += piecewise.bytes({c.softmax->exponential, 1}) + piecewise.bytes({c.softmax->reciprocal, 1});
    }
    if (c.row_norm != nullptr) {
      const std::size_t size = index(c.row_norm->size);
      row.records += row_norm_record_bytes;
      row.weights += row_weights.bytes({c.row_norm->weight, size});
      if (c.row_norm->bias != nullptr) row.biases += int32.bytes({c.row_norm->bias, size});
    }
    if (device::needs_scales(graph, n)) row.tables += scales.bytes(constants.scales(n));
    row.tables += uint16.bytes(constants.multipliers(n));
    if (row.bytes() > 0) rows.push_back(row);
  }
  return rows;
}

QUENCH_INLINE std::vector<ArenaStep> arena_steps(const Graph& graph, std::span<const device::Buffer> buffers) {
  std::vector<ArenaStep> steps;
  for (int n = 0; n < graph.node_count; ++n) {
    if (!device::is_step(graph, n)) continue;
    ArenaStep step{execution::name_of(graph, n), graph.nodes[n].op};
    for (const device::Buffer& buffer : buffers)
      if (buffer.first <= n && n <= buffer.last) step.live_bytes += buffer.bytes;
    steps.push_back(step);
  }
  return steps;
}

inline std::string flash_text(const std::vector<FlashRow>& rows) {
  Table table(2, {"module", "operator", "weights", "biases", "records", "tables", "bytes"});
  const auto add = [&table](const FlashRow& row, const std::string& op) {
    table.add({row.module, op, grouped(row.weights), grouped(row.biases), grouped(row.records), grouped(row.tables),
               grouped(row.bytes())});
  };
  FlashRow total{"total"};
  for (const FlashRow& row : rows) {
    add(row, tensors::text(name_of(row.op)));
    total.weights += row.weights, total.biases += row.biases;
    total.records += row.records, total.tables += row.tables;
  }
  add(total, "");
  return "\nflash: constants that export_cpp writes, without C++ code and the packed table of steps\n" + table.text();
}

inline std::string arena_text(const DeploymentSummary& summary) {
  constexpr long long width = 32;  // characters of the whole arena
  Table table(3, {"step", "operator", "live while it runs", "bytes", ""});
  bool is_marked = false;
  for (const ArenaStep& step : summary.arena) {
    const bool is_peak = !is_marked && step.live_bytes == summary.peak_bytes();
    is_marked |= is_peak;
    const long long all = std::max(summary.arena_bytes, 1), length = (step.live_bytes * width + all - 1) / all;
    table.add({step.module, tensors::text(name_of(step.op)), std::string(static_cast<std::size_t>(length), '#'),
               grouped(step.live_bytes), is_peak ? "peak" : ""});
  }
  table.add({"arena", "", std::string(width, '-'), grouped(summary.arena_bytes), ""});
  return "\narena\n" + table.text();
}

}  // namespace detail

QUENCH_INLINE long long DeploymentSummary::flash_bytes() const {
  long long bytes = 0;
  for (const FlashRow& row : flash) bytes += row.bytes();
  return bytes;
}

QUENCH_INLINE int DeploymentSummary::peak_bytes() const {
  int peak = 0;
  for (const ArenaStep& step : arena) peak = std::max(peak, step.live_bytes);
  return peak;
}

QUENCH_INLINE std::string DeploymentSummary::text() const {
  return model.text() + detail::flash_text(flash) + detail::arena_text(*this) + detail::text_of(instructions);
}

}  // namespace quench
