// SPDX-License-Identifier: Apache-2.0
// A tensor's type carries its march and its calls.
#include <quench/eager/tensor.hpp>

#include <doctest/doctest.h>
#include <xtensor/xmath.hpp>

namespace q = quench;
using q::march::NashE;

namespace {

using Array = std::vector<float>;
using First = q::eager::ResultTensor<Array, "first", NashE, "quant">;
using Second = q::eager::ResultTensor<Array, "second", NashE, "quant">;
using Sum = q::eager::ResultTensor<xt::xarray<float>, "sum", NashE, "add", First, Second>;

static_assert(std::is_same_v<Sum::March, NashE> && Sum::CallsSoFar::size == 3);
static_assert(std::is_same_v<Sum::ArrayType, xt::xarray<float>>);
static_assert(!std::is_same_v<First, Second>);
static_assert(q::eager::detail::is_tensor<Sum> && !q::eager::detail::is_tensor<Array>);

}  // namespace

TEST_CASE("a tensor holds its array") {
  const First x(Array{1, 2});
  CHECK(x.values() == Array{1, 2});
  CHECK(&q::eager::detail::array_of(x) == &x.values());
}

TEST_CASE("a tensor of the same calls takes its place, in any container") {
  First x(Array{1, 2});
  x = First(Array{3});
  CHECK(x.values() == Array{3});
  const q::eager::ResultTensor<xt::xarray<float>, "first", NashE, "quant"> other(xt::xarray<float>{4, 5});
  x = other;
  CHECK(x.values() == Array{4, 5});
  CHECK(x.history() == other.history());
}

TEST_CASE("values that keep the scale keep the calls") {
  const First x(Array{-1, 2});
  const auto y = x.with_values(xt::maximum(xt::xtensor<float, 1>{-1, 2}, 0.0f));
  static_assert(std::is_same_v<decltype(y)::CallsSoFar, First::CallsSoFar>);
  CHECK(y.values() == xt::xtensor<float, 1>{0, 2});
}
