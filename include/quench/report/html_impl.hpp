// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/html.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <quench/phases/fake_quantizers.hpp>
#include <quench/report/markup.hpp>
#include <quench/report/page_style.hpp>
#include <quench/report/table.hpp>
#include <quench/tensors/files.hpp>

namespace quench::detail {

/// From these ratios on a module is called fair and good.
inline constexpr double fair_sqnr = 15, good_sqnr = 25;
/// The height of a line of the graph, as in the style sheet.
inline constexpr int line_height = 44;

inline std::string_view grade_of(double sqnr) {
  return std::isinf(sqnr) && sqnr > 0 ? "exact" : sqnr >= good_sqnr ? "good" : sqnr >= fair_sqnr ? "fair" : "poor";
}

/// Decibels with the word of their grade, so that the colour is not needed.
inline std::string graded(double sqnr, std::string_view unit = "") {
  const std::string grade(grade_of(sqnr)), number = std::isinf(sqnr) ? (sqnr > 0 ? "∞" : "−∞") : fixed(sqnr, 1);
  return element("span class=\"grade " + grade + "\"", number + std::string(unit) + " " + element("small", grade));
}

/// A module with all that the page says of it.
struct PageModule {
  int line = 0, step = 0;  // its line of the graph; its number among the steps, from 1
  const ComparisonRow* compared = nullptr;
  const SummaryRow* summed = nullptr;
  const ValueHistogram* values = nullptr;
  std::optional<double> lost;  // dB, against the worst of its operands; none if they are exact
};

/// The modules that were compared, in the order of `forward`.
inline std::vector<PageModule> page_modules(const Page& page, const std::vector<GraphLine>& lines) {
  std::vector<PageModule> modules;
  std::vector<const SummaryRow*> summed(index(page.graph.node_count));
  auto summary_row = page.summary.rows.begin();
  for (int n = 0; n < page.graph.node_count; ++n)
    if (page.graph.nodes[n].op != Operator::Input) summed[index(n)] = &*summary_row++;
  // The ratio of each line's values. What only moves values has that of its operands.
  std::vector<double> sqnr(lines.size(), std::numeric_limits<double>::infinity());
  auto row = page.comparison.rows.begin();
  int step = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const int operand : lines[i].operands) sqnr[i] = std::min(sqnr[i], sqnr[index(operand)]);
    const int node = lines[i].node;
    if (device::is_step(page.graph, node)) ++step;
    if (!is_step_of_module(page.graph, node)) continue;
    PageModule module{static_cast<int>(i), step, &*row, summed[index(node)], &page.values.at(node), {}};
    if (std::isfinite(sqnr[i]) && std::isfinite(row->sqnr))
      module.lost = std::round(10 * (sqnr[i] - row->sqnr)) / 10 + 0.0;  // without a negative zero
    sqnr[i] = row->sqnr;
    modules.push_back(module);
    ++row;
  }
  return modules;
}

inline std::string fact(std::string_view name, std::string_view value, std::string_view more) {
  return element("div", element("dt", name) + element("dd", std::string(value) + element("small", more)));
}

/// "1.2 MiB"
inline std::string bytes_text(long long bytes) {
  const double kib = static_cast<double>(bytes) / 1024;
  return kib < 1 ? grouped(bytes) + " B" : kib < 1000 ? fixed(kib, 1) + " KiB" : fixed(kib / 1024, 2) + " MiB";
}

/// A share in percent. A little is not shown as nothing.
inline std::string percent_text(double part) {
  return part > 0 && part < 0.00005 ? html_text("< 0.01") : fixed(100 * part, 2);
}

inline double share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

inline std::string card_id(const PageModule& module) { return "m" + std::to_string(module.step); }

inline std::string link_to(const PageModule& module, const std::vector<GraphLine>& lines) {
  return element("a href=\"#" + card_id(module) + "\"", html_text(lines[index(module.line)].name));
}

inline std::string facts_of(const Page& page, const std::vector<PageModule>& worst_first,
                            const std::vector<GraphLine>& lines) {
  const PageModule& worst = worst_first.front();
  long long samples = 0;
  for (const PageModule& module : worst_first)
    samples = std::max(samples, static_cast<long long>(module.values->count()) / module.summed->shape.elements());
  const auto with = [&](DType dtype) {
    return std::count_if(worst_first.begin(), worst_first.end(),
                         [&](const PageModule& module) { return module.compared->dtype == dtype; });
  };
  std::string dtypes;
  for (const DType dtype : {DType::Int8, DType::Int16, DType::Int32})
    if (with(dtype) > 0) dtypes += (dtypes.empty() ? "" : ", ") + std::to_string(with(dtype)) + " " + text(dtype);
  return element(
      "dl class=facts",
      fact("Worst module", graded(worst.compared->sqnr, " dB"), element("code", link_to(worst, lines))) +
          fact("Modules compared", std::to_string(worst_first.size()), dtypes) +
          fact("Samples", grouped(samples), "through both networks") +
          fact("Weights", bytes_text(page.summary.integer_weight_bytes),
               bytes_text(page.summary.float_weight_bytes) + " in float") +
          fact("Arena", bytes_text(page.arena.bytes),
               page.arena.bytes == page.arena.lower_bound ? "the least possible"
                                                          : "lower bound " + bytes_text(page.arena.lower_bound)) +
          fact("Multiply-accumulates", grouped(page.summary.macs), "for one sample"));
}

inline std::string graph_section(const Page& page, const std::vector<GraphLine>& lines,
                                 const std::vector<PageModule>& modules) {
  const Connections connections = draw_connections(lines, line_height);
  std::string list;
  auto module = modules.begin();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Node& node = page.graph.nodes[lines[i].node];
    const bool is_compared = module != modules.end() && module->line == static_cast<int>(i);
    const std::string dtype = node.domain == Domain::Quantized ? text(page.constants.dtype(lines[i].node))
                              : node.domain == Domain::Image   ? std::string("image")
                              : node.domain == Domain::Indices ? std::string("indices")
                                                               : text(DType::Float32);
    const std::string name = is_compared ? link_to(*module, lines) : html_text(lines[i].name);
    std::string what = element("span class=name title=\"" + html_text(lines[i].name) + "\"", name);
    what += element("span class=sub title=\"" + html_text(lines[i].operators) + "\"",
                    html_text(text(node.shape) + " · " + dtype +
                              (lines[i].operators == lines[i].name ? "" : " · " + lines[i].operators)));
    std::string item = element("span class=what", what);
    if (is_compared) item += graded(module++->compared->sqnr);
    list += element("li style=\"padding-left:" + coordinate(connections.width) + "px\"", item) + "\n";
  }
  return element("section class=network",
                 element("h2", "Graph") +
                     element("p class=hint",
                             "One line for each step, in the order of <code>forward</code>: its output, its dtype, "
                             "what is fused into it, and its SQNR in dB.") +
                     element("div class=scrolled tabindex=0 role=region aria-label=\"Graph\"",
                             element("div class=lines", connections.svg + element("ol", list))));
}

/// A column of the table. `first`: the order after the first press.
struct PageColumn {
  std::string_view name, unit, first;
  bool is_text = false;
};
inline constexpr PageColumn page_columns[] = {{"Module", "", "ascending", true},
                                              {"Step", "", "ascending"},
                                              {"SQNR", "dB", "ascending"},
                                              {"Lost here", "dB", "descending"},
                                              {"Largest error", "steps", "descending"},
                                              {"Saturated", "% of codes", "descending"},
                                              {"Outside", "% of values", "descending"},
                                              {"dtype", "", "ascending", true},
                                              {"Scale", "", "descending"},
                                              {"Operator", "", "ascending", true},
                                              {"Output", "", "descending"}};

/// A cell with a number, as a reader sees it and as the script reads it.
inline std::string number_cell(std::string_view shown, double value) {
  const std::string exact = std::isinf(value) ? (value > 0 ? "Infinity" : "-Infinity") : fixed(value, 9);
  return element("td data-value=" + exact, shown);
}

inline std::string row_of_module(const Page& page, const PageModule& module, const std::vector<GraphLine>& lines) {
  const ComparisonRow& row = *module.compared;
  const Shape& shape = module.summed->shape;
  const std::span<const float> scales = page.constants.scales(lines[index(module.line)].node);
  const double scale = static_cast<double>(*std::max_element(scales.begin(), scales.end()));
  std::string scale_text = short_text(scale);
  if (scales.size() > 1) scale_text += element("small", "largest of " + std::to_string(scales.size()));
  if (module.summed->scales.empty()) scale_text += element("small", "of its input");
  const double outside = share(module.values->outside(), module.values->count());
  const std::string meter =
      element("span class=\"meter " + std::string(grade_of(row.sqnr)) + "\"",
              element("i style=\"width:" + coordinate(100 * std::clamp(row.sqnr / 60, 0.02, 1.0)) + "%\"", ""));
  return element("th scope=row class=text", element("code", link_to(module, lines))) +
         number_cell(std::to_string(module.step), module.step) + number_cell(graded(row.sqnr) + meter, row.sqnr) +
         (module.lost ? number_cell(fixed(*module.lost, 1), *module.lost) : element("td data-value=\"\"", "–")) +
         number_cell(fixed(row.largest_error, 1), row.largest_error) +
         number_cell(percent_text(row.saturation), row.saturation) + number_cell(percent_text(outside), outside) +
         element("td class=text", text(row.dtype)) + number_cell(scale_text, scale) +
         element("td class=text", html_text(tensors::text(name_of(row.op)))) +
         number_cell(text(shape), static_cast<double>(shape.elements()));
}

inline std::string table_section(const Page& page, const std::vector<PageModule>& worst_first,
                                 const std::vector<GraphLine>& lines) {
  std::string head, body;
  for (const PageColumn& column : page_columns) {
    const std::string tag = std::string("th scope=col data-first=").append(column.first) +
                            (column.is_text ? " class=text" : "") +
                            (column.name == "SQNR" ? " aria-sort=ascending" : "");
    const std::string unit = column.unit.empty() ? "" : element("small", column.unit);
    head += element(tag, element("button type=button", element("span", column.name) + unit));
  }
  for (const PageModule& module : worst_first) body += element("tr", row_of_module(page, module, lines)) + "\n";
  return element(
      "section",
      element("h2 id=modules", "Modules, worst first") +
          element("p class=hint",
                  "SQNR is the power of the real values over that of the difference to the integers; 6 dB are "
                  "one bit. Errors of earlier modules add to those of later ones: <em>lost here</em> is what a "
                  "module loses against the worst of its inputs, and below 0 what it gains. Press a header to sort.") +
          element("div class=\"scrolled modules\" tabindex=0 role=region aria-labelledby=modules",
                  element("table", element("thead", element("tr", head)) + element("tbody", "\n" + body))));
}

inline std::string entry(std::string_view name, std::string_view value) {
  return element("dt", name) + element("dd", value);
}

/// A dotted name that may continue on the next line after a dot.
inline std::string breakable(const std::string& name) {
  std::string text;
  for (const char c : name) text += c == '.' ? ".<wbr>" : html_text(std::string(1, c));
  return text;
}

inline std::string card_of(const Page& page, const PageModule& module, const GraphLine& line) {
  const ComparisonRow& row = *module.compared;
  const ValueHistogram& values = *module.values;
  const std::span<const float> scales = page.constants.scales(line.node);
  const tensors::CodedRange coded = common_range(scales, row.dtype);
  const auto between = [](double low, double high) { return short_text(low) + " to " + short_text(high); };
  const auto counted = [&](std::uint64_t count) {
    return grouped(static_cast<long long>(count)) + " (" + percent_text(share(count, values.count())) + " %)";
  };
  std::string list =
      entry("Real values", between(static_cast<double>(values.range().min), static_cast<double>(values.range().max))) +
      entry("Codes represent", between(coded.low, coded.high)) +
      entry(scales.size() > 1 ? "Scales of " + std::to_string(scales.size()) + " channels" : "Scale",
            text_of_scales({scales.begin(), scales.end()})) +
      entry("Values outside", counted(values.outside())) + entry("Zeros, not drawn", counted(values.zeros())) +
      entry("Codes saturated", percent_text(row.saturation) + " %") +
      entry("Largest error", fixed(row.largest_error, 1) + " steps") + entry("Cosine", fixed(row.cosine, 4));
  if (module.lost) list += entry("Lost here", fixed(*module.lost, 1) + " dB");
  if (module.summed->macs > 0) list += entry("MACs", grouped(module.summed->macs));
  if (module.summed->parameters > 0) list += entry("Parameters", grouped(module.summed->parameters));
  return element("article class=card id=" + card_id(module),
                 element("div class=title", element("h3", breakable(line.name)) + graded(row.sqnr, " dB")) +
                     element("p class=sub",
                             html_text(text(module.summed->shape) + " · " + text(row.dtype) + " · " + line.operators)) +
                     draw_histogram(line, values, page.constants) + element("dl", list)) +
         "\n";
}

inline std::string cards_section(const Page& page, const std::vector<PageModule>& worst_first,
                                 const std::vector<GraphLine>& lines) {
  const auto key = [](std::string_view drawing, std::string_view what) {
    return element("li", element("svg viewBox=\"0 0 22 12\" aria-hidden=true", drawing) + std::string(what));
  };
  std::string cards;
  for (const PageModule& module : worst_first) cards += card_of(page, module, lines[index(module.line)]);
  return element(
      "section",
      element("h2", "Real values and the range of the codes, worst first") +
          element(
              "p class=hint",
              "Values of the float network after the batch norm and the ReLU that are part of a module. Heights are "
              "logarithmic, so that a single outlier is seen. A scale too large leaves codes unused; one too small "
              "clips values.") +
          element("ul class=legend",
                  key("<rect class=band width=22 height=12 /><path class=limit d=\"M.5 0V12M21.5 0V12\" />",
                      "range that the codes represent") +
                      key("<path class=bars d=\"M3 12V6H8V2H14V5H19V12z\" />", "real values inside of it") +
                      key("<path class=\"bars outside\" d=\"M3 12V6H8V2H14V5H19V12z\" />", "outside: clipped")) +
          element("div class=cards", "\n" + cards));
}

inline std::string arena_section(const Page& page, const std::vector<GraphLine>& lines) {
  const Peak peak = find_peak(page.graph, lines, page.arena);
  std::string list;
  for (const PeakBuffer& buffer : peak.buffers)
    list += element("li", element("code", breakable(lines[index(buffer.line)].name)) +
                              element("span", grouped(buffer.bytes) + " bytes"));
  const auto key = [](std::string_view classes, std::string_view what) {
    return element("li", element("svg viewBox=\"0 0 22 12\" aria-hidden=true",
                                 "<rect class=\"" + std::string(classes) + "\" x=1 y=1 width=20 height=10 />") +
                             std::string(what));
  };
  return element(
      "section",
      element("h2", "Arena over time") +
          element(
              "p class=hint",
              "The memory that a device needs for tensors. A box is a tensor: its width is the time from the step that "
              "computes it to the last one that reads it, its height its bytes. Steps are those of the table.") +
          element("ul class=legend",
                  key("buffer", "a tensor") + key("buffer peak", "a tensor that lives when most memory is in use")) +
          element("div class=scrolled tabindex=0 role=region aria-label=\"Arena over time\"",
                  draw_arena(page.graph, lines, page.arena)) +
          element("p class=hint",
                  "At the peak, " + element("code", html_text(lines[index(peak.line)].name)) + ", these live:") +
          element("ul class=peak-list", list));
}

/// The lines of a report as a section: indented lines are a list, others that follow each other a paragraph.
inline std::string notes_section(const std::string& report) {
  std::string body, list, paragraph;
  const auto end_list = [&] { body += list.empty() ? "" : element("ul", std::exchange(list, "")); };
  const auto end_paragraph = [&] { body += paragraph.empty() ? "" : element("p", std::exchange(paragraph, "")); };
  for (std::size_t begin = 0; begin < report.size();) {
    const std::size_t end = std::min(report.find('\n', begin), report.size());
    const std::string line = report.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("  ")) {
      end_paragraph();
      list += element("li", html_text(line.substr(2)));
    } else {
      end_list();
      if (line.empty()) end_paragraph();
      if (!paragraph.empty()) paragraph += " ";
      paragraph += html_text(line);
    }
  }
  end_list();
  end_paragraph();
  return element("section class=notes", element("h2", "Notes") + body);
}

QUENCH_INLINE std::string html_of(const Page& page) {
  const std::vector<GraphLine> lines = graph_lines(page.graph);
  const std::vector<PageModule> modules = page_modules(page, lines);
  std::vector<PageModule> worst_first = modules;
  std::sort(worst_first.begin(), worst_first.end(), [](const PageModule& a, const PageModule& b) {
    return std::tie(a.compared->sqnr, a.line) < std::tie(b.compared->sqnr, b.line);
  });
  const std::string network = html_text(page.network);
  const std::string notes = text_of(page.summary.int16_fallbacks) + text_of(page.comparison.low_precision_outputs) +
                            text_of_held_scales(page.comparison.held_scales);
  std::string reading;
  if (!notes.empty()) reading += notes_section(notes);
  reading += table_section(page, worst_first, lines) + "\n" + arena_section(page, lines) + "\n" +
             cards_section(page, worst_first, lines);
  const auto limits = [](std::string_view grade, const std::string& meaning) {
    return element("span class=" + std::string(grade), grade) + " " + meaning;
  };
  return "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
         "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
         "'unsafe-inline'\">\n" +
         element("title", network + " in integers") + element("style", page_style) + "\n</head>\n<body>\n" +
         element("header", element("h1", network + " in integers") +
                               element("p class=lead", "Where the integers of a network for " +
                                                           element("code", html_text(page.march)) +
                                                           " differ from its float values.") +
                               facts_of(page, worst_first, lines)) +
         "\n" + element("main", graph_section(page, lines, modules) + "\n" + element("div class=reading", reading)) +
         "\n" +
         element(
             "footer",
             element("p", "Grades of SQNR, by convention: " + limits("poor", "below " + fixed(fair_sqnr, 0) + " dB, ") +
                              limits("fair", "below " + fixed(good_sqnr, 0) + " dB, ") +
                              limits("good", "from there on, ") +
                              limits("exact",
                                     "if there is no difference. Values outside are more than half a step "
                                     "beyond the least or the greatest code; a saturated code is one of these "
                                     "two. Written by quench."))) +
         "\n" + element("script", page_script) + "\n</body>\n</html>\n";
}

QUENCH_INLINE void check_page_is_writable(const std::string& path) { tensors::check_writable(path); }

QUENCH_INLINE void write_page(const std::string& path, const Page& page) {
  tensors::write_file(path, std::string_view(html_of(page)));
}

}  // namespace quench::detail
