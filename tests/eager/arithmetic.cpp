// SPDX-License-Identifier: Apache-2.0
// Operations on arrays that broadcast: element by element, products, joins and reductions, against xtensor and index
// arithmetic.
#include <quench/eager/arithmetic.hpp>

#include <doctest/doctest.h>
#include <random>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>

#include "tensors/throws.hpp"

namespace q = quench;
using namespace q::eager::detail;

namespace {

q::Extents extents(std::initializer_list<int> list) { return q::Extents(list); }

Array random_array(std::initializer_list<int> shape, unsigned seed) {
  Array array(extents(shape));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> value(-9, 9);  // integers, so that sums are exact in any order
  for (float& element : array.values) element = static_cast<float>(value(random));
  return array;
}

xt::xarray<float> to_xtensor(const Array& array) {
  const std::vector<std::size_t> shape(array.extents.extents.begin(),
                                       array.extents.extents.begin() + static_cast<std::ptrdiff_t>(array.extents.rank));
  return xt::adapt(array.values, shape);
}

}  // namespace

TEST_CASE("shapes broadcast as in NumPy") {
  CHECK(broadcast(extents({2, 3}), extents({3})) == extents({2, 3}));
  CHECK(broadcast(extents({2, 1, 4}), extents({5, 1})) == extents({2, 5, 4}));
  CHECK(broadcast(extents({}), extents({2})) == extents({2}));
  CHECK(broadcast(extents({0, 3}), extents({1, 3})) == extents({0, 3}));
  for (const auto& [a, b] : {std::pair(extents({2}), extents({3})), std::pair(extents({2, 3}), extents({2}))})
    CHECK(slug_of([&] { broadcast(a, b); }) == "shape-mismatch");
}

TEST_CASE("operations element by element are xtensor's") {
  const std::pair<Array, Array> cases[] = {{random_array({2, 3, 4}, 1), random_array({2, 3, 4}, 2)},
                                           {random_array({2, 3, 4}, 3), random_array({4}, 4)},
                                           {random_array({2, 1, 4}, 5), random_array({3, 1}, 6)},
                                           {random_array({1}, 7), random_array({5, 2}, 8)},
                                           {random_array({}, 9), random_array({3}, 10)}};
  for (const auto& [a, b] : cases) {
    CAPTURE(a.extents.text());
    const Elementwise sub{q::Operator::Sub, q::training::add_forward, q::training::add_backward};
    Array difference = sub.forward({a, b});
    const xt::xarray<float> expected = to_xtensor(a) - to_xtensor(b);
    CHECK(to_xtensor(difference) == expected);
    // The gradient of a repeated array is the sum over its repetitions.
    const Arrays gradients = sub.backward({a, b}, difference, difference);
    REQUIRE(gradients[0].extents == a.extents);
    REQUIRE(gradients[1].extents == b.extents);
    std::vector<float> a_sums(a.values.size()), b_sums(b.values.size());
    q::training::for_each_pair(a.extents, b.extents, difference.extents,
                               [&](std::size_t i, std::size_t j, std::size_t k) {
                                 a_sums[i] += difference.values[k];
                                 b_sums[j] -= difference.values[k];
                               });
    CHECK(gradients[0].values == a_sums);
    CHECK(gradients[1].values == b_sums);
  }
}

TEST_CASE("arrays of more elements than an operator takes at once are computed to the end") {
  const Array a = random_array({300, 500}, 1), row = random_array({500}, 2);
  const Elementwise mul{q::Operator::Mul, q::training::mul_forward, q::training::mul_backward};
  Array y = mul.forward({a, row});
  CHECK(to_xtensor(y) == xt::xarray<float>(to_xtensor(a) * to_xtensor(row)));
  const Arrays gradients = mul.backward({a, row}, y, a);
  CHECK(to_xtensor(gradients[0]) == xt::xarray<float>(to_xtensor(a) * to_xtensor(row)));
  CHECK(to_xtensor(gradients[1]) == xt::xarray<float>(xt::sum(to_xtensor(a) * to_xtensor(a), {0})));
}

TEST_CASE("a sum that no float can count is right: gradients and reductions are summed in double") {
  Array ones(extents({(1 << 24) + 8, 1}));
  std::fill(ones.values.begin(), ones.values.end(), 1.0f);
  CHECK(Reduce{q::Operator::Sum, {0}, false}.forward({ones}).values[0] == (1 << 24) + 8);
  CHECK(Reduce{q::Operator::Mean, {0}, false}.forward({ones}).values[0] == 1);
  CHECK(sum_to(extents({1}), ones).values[0] == (1 << 24) + 8);
}

TEST_CASE("a mean is the quotient that is nearest") {
  for (int count = 1; count < 300; ++count) {
    const Array x = random_array({count}, static_cast<unsigned>(count));
    float sum = 0;
    for (const float value : x.values) sum += value;
    const Reduce mean{q::Operator::Mean, {0}, false};
    const Array y = mean.forward({x});
    CHECK(y.values[0] == sum / static_cast<float>(count));
    CHECK(mean.backward({x}, y, y)[0].values[0] == y.values[0] / static_cast<float>(count));
  }
}

TEST_CASE("a matrix product sums over the inner axis, with batches that broadcast") {
  const Array a = random_array({5, 1, 3, 4}, 1), b = random_array({2, 4, 6}, 2);
  Array y = MatMul().forward({a, b});
  REQUIRE(y.extents == extents({5, 2, 3, 6}));
  const auto x = to_xtensor(a), w = to_xtensor(b), result = to_xtensor(y);
  const Array gradient = random_array({5, 2, 3, 6}, 3);
  const auto g = to_xtensor(gradient);
  xt::xarray<float> grad_a = xt::zeros<float>({5, 1, 3, 4}), grad_b = xt::zeros<float>({2, 4, 6});
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 2; ++j)
      for (std::size_t m = 0; m < 3; ++m)
        for (std::size_t n = 0; n < 6; ++n) {
          float sum = 0;
          for (std::size_t k = 0; k < 4; ++k) {
            sum += x(i, 0, m, k) * w(j, k, n);
            grad_a(i, 0, m, k) += g(i, j, m, n) * w(j, k, n);
            grad_b(j, k, n) += g(i, j, m, n) * x(i, 0, m, k);
          }
          REQUIRE(result(i, j, m, n) == sum);
        }
  const Arrays gradients = MatMul().backward({a, b}, y, gradient);
  CHECK(to_xtensor(gradients[0]) == grad_a);
  CHECK(to_xtensor(gradients[1]) == grad_b);
  for (const auto& [p, r] : {std::pair(extents({3, 4}), extents({5, 6})), std::pair(extents({4}), extents({4, 6})),
                             std::pair(extents({2, 3, 4}), extents({3, 4, 6}))})
    CHECK(slug_of([&] { MatMul().forward({Array(p), Array(r)}); }) == "shape-mismatch");
  // Empty ones have empty products, or sums of nothing.
  CHECK(MatMul().forward({Array(extents({0, 3, 4})), Array(extents({4, 2}))}).extents == extents({0, 3, 2}));
  CHECK(MatMul().forward({Array(extents({3, 4})), Array(extents({4, 0}))}).extents == extents({3, 0}));
  Array nothing = MatMul().forward({Array(extents({2, 3, 0})), Array(extents({0, 5}))});
  CHECK(nothing.values == std::vector<float>(30));
  CHECK(MatMul().backward({Array(extents({2, 3, 0})), Array(extents({0, 5}))}, nothing, nothing)[1].values.empty());
}

TEST_CASE("joined arrays stand after one another on the axis, and their gradient is cut there") {
  for (const int axis : {0, 1, 2, -1}) {
    CAPTURE(axis);
    q::Extents other = extents({2, 3, 4});
    const std::size_t at = q::tensors::front_axis(other, axis);
    other.extents[at] = 5;
    Array a = random_array({2, 3, 4}, 1), b(other);
    for (std::size_t i = 0; i < b.values.size(); ++i) b.values[i] = static_cast<float>(i);
    const Array joined = Cat{axis}.forward({a, b, a});
    const auto expected = [&] {
      switch (at) {
        case 0: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 0));
        case 1: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 1));
        default: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 2));
      }
    }();
    CHECK(to_xtensor(joined) == expected);
    const Arrays parts = Cat{axis}.backward({Array(a.extents), Array(b.extents), Array(a.extents)}, joined, joined);
    CHECK(parts[0].values == a.values);
    CHECK(parts[1].values == b.values);
    CHECK(parts[2].values == a.values);
  }
  CHECK(slug_of([] { Cat{1}.forward({Array(extents({2, 3})), Array(extents({3, 3}))}); }) == "shape-mismatch");
  CHECK(slug_of([] { Cat{0}.forward({Array(extents({2, 3})), Array(extents({2}))}); }) == "shape-mismatch");
  CHECK(slug_of([] { Cat{1}.forward({Array(extents({2}))}); }) == "shape-mismatch");
}

TEST_CASE("reduced axes are held at 1 or left out") {
  const auto reduced = [](std::initializer_list<int> shape, std::vector<int> axes, bool keepdim) {
    return Reduce{q::Operator::Sum, std::move(axes), keepdim}.forward({Array(extents(shape))}).extents;
  };
  CHECK(reduced({2, 3, 4}, {0, -1}, true) == extents({1, 3, 1}));
  CHECK(reduced({2, 3, 4}, {0, -1}, false) == extents({3}));
  CHECK(reduced({2, 3}, {}, false) == extents({2, 3}));
  CHECK(slug_of([&] { reduced({2, 3}, {2}, false); }) == "shape-mismatch");
}
