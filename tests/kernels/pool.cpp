// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/pool.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;

namespace {

// The pixels of a window in the map, and those that a mean counts, one position after the other.
struct Pixels {
  int inside = 0, counted = 0, first = -1;
};

Pixels pixels_of(const k::PoolAxis& axis, int output) {
  Pixels found;
  for (int tap = 0; tap < axis.kernel; ++tap) {
    const int at = output * axis.stride - axis.before + tap * axis.dilation;
    const bool is_inside = at >= 0 && at < axis.extent;
    if (is_inside && found.inside++ == 0) found.first = at;
    found.counted += at >= -axis.counted_before && at < axis.extent + axis.counted_after;
  }
  return found;
}

constexpr bool reads_nodes() {
  q::Node node;
  node.shape = q::Shape(3, 2, 4);
  node.settings.kernel_size = {3, 2};
  node.settings.stride = {2, 1};
  node.settings.padding = {1, 2, 3, 4};
  node.op = q::Operator::AvgPool2d;
  const q::Shape x(5, 6, 4);
  const k::PoolAxis rows = k::pool_of(node, x).rows(), columns = k::pool_of(node, x).columns();
  bool holds = rows.extent == 5 && rows.outputs == 3 && rows.kernel == 3 && rows.stride == 2 && rows.before == 1 &&
               rows.counted_before == 1 && rows.counted_after == 2 && columns.extent == 6 && columns.outputs == 2 &&
               columns.kernel == 2 && columns.stride == 1 && columns.before == 3 && columns.counted_before == 3 &&
               columns.counted_after == 4;
  node.settings.count_include_pad = false;
  holds = holds && k::pool_of(node, x).rows().before == 1 && k::pool_of(node, x).rows().counted_before == 0 &&
          k::pool_of(node, x).columns().counted_after == 0;
  node.settings = {};
  node.settings.dilation = {3, 2};
  node.op = q::Operator::MaxPool2d;
  holds = holds && k::pool_of(node, x).rows().dilation == 3 && k::pool_of(node, x).columns().dilation == 2;
  node.op = q::Operator::GlobalAvgPool2d;
  return holds && k::pool_of(node, x).rows().kernel == 5 && k::pool_of(node, x).columns().kernel == 6;
}

}  // namespace

static_assert(reads_nodes());

TEST_CASE("the pixels of sliding windows, and those that a mean counts, are found by looking at each") {
  CAPTURE(definitions::seed);
  definitions::Random random(definitions::seed);
  const auto pick = [&](int low, int high) { return definitions::uniform(random, low, high); };
  int partly_counted = 0;
  for (int draw = 0; draw < 20000; ++draw) {
    k::PoolAxis axis;
    axis.extent = pick(1, 9);
    axis.kernel = pick(1, 6);
    axis.stride = pick(1, 4);
    axis.before = pick(0, axis.kernel / 2);
    const bool is_mean = pick(0, 1) == 0;
    axis.dilation = is_mean ? 1 : pick(1, 3);
    if (is_mean && pick(0, 1) == 0) axis.counted_before = axis.before;
    if (is_mean && pick(0, 1) == 0) axis.counted_after = pick(0, axis.kernel / 2);
    const int output = pick(0, (axis.extent + axis.before - 1) / axis.stride);
    const Pixels expected = pixels_of(axis, output);
    const k::Taps taps = axis.taps(output);
    CAPTURE(draw);
    REQUIRE(taps.end - taps.begin == expected.inside);
    if (expected.inside > 0) REQUIRE(taps.origin + taps.begin * axis.dilation == expected.first);
    if (is_mean) REQUIRE(axis.count(output) == expected.counted);
    partly_counted += is_mean && expected.counted < axis.kernel;
  }
  CHECK(partly_counted > 1000);
}

TEST_CASE("a pool has the settings of its node") { CHECK(reads_nodes()); }
