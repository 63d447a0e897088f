// SPDX-License-Identifier: Apache-2.0
// Broadcasting, products, joins and reductions against xtensor and index arithmetic.
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
    const Array difference = elementwise(a, b, [](float x, float y) { return x - y; });
    const xt::xarray<float> expected = to_xtensor(a) - to_xtensor(b);
    CHECK(to_xtensor(difference) == expected);
    // The gradient of a repeated array is the sum over its repetitions.
    const Array gradient = unbroadcast(difference, b.extents);
    REQUIRE(gradient.extents == b.extents);
    std::vector<float> sums(b.values.size());
    const auto indices = repeated_indices(b.extents, difference.extents);
    for (std::size_t i = 0; i < indices.size(); ++i) sums[indices[i]] += difference.values[i];
    CHECK(gradient.values == sums);
  }
}

TEST_CASE("a matrix product sums over the inner axis, with batches that broadcast") {
  const Array a = random_array({5, 1, 3, 4}, 1), b = random_array({2, 4, 6}, 2);
  const Array y = matmul(a, b);
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
  const auto gradients = matmul_backward(a, b, gradient);
  CHECK(to_xtensor(gradients[0]) == grad_a);
  CHECK(to_xtensor(gradients[1]) == grad_b);
  for (const auto& [p, r] : {std::pair(extents({3, 4}), extents({5, 6})), std::pair(extents({4}), extents({4, 6})),
                             std::pair(extents({2, 3, 4}), extents({3, 4, 6}))})
    CHECK(slug_of([&] { matmul_shape(p, r); }) == "shape-mismatch");
}

TEST_CASE("joined arrays stand behind one another on the axis, and their gradient is cut there") {
  for (const int axis : {0, 1, 2, -1}) {
    CAPTURE(axis);
    q::Extents other = extents({2, 3, 4});
    other.extents[front_axis(other, axis)] = 5;
    Array a = random_array({2, 3, 4}, 1), b(other);
    for (std::size_t i = 0; i < b.values.size(); ++i) b.values[i] = static_cast<float>(i);
    const Array joined = cat({a, b, a}, axis);
    const auto expected = [&] {
      switch (front_axis(other, axis)) {
        case 0: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 0));
        case 1: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 1));
        default: return xt::xarray<float>(xt::concatenate(xt::xtuple(to_xtensor(a), to_xtensor(b), to_xtensor(a)), 2));
      }
    }();
    CHECK(to_xtensor(joined) == expected);
    std::vector<Array> parts{Array(a.extents), Array(b.extents), Array(a.extents)};
    cat_backward(joined, front_axis(other, axis), parts);
    CHECK(parts[0].values == a.values);
    CHECK(parts[1].values == b.values);
    CHECK(parts[2].values == a.values);
  }
  CHECK(slug_of([] { cat({Array(extents({2, 3})), Array(extents({3, 3}))}, 1); }) == "shape-mismatch");
  CHECK(slug_of([] { cat({Array(extents({2, 3})), Array(extents({2}))}, 0); }) == "shape-mismatch");
  CHECK(slug_of([] { cat({Array(extents({2}))}, 1); }) == "shape-mismatch");
}

TEST_CASE("reduced axes are held at 1 or left out") {
  CHECK(kept_extents(extents({2, 3, 4}), {0, -1}) == extents({1, 3, 1}));
  CHECK(reduced_extents(extents({2, 3, 4}), {0, -1}) == extents({3}));
  CHECK(reduced_extents(extents({2, 3}), {}) == extents({2, 3}));
  CHECK(slug_of([] { kept_extents(extents({2, 3}), {2}); }) == "shape-mismatch");
}
