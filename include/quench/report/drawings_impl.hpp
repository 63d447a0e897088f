// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/drawings.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/report/markup.hpp>
#include <quench/report/table.hpp>

namespace quench::detail {

QUENCH_INLINE std::vector<GraphLine> graph_lines(const Graph& graph) {
  std::vector<GraphLine> lines;
  std::vector<std::size_t> line_of(index(graph.node_count));
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    const std::string op = tensors::text(name_of(node.op));
    if (device::is_absorbed(graph, node)) {
      line_of[index(n)] = line_of[index(device::step_of(graph, n))];
      lines[line_of[index(n)]].operators += " + " + op;
      continue;
    }
    line_of[index(n)] = lines.size();
    GraphLine line{n, execution::name_of(graph, n), op, {}};
    for (int i = 0; i < node.operand_count; ++i) {
      const int operand = static_cast<int>(line_of[index(graph.operand(node, i))]);
      if (std::find(line.operands.begin(), line.operands.end(), operand) == line.operands.end())
        line.operands.push_back(operand);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The connections that leave a line and do not end at the next one. They share a lane until the last of them ends.
struct SharedLane {
  int from = 0, to = 0;
  std::vector<int> ends;
  int lane = 0;
};

/// Short connections are in the lanes near the text. Two connections share a lane if one begins after the other ends.
inline std::vector<SharedLane> find_lanes(const std::vector<GraphLine>& lines) {
  std::vector<SharedLane> lanes;
  for (int from = 0; from < static_cast<int>(lines.size()); ++from) {
    SharedLane lane{from, from, {}};
    for (int to = from + 2; to < static_cast<int>(lines.size()); ++to) {
      const std::vector<int>& operands = lines[index(to)].operands;
      if (std::find(operands.begin(), operands.end(), from) == operands.end()) continue;
      lane.ends.push_back(to);
      lane.to = to;
    }
    if (!lane.ends.empty()) lanes.push_back(std::move(lane));
  }
  std::sort(lanes.begin(), lanes.end(), [](const SharedLane& a, const SharedLane& b) {
    return std::pair(a.to - a.from, a.from) < std::pair(b.to - b.from, b.from);
  });
  for (auto lane = lanes.begin(); lane != lanes.end(); ++lane)
    while (std::any_of(lanes.begin(), lane, [&](const SharedLane& other) {
      return other.lane == lane->lane && other.from < lane->to && lane->from < other.to;
    }))
      ++lane->lane;
  return lanes;
}

QUENCH_INLINE Connections draw_connections(const std::vector<GraphLine>& lines, int line_height) {
  const std::vector<SharedLane> lanes = find_lanes(lines);
  int count = 0;
  for (const SharedLane& lane : lanes) count = std::max(count, lane.lane + 1);
  const double gap = std::min(14.0, 126.0 / std::max(count, 1)), spine = 10 + gap * count + 6;
  const auto y = [&](int line) { return coordinate((line + 0.5) * line_height); };
  std::string paths, dots;
  for (int line = 0; line < static_cast<int>(lines.size()); ++line) {
    const std::vector<int>& operands = lines[index(line)].operands;
    if (std::find(operands.begin(), operands.end(), line - 1) != operands.end())
      paths += "M" + coordinate(spine) + " " + y(line - 1) + "V" + y(line);
    dots += "<circle cx=" + coordinate(spine) + " cy=" + y(line) + " r=4.5 />";
  }
  std::string curves;
  for (const SharedLane& lane : lanes) {
    const std::string x = coordinate(spine - 8 - gap * (lane.lane + 1)), middle = coordinate(spine);
    const double turn = 0.45 * line_height;
    curves += "M" + middle + " " + y(lane.from) + "C" + x + " " + y(lane.from) + " " + x + " " + y(lane.from) + " " +
              x + " " + coordinate((lane.from + 0.5) * line_height + turn);
    for (const int end : lane.ends) {
      const std::string before = coordinate((end + 0.5) * line_height - turn);
      curves += "V" + before + "C" + x + " " + y(end) + " " + x + " " + y(end) + " " + middle + " " + y(end);
      if (end != lane.to) curves += "M" + x + " " + before;
    }
  }
  const double width = spine + 14;
  std::string text;
  for (const SharedLane& lane : lanes)
    for (const int end : lane.ends)
      text += (text.empty() ? "" : ", ") + lines[index(lane.from)].name + " to " + lines[index(end)].name;
  if (text.size() > 2000) text = text.substr(0, text.rfind(',', 2000)) + " and more";
  const std::string height = std::to_string(line_height * static_cast<int>(lines.size()));
  return {element("svg class=connections width=" + coordinate(width) + " height=" + height + " role=img",
                  described("Connections of the graph",
                            text.empty() ? "Each call reads the one before it."
                                         : "Beside the connections from a line to the next: " + text + ".") +
                      "<path class=edge d=\"" + paths + "\" /><path class=edge d=\"" + curves + "\" /><g class=dots>" +
                      dots + "</g>"),
          width};
}

/// Round numbers from `low` to `high`, about `count` of them.
inline std::vector<double> ticks(double low, double high, double count) {
  if (low >= high) return {low};
  const double rough = (high - low) / count, power = std::pow(10, std::floor(std::log10(rough)));
  const double step = power * (rough > 5 * power ? 10 : rough > 2 * power ? 5 : rough > power ? 2 : 1);
  std::vector<double> result;
  for (double k = std::ceil(low / step); k * step <= high; ++k) result.push_back(k == 0 ? 0 : k * step);
  return result;
}

/// A number beside an axis.
inline std::string tick_text(double value) {
  return value >= 1e4 && value < 1e9 ? grouped(std::llround(value)) : short_text(value);
}

inline std::string svg_text(double x, double y, std::string_view classes, std::string_view content) {
  return element("text x=" + coordinate(x) + " y=" + coordinate(y) + " class=\"" + std::string(classes) + "\"",
                 html_text(content));
}

inline std::string rectangle(double x, double y, double width, double height, std::string_view classes) {
  return "<rect x=" + coordinate(x) + " y=" + coordinate(y) + " width=" + coordinate(std::max(width, 0.0)) +
         " height=" + coordinate(std::max(height, 0.0)) + " class=\"" + std::string(classes) + "\"";
}

inline std::string vertical(double x, double top, double bottom, std::string_view classes) {
  return "<path d=\"M" + coordinate(x) + " " + coordinate(top) + "V" + coordinate(bottom) + "\" class=\"" +
         std::string(classes) + "\" />";
}

QUENCH_INLINE std::string draw_histogram(const GraphLine& line, const ValueHistogram& values,
                                         const IntegerConstants& constants) {
  constexpr double width = 340, left = 6, right = 334, top = 18, bottom = 96;
  const ValueHistogram::Bars bars = values.bars();
  const DType dtype = constants.dtype(line.node);
  const CodeRange codes = code_range(dtype);
  const tensors::CodedRange coded = common_range(constants.scales(line.node), dtype);
  // What is drawn: zero, all values, and an end of the codes if it is near.
  double low = std::min(0.0, bars.begin),
         high = std::max(0.0, bars.begin + bars.width * static_cast<double>(bars.counts.size()));
  if (bars.counts.empty()) low = coded.low, high = coded.high;
  const double margin = 0.35 * (high - low);
  if (coded.low >= low - margin) low = std::min(low, coded.low);
  if (coded.high <= high + margin) high = std::max(high, coded.high);
  const double space = 0.02 * (high - low);
  low -= space, high += space;
  const auto x = [&](double value) {
    return left + (right - left) * (std::clamp(value, low, high) - low) / (high - low);
  };

  std::string drawn = rectangle(x(coded.low), top, x(coded.high) - x(coded.low), bottom - top, "band") + " />";
  for (const auto& [end, code, anchor] :
       {std::tuple{coded.low, codes.qmin, "start"}, {coded.high, codes.qmax, "end"}}) {
    if (end <= low || end >= high) continue;
    drawn += vertical(x(end), top - 4, bottom, "limit");
    drawn += svg_text(x(end), top - 7, std::string("code ") + anchor, "code " + std::to_string(code));
  }
  std::string inside, outside;
  const double most = bars.counts.empty()
                          ? 1
                          : std::log1p(static_cast<double>(*std::max_element(bars.counts.begin(), bars.counts.end())));
  for (std::size_t i = 0; i < bars.counts.size(); ++i) {
    if (bars.counts[i] == 0) continue;
    const double begin = bars.begin + bars.width * static_cast<double>(i), middle = begin + bars.width / 2;
    const double height = std::max(1.0, (bottom - top - 4) * std::log1p(static_cast<double>(bars.counts[i])) / most);
    (middle < coded.low || middle > coded.high ? outside : inside) +=
        "M" + coordinate(x(begin)) + " " + coordinate(bottom) + "v" + coordinate(-height) + "H" +
        coordinate(x(begin + bars.width)) + "v" + coordinate(height) + "z";
  }
  if (!inside.empty()) drawn += "<path class=bars d=\"" + inside + "\" />";
  if (!outside.empty()) drawn += "<path class=\"bars outside\" d=\"" + outside + "\" />";
  drawn += "<path class=axis d=\"M" + coordinate(left) + " " + coordinate(bottom) + "H" + coordinate(right) + "\" />";
  for (const double tick : ticks(low, high, 5)) {
    drawn += vertical(x(tick), bottom, bottom + 4, tick == 0 ? "axis zero" : "axis");
    const bool is_first = x(tick)<left + 14, is_last = x(tick)> right - 14;
    drawn += svg_text(x(tick), bottom + 15, is_first ? "start" : is_last ? "end" : "middle", tick_text(tick));
  }
  const Range range = values.range();
  return element(
      "svg class=histogram viewBox=\"0 0 " + coordinate(width) + " 114\" role=img",
      described("Real values of " + line.name,
                "From " + short_text(static_cast<double>(range.min)) + " to " +
                    short_text(static_cast<double>(range.max)) + ". The codes represent " + short_text(coded.low) +
                    " to " + short_text(coded.high) + ", and " + grouped(static_cast<long long>(values.outside())) +
                    " of " + grouped(static_cast<long long>(values.count())) + " values lie outside.") +
          drawn);
}

/// The lines that are steps of the integer network, in their order.
inline std::vector<int> step_lines(const Graph& graph, const std::vector<GraphLine>& lines) {
  std::vector<int> steps;
  for (int i = 0; i < static_cast<int>(lines.size()); ++i)
    if (device::is_step(graph, lines[index(i)].node)) steps.push_back(i);
  return steps;
}

/// The line that writes a buffer first.
inline int writer_of(const std::vector<GraphLine>& lines, const Arena& arena, int buffer) {
  for (int i = 0; i < static_cast<int>(lines.size()); ++i)
    if (arena.buffer_of[index(lines[index(i)].node)] == buffer) return i;
  return 0;
}

QUENCH_INLINE Peak find_peak(const Graph& graph, const std::vector<GraphLine>& lines, const Arena& arena) {
  Peak peak;
  long long most = -1;
  const auto lives_at = [](const device::Buffer& buffer, int node) {
    return buffer.first <= node && node <= buffer.last;
  };
  for (const int line : step_lines(graph, lines)) {
    long long sum = 0;
    for (const device::Buffer& buffer : arena.buffers)
      if (lives_at(buffer, lines[index(line)].node)) sum += buffer.bytes;
    if (sum > most) peak.line = line, most = sum;
  }
  for (std::size_t b = 0; b < arena.buffers.size(); ++b)
    if (lives_at(arena.buffers[b], lines[index(peak.line)].node))
      peak.buffers.push_back({writer_of(lines, arena, static_cast<int>(b)), arena.buffers[b].bytes});
  std::sort(peak.buffers.begin(), peak.buffers.end(), [](const PeakBuffer& a, const PeakBuffer& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.line < b.line;
  });
  return peak;
}

QUENCH_INLINE std::string draw_arena(const Graph& graph, const std::vector<GraphLine>& lines, const Arena& arena) {
  constexpr double left = 64, right = 948, top = 20, bottom = 268;
  const std::vector<int> steps = step_lines(graph, lines);
  const Peak peak = find_peak(graph, lines, arena);
  const double kib = arena.bytes / 1024.0, step_width = (right - left) / static_cast<double>(steps.size());
  const auto x = [&](double step) { return left + step_width * step; };
  const auto y = [&](double bytes) { return bottom - (bottom - top) * bytes / std::max(arena.bytes, 1); };
  const auto steps_before = [&](int node) {
    return static_cast<double>(
        std::count_if(steps.begin(), steps.end(), [&](int line) { return lines[index(line)].node < node; }));
  };
  std::string drawn;
  for (const double tick : ticks(0, std::max(kib, 0.001), 4)) {
    drawn += "<path class=grid d=\"M" + coordinate(left) + " " + coordinate(y(1024 * tick)) + "H" + coordinate(right) +
             "\" />";
    drawn += svg_text(left - 8, y(1024 * tick) + 3, "end", tick_text(tick) + " KiB");
  }
  const auto peak_step = static_cast<double>(std::find(steps.begin(), steps.end(), peak.line) - steps.begin()) + 0.5;
  drawn += vertical(x(peak_step), top - 6, bottom, "limit");
  for (std::size_t b = 0; b < arena.buffers.size(); ++b) {
    const device::Buffer& buffer = arena.buffers[b];
    const double begin = steps_before(buffer.first), end = std::max(begin + 1, steps_before(buffer.last + 1));
    const double height = y(buffer.offset) - y(buffer.offset + buffer.bytes), long_enough = 6.2;  // pixels of a letter
    const int node = lines[index(peak.line)].node, writer = writer_of(lines, arena, static_cast<int>(b));
    const bool is_at_peak = buffer.first <= node && node <= buffer.last;
    const std::string name = lines[index(writer)].name;
    drawn += "<g>" + element("title", html_text(name + ": " + grouped(buffer.bytes) + " bytes from offset " +
                                                grouped(buffer.offset) + ", steps " +
                                                std::to_string(static_cast<int>(begin) + 1) + " to " +
                                                std::to_string(static_cast<int>(end))));
    drawn += rectangle(x(begin), y(buffer.offset + buffer.bytes), x(end) - x(begin), height,
                       is_at_peak ? "buffer peak" : "buffer") +
             " rx=1.5 />";
    if (height >= 13 && x(end) - x(begin) >= long_enough * static_cast<double>(name.size()) + 6)
      drawn += svg_text((x(begin) + x(end)) / 2, y(buffer.offset) - height / 2 + 3.5, "middle name", name);
    drawn += "</g>";
  }
  const bool is_right = peak_step > 0.8 * static_cast<double>(steps.size());
  drawn += svg_text(x(peak_step) + (is_right ? -5 : 5), top - 9, is_right ? "code end" : "code",
                    "peak: " + lines[index(peak.line)].name);
  drawn += "<path class=axis d=\"M" + coordinate(left) + " " + coordinate(bottom) + "H" + coordinate(right) + "\" />";
  for (const double tick : ticks(1, static_cast<double>(steps.size()), 10))
    if (tick == std::floor(tick)) drawn += svg_text(x(tick - 0.5), bottom + 16, "middle", tick_text(tick));
  drawn += svg_text((left + right) / 2, bottom + 34, "middle", "step of the integer network");
  return element("svg class=arena viewBox=\"0 0 960 308\" role=img",
                 described("Memory of the device over time",
                           grouped(arena.bytes) + " bytes for " + std::to_string(arena.buffers.size()) +
                               " buffers. Most is in use at " + lines[index(peak.line)].name + ".") +
                     drawn);
}

}  // namespace quench::detail
