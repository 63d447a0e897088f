// SPDX-License-Identifier: Apache-2.0
#include <quench/network/normalization.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr q::Settings normalization_settings_of(q::Axes shape, float eps, bool has_weight, bool has_bias) {
  q::Settings settings = q::detail::axes_settings(shape);
  settings.epsilon = eps;
  settings.elementwise_affine = has_weight;
  settings.bias = has_bias;
  return settings;
}

constexpr bool layer_norm_keeps_its_settings() {
  constexpr q::LayerNorm norm{
      .normalized_shape = {16, 4}, .eps = 0.5f, .bias = false, .module_index = q::ModuleIndex(3)};
  constexpr q::LayerNorm standard{.normalized_shape = 4}, plain{.normalized_shape = 4, .elementwise_affine = false};
  Calls calls;
  const q::Symbol x = calls.input(Shape(9, 16, 4));
  const q::Node& node = calls[norm(x)];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::LayerNorm, 3, line, Shape(9, 16, 4)) &&
         same_settings(node.settings, normalization_settings_of({16, 4}, 0.5f, true, false)) &&
         same_settings(calls[standard(x)].settings, normalization_settings_of(4, 1e-5f, true, true)) &&
         same_settings(calls[plain(x)].settings, normalization_settings_of(4, 1e-5f, false, false));
}

constexpr bool rms_norm_keeps_its_settings() {
  constexpr q::RMSNorm standard{.normalized_shape = {16, 4}, .module_index = q::ModuleIndex(2)};
  constexpr q::RMSNorm plain{.normalized_shape = 4, .eps = 1e-3f, .elementwise_affine = false};
  Calls calls;
  const q::Symbol x = calls.input(Shape(16, 4));
  const q::Node& node = calls[standard(x)];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::RMSNorm, 2, line, Shape(16, 4)) &&
         same_settings(node.settings, normalization_settings_of({16, 4}, 1.1920929e-7f, true, false)) &&
         same_settings(calls[plain(x)].settings, normalization_settings_of(4, 1e-3f, false, false));
}

}  // namespace

static_assert(layer_norm_keeps_its_settings());
static_assert(rms_norm_keeps_its_settings());

TEST_CASE("norms of rows pass their settings on, and keep the shape") {
  CHECK(layer_norm_keeps_its_settings());
  CHECK(rms_norm_keeps_its_settings());
}
