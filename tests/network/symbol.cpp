// SPDX-License-Identifier: Apache-2.0
#include <quench/network/symbol.hpp>

#include <doctest/doctest.h>

#include <quench/network/activations.hpp>
#include <quench/network/parameterised.hpp>

#include "network/calls.hpp"

namespace q = quench;
using q::ColorFormat;
using q::Domain;
using q::Operator;
using q::Shape;
using q::Symbol;

namespace {

struct NoModule {
  int module_index = 0;
};
struct HasIndexOnly {
  q::ModuleIndex module_index{};
};
struct AModule {
  q::ModuleIndex module_index{};
  static constexpr Operator op = Operator::ReLU;
};

static_assert(q::ModuleType<AModule>);
static_assert(!q::ModuleType<NoModule>);
static_assert(!q::ModuleType<HasIndexOnly>);
static_assert(!q::ModuleType<int>);

constexpr q::Settings none;

constexpr bool a_call_writes_its_node() {
  q::Settings scaled;
  scaled.parameters[0] = 3;
  Calls calls;
  const Symbol a = calls.input(Shape(8, 6, 4)), b = calls.input(Shape(8, 6, 4));
  const Symbol sum = Symbol::call(Operator::Add, q::ModuleIndex(3), 17, scaled, {a, b});
  const Symbol relu = sum.call(Operator::ReLU, {}, 18, none);
  return sum.node() == 2 && relu.node() == 3 && is_call(calls[sum], Operator::Add, 3, 17, Shape(8, 6, 4)) &&
         same_settings(calls[sum].settings, scaled) && is_call(calls[relu], Operator::ReLU, -1, 18, Shape(8, 6, 4));
}

constexpr bool operands_and_users_are_written() {
  Calls calls;
  const Symbol a = calls.input(Shape(4)), b = calls.input(Shape(4));
  const Symbol sum = Symbol::call(Operator::Add, {}, 1, none, {b, a});
  const Symbol twice = Symbol::call(Operator::Mul, {}, 1, none, {sum, sum});
  const q::Graph graph = calls.graph();
  return calls[sum].operand_count == 2 && graph.operand(calls[sum], 0) == b.node() &&
         graph.operand(calls[sum], 1) == a.node() && graph.operand(calls[twice], 1) == sum.node() &&
         calls[a].users == 1 && calls[b].users == 1 && calls[sum].users == 2 && calls[twice].users == 0;
}

constexpr bool a_module_knows_its_first_call() {
  Calls calls;
  const Symbol x = calls.input(Shape(4));
  const Symbol first = x.call(Operator::ReLU, q::ModuleIndex(3), 1, none);
  first.call(Operator::ReLU, q::ModuleIndex(3), 1, none).call(Operator::ReLU6, q::ModuleIndex(1), 1, none);
  return calls.modules[3].calls == 2 && calls.modules[3].node == first.node() && calls.modules[1].calls == 1 &&
         calls.modules[0].calls == 0 && calls.modules[0].node == -1;
}

// A call in float neither takes nor hides the scale of the call between the stubs.
constexpr bool a_module_knows_its_first_quantized_call() {
  Calls calls;
  const Symbol real = calls.input(Shape(4), Domain::Float), integer = calls.input(Shape(4), Domain::Quantized);
  const q::ModuleIndex sigmoid(2);
  real.call(Operator::Sigmoid, sigmoid, 1, none);
  const Symbol first = integer.call(Operator::Sigmoid, sigmoid, 1, none);
  integer.call(Operator::Sigmoid, sigmoid, 1, none);
  real.call(Operator::Sigmoid, sigmoid, 1, none);
  return calls.modules[2].node == first.node() && calls.modules[2].calls == 4;
}

constexpr bool without_arrays_calls_are_counted() {
  q::Recorder recorder;
  recorder.node_count = 2;
  const Symbol a(&recorder, 0), b(&recorder, 1);
  Symbol::call(Operator::Add, q::ModuleIndex(0), 1, none, {a, b}).call(Operator::ReLU, q::ModuleIndex(1), 1, none);
  return recorder.node_count == 4 && recorder.operand_count == 3;
}

// After operands that do not fit the shape is the promised one, and nothing more is wrong.
constexpr bool a_mismatch_is_kept_and_does_not_spread() {
  Calls calls;
  const Symbol a = calls.input(Shape(8, 6, 4)), b = calls.input(Shape(8, 6, 3));
  const Symbol sum = Symbol::call(Operator::Add, {}, 1, none, {a, b});
  const Symbol again = Symbol::call(Operator::Mul, {}, 1, none, {sum, a});
  return !calls[sum].shapes_agree && calls[sum].shape == Shape(8, 6, 4) && calls[again].shapes_agree;
}

constexpr bool one_quantized_operand_is_enough() {
  Calls calls;
  const Symbol real = calls.input(Shape(4), Domain::Float), integer = calls.input(Shape(4), Domain::Quantized);
  const auto domain_of = [&](Operator op, std::initializer_list<Symbol> operands) {
    return calls[Symbol::call(op, {}, 1, none, operands)].domain;
  };
  return domain_of(Operator::Add, {real, integer}) == Domain::Quantized &&
         domain_of(Operator::Add, {integer, real}) == Domain::Quantized &&
         domain_of(Operator::Cat, {real, real, integer}) == Domain::Quantized &&
         domain_of(Operator::Add, {real, real}) == Domain::Float &&
         domain_of(Operator::Flatten, {real}) == Domain::Float &&
         domain_of(Operator::Flatten, {integer}) == Domain::Quantized &&
         domain_of(Operator::QuantStub, {real}) == Domain::Quantized &&
         domain_of(Operator::DeQuantStub, {integer}) == Domain::Float &&
         domain_of(Operator::DeQuantStub, {real}) == Domain::Float;
}

constexpr bool pixels_stay_pixels_where_they_are_moved() {
  Calls calls;
  const Symbol image = calls.input(Shape(8, 8, 3), Domain::Image, ColorFormat::Rgb);
  q::Settings window, bilinear;
  window.kernel_size = 2;
  bilinear.mode = q::InterpolationMode::Bilinear;
  const auto is = [&](Symbol symbol, Domain domain, ColorFormat color, bool has_range) {
    return calls[symbol].domain == domain && calls[symbol].color == color && calls[symbol].has_image_range == has_range;
  };
  for (Operator op : {Operator::Flatten, Operator::Reshape, Operator::Permute, Operator::Slice, Operator::Pad,
                      Operator::MaxPool2d, Operator::Upsample})
    if (!is(image.call(op, {}, 1, window), Domain::Image, ColorFormat::Rgb, true)) return false;
  // Features have no colours.
  for (Operator op : {Operator::Conv2d, Operator::Linear, Operator::Softmax})
    if (!is(image.call(op, {}, 1, window), Domain::Float, ColorFormat::None, false)) return false;
  // Resampled pixels are no codes any more, but they have their colours and their range.
  for (Operator op : {Operator::AvgPool2d, Operator::GlobalAvgPool2d})
    if (!is(image.call(op, {}, 1, window), Domain::Float, ColorFormat::Rgb, true)) return false;
  // Scaled pixels have their colours, but another range.
  for (Operator op : {Operator::BatchNorm2d, Operator::LayerNorm, Operator::RMSNorm, Operator::ReLU, Operator::Sigmoid,
                      Operator::MulScalar, Operator::AddScalar})
    if (!is(image.call(op, {}, 1, window), Domain::Float, ColorFormat::Rgb, false)) return false;
  return is(image.call(Operator::Upsample, {}, 1, bilinear), Domain::Float, ColorFormat::Rgb, true) &&
         is(image.call(Operator::Mean, {}, 1, q::detail::axes_settings({0, 1})), Domain::Float, ColorFormat::Rgb,
            false) &&
         is(image.call(Operator::Mean, {}, 1, q::detail::axes_settings(-1)), Domain::Float, ColorFormat::None, false) &&
         is(image.call(Operator::QuantStub, {}, 1, none), Domain::Quantized, ColorFormat::None, false);
}

// The channels are along the axis that they have been moved to.
constexpr bool a_picture_keeps_its_colours_until_its_channels_are_reduced() {
  using q::detail::axes_settings;
  Calls calls;
  const Symbol image = calls.input(Shape(8, 6, 3), Domain::Image, ColorFormat::Rgb);
  const auto has_color = [&](Symbol x, q::Axes axes) {
    return calls[x.call(Operator::Mean, {}, 1, axes_settings(axes))].color == ColorFormat::Rgb;
  };
  const Symbol first = image.call(Operator::Permute, {}, 1, axes_settings({2, 0, 1})),  // [3, 8, 6]
      pixels = image.call(Operator::Reshape, {}, 1, axes_settings({48, 3})),
               rows = image.call(Operator::Mean, {}, 1, axes_settings(1)),  // [8, 3]
      middle = pixels
                   .call(Operator::Permute, {}, 1, axes_settings({1, 0}))       // [3, 48]
                   .call(Operator::Reshape, {}, 1, axes_settings({1, 3, 48})),  // channels along axis 1
      mixed = image.call(Operator::Reshape, {}, 1, axes_settings({8, 9, 2})),   // along 1 and 2
      flat = first.call(Operator::Flatten, {}, 1, none),
               columns = first.call(Operator::Sum, {}, 1, axes_settings(2)),  // [3, 8]
      sum = Symbol::call(Operator::Add, {}, 1, none, {calls.input(Shape(3, 8, 6), Domain::Float), first});
  return !has_color(first, 0) && has_color(first, 1) && has_color(first, 2) && has_color(first, {1, 2}) &&
         !has_color(first, {0, 2}) && has_color(pixels, 0) && !has_color(pixels, 1) && has_color(rows, 0) &&
         !has_color(rows, 1) && has_color(middle, 0) && !has_color(middle, 1) && has_color(middle, 2) &&
         has_color(mixed, 0) && !has_color(mixed, 1) && !has_color(mixed, 2) && !has_color(flat, 0) &&
         !has_color(columns, 0) && has_color(columns, 1) && !has_color(sum, 0) && has_color(sum, 2);
}

// Of a picture and features, and of two pictures, the colour that hardware does not take stays.
constexpr bool a_picture_colours_what_it_is_joined_with() {
  Calls calls;
  const Shape shape(8, 8, 3);
  const Symbol rgb = calls.input(shape, Domain::Image, ColorFormat::Rgb),
               yuv = calls.input(shape, Domain::Image, ColorFormat::CenteredYuv444),
               features = calls.input(shape, Domain::Float);
  const auto color = [&](Operator op, Symbol a, Symbol b) {
    return calls[Symbol::call(op, {}, 1, none, {a, b})].color;
  };
  for (Operator op : {Operator::Add, Operator::Sub, Operator::Mul, Operator::Maximum, Operator::Cat})
    if (color(op, rgb, yuv) != ColorFormat::Rgb || color(op, yuv, rgb) != ColorFormat::Rgb ||
        color(op, features, rgb) != ColorFormat::Rgb || color(op, yuv, features) != ColorFormat::CenteredYuv444 ||
        color(op, features, features) != ColorFormat::None)
      return false;
  return !calls[Symbol::call(Operator::Cat, {}, 1, none, {yuv, features})].has_image_range &&
         calls[Symbol::call(Operator::Cat, {}, 1, none, {yuv, yuv})].has_image_range;
}

constexpr bool negative_axes_are_kept_resolved() {
  Calls calls;
  const Symbol x = calls.input(Shape(8, 6, 4));
  return calls[x.call(Operator::Mean, {}, 1, q::detail::axes_settings(-1))].settings.axes[0] == 2;
}

constexpr int line_of(q::detail::SymbolAtLine symbol) { return symbol.line; }
constexpr bool a_symbol_is_passed_with_its_line() { return line_of(Symbol()) == __LINE__; }

template <class Layer>
concept TakesANumber = requires(const Layer& layer, Symbol x) { layer(x, 1); };
static_assert(!TakesANumber<q::ReLU> && !TakesANumber<q::Softmax> && !TakesANumber<q::Conv2d>);

template <class Layer>
concept MadeFromANumber = requires { Layer{0}; };
static_assert(!MadeFromANumber<q::Softmax> && !MadeFromANumber<q::ReLU> && MadeFromANumber<q::Conv2d>);

constexpr int line_of_default(q::CallLine line = q::CallLine::here()) { return line; }
constexpr int expected_line = __LINE__ + 1;
static_assert(line_of_default() == expected_line);

}  // namespace

static_assert(a_call_writes_its_node());
static_assert(a_picture_keeps_its_colours_until_its_channels_are_reduced());
static_assert(a_picture_colours_what_it_is_joined_with());
static_assert(operands_and_users_are_written());
static_assert(a_module_knows_its_first_call());
static_assert(a_module_knows_its_first_quantized_call());
static_assert(without_arrays_calls_are_counted());
static_assert(a_mismatch_is_kept_and_does_not_spread());
static_assert(one_quantized_operand_is_enough());
static_assert(pixels_stay_pixels_where_they_are_moved());
static_assert(negative_axes_are_kept_resolved());
static_assert(a_symbol_is_passed_with_its_line());

TEST_CASE("a call writes a node") { CHECK(a_call_writes_its_node()); }
TEST_CASE("a call writes its operands in order and makes itself their user") {
  CHECK(operands_and_users_are_written());
}
TEST_CASE("a module counts its calls and knows the first, or the first between the stubs") {
  CHECK(a_module_knows_its_first_call());
  CHECK(a_module_knows_its_first_quantized_call());
}
TEST_CASE("without arrays calls are only counted") { CHECK(without_arrays_calls_are_counted()); }
TEST_CASE("a mismatch of shapes is kept and does not spread") { CHECK(a_mismatch_is_kept_and_does_not_spread()); }
TEST_CASE("one quantized operand makes a tensor quantized, a stub decides by itself") {
  CHECK(one_quantized_operand_is_enough());
}
TEST_CASE("an image stays one where pixels are only moved or selected") {
  CHECK(pixels_stay_pixels_where_they_are_moved());
  CHECK(a_picture_keeps_its_colours_until_its_channels_are_reduced());
  CHECK(a_picture_colours_what_it_is_joined_with());
}
TEST_CASE("negative axes are kept as the axes they mean") { CHECK(negative_axes_are_kept_resolved()); }
TEST_CASE("a symbol brings the line that passes it") { CHECK(a_symbol_is_passed_with_its_line()); }
