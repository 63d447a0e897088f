// SPDX-License-Identifier: Apache-2.0
#include <quench/network/settings.hpp>

#include <doctest/doctest.h>

using quench::Axes;
using quench::Padding;
using quench::Pair;
using quench::Sides;

namespace {

struct Layer {
  Pair kernel_size{};
  Pair stride = kernel_size;
  Padding padding = 0;
};

constexpr bool one_number_is_both() {
  constexpr Layer square{.kernel_size = 3}, wide{.kernel_size = {3, 5}, .stride = 1};
  return square.kernel_size == Pair(3, 3) && square.stride == Pair(3, 3) && wide.kernel_size.height == 3 &&
         wide.kernel_size.width == 5 && wide.stride == Pair(1, 1) && !(Pair(1, 2) == Pair(1, 1)) &&
         !(Pair(1, 2) == Pair(2, 2));
}

constexpr bool has_sides(const Padding& padding, int top, int bottom, int left, int right) {
  return padding.top == top && padding.bottom == bottom && padding.left == left && padding.right == right &&
         padding.before() == Pair(top, left) && padding.after() == Pair(bottom, right) && !padding.is_same;
}

constexpr bool padding_is_one_two_or_four_numbers_or_same() {
  constexpr Pair pair{2, 5};
  constexpr Layer none{}, one{.padding = 3}, two{.padding = {2, 5}}, four{.padding = {1, 2, 3, 4}},
      named{.padding = pair};
  constexpr Layer same{.padding = Padding::Same};
  return has_sides(none.padding, 0, 0, 0, 0) && has_sides(one.padding, 3, 3, 3, 3) &&
         has_sides(two.padding, 2, 2, 5, 5) && has_sides(four.padding, 1, 2, 3, 4) &&
         has_sides(named.padding, 2, 2, 5, 5) && same.padding.is_same && same.padding == Padding::Same &&
         !(same.padding == none.padding);
}

struct Layer1d {
  Sides padding = 0;
};

constexpr bool has_sides(const Sides& sides, int left, int right) {
  return sides.left == left && sides.right == right && !sides.is_same &&
         quench::detail::row_padding(sides) == Padding(0, 0, left, right);
}

constexpr bool sides_are_one_or_two_numbers_or_same() {
  constexpr Layer1d none{}, one{.padding = 3}, two{.padding = {2, 5}}, same{.padding = Padding::Same};
  return has_sides(none.padding, 0, 0) && has_sides(one.padding, 3, 3) && has_sides(two.padding, 2, 5) &&
         same.padding.is_same && quench::detail::row_padding(same.padding) == Padding::Same;
}

constexpr int count(Axes axes) { return axes.count; }
constexpr int last(Axes axes) { return axes.values[axes.count - 1]; }

constexpr bool axes_are_one_or_a_list() {
  const Axes many{1, 2, 3, 4, 5, 6, 7, 8};
  return count(4) == 1 && last(4) == 4 && count({}) == 0 && count({0}) == 1 && last({0}) == 0 && count({2, -1}) == 2 &&
         last({2, -1}) == -1 && many.count == 8 && many.values[5] == 6;
}

constexpr bool settings_keep_axes() {
  const quench::Settings settings = quench::detail::axes_settings({2, 0, 1});
  return settings.axis_count == 3 && settings.axes[0] == 2 && settings.axes[1] == 0 && settings.axes[2] == 1;
}

}  // namespace

// A fraction is no stride, and a number in the wrong place is no index of a module.
template <class Setting, class Value>
concept TakesSetting = requires(Value value) { Setting{.stride = value}; };
static_assert(TakesSetting<Layer, int> && !TakesSetting<Layer, double> && !TakesSetting<Layer, float>);
template <class Layer, class Value>
concept TakesPadding = requires(Value value) { Layer{.padding = value}; };
static_assert(TakesPadding<Layer, int> && TakesPadding<Layer, Pair> && !TakesPadding<Layer, double> &&
              !TakesPadding<Layer, float>);
static_assert(TakesPadding<Layer1d, int> && !TakesPadding<Layer1d, double> && !TakesPadding<Layer1d, float>);
static_assert(!TakesPadding<Layer1d, Pair> && !TakesPadding<Layer1d, Padding>);  // a sequence has no height

static_assert(one_number_is_both());
static_assert(padding_is_one_two_or_four_numbers_or_same());
static_assert(sides_are_one_or_two_numbers_or_same());
static_assert(axes_are_one_or_a_list());
static_assert(settings_keep_axes());

TEST_CASE("one number is height and width") { CHECK(one_number_is_both()); }
TEST_CASE("padding is one number, one for each axis, one for each side, or Same") {
  CHECK(padding_is_one_two_or_four_numbers_or_same());
}
TEST_CASE("padding of a sequence is one number, one for each side, or Same") {
  CHECK(sides_are_one_or_two_numbers_or_same());
}
TEST_CASE("axes are one number or a list, and a list that is too long is known to be") {
  CHECK(axes_are_one_or_a_list());
}
TEST_CASE("a call keeps its axes") { CHECK(settings_keep_axes()); }
