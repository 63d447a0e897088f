// SPDX-License-Identifier: Apache-2.0
#include <quench/network/moving.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr int element_of(const q::Graph& graph, int node, int element);

// The element of the input that a reshape, permute or slice moves to this place: the definition, index by index.
constexpr int element_before(const q::Graph& graph, const q::Node& node, int element) {
  if (node.op == Operator::Reshape) return element;
  const Shape& x = graph.operand_node(node, 0).shape;
  const Shape& y = node.shape;
  int at[q::max_rank]{};
  for (int axis = y.rank - 1; axis >= 0; --axis) {
    const int from = node.op == Operator::Permute ? node.settings.axes[axis] : axis;
    at[from] = element % y[axis];
    element /= y[axis];
  }
  if (node.op == Operator::Slice) at[node.settings.axes[0]] += node.settings.begin[0];
  int place = 0;
  for (int axis = 0; axis < x.rank; ++axis) place = place * x[axis] + at[axis];
  return place;
}

constexpr int element_of(const q::Graph& graph, int node, int element) {
  if (graph.nodes[node].operand_count == 0) return element;
  return element_of(graph, graph.operand(graph.nodes[node], 0), element_before(graph, graph.nodes[node], element));
}

// True if `of(h, w, c)` is the place in the input of each element [h, w, c] of the output.
constexpr bool moving_takes(const Calls& calls, q::Symbol y, const Shape& shape, auto of) {
  if (!(calls[y].shape == shape) || !calls[y].shapes_agree) return false;
  int element = 0;
  for (int h = 0; h < shape[0]; ++h)
    for (int w = 0; w < shape[1]; ++w)
      for (int c = 0; c < shape[2]; ++c)
        if (element_of(calls.graph(), y.node(), element++) != of(h, w, c)) return false;
  return true;
}

constexpr bool pixels_have_the_order_of_pytorch() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(2, 3, 18));  // r = 3, 2 channels
  return moving_takes(calls, q::pixel_shuffle(x, 3), Shape(6, 9, 2),
                      [](int h, int w, int c) { return ((h / 3) * 3 + w / 3) * 18 + (c * 3 + h % 3) * 3 + w % 3; });
}
constexpr bool depth_has_the_orders_of_onnx() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(2, 3, 8));
  return moving_takes(calls, q::depth_to_space(x, 2), Shape(4, 6, 2),
                      [](int h, int w, int c) { return ((h / 2) * 3 + w / 2) * 8 + (h % 2 * 2 + w % 2) * 2 + c; }) &&
         moving_takes(calls, q::depth_to_space(x, 2, q::DepthMode::Crd), Shape(4, 6, 2),
                      [](int h, int w, int c) { return ((h / 2) * 3 + w / 2) * 8 + (c * 2 + h % 2) * 2 + w % 2; });
}
constexpr bool inverses_give_each_element_back() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(4, 6, 3));
  const auto same = [](int h, int w, int c) { return (h * 6 + w) * 3 + c; };
  return moving_takes(calls, q::pixel_shuffle(q::pixel_unshuffle(x, 2), 2), Shape(4, 6, 3), same) &&
         moving_takes(calls, q::depth_to_space(q::space_to_depth(x, 2), 2), Shape(4, 6, 3), same);
}
constexpr bool axes_come_and_go() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(8, 6, 1));
  return is_call(calls[q::unsqueeze(x, 0)], Operator::Reshape, -1, __LINE__, Shape(1, 8, 6, 1)) &&
         is_call(calls[q::unsqueeze(x, 2)], Operator::Reshape, -1, __LINE__, Shape(8, 6, 1, 1)) &&
         is_call(calls[q::unsqueeze(x, -1)], Operator::Reshape, -1, __LINE__, Shape(8, 6, 1, 1)) &&
         is_call(calls[q::unsqueeze(x, -4)], Operator::Reshape, -1, __LINE__, Shape(1, 8, 6, 1)) &&
         is_call(calls[q::squeeze(x, 2)], Operator::Reshape, -1, __LINE__, Shape(8, 6)) &&
         is_call(calls[q::squeeze(x, -1)], Operator::Reshape, -1, __LINE__, Shape(8, 6));
}
constexpr bool parts_follow_each_other() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(8, 6, 10));
  const auto [a, b] = q::split(x, {2, 4}, 1);
  const auto [c, d, e] = q::chunk<3>(x, -1);
  const auto part = [](int begin_w, int begin_c) {
    return [=](int h, int w, int channel) { return (h * 6 + w + begin_w) * 10 + channel + begin_c; };
  };
  return moving_takes(calls, a, Shape(8, 2, 10), part(0, 0)) && moving_takes(calls, b, Shape(8, 4, 10), part(2, 0)) &&
         moving_takes(calls, c, Shape(8, 6, 4), part(0, 0)) && moving_takes(calls, d, Shape(8, 6, 4), part(0, 4)) &&
         moving_takes(calls, e, Shape(8, 6, 2), part(0, 8));
}

}  // namespace

static_assert(pixels_have_the_order_of_pytorch());
static_assert(depth_has_the_orders_of_onnx());
static_assert(inverses_give_each_element_back());
static_assert(axes_come_and_go());
static_assert(parts_follow_each_other());

TEST_CASE("pixel_shuffle has PyTorch's order of channels") { CHECK(pixels_have_the_order_of_pytorch()); }
TEST_CASE("depth_to_space has ONNX's orders of channels") { CHECK(depth_has_the_orders_of_onnx()); }
TEST_CASE("pixel_unshuffle and space_to_depth have inverses") { CHECK(inverses_give_each_element_back()); }
TEST_CASE("unsqueeze and squeeze count axes from both ends") { CHECK(axes_come_and_go()); }
TEST_CASE("parts of split and chunk follow each other") { CHECK(parts_follow_each_other()); }
