// SPDX-License-Identifier: Apache-2.0
#include <quench/report/int16_fallback.hpp>

#include <doctest/doctest.h>

#include "networks/small.hpp"

namespace q = quench;

namespace {

// "module<because" for each, in one line.
template <class Net, class March, class Setter = q::setter::Int16WhereSupported>
std::string fallbacks() {
  std::string text;
  for (const q::Int16Fallback& fallback : q::int16_fallbacks<Net, March, Setter>())
    text += (text.empty() ? "" : " ") + fallback.module + "<" + fallback.because;
  return text;
}

// A sum of 2^17 int16 codes can pass int32, one of int8 codes cannot.
struct LongSum {
  using Inputs = q::Inputs<q::Features<131072, 1>>;
  q::QuantStub quant;
  q::FloatFunctional total;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(total.mean(quant(x), {0})); }
};

// The pool takes no int16, so the other output with its scale falls back too.
struct TiedToPooled {
  using Inputs = q::Inputs<q::Features<2, 2, 1>, q::Features<3>>;
  using Ties = q::TiedScale<"free", "pooled">;
  q::QuantStub free, pooled;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Sigmoid sigmoid;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    return std::tuple(dequant(pool(pooled(x))), dequant(sigmoid(free(y))));
  }
};

}  // namespace

TEST_CASE("modules with one scale fall back together") {
  CHECK(fallbacks<TiedToPooled, q::march::NashE>() == "free<pool pooled<pool");
}

TEST_CASE("pools keep the module before them at int8, also through a ReLU that is part of it") {
  CHECK(fallbacks<small::UNet, q::march::NashE>() == "down1<pool");
  CHECK(fallbacks<small::ResNet, q::march::NashE>() == "block2.add<pool");
}

TEST_CASE("the image itself, and high-precision outputs, do not fall back") {
  CHECK(fallbacks<small::MobileNet, q::march::NashE>() == "block2.skip<pool");
}

TEST_CASE("a matmul takes as many int16 operands as the march says, also through a permute") {
  CHECK(fallbacks<small::Attention, q::march::NashE>() == "key<scores value<mix");
  CHECK(fallbacks<small::Attention, q::march::NashP>() == "");
}

TEST_CASE("an accumulator that int16 could overflow keeps its input at int8") {
  CHECK(fallbacks<LongSum, q::march::NashE>() == "quant<total");
}

TEST_CASE("a march without int16 gives none") {
  CHECK(fallbacks<small::Siamese, q::march::Bernoulli2>() ==
        "first<first second<second left<left right<right difference<difference");
}

TEST_CASE("only a rule that asks for int16 wherever it is supported falls back, and only for what it was asked") {
  CHECK(fallbacks<small::UNet, q::march::NashE, q::setter::DefaultQat>() == "");
  using Named = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"down1", q::qconfig::Int8>,
                                 q::rule::WhereInt16Supported<>, q::rule::Everything<q::qconfig::Int8>>;
  CHECK(fallbacks<small::UNet, q::march::NashE, Named>() == "");
}
