// SPDX-License-Identifier: Apache-2.0
// The drawings of a report, as inline SVG: the connections of a graph, the histogram of a module, the arena over time.
//
// Each has a title and a description. Colours come from the classes of the page's style sheet (page_style.hpp), so that a
// drawing is right on a light and on a dark page.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <quench/execution/constants.hpp>
#include <quench/flow/deploy.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/report/value_histogram.hpp>

namespace quench::detail {

/// A line of the drawn graph: a step with all that is part of it, or a call outside the stubs.
struct GraphLine {
  int node = 0;               // the step, or the call
  std::string name;           // of its module, or of the function
  std::string operators;      // "Conv2d + BatchNorm2d + ReLU"
  std::vector<int> operands;  // the lines that it reads, each once
};

/// The lines in the order of `forward`, first the inputs.
std::vector<GraphLine> graph_lines(const Graph& graph);

/// Connections to the left of lines of text. A line that is read by the next one has a straight connection, one that is
/// read later a curve beside it.
struct Connections {
  std::string svg;
  double width = 0;  // pixels
};
Connections draw_connections(const std::vector<GraphLine>& lines, int line_height);

/// The histogram of the real values of a module, with the range of its codes behind it.
std::string draw_histogram(const GraphLine& line, const ValueHistogram& values, const IntegerConstants& constants);

/// A memory plan, whatever the number of its nodes.
struct Arena {
  std::span<const device::Buffer> buffers;
  std::span<const int> buffer_of;  // of each node; -1 for none
  int bytes = 0;
  int lower_bound = 0;
};

/// A buffer that lives at the step where most memory is in use, with the line that writes it first.
struct PeakBuffer {
  int line = 0;
  int bytes = 0;
};

/// The line where most memory is in use, and the buffers that live then, the largest first.
struct Peak {
  int line = 0;
  std::vector<PeakBuffer> buffers;
};
Peak find_peak(const Graph& graph, const std::vector<GraphLine>& lines, const Arena& arena);

/// The buffers of the arena: to the right the steps, upwards the bytes.
std::string draw_arena(const Graph& graph, const std::vector<GraphLine>& lines, const Arena& arena);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/report/drawings_impl.hpp>
#endif
