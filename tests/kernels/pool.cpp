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

constexpr k::PoolAxis shared(int extent, int outputs) {
  k::PoolAxis axis;
  axis.extent = extent;
  axis.outputs = outputs;
  axis.is_adaptive = true;
  return axis;
}

// PyTorch's rule, in wide integers.
bool shares(const k::PoolAxis& axis, int output) {
  const std::int64_t n = axis.outputs, begin = std::int64_t{output} * axis.extent / n,
                     end = ((output + std::int64_t{1}) * axis.extent + n - 1) / n;
  const k::Taps taps = axis.taps(output);
  return taps.origin == begin && taps.begin == 0 && taps.end == end - begin && axis.count(output) == end - begin;
}

constexpr bool shares_five_pixels_by_hand() {
  constexpr k::PoolAxis three = shared(5, 3), seven = shared(5, 7);
  return three.taps(0).origin == 0 && three.taps(0).end == 2 && three.taps(1).origin == 1 && three.taps(1).end == 3 &&
         three.taps(2).origin == 3 && three.taps(2).end == 2 && seven.taps(1).origin == 0 && seven.taps(1).end == 2 &&
         seven.taps(6).origin == 4 && seven.taps(6).end == 1;
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
               columns.counted_after == 4 && !rows.is_adaptive && !columns.is_adaptive;
  node.settings.count_include_pad = false;
  holds = holds && k::pool_of(node, x).rows().before == 1 && k::pool_of(node, x).rows().counted_before == 0 &&
          k::pool_of(node, x).columns().counted_after == 0;
  node.settings = {};
  node.settings.dilation = {3, 2};
  node.op = q::Operator::MaxPool2d;
  holds = holds && k::pool_of(node, x).rows().dilation == 3 && k::pool_of(node, x).columns().dilation == 2;
  node.op = q::Operator::AdaptiveMaxPool2d;
  holds = holds && k::pool_of(node, x).rows().is_adaptive && k::pool_of(node, x).columns().is_adaptive;
  node.op = q::Operator::AdaptiveAvgPool2d;
  holds = holds && k::pool_of(node, x).rows().is_adaptive;
  node.op = q::Operator::GlobalAvgPool2d;
  return holds && k::pool_of(node, x).rows().kernel == 5 && k::pool_of(node, x).columns().kernel == 6 &&
         !k::pool_of(node, x).rows().is_adaptive;
}

}  // namespace

static_assert(shares_five_pixels_by_hand());
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

TEST_CASE("windows that share an axis begin and end where PyTorch's do, up to the largest axis") {
  CHECK(shares_five_pixels_by_hand());
  int wrong = 0;
  for (int extent = 1; extent <= 40; ++extent)
    for (int outputs = 1; outputs <= 40; ++outputs)
      for (int output = 0; output < outputs; ++output) wrong += !shares(shared(extent, outputs), output);
  CHECK(wrong == 0);
  for (const int extent : {46339, 46341, 2147483647, 2147479059})
    for (const int outputs : {3, 46339, 46340})
      for (const int output : {0, 1, outputs / 2, outputs - 1}) {
        CAPTURE(extent);
        CAPTURE(outputs);
        CHECK(shares(shared(extent, outputs), output));
      }
}

TEST_CASE("windows that share an axis evenly are those of a plain pool") {
  for (const int outputs : {1, 2, 3, 4, 6, 12}) {
    const k::PoolAxis even = shared(12, outputs);
    const k::PoolAxis plain{.extent = 12, .outputs = outputs, .kernel = 12 / outputs, .stride = 12 / outputs};
    for (int output = 0; output < outputs; ++output) {
      const k::Taps a = even.taps(output), b = plain.taps(output);
      CHECK((a.origin == b.origin && a.begin == b.begin && a.end == b.end));
      CHECK(even.count(output) == plain.count(output));
    }
  }
}

TEST_CASE("a pool has the settings of its node") { CHECK(reads_nodes()); }
