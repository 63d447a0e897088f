// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/windows.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <quench/device/engine.hpp>

namespace quench::detail::c_text {

/// C text with `o`, the counter of an axis, in place of every `@`.
inline std::string at(std::string text, const std::string& counter) {
  for (std::size_t place = text.find('@'); place != std::string::npos; place = text.find('@'))
    text.replace(place, 1, counter);
  return text;
}

/// The first pixel of a window along an axis, perhaps outside the map, the end of its pixels, their distance, a test that
/// skips those before the map, and how many a mean counts.
struct Span {
  std::string first, end, step, skip, count;
};

inline Span span_of(const kernels::PoolAxis& axis, const std::string& counter, const std::string& pixel,
                    const std::string& begin, const std::string& stop) {
  const auto text = [&](const char* form) {
    const Holes holes{{"whole", std::to_string(axis.extent / axis.outputs)},
                      {"rest", std::to_string(axis.extent % axis.outputs)},
                      {"outputs", std::to_string(axis.outputs)},
                      {"less", std::to_string(axis.outputs - 1)},
                      {"extent", std::to_string(axis.extent)},
                      {"origin", sum_of({{"@", axis.stride}}, -axis.before)},
                      {"kernel", std::to_string(axis.kernel)},
                      {"span", std::to_string((axis.kernel - 1) * axis.dilation + 1)},
                      {"least", std::to_string(-axis.counted_before)},
                      {"most", std::to_string(axis.extent + axis.counted_after)},
                      {"begin", begin},
                      {"stop", stop},
                      {"pixel", pixel}};
    return at(fill(form, holes), counter);
  };
  if (axis.is_adaptive)
    return {text("@ * $whole + @ * $rest / $outputs"), text("(@ + 1) * $whole + ((@ + 1) * $rest + $less) / $outputs"),
            "1", "", text("($stop - $begin)")};
  return {text("$origin"), text("smaller($begin + $span, $extent)"), std::to_string(axis.dilation),
          axis.before > 0 ? text("if ($pixel < 0) continue;") : "",
          text("(smaller($begin + $kernel, $most) - larger($begin, $least))")};
}

inline void set_windows(Step& step, const kernels::Pool& pool) {
  const Span down = span_of(pool.rows(), "oy", "iy", "top", "bottom");
  const Span across = span_of(pool.columns(), "ox", "ix", "left", "right");
  step.set("rows", pool.y[0]);
  step.set("columns", pool.y[1]);
  step.set("width", pool.x[1]);
  step.set("channels", pool.x[2]);
  step.set("top", down.first);
  step.set("bottom", down.end);
  step.set("step_y", down.step);
  step.set("skip_y", down.skip);
  step.set("left", across.first);
  step.set("right", across.end);
  step.set("step_x", across.step);
  step.set("skip_x", across.skip);
  step.set("count", down.count + " * " + across.count);
}

QUENCH_INLINE void write_max_pool(Step& step) {
  set_windows(step, kernels::pool_of(step.node, step.x_shape()));
  step.set("lowest", step.x_dtype() == DType::Int16 ? -32768 : -128);
  step.set("code", "(" + code_type(step.y_dtype()) + ")largest");
  step.add(R"(    for (int32_t oy = 0; oy < $rows; ++oy)
        for (int32_t ox = 0; ox < $columns; ++ox) {
            const int32_t top = $top, bottom = $bottom;
            const int32_t left = $left, right = $right;
            for (int32_t c = 0; c < $channels; ++c) {
                int32_t largest = $lowest;
                for (int32_t iy = top; iy < bottom; iy += $step_y) {
                    $skip_y
                    for (int32_t ix = left; ix < right; ix += $step_x) {
                        $skip_x
                        const $x_type code = x[(iy * $width + ix) * $channels + c];
                        if (code > largest) largest = code;
                    }
                }
                *y++ = $code;
            }
        }
)");
}

QUENCH_INLINE void write_average_pool(Step& step) {
  set_windows(step, kernels::pool_of(step.node, step.x_shape()));
  const std::string suffix = "_" + std::to_string(step.index);
  const bool has_counts = step.constants.counts != nullptr;
  step.set("find", "");
  step.set("find_more", "");
  if (has_counts) {
    step.add_integers("int32_t", "count", step.all.counts(step.index));
    step.add_records("struct record", "record", step.records());
    step.set("find", "int32_t mean = 0;");
    step.set("find_more", "while (count" + suffix + "[mean] != pixels) ++mean;");
  }
  step.set("pixels", has_counts ? "const int32_t pixels = " : "");
  step.set("end", has_counts ? ";" : "");
  if (!has_counts) step.set("count", "");
  step.set("code", step.code(has_counts ? "scaled_by(sum, &record" + suffix + "[mean])"
                                        : Step::scaled("sum", step.constants.requantization[0])));
  step.add(R"(    for (int32_t oy = 0; oy < $rows; ++oy)
        for (int32_t ox = 0; ox < $columns; ++ox) {
            const int32_t top = $top, bottom = $bottom;
            const int32_t left = $left, right = $right;
            $pixels$count$end
            $find
            $find_more
            for (int32_t c = 0; c < $channels; ++c) {
                int32_t sum = 0;
                for (int32_t iy = top; iy < bottom; iy += $step_y) {
                    $skip_y
                    for (int32_t ix = left; ix < right; ix += $step_x) {
                        $skip_x
                        sum += x[(iy * $width + ix) * $channels + c];
                    }
                }
                *y++ = $code;
            }
        }
)");
}

/// The points that the pixels of an axis show.
inline std::vector<kernels::Place> places_of(const kernels::ResizeAxis& axis) {
  std::vector<kernels::Place> places{axis.first};
  while (static_cast<int>(places.size()) < axis.outputs) places.push_back(axis.next(places.back()));
  return places;
}

inline void add_between(Step& step, const std::string& name, const kernels::ResizeAxis& axis) {
  std::vector<int> first, second;
  std::vector<std::uint32_t> distance;
  for (const kernels::Place place : places_of(axis)) {
    const kernels::Between between = axis.between(place);
    first.push_back(between.first);
    second.push_back(between.second);
    distance.push_back(between.distance);
  }
  step.add_integers("int32_t", name + "_first", first);
  step.add_integers("int32_t", name + "_second", second);
  step.add_integers("uint32_t", name + "_distance", distance);
}

QUENCH_INLINE void write_upsample(Step& step) {
  const kernels::Resize resize = kernels::resize_of(step.node.settings, step.x_shape());
  step.set("rows", resize.rows.outputs);
  step.set("columns", resize.columns.outputs);
  step.set("channels", resize.channels);
  step.set("line", resize.columns.extent * resize.channels);
  if (step.node.settings.mode == InterpolationMode::Nearest) {
    const auto add_nearest = [&](const char* name, const kernels::ResizeAxis& axis) {
      std::vector<int> pixels;
      for (const kernels::Place place : places_of(axis)) pixels.push_back(axis.nearest(place, resize.nearest_mode));
      step.add_integers("int32_t", name, pixels);
    };
    add_nearest("row", resize.rows);
    add_nearest("column", resize.columns);
    step.add(R"(    for (int32_t oy = 0; oy < $rows; ++oy)
        for (int32_t ox = 0; ox < $columns; ++ox) {
            const $x_type *pixel = x + row_$n[oy] * $line + column_$n[ox] * $channels;
            for (int32_t c = 0; c < $channels; ++c) *y++ = pixel[c];
        }
)");
    return;
  }
  add_between(step, "row", resize.rows);
  add_between(step, "column", resize.columns);
  const std::uint64_t whole = std::uint64_t{resize.rows.divisor} * resize.columns.divisor;
  const bool is_short = whole < (1u << 16);
  step.set("share", is_short ? "short_share" : "long_share");
  step.set("unsigned", is_short ? "uint32_t" : "uint64_t");
  step.set("height", std::to_string(resize.rows.divisor) + "u");
  step.set("width", std::to_string(resize.columns.divisor) + "u");
  step.set("whole", (is_short ? "UINT32_C(" : "UINT64_C(") + std::to_string(whole) + ")");
  step.add(R"(    for (int32_t oy = 0; oy < $rows; ++oy)
        for (int32_t ox = 0; ox < $columns; ++ox) {
            const $x_type *above = x + row_first_$n[oy] * $line, *below = x + row_second_$n[oy] * $line;
            const int32_t left = column_first_$n[ox] * $channels, right = column_second_$n[ox] * $channels;
            const $unsigned down = row_distance_$n[oy], across = column_distance_$n[ox];
            const int32_t w0 = $share(($height - down) * ($width - across), $whole);
            const int32_t w1 = $share(($height - down) * across, $whole);
            const int32_t w2 = $share(down * ($width - across), $whole);
            const int32_t w3 = 65536 - w0 - w1 - w2;
            for (int32_t c = 0; c < $channels; ++c)
                *y++ = ($x_type)round_shift(above[left + c] * w0 + above[right + c] * w1 + below[left + c] * w2 +
                                            below[right + c] * w3, 16);
        }
)");
}

}  // namespace quench::detail::c_text
