// SPDX-License-Identifier: Apache-2.0
// Every operation of the eager FloatFunctional, forward and backward.
#include <quench/eager/float_functional.hpp>

#include <doctest/doctest.h>
#include <quench/eager/stubs.hpp>
#include <quench/tensors/error.hpp>
#include <random>

#include "tensors/throws.hpp"

namespace q = quench;
using March = q::march::NashE;

namespace {

// No rounding, so that operations can be compared exactly and differences taken.
using Exact = q::QConfig<q::NoFakeQuantize<>, q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>;
template <q::Text Name>
using Stub = q::eager::QuantStub<Name, March, Exact>;
using Functional = q::eager::FloatFunctional<"f", March, Exact>;

xt::xarray<float> random_array(std::vector<std::size_t> shape, unsigned seed) {
  xt::xarray<float> array = xt::zeros<float>(shape);
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  for (float& element : array) element = value(random);
  return array;
}

// Gradients against central differences of the sum of the result times `weights`.
template <class Call>
void check_gradients(std::array<xt::xarray<float>, 2> operands, Call call) {
  Functional f;
  const auto result_of = [&](Functional& functional) {
    Stub<"a"> a;
    Stub<"b"> b;
    return xt::xarray<float>(call(functional, a(operands[0]), b(operands[1])).values());
  };
  const xt::xarray<float> y = result_of(f);
  const xt::xarray<float> weights = random_array({y.shape().begin(), y.shape().end()}, 77);
  const auto gradients = f.template backward<2>(weights);
  const auto loss = [&] {
    Functional other;
    const xt::xarray<float> result = result_of(other);
    double sum = 0;
    for (std::size_t i = 0; i < result.size(); ++i)
      sum += static_cast<double>(result.data()[i]) * static_cast<double>(weights.data()[i]);
    return sum;
  };
  for (std::size_t o = 0; o < 2; ++o) {
    REQUIRE(gradients[o].shape() == operands[o].shape());
    for (std::size_t i = 0; i < operands[o].size(); ++i) {
      constexpr float step = 1e-2f;
      float& x = operands[o].data()[i];
      const float before = x;
      x = before + step;
      const double above = loss();
      x = before - step;
      const double below = loss();
      x = before;
      CHECK(gradients[o].data()[i] ==
            doctest::Approx((above - below) / (2 * static_cast<double>(step))).epsilon(1e-2).scale(1));
    }
  }
}

}  // namespace

TEST_CASE("operations give what their names say, with broadcasting") {
  Stub<"a"> stub_a;
  Stub<"b"> stub_b;
  const xt::xtensor<float, 2> x{{1, -2, 3}, {-4, 5, -6}};
  const xt::xtensor<float, 1> y{2, 2, -3};
  const auto a = stub_a(x);
  const auto b = stub_b(y);
  const auto check = [&](auto result, const xt::xarray<float>& expected) {
    static_assert(std::is_same_v<typename decltype(result)::ArrayType, xt::xtensor<float, 2>>);
    CHECK(xt::xarray<float>(result.values()) == expected);
  };
  check(Functional().add(a, b), x + y);
  check(Functional().sub(a, b), x - y);
  check(Functional().sub(b, a), y - x);
  check(Functional().mul(a, b), x * y);
  check(Functional().add_relu(a, b), xt::maximum(x + y, 0.0f));
  check(Functional().maximum(a, b), xt::maximum(x, y));
  check(Functional().minimum(a, b), xt::minimum(x, y));
  check(Functional().add_scalar(a, 0.5f), x + 0.5f);
  check(Functional().mul_scalar(a, -2), x * -2);
  check(Functional().cat(a, a), xt::concatenate(xt::xtuple(x, x), 1));
  check(Functional().cat<0>(a, a, a), xt::concatenate(xt::xtuple(x, x, x), 0));
  check(Functional().matmul(a, stub_b(xt::xtensor<float, 2>{{1}, {0}, {2}})), xt::xtensor<float, 2>{{7}, {-16}});
  CHECK(Functional().sum(a, {0}).values() == xt::xarray<float>{-3, 3, -3});
  CHECK(Functional().mean(a, {0, 1}).values()() == -0.5f);
  CHECK(Functional().mean(a, {-1}, true).values() == xt::xtensor<float, 2>{{2.0f / 3}, {-5.0f / 3}});
  const auto v = stub_a(std::vector<float>{1, 2});
  static_assert(std::is_same_v<decltype(Functional().add(v, v))::ArrayType, std::vector<float>>);
  CHECK(Functional().add(v, v).values() == std::vector<float>{2, 4});
}

TEST_CASE("gradients are those of the operations") {
  const auto a = random_array({2, 3}, 1), b = random_array({2, 3}, 2), row = random_array({3}, 3);
  check_gradients({a, b}, [](auto& f, const auto& x, const auto& y) { return f.add(x, y); });
  check_gradients({a, row}, [](auto& f, const auto& x, const auto& y) { return f.sub(x, y); });
  check_gradients({row, a}, [](auto& f, const auto& x, const auto& y) { return f.mul(x, y); });
  check_gradients({a, b}, [](auto& f, const auto& x, const auto& y) { return f.add_relu(x, y); });
  check_gradients({a, row}, [](auto& f, const auto& x, const auto& y) { return f.maximum(x, y); });
  check_gradients({a, b}, [](auto& f, const auto& x, const auto& y) { return f.minimum(x, y); });
  check_gradients({a, b}, [](auto& f, const auto& x, const auto& y) { return f.cat(x, y); });
  check_gradients({a, b}, [](auto& f, const auto& x, const auto& y) { return f.template cat<0>(x, y); });
  check_gradients({random_array({4, 2, 3}, 4), random_array({3, 5}, 5)},
                  [](auto& f, const auto& x, const auto& y) { return f.matmul(x, y); });
}

TEST_CASE("gradients of one operand, of three, and of equal values") {
  Stub<"a"> stub;
  const xt::xarray<float> x{{1, 2}, {3, 4}};
  Functional scaled, summed, averaged, joined, larger;
  scaled.mul_scalar(stub(x), -3);
  CHECK(scaled.backward<1>(xt::xarray<float>{{1, 2}, {3, 4}})[0] == x * -3);
  summed.sum(stub(x), {1});
  CHECK(summed.backward<1>(xt::xarray<float>{5, 6})[0] == xt::xarray<float>{{5, 5}, {6, 6}});
  averaged.mean(stub(x), {0}, true);
  CHECK(averaged.backward<1>(xt::xarray<float>{{4, 6}})[0] == xt::xarray<float>{{2, 3}, {2, 3}});
  const auto v = stub(std::vector<float>{1, 2});
  joined.cat(v, v, v);
  const auto cut = joined.backward<3>(std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(cut[0] == std::vector<float>{1, 2});
  CHECK(cut[2] == std::vector<float>{5, 6});
  larger.maximum(v, v);
  const auto [first, second] = larger.backward(std::vector<float>{2, 4});
  CHECK(first == std::vector<float>{1, 2});
  CHECK(second == first);
}

TEST_CASE("the result is fake-quantized at the scale of the handle") {
  q::eager::QuantStub<"a", March, q::qconfig::Int8> stub;
  q::eager::FloatFunctional<"f", March, q::qconfig::Int8> f;
  const auto x = stub(std::vector<float>{0.123f, 1});
  const std::vector<float> y = f.add(x, x).values();
  const float scale = f.fake_quantize().qparams().scales[0];
  CHECK(scale == 2 * x.values()[1] / 127.5f);
  const float sum = x.values()[0] + x.values()[0];
  CHECK(y[0] == static_cast<float>(q::to_code(sum, 1 / scale, q::code_range(q::DType::Int8))) * scale);
  // A network's loop over batches calls each handle again and again.
  for (int batch = 0; batch < 3; ++batch) {
    const auto next = stub(std::vector<float>{0.1f, 1});
    CHECK(f.add(next, next).values().size() == 2);
  }
}

TEST_CASE("shapes that do not fit, and gradients of another call, are refused by name") {
  Stub<"a"> stub;
  Functional f;
  const auto v = stub(std::vector<float>{1, 2}), w = stub(std::vector<float>{1, 2, 3});
  CHECK(slug_of([&] { f.backward(std::vector<float>{1}); }) == "backward-before-forward");
  CHECK(slug_of([&] { f.add(v, w); }) == "shape-mismatch");
  CHECK(slug_of([&] { f.matmul(v, v); }) == "shape-mismatch");
  CHECK(slug_of([&] { f.sum(v, {1}); }) == "shape-mismatch");
  f.add(v, v);
  CHECK(slug_of([&] { f.backward<1>(std::vector<float>{1, 2}); }) == "shape-mismatch");
  CHECK(slug_of([&] { f.backward(std::vector<float>{1, 2, 3}); }) == "shape-mismatch");
  CHECK(f.backward(std::vector<float>{1, 2})[1] == std::vector<float>{1, 2});
  const auto module_of = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const q::Error& error) {
      return error.module();
    }
    return "";
  };
  CHECK(module_of([&] { f.add(v, w); }) == "f");
  CHECK(module_of([&] { f.sum(v, {1}); }) == "f");
  q::eager::FloatFunctional<"mean0", March, q::qconfig::Int8> mean0;
  const auto infinite = v.with_values(std::vector<float>{std::numeric_limits<float>::infinity(), 0});
  CHECK(module_of([&] { mean0.mean(infinite, {0}); }) == "mean0");
  const auto empty = v.with_values(xt::xtensor<float, 2>::from_shape({0, 3}));
  CHECK(slug_of([&] { mean0.mean(empty, {1}); }) == "empty-input");
  CHECK(slug_of([&] { mean0.add(empty, empty); }) == "empty-input");
}

TEST_CASE("a handle that was reset or moved from has no gradient") {
  Stub<"a"> stub;
  Functional f;
  const auto v = stub(std::vector<float>{1, 2});
  f.add(v, v);
  f.reset();
  CHECK(slug_of([&] { f.backward<1>(std::vector<float>{1, 2}); }) == "backward-before-forward");
  CHECK(slug_of([&] { f.backward(std::vector<float>{1, 2}); }) == "backward-before-forward");
  f.mul(v, v);
  Functional taken = std::move(f);
  CHECK(slug_of([&] { f.backward(std::vector<float>{1, 2}); }) == "backward-before-forward");
  CHECK(taken.backward(std::vector<float>{1, 2})[0] == std::vector<float>{1, 4});
  Stub<"b"> moved, target;
  moved(std::vector<float>{1});
  target = std::move(moved);
  CHECK(slug_of([&] { moved.backward(std::vector<float>{1}); }) == "backward-before-forward");
}

TEST_CASE("asking for the gradients of another operation adds nothing to a learned scale") {
  Stub<"a"> stub;
  q::eager::FloatFunctional<"f", March, q::qconfig::LearnedInt8> f;
  f.add_scalar(stub(std::vector<float>{0.1f, 1}), 1);
  CHECK(slug_of([&] { f.backward(std::vector<float>{1, 2}); }) == "shape-mismatch");
  CHECK(f.fake_quantize().gradients()[0] == 0);
  f.backward<1>(std::vector<float>{1, 2});
  CHECK(f.fake_quantize().gradients()[0] != 0);
}
