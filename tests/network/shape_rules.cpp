// SPDX-License-Identifier: Apache-2.0
// Shape rules against obvious definitions: positions of a window are tried one by one, a transposed convolution is
// scattered.
#include <quench/network/shape_rules.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <limits>
#include <random>

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

// The shape of one operator on up to three operands.
constexpr q::InferredShape infer(Operator op, const q::Settings& settings, Shape a, Shape b = {}, Shape c = {},
                                 int count = 0) {
  q::Node nodes[4]{};
  const Shape shapes[] = {a, b, c};
  for (int i = 0; i < 3; ++i) nodes[i].shape = shapes[i];
  const int operands[] = {0, 1, 2};
  q::Graph graph;
  graph.nodes = nodes;
  graph.operands = operands;
  q::Node& node = nodes[3];
  node.op = op;
  node.settings = settings;
  node.operand_count = count > 0 ? count : b.rank == 0 ? 1 : c.rank == 0 ? 2 : 3;
  resolve_negative_axes(op, node.settings, a);
  resolve_same_padding(op, node.settings, a);
  return infer_shape(graph, node);
}

constexpr bool gives(const q::InferredShape& inferred, Shape shape) {
  return inferred.agrees && inferred.shape == shape;
}
constexpr bool refuses(const q::InferredShape& inferred, Shape given, Shape needed, Shape promised) {
  return !inferred.agrees && inferred.given == given && inferred.needed == needed && inferred.shape == promised;
}

constexpr q::Settings window(q::Pair kernel, q::Pair stride = 1, q::Padding padding = 0, q::Pair dilation = 1) {
  q::Settings settings;
  settings.kernel_size = kernel;
  settings.stride = stride;
  settings.padding = padding;
  settings.dilation = dilation;
  return settings;
}
constexpr q::Settings with_channels(q::Settings settings, int in, int out) {
  settings.in_channels = in;
  settings.out_channels = out;
  return settings;
}
constexpr q::Settings axes(q::Axes list, bool keepdim = false) {
  q::Settings settings = q::detail::axes_settings(list);
  settings.keepdim = keepdim;
  return settings;
}
constexpr q::Settings shared(int height, int width) {
  q::Settings settings;
  settings.output_size = {height, width};
  return settings;
}
constexpr q::Settings slice(int axis, int begin, int end) {
  q::Settings settings = axes(axis);
  settings.begin[0] = begin;
  settings.end[0] = end;
  return settings;
}

// How many positions a window has whose every tap lies inside the padded extent.
int count_positions(int extent, int kernel, int stride, int before, int after, int dilation) {
  int positions = 0;
  for (int start = -before;; start += stride) {
    bool inside = true;
    for (int tap = 0; tap < kernel; ++tap) inside = inside && start + tap * dilation < extent + after;
    if (!inside) return positions;
    ++positions;
  }
}

// The same if the last window may go past the padding, but begins in the map or before it: PyTorch's ceil_mode.
int count_ceil_positions(int extent, int kernel, int stride, int before, int after, int dilation) {
  int positions = 0;
  for (int start = -before; start < extent; start += stride, ++positions)
    if (start - stride + (kernel - 1) * dilation + 1 >= extent + after && positions > 0)
      break;  // the last one ended there
  // The first window lacks fewer pixels than a stride.
  return (kernel - 1) * dilation + 1 - before - after - extent < stride ? positions : 0;
}

// The extent that a transposed convolution writes to, less the padding on both sides.
int scattered_extent(int extent, int kernel, int stride, int padding, int output_padding, int dilation) {
  int last = 0;
  for (int x = 0; x < extent; ++x)
    for (int tap = 0; tap < kernel; ++tap) last = std::max(last, x * stride + tap * dilation);
  return last + 1 - 2 * padding + output_padding;
}

// The needed shape fits, and with one pixel less along an axis that is too short it does not.
void check_that_the_needed_shape_is_least(Operator op, const q::Settings& settings, const Shape& x,
                                          const Shape& needed) {
  REQUIRE(infer(op, settings, needed).agrees);
  for (int axis : {0, 1}) {
    Shape smaller = needed;
    --smaller[axis];
    REQUIRE(needed[axis] >= x[axis]);
    if (needed[axis] > x[axis]) REQUIRE_FALSE(infer(op, settings, smaller).agrees);
  }
}

constexpr bool elementwise() {
  const q::Settings none;
  return gives(infer(Operator::Add, none, Shape(8, 6, 4), Shape(8, 6, 4)), Shape(8, 6, 4)) &&
         gives(infer(Operator::Mul, none, Shape(8, 6, 4), Shape(1, 1, 4)), Shape(8, 6, 4)) &&
         gives(infer(Operator::Sub, none, Shape(1, 6, 1), Shape(8, 1, 4)), Shape(8, 6, 4)) &&
         gives(infer(Operator::Maximum, none, Shape(1), Shape(5)), Shape(5)) &&
         gives(infer(Operator::Minimum, none, Shape(5), Shape(1)), Shape(5)) &&
         refuses(infer(Operator::AddReLU, none, Shape(8, 6, 4), Shape(8, 6, 3)), Shape(8, 6, 3), Shape(8, 6, 4),
                 Shape(8, 6, 4)) &&
         refuses(infer(Operator::Minimum, none, Shape(8, 6, 4), Shape(4)), Shape(4), Shape(8, 6, 4), Shape(8, 6, 4)) &&
         gives(infer(Operator::ReLU, none, Shape(3, 2)), Shape(3, 2)) &&
         gives(infer(Operator::MulScalar, none, Shape(3, 2)), Shape(3, 2));
}

constexpr bool matmul_and_cat() {
  const q::Settings none;
  return gives(infer(Operator::MatMul, none, Shape(2, 3), Shape(3, 5)), Shape(2, 5)) &&
         gives(infer(Operator::MatMul, none, Shape(4, 7, 2, 3), Shape(4, 7, 3, 5)), Shape(4, 7, 2, 5)) &&
         refuses(infer(Operator::MatMul, none, Shape(2, 3), Shape(4, 5)), Shape(4, 5), Shape(3, 5), Shape(2, 5)) &&
         refuses(infer(Operator::MatMul, none, Shape(4, 2, 3), Shape(5, 3, 2)), Shape(5, 3, 2), Shape(4, 3, 2),
                 Shape(4, 2, 2)) &&
         refuses(infer(Operator::MatMul, none, Shape(2, 3), Shape(3)), Shape(3), Shape(3, 3), Shape(2, 3)) &&
         refuses(infer(Operator::MatMul, none, Shape(3), Shape(3)), Shape(3), Shape(1, 3), Shape(3)) &&
         gives(infer(Operator::Cat, none, Shape(8, 6, 4), Shape(8, 6, 1), Shape(8, 6, 2)), Shape(8, 6, 7)) &&
         gives(infer(Operator::Cat, none, Shape(3), Shape(4)), Shape(7)) &&
         refuses(infer(Operator::Cat, none, Shape(8, 6, 4), Shape(8, 5, 1)), Shape(8, 5, 1), Shape(8, 6, 1),
                 Shape(8, 6, 5)) &&
         refuses(infer(Operator::Cat, none, Shape(8, 6, 4), Shape(4)), Shape(4), Shape(8, 6, 4), Shape(8, 6, 8)) &&
         refuses(infer(Operator::Cat, none, Shape(8, 6, 4), Shape(7, 6, 1), Shape(5, 6, 2)), Shape(7, 6, 1),
                 Shape(8, 6, 1), Shape(8, 6, 7)) &&
         gives(infer(Operator::Cat, axes(0), Shape(8, 6, 4), Shape(1, 6, 4), Shape(2, 6, 4)), Shape(11, 6, 4)) &&
         gives(infer(Operator::Cat, axes(-2), Shape(8, 6, 4), Shape(8, 1, 4)), Shape(8, 7, 4)) &&
         refuses(infer(Operator::Cat, axes(0), Shape(8, 6, 4), Shape(2, 6, 3)), Shape(2, 6, 3), Shape(2, 6, 4),
                 Shape(10, 6, 4)) &&
         refuses(infer(Operator::Cat, axes(0), Shape(8, 6, 4), Shape(6, 4)), Shape(6, 4), Shape(1, 6, 4),
                 Shape(9, 6, 4)) &&
         refuses(infer(Operator::Cat, none, Shape(), Shape(), Shape(), 2), Shape(), Shape(1), Shape());
}

constexpr bool reductions() {
  return gives(infer(Operator::Sum, axes(0), Shape(8, 6, 4)), Shape(6, 4)) &&
         gives(infer(Operator::Mean, axes({0, 1}), Shape(8, 6, 4)), Shape(4)) &&
         gives(infer(Operator::Mean, axes({0, -2}, true), Shape(8, 6, 4)), Shape(1, 1, 4)) &&
         gives(infer(Operator::Sum, axes(-1), Shape(8, 6, 4)), Shape(8, 6)) &&
         gives(infer(Operator::Sum, axes({0, 1, 2}), Shape(8, 6, 4)), Shape(1)) &&
         gives(infer(Operator::GlobalAvgPool2d, {}, Shape(8, 6, 4)), Shape(1, 1, 4)) &&
         gives(infer(Operator::AdaptiveAvgPool2d, shared(3, 9), Shape(8, 6, 4)), Shape(3, 9, 4)) &&
         gives(infer(Operator::AdaptiveMaxPool2d, shared(3, 9), Shape(8, 6, 4)), Shape(3, 9, 4)) &&
         refuses(infer(Operator::AdaptiveMaxPool2d, shared(3, 9), Shape(6, 4)), Shape(6, 4), Shape(1, 1, 4),
                 Shape(3, 9, 4)) &&
         refuses(infer(Operator::GlobalAvgPool2d, {}, Shape(6, 4)), Shape(6, 4), Shape(1, 1, 4), Shape(1, 1, 4));
}

constexpr bool moves() {
  q::Settings pad;
  pad.begin[0] = 1, pad.end[1] = 2;
  return gives(infer(Operator::Flatten, {}, Shape(8, 6, 4)), Shape(192)) &&
         gives(infer(Operator::Reshape, axes({4, 48}), Shape(8, 6, 4)), Shape(4, 48)) &&
         gives(infer(Operator::Reshape, axes({4, -1, 2}), Shape(8, 6, 4)), Shape(4, 24, 2)) &&
         refuses(infer(Operator::Reshape, axes({5, 5}), Shape(8, 6, 4)), Shape(8, 6, 4), Shape(5, 5), Shape(5, 5)) &&
         refuses(infer(Operator::Reshape, axes({5, -1}), Shape(8, 6, 4)), Shape(8, 6, 4), Shape(5, 38), Shape(5, 38)) &&
         refuses(infer(Operator::Reshape, axes({500, -1}), Shape(8, 6, 4)), Shape(8, 6, 4), Shape(500, 1),
                 Shape(500, 1)) &&
         gives(infer(Operator::Reshape, axes({-1, -1}), Shape(8)), Shape(8, 1)) &&
         gives(infer(Operator::Permute, axes({2}), Shape(8, 6, 4)), Shape(4, 6, 4)) &&
         gives(infer(Operator::Permute, axes({1, 0, 2}), Shape(8, 6, 4)), Shape(6, 8, 4)) &&
         gives(infer(Operator::Permute, axes({-1, 0, 1}), Shape(8, 6, 4)), Shape(4, 8, 6)) &&
         gives(infer(Operator::Slice, slice(0, 2, 5), Shape(8, 6, 4)), Shape(3, 6, 4)) &&
         gives(infer(Operator::Slice, slice(-1, -3, -1), Shape(8, 6, 4)), Shape(8, 6, 2)) &&
         gives(infer(Operator::Pad, pad, Shape(8, 6, 4)), Shape(9, 8, 4));
}

constexpr bool last_axis() {
  return gives(infer(Operator::Linear, with_channels({}, 4, 10), Shape(4)), Shape(10)) &&
         gives(infer(Operator::Linear, with_channels({}, 4, 10), Shape(7, 3, 4)), Shape(7, 3, 10)) &&
         refuses(infer(Operator::Linear, with_channels({}, 5, 10), Shape(3, 4)), Shape(3, 4), Shape(3, 5),
                 Shape(3, 10)) &&
         gives(infer(Operator::LayerNorm, axes(4), Shape(8, 6, 4)), Shape(8, 6, 4)) &&
         gives(infer(Operator::RMSNorm, axes({6, 4}), Shape(8, 6, 4)), Shape(8, 6, 4)) &&
         refuses(infer(Operator::LayerNorm, axes({8, 4}), Shape(8, 6, 4)), Shape(8, 6, 4), Shape(8, 8, 4),
                 Shape(8, 6, 4)) &&
         refuses(infer(Operator::LayerNorm, axes({2, 6, 4}), Shape(6, 4)), Shape(6, 4), Shape(2, 6, 4), Shape(6, 4)) &&
         gives(infer(Operator::BatchNorm2d, with_channels({}, 4, 4), Shape(8, 6, 4)), Shape(8, 6, 4)) &&
         refuses(infer(Operator::Linear, with_channels({}, 5, 10), Shape()), Shape(), Shape(5), Shape(10)) &&
         refuses(infer(Operator::BatchNorm2d, with_channels({}, 5, 5), Shape(6, 4)), Shape(6, 4), Shape(6, 5),
                 Shape(6, 5)) &&
         gives(infer(Operator::Embedding, with_channels({}, 9, 4), Shape(6, 5)), Shape(6, 5, 4)) &&
         !infer(Operator::Embedding, with_channels({}, 9, 4), Shape(1, 1, 1, 1, 1, 6)).agrees &&
         gives(infer(Operator::PReLU, with_channels({}, 4, 4), Shape(6, 4)), Shape(6, 4)) &&
         gives(infer(Operator::PReLU, with_channels({}, 1, 1), Shape(6, 4)), Shape(6, 4)) &&
         refuses(infer(Operator::PReLU, with_channels({}, 5, 5), Shape(6, 4)), Shape(6, 4), Shape(6, 5), Shape(6, 4)) &&
         gives(infer(Operator::ChannelAffine, with_channels({}, 4, 4), Shape(4)), Shape(4)) &&
         refuses(infer(Operator::ChannelAffine, with_channels({}, 5, 5), Shape(6, 4)), Shape(6, 4), Shape(6, 5),
                 Shape(6, 5));
}

constexpr bool windows_that_do_not_fit() {
  const auto conv = with_channels(window(3), 4, 16);
  return refuses(infer(Operator::Conv2d, conv, Shape(8, 6, 5)), Shape(8, 6, 5), Shape(8, 6, 4), Shape(6, 4, 16)) &&
         refuses(infer(Operator::Conv2d, conv, Shape(2, 6, 4)), Shape(2, 6, 4), Shape(3, 6, 4), Shape(1, 4, 16)) &&
         refuses(infer(Operator::Conv2d, conv, Shape(6, 4)), Shape(6, 4), Shape(3, 3, 4), Shape(1, 1, 16)) &&
         refuses(infer(Operator::MaxPool2d, window(4, 4, 1, 2), Shape(4, 8, 3)), Shape(4, 8, 3), Shape(5, 8, 3),
                 Shape(1, 1, 3)) &&
         gives(infer(Operator::MaxPool2d, window(4, 4, 1, 2), Shape(5, 8, 3)), Shape(1, 1, 3)) &&
         refuses(infer(Operator::ConvTranspose2d, conv, Shape(8, 6, 5)), Shape(8, 6, 5), Shape(8, 6, 4),
                 Shape(10, 8, 16)) &&
         refuses(infer(Operator::Conv2d, with_channels(window(1), 4, 16), Shape(9, 9, 4, 4)), Shape(9, 9, 4, 4),
                 Shape(1, 1, 4), Shape(1, 1, 16)) &&
         refuses(infer(Operator::ConvTranspose2d, conv, Shape(9, 9, 4, 4)), Shape(9, 9, 4, 4), Shape(1, 1, 4),
                 Shape(3, 3, 16)) &&
         refuses(infer(Operator::ConvTranspose2d, conv, Shape(6, 4)), Shape(6, 4), Shape(1, 1, 4), Shape(3, 3, 16)) &&
         refuses(infer(Operator::AvgPool2d, window(2), Shape(6, 4)), Shape(6, 4), Shape(2, 2, 4), Shape(1, 1, 4));
}

constexpr bool upsampling() {
  q::Settings twice_and_thrice;
  twice_and_thrice.scale_factor = {2, 3};
  q::Settings fractions;
  fractions.scale_factor = {q::Fraction(4, 5), q::Fraction(4, 3)};
  return gives(infer(Operator::Upsample, twice_and_thrice, Shape(5, 7, 4)), Shape(10, 21, 4)) &&
         gives(infer(Operator::Upsample, fractions, Shape(9, 7, 4)), Shape(7, 9, 4)) &&
         refuses(infer(Operator::Upsample, twice_and_thrice, Shape(5, 7)), Shape(5, 7), Shape(1, 1, 7), Shape(5, 7));
}

// Settings and shapes that nobody means: the rules still give positive extents, and no arithmetic overflows (which the
// compiler would refuse here).
constexpr int int_min = std::numeric_limits<int>::min(), int_max = std::numeric_limits<int>::max();
constexpr int extremes[] = {int_min, -1, 0, 1, int_max};

constexpr bool has_positive_extents(const q::InferredShape& inferred) {
  for (int axis = 0; axis < inferred.shape.rank; ++axis)
    if (inferred.shape[axis] < 1) return false;
  for (int axis = 0; axis < inferred.needed.rank; ++axis)
    if (inferred.needed[axis] < 1) return false;
  return true;
}

constexpr bool windows_survive_hostile_settings() {
  for (int kernel : extremes)
    for (int stride : extremes)
      for (int padding : extremes)
        for (int dilation : extremes)
          for (int height : {1, 7, int_max}) {
            q::Settings settings = with_channels(window(kernel, stride, padding, dilation), 1, 1);
            settings.ceil_mode = height != 7;
            if (!has_positive_extents(infer(Operator::Conv2d, settings, Shape(height, 7, 1)))) return false;
            if (padding == 0) settings.padding = q::Padding::Same;
            if (!has_positive_extents(infer(Operator::MaxPool2d, settings, Shape(height, 7, 1)))) return false;
          }
  return true;
}

constexpr bool transposed_windows_survive_hostile_settings() {
  for (int kernel : extremes)
    for (int stride : extremes)
      for (int padding : extremes)
        for (int dilation : extremes)
          for (int height : {int_min, 1, int_max}) {
            q::Settings settings = with_channels(window(kernel, stride, padding, dilation), 1, 1);
            settings.output_padding = {padding, stride};
            if (!has_positive_extents(infer(Operator::ConvTranspose2d, settings, Shape(height, 7, 1)))) return false;
          }
  return true;
}

// A sequence has the extents of a map of one row, without the row.
constexpr bool sequences() {
  const q::Settings conv = with_channels(window({1, 3}, {1, 2}, {0, 0, 1, 2}, {1, 2}), 4, 6);
  q::Settings transposed = with_channels(window({1, 3}, {1, 4}), 4, 6);
  transposed.output_padding = {0, 1};
  const q::Settings pool = window({1, 3}, {1, 2}, {0, 0, 1, 0});
  return gives(infer(Operator::Conv1d, conv, Shape(9, 4)), Shape(4, 6)) &&
         gives(infer(Operator::ConvTranspose1d, transposed, Shape(9, 4)), Shape(36, 6)) &&
         gives(infer(Operator::MaxPool1d, pool, Shape(9, 4)), Shape(4, 4)) &&
         gives(infer(Operator::AvgPool1d, pool, Shape(9, 4)), Shape(4, 4)) &&
         gives(infer(Operator::AdaptiveMaxPool1d, shared(1, 7), Shape(9, 4)), Shape(7, 4)) &&
         gives(infer(Operator::AdaptiveAvgPool1d, shared(1, 7), Shape(9, 4)), Shape(7, 4)) &&
         gives(infer(Operator::BatchNorm1d, with_channels({}, 4, 4), Shape(9, 4)), Shape(9, 4)) &&
         gives(infer(Operator::BatchNorm1d, with_channels({}, 4, 4), Shape(4)), Shape(4));
}

// Of another rank or too short: what they need is a sequence, the shortest that fits.
constexpr bool sequences_that_do_not_fit() {
  const q::Settings conv = with_channels(window({1, 3}, {1, 2}, {0, 0, 1, 0}, {1, 2}), 4, 6);
  q::Settings transposed = with_channels(window({1, 1}, {1, 2}, {0, 0, 1, 1}), 4, 6);
  return refuses(infer(Operator::Conv1d, conv, Shape(9, 5)), Shape(9, 5), Shape(9, 4), Shape(3, 6)) &&
         refuses(infer(Operator::Conv1d, conv, Shape(2, 4)), Shape(2, 4), Shape(4, 4), Shape(1, 6)) &&
         refuses(infer(Operator::Conv1d, conv, Shape(1, 9, 4)), Shape(1, 9, 4), Shape(4, 4), Shape(1, 6)) &&
         refuses(infer(Operator::Conv1d, conv, Shape(4)), Shape(4), Shape(4, 4), Shape(1, 6)) &&
         !infer(Operator::Conv1d, conv, Shape(1, 9, 4)).is_promised &&
         infer(Operator::Conv1d, conv, Shape(9, 5)).is_promised &&
         refuses(infer(Operator::ConvTranspose1d, transposed, Shape(1, 4)), Shape(1, 4), Shape(2, 4), Shape(1, 6)) &&
         refuses(infer(Operator::ConvTranspose1d, transposed, Shape(8, 9, 4)), Shape(8, 9, 4), Shape(2, 4),
                 Shape(1, 6)) &&
         refuses(infer(Operator::MaxPool1d, window({1, 3}), Shape(8, 9, 4)), Shape(8, 9, 4), Shape(3, 4),
                 Shape(1, 4)) &&
         refuses(infer(Operator::AdaptiveAvgPool1d, shared(1, 7), Shape(8, 9, 4)), Shape(8, 9, 4), Shape(1, 4),
                 Shape(7, 4)) &&
         refuses(infer(Operator::Conv2d, conv, Shape(9, 4)), Shape(9, 4), Shape(1, 4, 4), Shape(1, 1, 6));
}

// One operator at a time: clang bounds the steps of one constant expression.
constexpr bool survives_hostile_axes(Operator op) {
  for (int axis : {int_min, -4, -1, 0, 2, 3, int_max})
    for (int begin : extremes)
      for (int end : extremes)
        for (int count : {0, 1, q::max_rank, q::max_rank + 1, int_max}) {
          q::Settings settings;
          settings.axis_count = count;
          for (int& each : settings.axes) each = axis;
          for (int& each : settings.begin) each = begin;
          for (int& each : settings.end) each = end;
          settings.scale_factor = {q::Fraction(begin, end), end};
          settings.output_size = {end, begin};
          if (!has_positive_extents(infer(op, settings, Shape(int_max, 7, 2)))) return false;
        }
  return true;
}

// Channels are taken as given: `setting-out-of-range` reports them.
constexpr bool counts_of_huge_shapes_are_held() {
  const Shape huge(int_max, int_max, int_max), thin(2, 2, int_max);
  return infer(Operator::Flatten, {}, huge).shape == Shape(int_max) &&
         infer(Operator::Cat, {}, thin, thin, thin).shape == Shape(2, 2, int_max) &&
         infer(Operator::Reshape, axes({int_max, -1, int_max}), huge).shape == Shape(int_max, 1, int_max) &&
         gives(infer(Operator::MatMul, {}, thin, Shape(2, int_max, 3)), Shape(2, 2, 3)) &&
         infer(Operator::Linear, with_channels({}, int_min, 3), huge).needed == Shape(int_max, int_max, int_min) &&
         infer(Operator::Conv2d, with_channels(window(1), int_max, int_min), huge).shape ==
             Shape(int_max, int_max, int_min);
}

}  // namespace

static_assert(elementwise());
static_assert(matmul_and_cat());
static_assert(reductions());
static_assert(moves());
static_assert(last_axis());
static_assert(windows_that_do_not_fit());
static_assert(upsampling());
static_assert(windows_survive_hostile_settings());
static_assert(transposed_windows_survive_hostile_settings());
static_assert(survives_hostile_axes(Operator::Pad));
static_assert(survives_hostile_axes(Operator::Slice));
static_assert(survives_hostile_axes(Operator::Reshape));
static_assert(survives_hostile_axes(Operator::Permute));
static_assert(survives_hostile_axes(Operator::Sum));
static_assert(survives_hostile_axes(Operator::Upsample));
static_assert(survives_hostile_axes(Operator::AdaptiveMaxPool2d));
static_assert(counts_of_huge_shapes_are_held());
static_assert(sequences());
static_assert(sequences_that_do_not_fit());

TEST_CASE("operations element by element repeat extents of 1") { CHECK(elementwise()); }
TEST_CASE("matmul and cat") { CHECK(matmul_and_cat()); }
TEST_CASE("sums, means and global pooling") { CHECK(reductions()); }
TEST_CASE("shape functions") { CHECK(moves()); }
TEST_CASE("layers of the last axis") { CHECK(last_axis()); }
TEST_CASE("a window that does not fit names the least shape that does") { CHECK(windows_that_do_not_fit()); }
TEST_CASE("upsampling") { CHECK(upsampling()); }
TEST_CASE("hostile settings overflow nothing") {
  CHECK(windows_survive_hostile_settings());
  CHECK(transposed_windows_survive_hostile_settings());
  for (Operator op : {Operator::Pad, Operator::Slice, Operator::Reshape, Operator::Permute, Operator::Sum,
                      Operator::Upsample, Operator::AdaptiveMaxPool2d})
    CHECK(survives_hostile_axes(op));
}
TEST_CASE("1-d layers take and give sequences") {
  CHECK(sequences());
  CHECK(sequences_that_do_not_fit());
}
TEST_CASE("counts of huge shapes are held at the limit") { CHECK(counts_of_huge_shapes_are_held()); }

TEST_CASE("windows and transposed windows agree with trying each position") {
  const unsigned seed = 20261122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  int fitting = 0, larger = 0;
  for (int round = 0; round < 20000; ++round) {
    // Braces: their elements are evaluated in order, so that all compilers try the same settings.
    const q::Pair kernel{pick(1, 7), pick(1, 7)}, stride{pick(1, 4), pick(1, 4)}, both{pick(0, 3), pick(0, 3)},
        dilation{pick(1, 3), pick(1, 3)}, output_padding{pick(0, 3), pick(0, 3)};
    const q::Padding padding =
        round % 2 == 0 ? q::Padding(both) : q::Padding{both.height, pick(0, 3), both.width, pick(0, 3)};
    const Shape x{pick(1, 17), pick(1, 17), pick(1, 5)};
    q::Settings settings = with_channels(window(kernel, stride, padding, dilation), x[2], pick(1, 9));
    settings.output_padding = output_padding;
    CAPTURE(round);

    const int h = count_positions(x[0], kernel.height, stride.height, padding.top, padding.bottom, dilation.height);
    const int w = count_positions(x[1], kernel.width, stride.width, padding.left, padding.right, dilation.width);
    for (Operator op : {Operator::Conv2d, Operator::MaxPool2d, Operator::AvgPool2d}) {
      const auto inferred = infer(op, settings, x);
      REQUIRE(inferred.agrees == (h > 0 && w > 0));
      if (!inferred.agrees) {
        check_that_the_needed_shape_is_least(op, settings, x, inferred.needed);
        continue;
      }
      ++fitting;
      REQUIRE(inferred.shape == Shape(h, w, op == Operator::Conv2d ? settings.out_channels : x[2]));
    }

    const auto at_most_half = [](int sides, int taps) { return std::min(sides, taps / 2); };  // of pools
    const q::Padding half{at_most_half(padding.top, kernel.height), at_most_half(padding.bottom, kernel.height),
                          at_most_half(padding.left, kernel.width), at_most_half(padding.right, kernel.width)};
    settings.padding = half;
    const Shape plain = infer(Operator::MaxPool2d, settings, x).shape;
    settings.ceil_mode = true;
    const int ceil_h = count_ceil_positions(x[0], kernel.height, stride.height, half.top, half.bottom, dilation.height);
    const int ceil_w = count_ceil_positions(x[1], kernel.width, stride.width, half.left, half.right, dilation.width);
    const auto ceiled = infer(Operator::MaxPool2d, settings, x);
    REQUIRE(ceiled.agrees == (ceil_h > 0 && ceil_w > 0));
    if (ceiled.agrees)
      REQUIRE(ceiled.shape == Shape(ceil_h, ceil_w, x[2]));
    else
      check_that_the_needed_shape_is_least(Operator::MaxPool2d, settings, x, ceiled.needed);
    larger += ceil_h > plain[0];
    settings.ceil_mode = false;

    settings.padding = both;  // a transposed convolution has equal sides
    const int up_h =
        scattered_extent(x[0], kernel.height, stride.height, both.height, output_padding.height, dilation.height);
    const int up_w =
        scattered_extent(x[1], kernel.width, stride.width, both.width, output_padding.width, dilation.width);
    const auto up = infer(Operator::ConvTranspose2d, settings, x);
    REQUIRE(up.agrees == (up_h > 0 && up_w > 0));
    if (up.agrees)
      REQUIRE(up.shape == Shape(up_h, up_w, settings.out_channels));
    else
      check_that_the_needed_shape_is_least(Operator::ConvTranspose2d, settings, x, up.needed);
  }
  CHECK(fitting > 20000);
  CHECK(larger > 1000);
}

TEST_CASE("Same gives ceil(extent / stride) windows from the least padding, one pixel more at the end if it is odd") {
  const auto check_axis = [](int extent, int out, int kernel, int stride, int dilation, int before, int after) {
    CAPTURE(extent);
    CAPTURE(kernel);
    CAPTURE(stride);
    CAPTURE(dilation);
    int needed = 0;  // the least padding with so many windows
    while (count_positions(extent, kernel, stride, 0, needed, dilation) < (extent + stride - 1) / stride) ++needed;
    REQUIRE(out == (extent + stride - 1) / stride);
    REQUIRE(before + after == needed);
    REQUIRE(after - before == needed % 2);
  };
  for (int extent = 1; extent <= 12; ++extent)
    for (int kernel = 1; kernel <= 6; ++kernel)
      for (int stride = 1; stride <= 5; ++stride)
        for (int dilation = 1; dilation <= 3; ++dilation) {
          const Shape x{extent, 13 - extent, 2};
          q::Settings settings =
              window({kernel, 7 - kernel}, {stride, 6 - stride}, q::Padding::Same, {dilation, 4 - dilation});
          const auto inferred = infer(Operator::MaxPool2d, settings, x);
          resolve_same_padding(Operator::Conv2d, settings, x);
          REQUIRE(inferred.agrees);
          const q::Padding& p = settings.padding;
          check_axis(x[0], inferred.shape[0], kernel, stride, dilation, p.top, p.bottom);
          check_axis(x[1], inferred.shape[1], 7 - kernel, 6 - stride, 4 - dilation, p.left, p.right);
        }
  CHECK(infer(Operator::Conv2d, with_channels(window(3, 1, q::Padding::Same), 4, 16), Shape(6, 4)).needed ==
        Shape(1, 1, 4));
}
