// SPDX-License-Identifier: Apache-2.0
#include <quench/network/symbol.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Domain;
using q::Operator;
using q::Symbol;

namespace {

struct NoModule {
  int module_index = 0;
};
struct AModule {
  q::ModuleIndex module_index{};
  static constexpr Operator op = Operator::ReLU;
};

q::Settings none;

}  // namespace

static_assert(q::ModuleType<AModule>);
static_assert(!q::ModuleType<NoModule>);
static_assert(!q::ModuleType<int>);

TEST_CASE("a call writes a node, its operands, its users and its module") {
  Calls calls;
  const Symbol a = calls.input(q::Shape(8, 6, 4)), b = calls.input(q::Shape(8, 6, 4));
  const Symbol sum = Symbol::call(Operator::Add, {3}, 17, none, {a, b});
  const Symbol twice = Symbol::call(Operator::Mul, {3}, 18, none, {sum, sum});
  CHECK(sum.node() == 2);
  CHECK(calls[sum].op == Operator::Add);
  CHECK(calls[sum].module == 3);
  CHECK(calls[sum].line == 17);
  CHECK(calls[sum].operand_count == 2);
  CHECK(calls.graph().operand(calls[sum], 0) == a.node());
  CHECK(calls.graph().operand(calls[sum], 1) == b.node());
  CHECK(calls[sum].shape == q::Shape(8, 6, 4));
  CHECK(calls[a].users == 1);
  CHECK(calls[sum].users == 2);
  CHECK(calls[twice].users == 0);
  CHECK(calls.modules[3].calls == 2);
  CHECK(calls.modules[3].node == sum.node());
}

TEST_CASE("without arrays calls are only counted") {
  q::detail::Recorder recorder;
  recorder.node_count = 2;
  const Symbol a(&recorder, 0), b(&recorder, 1);
  Symbol::call(Operator::Add, {0}, 1, none, {a, b}).call(Operator::ReLU, {1}, 1, none);
  CHECK(recorder.node_count == 4);
  CHECK(recorder.operand_count == 3);
}

TEST_CASE("one quantized operand makes a tensor quantized, a stub decides by itself") {
  Calls calls;
  const Symbol real = calls.input(q::Shape(4), Domain::Float), integer = calls.input(q::Shape(4), Domain::Quantized);
  CHECK(calls[Symbol::call(Operator::Add, {}, 1, none, {real, integer})].domain == Domain::Quantized);
  CHECK(calls[Symbol::call(Operator::Add, {}, 1, none, {real, real})].domain == Domain::Float);
  CHECK(calls[real.call(Operator::QuantStub, {}, 1, none)].domain == Domain::Quantized);
  CHECK(calls[integer.call(Operator::DeQuantStub, {}, 1, none)].domain == Domain::Float);
}

TEST_CASE("an image stays one where pixels are only moved or selected") {
  Calls calls;
  const Symbol image = calls.input(q::Shape(8, 8, 3), Domain::Image, q::ColorFormat::Rgb);
  q::Settings window;
  window.kernel_size = 2;
  q::Settings bilinear;
  bilinear.mode = q::InterpolationMode::Bilinear;
  const auto is_rgb = [&](Symbol symbol) {
    return calls[symbol].domain == Domain::Image && calls[symbol].color == q::ColorFormat::Rgb;
  };
  CHECK(is_rgb(image.call(Operator::Flatten, {}, 1, none)));
  CHECK(is_rgb(image.call(Operator::MaxPool2d, {}, 1, window)));
  CHECK(is_rgb(image.call(Operator::Upsample, {}, 1, none)));
  for (const Symbol computed : {image.call(Operator::Upsample, {}, 1, bilinear), image.call(Operator::AvgPool2d, {}, 1, window),
                                image.call(Operator::ReLU, {}, 1, none), image.call(Operator::Conv2d, {}, 1, window)}) {
    CHECK(calls[computed].domain == Domain::Float);
    CHECK(calls[computed].color == q::ColorFormat::None);
  }
}

TEST_CASE("negative axes are kept as the axes they mean") {
  Calls calls;
  const Symbol x = calls.input(q::Shape(8, 6, 4));
  CHECK(calls[x.call(Operator::Mean, {}, 1, q::detail::axes_settings(-1))].settings.axes[0] == 2);
}
