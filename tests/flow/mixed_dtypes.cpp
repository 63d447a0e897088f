// SPDX-License-Identifier: Apache-2.0
// What the checks accept converts and runs: int8 codes of an image next to int16 everywhere else, for every operator.
#include <quench/flow/convert.hpp>

#include <quench/quench.hpp>

#include <doctest/doctest.h>

#include "networks/setters.hpp"

namespace q = quench;

namespace {

// Everything that keeps the dtype of its operand, on the codes of an image, next to users that take int16.
struct Keepers {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 4, 4>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::ReLU6 relu6;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Upsample upsample{.scale_factor = 2};
  q::FloatFunctional half, minus, clamped;
  q::ReLU after;
  q::Conv2d conv{.in_channels = 3, .out_channels = 3, .kernel_size = 1};
  q::FloatFunctional add, quarter;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    auto h = half.mul_scalar(v, 0.5f);
    auto c = quarter.mul_scalar(conv(v), 0.25f);
    return std::tuple(dequant(relu(v)), dequant(relu6(v)), dequant(pool(h)), dequant(upsample(v)), dequant(h),
                      dequant(minus.mul_scalar(h, -3.0f)), dequant(after(clamped.mul_scalar(v, -1.0f))),
                      dequant(q::pad(h, {{1, 0}, {1, 1}, {0, 0}})), dequant(q::slice(h, 2, 0, 2)),
                      dequant(q::permute(h, {2, 0, 1})), dequant(q::flatten(h)), dequant(q::reshape(v, {16, 3})),
                      dequant(add.add(h, c)));
  }
};

// Every operator of two operands: int8 first, int16 first, and both int16.
struct Pairs {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 4, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 3, .kernel_size = 1};
  q::FloatFunctional add[3], sub[2], mul[4], cat[3], add_relu[3], maximum[3], minimum[3], half, twice;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = half.mul_scalar(quant(x), 0.5f);
    auto w = twice.mul_scalar(conv(v), 2.0f);
    return std::tuple(dequant(add[0].add(v, w)), dequant(add[1].add(w, v)), dequant(add[2].add(w, w)),
                      dequant(sub[0].sub(v, w)), dequant(sub[1].sub(w, v)), dequant(mul[0].mul(v, w)),
                      dequant(mul[1].mul(w, v)), dequant(mul[2].mul(w, w)), dequant(cat[0].cat(v, w)),
                      dequant(cat[1].cat(w, v)), dequant(cat[2].cat(w, w)), dequant(add_relu[0].add_relu(v, w)),
                      dequant(add_relu[1].add_relu(w, v)), dequant(maximum[0].maximum(v, w)),
                      dequant(maximum[1].maximum(w, v)), dequant(minimum[0].minimum(v, w)),
                      dequant(minimum[1].minimum(w, v)), dequant(mul[3].mul(v, v)), dequant(add_relu[2].add_relu(w, w)),
                      dequant(maximum[2].maximum(w, w)), dequant(minimum[2].minimum(w, w)));
  }
};

// Matrix products, reductions, functions and pools, of the image and of int16.
struct Others {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 4, 4>>;
  q::QuantStub quant;
  q::FloatFunctional first, second, third, sum, sum16, mean, mean16, plus, plus16, half;
  q::Conv2d conv{.in_channels = 1, .out_channels = 1, .kernel_size = 1};
  q::Sigmoid sigmoid, sigmoid16;
  q::Softmax softmax, softmax16;
  q::AvgPool2d pool{.kernel_size = 2};
  q::GlobalAvgPool2d global;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = half.mul_scalar(quant(x), 0.5f);
    auto w = conv(v);
    auto a = q::reshape(v, {4, 4}), b = q::reshape(w, {4, 4});
    return std::tuple(dequant(first.matmul(b, a)), dequant(second.matmul(a, a)),
                      dequant(third.matmul(b, q::permute(a, {1, 0}))), dequant(sum.sum(v, 1)), dequant(sum16.sum(w, 1)),
                      dequant(mean.mean(v, 1)), dequant(mean16.mean(w, 1)), dequant(plus.add_scalar(v, 0.5f)),
                      dequant(plus16.add_scalar(w, 0.5f)), dequant(sigmoid(v)), dequant(sigmoid16(w)),
                      dequant(softmax(a)), dequant(softmax16(b)), dequant(pool(v)), dequant(global(v)));
  }
};

// The largest difference between a model in float and in integers, as a part of the largest value of an output.
template <class Net, class Setter, class March>
float worst() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 2, 3);
  const auto quantized = q::convert(q::calibrate(q::prepare<March, Setter>(model), batches));
  static_cast<void>(q::start_qat(q::calibrate(q::prepare<March, Setter>(model), batches)));
  const auto expected = model.predict(batches[0].images), given = quantized.predict(batches[0].images);
  float most = 0;
  const auto compare = [&most](const auto& a, const auto& b) {
    REQUIRE(a.size() == b.size());
    float largest = 0, difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      largest = std::max(largest, std::abs(a.data()[i]));
      difference = std::max(difference, std::abs(a.data()[i] - b.data()[i]));
    }
    most = std::max(most, difference / largest);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (compare(std::get<I>(expected), std::get<I>(given)), ...);
  }(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(expected)>>>{});
  return most;
}

// int16 where every second kind of module gives int8.
using Alternating =
    q::QConfigSetter<networks::AccumulatorOutputs, q::rule::ByKind<q::Conv2d, q::qconfig::Int8WeightInt16Activation>,
                     q::rule::Everything<q::qconfig::Int8>>;

}  // namespace

TEST_CASE("the int8 codes of an image mix with int16 in every operator") {
  CHECK(worst<Keepers, q::setter::Int16WhereSupported, q::march::NashE>() < 0.02f);
  CHECK(worst<Pairs, q::setter::Int16WhereSupported, q::march::NashE>() < 0.02f);
  CHECK(worst<Others, q::setter::Int16WhereSupported, q::march::NashE>() < 0.03f);
  CHECK(worst<Others, q::setter::Int16WhereSupported, q::march::NashP>() < 0.03f);
}

TEST_CASE("int16 operands mix with int8 results in every operator") {
  CHECK(worst<Keepers, Alternating, q::march::NashE>() < 0.15f);
  CHECK(worst<Pairs, Alternating, q::march::NashE>() < 0.15f);
  CHECK(worst<Others, Alternating, q::march::NashE>() < 0.15f);
}
