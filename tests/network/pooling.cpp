// SPDX-License-Identifier: Apache-2.0
#include <quench/network/pooling.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool pooling_stride_is_the_kernel_unless_given() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 12, 4));
  return calls[q::MaxPool2d{.kernel_size = {2, 3}}(x)].shape == Shape(6, 4, 4) &&
         calls[q::MaxPool2d{.kernel_size = {2, 3}}(x)].settings.stride == q::Pair(2, 3) &&
         calls[q::MaxPool2d{.kernel_size = 3, .stride = 2, .padding = 1}(x)].shape == Shape(6, 6, 4) &&
         calls[q::MaxPool2d{.kernel_size = 3, .stride = 1, .dilation = 2}(x)].shape == Shape(8, 8, 4) &&
         calls[q::AvgPool2d{.kernel_size = {2, 3}}(x)].shape == Shape(6, 4, 4) &&
         calls[q::AvgPool2d{.kernel_size = {2, 3}}(x)].settings.stride == q::Pair(2, 3) &&
         calls[q::AvgPool2d{.kernel_size = 3, .stride = {2, 1}, .padding = 1}(x)].shape == Shape(6, 12, 4);
}

constexpr bool max_pool_keeps_its_settings() {
  q::Settings expected;
  expected.kernel_size = {2, 3};
  expected.stride = {3, 1};
  expected.padding = {1, 0};
  expected.dilation = {1, 2};
  expected.ceil_mode = true;
  Calls calls;
  const q::MaxPool2d pool{.kernel_size = {2, 3},
                          .stride = {3, 1},
                          .padding = {1, 0},
                          .dilation = {1, 2},
                          .ceil_mode = true,
                          .module_index = q::ModuleIndex(1)};
  const q::Node& node = calls[pool(calls.input(Shape(12, 12, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::MaxPool2d, 1, line, Shape(5, 8, 4)) && same_settings(node.settings, expected);
}

constexpr bool average_pool_keeps_its_settings() {
  q::Settings expected;
  expected.kernel_size = {2, 3};
  expected.stride = {3, 1};
  expected.padding = {1, 0};
  expected.ceil_mode = true;
  expected.count_include_pad = false;
  Calls calls;
  const q::AvgPool2d pool{.kernel_size = {2, 3},
                          .stride = {3, 1},
                          .padding = {1, 0},
                          .ceil_mode = true,
                          .count_include_pad = false,
                          .module_index = q::ModuleIndex(2)};
  const q::Node& node = calls[pool(calls.input(Shape(12, 12, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::AvgPool2d, 2, line, Shape(5, 10, 4)) && same_settings(node.settings, expected);
}

constexpr bool global_pool_leaves_the_channels() {
  Calls calls;
  const q::GlobalAvgPool2d pool{.module_index = q::ModuleIndex(3)};
  const q::Node& node = calls[pool(calls.input(Shape(12, 10, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::GlobalAvgPool2d, 3, line, Shape(1, 1, 4)) && same_settings(node.settings, {});
}

constexpr bool pooling_adaptive_pools_keep_their_size() {
  q::Settings expected;
  expected.output_size = {5, 14};
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 10, 4));
  const q::Node& mean = calls[q::AdaptiveAvgPool2d{.output_size = {5, 14}, .module_index = q::ModuleIndex(5)}(x)];
  const int line = __LINE__ - 1;
  const q::Node& most = calls[q::AdaptiveMaxPool2d{.output_size = {5, 14}, .module_index = q::ModuleIndex(6)}(x)];
  return is_call(mean, Operator::AdaptiveAvgPool2d, 5, line, Shape(5, 14, 4)) &&
         is_call(most, Operator::AdaptiveMaxPool2d, 6, line + 2, Shape(5, 14, 4)) &&
         same_settings(mean.settings, expected) && same_settings(most.settings, expected) &&
         calls[q::AdaptiveAvgPool2d{.output_size = 3}(x)].shape == Shape(3, 3, 4);
}

constexpr bool upsample_keeps_its_settings() {
  q::Settings expected;
  expected.scale_factor = {3, 2};
  expected.mode = q::InterpolationMode::Bilinear;
  Calls calls;
  const q::Upsample up{
      .scale_factor = {3, 2}, .mode = q::InterpolationMode::Bilinear, .module_index = q::ModuleIndex(4)};
  const q::Symbol x = calls.input(Shape(12, 10, 4));
  const q::Node& node = calls[up(x)];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::Upsample, 4, line, Shape(36, 20, 4)) && same_settings(node.settings, expected) &&
         calls[q::Upsample{.scale_factor = 2}(x)].settings.mode == q::InterpolationMode::Nearest;
}

using q::Fraction;

constexpr q::Settings of_upsample(const q::Upsample& up) {
  Calls calls;
  return calls[up(calls.input(Shape(12, 10, 4)))].settings;
}

constexpr bool upsample_has_one_factor_for_each_way_to_write_it() {
  constexpr auto bilinear = q::InterpolationMode::Bilinear;
  const q::ScaleFactor twice_and_half(2, Fraction(1, 2)), real(Fraction(7, 10), Fraction(13, 10));
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 10, 4));
  constexpr q::Pair factors{2, 3};
  return of_upsample({.size = {24, 5}}).scale_factor == twice_and_half &&
         of_upsample({.scale_factor = {2, 0.5}}).scale_factor == twice_and_half &&
         of_upsample({.scale_factor = {2.0f, Fraction(2, 4)}}).scale_factor == twice_and_half &&
         of_upsample({.scale_factor = factors}).scale_factor == q::ScaleFactor(2, 3) &&
         of_upsample({.scale_factor = Fraction(3, 2)}).scale_factor == q::ScaleFactor(1.5, 1.5) &&
         of_upsample({.size = 24}).scale_factor == q::ScaleFactor(2, Fraction(12, 5)) &&
         of_upsample({.scale_factor = {0.7, 1.3}}).scale_factor == real &&
         of_upsample({.scale_factor = {0.7, 1.3}, .mode = bilinear, .recompute_scale_factor = true}).scale_factor ==
             q::ScaleFactor(Fraction(8, 12), Fraction(13, 10)) &&
         calls[q::Upsample{.size = {24, 5}}(x)].shape == Shape(24, 5, 4) &&
         calls[q::Upsample{.scale_factor = {0.7, 1.3}}(x)].shape == Shape(8, 13, 4) &&
         calls[q::Upsample{.scale_factor = {0.7, 1.3}, .recompute_scale_factor = true}(x)].shape == Shape(8, 13, 4) &&
         !calls[q::Upsample{.size = 5}(calls.input(Shape(12, 4)))].shapes_agree;
}

constexpr bool upsample_keeps_its_coordinates() {
  using enum q::CoordinateMode;
  constexpr auto nearest = q::InterpolationMode::Nearest, bilinear = q::InterpolationMode::Bilinear;
  return q::coordinates_of(of_upsample({.size = 5})) == Asymmetric &&
         q::coordinates_of(of_upsample({.size = 5, .mode = bilinear})) == HalfPixel &&
         of_upsample({.size = 5, .mode = bilinear, .align_corners = true}).coordinates == AlignCorners &&
         of_upsample({.size = 5, .mode = nearest, .coordinates = AlignCorners}).coordinates == AlignCorners &&
         of_upsample({.size = 5, .nearest_mode = q::NearestMode::Ceil}).nearest_mode == q::NearestMode::Ceil &&
         of_upsample({.size = 5, .mode = bilinear, .nearest_mode = q::NearestMode::Ceil}).nearest_mode ==
             q::NearestMode::Floor;
}

constexpr bool pooling_what_is_forgotten_is_zero() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 12, 4));
  return calls[q::MaxPool2d{}(x)].settings.kernel_size == q::Pair(0, 0) &&
         calls[q::AvgPool2d{}(x)].settings.kernel_size == q::Pair(0, 0) &&
         calls[q::Upsample{}(x)].settings.scale_factor == q::Pair(0, 0) &&
         calls[q::AdaptiveAvgPool2d{}(x)].settings.output_size == q::Pair(0, 0) &&
         calls[q::AdaptiveMaxPool2d{}(x)].settings.output_size == q::Pair(0, 0);
}

}  // namespace

static_assert(pooling_stride_is_the_kernel_unless_given());
static_assert(max_pool_keeps_its_settings());
static_assert(average_pool_keeps_its_settings());
static_assert(global_pool_leaves_the_channels());
static_assert(pooling_adaptive_pools_keep_their_size());
static_assert(upsample_keeps_its_settings());
static_assert(upsample_has_one_factor_for_each_way_to_write_it());
static_assert(upsample_keeps_its_coordinates());
static_assert(pooling_what_is_forgotten_is_zero());

TEST_CASE("the stride of a pool is its kernel unless given") { CHECK(pooling_stride_is_the_kernel_unless_given()); }
TEST_CASE("a MaxPool2d keeps its settings in its node") { CHECK(max_pool_keeps_its_settings()); }
TEST_CASE("an AvgPool2d keeps its settings in its node") { CHECK(average_pool_keeps_its_settings()); }
TEST_CASE("a GlobalAvgPool2d leaves one pixel of all channels") { CHECK(global_pool_leaves_the_channels()); }
TEST_CASE("an adaptive pool has the extents of its settings") { CHECK(pooling_adaptive_pools_keep_their_size()); }
TEST_CASE("an Upsample keeps its settings in its node, and repeats pixels unless told") {
  CHECK(upsample_keeps_its_settings());
}
TEST_CASE("a size, whole, real and recomputed factors become a factor for each axis") {
  CHECK(upsample_has_one_factor_for_each_way_to_write_it());
}
TEST_CASE("an Upsample has PyTorch's coordinates for its mode, or those that it is given") {
  CHECK(upsample_keeps_its_coordinates());
}
TEST_CASE("a kernel or factor that is forgotten is zero") { CHECK(pooling_what_is_forgotten_is_zero()); }
