// SPDX-License-Identifier: Apache-2.0
#include <quench/network/float_functional.hpp>

#include <initializer_list>
#include <limits>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool each_operation_writes_its_call() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol a = calls.input(Shape(6, 6)), b = calls.input(Shape(6, 6));
  const auto is = [&](q::Symbol result, Operator op, int operands, int line) {
    const q::Node& node = calls[result];
    if (node.op != op || node.module != 4 || node.line != line || node.operand_count != operands) return false;
    return calls.graph().operand(node, 0) == a.node() && (operands == 1 || calls.graph().operand(node, 1) == b.node());
  };
  return is(f.add(a, b), Operator::Add, 2, __LINE__) && is(f.sub(a, b), Operator::Sub, 2, __LINE__) &&
         is(f.mul(a, b), Operator::Mul, 2, __LINE__) && is(f.add_relu(a, b), Operator::AddReLU, 2, __LINE__) &&
         is(f.maximum(a, b), Operator::Maximum, 2, __LINE__) && is(f.minimum(a, b), Operator::Minimum, 2, __LINE__) &&
         is(f.matmul(a, b), Operator::MatMul, 2, __LINE__) && is(f.cat(a, b), Operator::Cat, 2, __LINE__) &&
         is(f.add_scalar(a, 2.0f), Operator::AddScalar, 1, __LINE__) &&
         is(f.mul_scalar(a, 2.0f), Operator::MulScalar, 1, __LINE__) && is(f.sum(a, 0), Operator::Sum, 1, __LINE__) &&
         is(f.mean(a, {0, 1}), Operator::Mean, 1, __LINE__) && calls.modules[4].calls == 12;
}

constexpr bool cat_takes_any_number() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol x[] = {calls.input(Shape(2, 1)), calls.input(Shape(2, 2)), calls.input(Shape(2, 3)),
                         calls.input(Shape(2, 4)), calls.input(Shape(2, 5))};
  const q::Node& node = calls[f.cat(x[4], x[2], x[0], x[1], x[3])];
  const int line = __LINE__ - 1;
  const int expected[] = {4, 2, 0, 1, 3};
  for (int i = 0; i < 5; ++i)
    if (calls.graph().operand(node, i) != expected[i]) return false;
  return is_call(node, Operator::Cat, 4, line, Shape(2, 15)) && node.operand_count == 5;
}

constexpr bool cat_joins_any_axis() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol a = calls.input(Shape(2, 3, 4)), b = calls.input(Shape(5, 3, 4));
  const q::Node& first = calls[f.cat<0>(a, b, a)];
  const int line = __LINE__ - 1;
  const q::Node& second = calls[f.cat<-3>(b, a)];
  const q::Node& last = calls[f.cat<2>(a, a)];
  q::Settings rows;
  rows.axis_count = 1;
  return is_call(first, Operator::Cat, 4, line, Shape(9, 3, 4)) && same_settings(first.settings, rows) &&
         second.shape == Shape(7, 3, 4) && same_settings(second.settings, rows) && q::cat_axis(second) == 0 &&
         last.shape == Shape(2, 3, 8) && same_settings(last.settings, {}) && q::cat_axis(last) == 2 &&
         !calls[f.cat<1>(a, b)].shapes_agree;
}

constexpr bool stack_joins_along_a_new_axis() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol a = calls.input(Shape(2, 3)), b = calls.input(Shape(2, 3));
  const q::Node& first = calls[f.stack<0>(a, b, a)];
  const int line = __LINE__ - 1;
  return is_call(first, Operator::Cat, 4, line, Shape(3, 2, 3)) && first.operand_count == 3 &&
         calls.graph().operand_node(first, 1).shape == Shape(1, 2, 3) &&
         calls.graph().operand(calls.graph().operand_node(first, 1), 0) == b.node() &&
         calls[f.stack<1>(a, b)].shape == Shape(2, 2, 3) && calls[f.stack<-1>(a, b)].shape == Shape(2, 3, 2) &&
         q::cat_axis(calls[f.stack<-1>(a, b)]) == 2 &&
         calls.graph().operand_node(first, 0).settings.function == q::TextView("stack");
}

// The rows of x that a gather float_functional_takes.
constexpr bool float_functional_takes(const q::Graph& graph, const q::Node& gather, std::initializer_list<int> rows) {
  const int* row = rows.begin();
  for (int i = 0; i < gather.operand_count; ++i) {
    const q::Node& slice = graph.operand_node(gather, i);
    if (slice.op != Operator::Slice || slice.settings.axes[0] != 1) return false;
    for (int at = slice.settings.begin[0]; at < slice.settings.end[0]; ++at)
      if (row == rows.end() || *row++ != at) return false;
  }
  return row == rows.end() && gather.shape == Shape(2, static_cast<int>(rows.size()), 4);
}

constexpr bool gather_takes_places_in_order() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol x = calls.input(Shape(2, 6, 4));
  const q::Node& mixed = calls[f.gather(x, {4, 5, 0, 0, -1, 0, -6, -5}, 1)];
  const q::Node& one = calls[f.gather(x, {1, 2, 3}, -2)];
  return float_functional_takes(calls.graph(), mixed, {4, 5, 0, 0, 5, 0, 0, 1}) && mixed.operand_count == 6 &&
         float_functional_takes(calls.graph(), one, {1, 2, 3}) && one.operand_count == 1;
}

constexpr bool gather_refuses_places_that_are_not_there() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol x = calls.input(Shape(2, 6, 4));
  const auto refused = [&](q::Symbol y, q::TextView setting, int value) {
    const q::Settings& s = calls.graph().operand_node(calls[y], 0).settings;
    return s.refused == setting && s.axes[0] == value;
  };
  constexpr int least = std::numeric_limits<int>::min(), most = std::numeric_limits<int>::max();
  return refused(f.gather(x, {5, 6}, 1), "place", 6) && refused(f.gather(x, {-7, -6}, 1), "place", -7) &&
         refused(f.gather(x, {most, least}, 1), "place", most) && refused(f.gather(x, {least, 1}, 1), "place", least) &&
         refused(f.gather(x, {0}, 3), "axis", 3) && refused(f.gather(x, {0}, -4), "axis", -4);
}

constexpr bool numbers_beside_a_tensor_clamp_it() {
  q::Settings larger, smaller;
  larger.parameters[0] = 0.5f;
  larger.parameters[1] = std::numeric_limits<float>::max();
  smaller.parameters[0] = -std::numeric_limits<float>::max();
  smaller.parameters[1] = -3.0f;
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  const q::Node& max = calls[f.maximum(x, 0.5f)];
  const q::Node& min = calls[f.minimum(x, -3)];
  const q::Node& swapped = calls[f.maximum(0.5f, x)];
  if (swapped.op != Operator::Clamp || !same_settings(swapped.settings, larger)) return false;
  if (!same_settings(calls[f.minimum(-3.0f, x)].settings, smaller)) return false;
  return max.op == Operator::Clamp && max.module == 4 && same_settings(max.settings, larger) &&
         min.op == Operator::Clamp && min.line == __LINE__ - 5 && same_settings(min.settings, smaller);
}

constexpr bool constants_are_kept() {
  q::Settings half, minus;
  half.parameters[0] = 0.5f;
  minus.parameters[0] = -3.0f;
  Calls calls;
  const q::FloatFunctional f;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  return same_settings(calls[f.add_scalar(x, 0.5f)].settings, half) &&
         same_settings(calls[f.mul_scalar(x, -3.0f)].settings, minus);
}

constexpr bool axes_and_keepdim_are_kept() {
  q::Settings kept, vanished;
  kept.axis_count = 2;
  kept.axes[1] = 1;
  kept.keepdim = true;
  vanished.axis_count = 1;
  vanished.axes[0] = 2;
  Calls calls;
  const q::FloatFunctional f;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  const q::Node& sum = calls[f.sum(x, {0, 1}, true)];
  const q::Node& mean = calls[f.mean(x, -1)];
  return sum.shape == Shape(1, 1, 4) && same_settings(sum.settings, kept) && mean.shape == Shape(8, 6) &&
         same_settings(mean.settings, vanished);
}

}  // namespace

static_assert(each_operation_writes_its_call());
static_assert(cat_takes_any_number());
static_assert(cat_joins_any_axis());
static_assert(stack_joins_along_a_new_axis());
static_assert(gather_takes_places_in_order());
static_assert(gather_refuses_places_that_are_not_there());
static_assert(numbers_beside_a_tensor_clamp_it());
static_assert(constants_are_kept());
static_assert(axes_and_keepdim_are_kept());

TEST_CASE("each operation writes its operator, its operands and its line") { CHECK(each_operation_writes_its_call()); }
TEST_CASE("cat joins any number of tensors in their order") { CHECK(cat_takes_any_number()); }
TEST_CASE("cat joins any axis") { CHECK(cat_joins_any_axis()); }
TEST_CASE("stack joins along a new axis") { CHECK(stack_joins_along_a_new_axis()); }
TEST_CASE("gather float_functional_takes places in order") { CHECK(gather_takes_places_in_order()); }
TEST_CASE("gather refuses places that are not there") { CHECK(gather_refuses_places_that_are_not_there()); }
TEST_CASE("numbers beside a tensor clamp it") { CHECK(numbers_beside_a_tensor_clamp_it()); }
TEST_CASE("constants are kept") { CHECK(constants_are_kept()); }
TEST_CASE("axes and keepdim are kept") { CHECK(axes_and_keepdim_are_kept()); }
