// SPDX-License-Identifier: Apache-2.0
// What converts to a FloatInput, what comes back, and what is refused.
#include <quench/tensors/float_tensor.hpp>

#include <doctest/doctest.h>
#include <xtensor/xadapt.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xview.hpp>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

std::vector<float> values_of(const q::FloatInput& x) { return {x.values().begin(), x.values().end()}; }

const float* data_of(const q::FloatInput& x) { return x.data(); }

q::Extents extents_of(const q::FloatInput& x) { return x.extents(); }

}  // namespace

TEST_CASE("spans, vectors and arrays are looked at in place, with one dimension") {
  std::vector<float> vector{1, 2, 3};
  std::array<float, 2> array{4, 5};
  CHECK(data_of(vector) == vector.data());
  CHECK(data_of(std::span<const float>(vector)) == vector.data());
  CHECK(data_of(std::span<float>(vector)) == vector.data());
  CHECK(data_of(array) == array.data());
  CHECK(extents_of(vector) == q::Extents(std::array{3}));
}

TEST_CASE("xtensor containers and contiguous views are looked at in place") {
  const xt::xtensor<float, 2> fixed_rank{{1, 2, 3}, {4, 5, 6}};
  const xt::xarray<float> any_rank = fixed_rank;
  CHECK(data_of(fixed_rank) == fixed_rank.data());
  CHECK(data_of(any_rank) == any_rank.data());
  CHECK(extents_of(any_rank).text() == "[2, 3]");
  const auto row = xt::view(fixed_rank, 1, xt::all());
  CHECK(data_of(row) == fixed_rank.data() + 3);
  CHECK(values_of(row) == std::vector<float>{4, 5, 6});
  const xt::xtensor_fixed<float, xt::xshape<2, 2>> fixed_shape{{1, 2}, {3, 4}};
  CHECK(values_of(fixed_shape) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("views with gaps, column-major arrays and expressions are evaluated row by row") {
  const xt::xtensor<float, 2> x{{1, 2, 3}, {4, 5, 6}};
  const auto column = xt::view(x, xt::all(), 1);
  CHECK(values_of(column) == std::vector<float>{2, 5});
  const auto transposed = xt::transpose(x);
  CHECK(values_of(transposed) == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK(extents_of(transposed).text() == "[3, 2]");
  const xt::xarray<float, xt::layout_type::column_major> column_major = x;
  CHECK(values_of(column_major) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(values_of(x * 2 + 1) == std::vector<float>{3, 5, 7, 9, 11, 13});
  CHECK(values_of(xt::view(x, xt::all(), xt::range(0, 3, 2))) == std::vector<float>{1, 3, 4, 6});
}

TEST_CASE("other real numbers are converted to float") {
  const xt::xtensor<double, 1> doubles{0.1, 1e300};
  CHECK(values_of(doubles)[0] == 0.1f);
  CHECK(values_of(doubles)[1] == std::numeric_limits<float>::infinity());
  const xt::xarray<std::uint8_t> bytes{{0, 255}};
  CHECK(values_of(bytes) == std::vector<float>{0, 255});
}

TEST_CASE("scalars of rank 0 and empty tensors have their extents") {
  const xt::xarray<float> scalar = 3.0f;
  CHECK(extents_of(scalar).rank == 0);
  CHECK(values_of(scalar) == std::vector<float>{3});
  const xt::xtensor<float, 2> empty = xt::zeros<float>({0, 4});
  CHECK(q::FloatInput(empty).size() == 0);
  CHECK(q::FloatInput(std::vector<float>{}).size() == 0);
}

TEST_CASE("values with extents that do not fit, and too many dimensions, are refused") {
  const std::vector<float> values(6);
  CHECK(extents_of({values, q::Extents(std::array{2, 3})}).text() == "[2, 3]");
  CHECK(slug_of([&] { q::FloatInput(values, q::Extents(std::array{2, 4})); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::Extents(std::vector<int>(q::max_tensor_rank + 1, 1)); }) == "shape-mismatch");
  CHECK(q::Extents(std::vector<int>(q::max_tensor_rank, 1)).rank == q::max_tensor_rank);
  CHECK(slug_of([&] { q::Extents(std::vector<int>{-1, 2}); }) == "shape-mismatch");
  const q::Extents huge(std::vector<std::size_t>{std::size_t{1} << 32, std::size_t{1} << 32});
  CHECK(slug_of([&] { q::FloatInput(std::span<const float>(), huge); }) == "shape-mismatch");
}

TEST_CASE("a result is a container of the kind of the argument") {
  const xt::xtensor<float, 2> x{{1, 2}};
  const xt::xarray<double> any = x;
  static_assert(std::is_same_v<q::ResultFor<std::vector<float>>, std::vector<float>>);
  static_assert(std::is_same_v<q::ResultFor<std::span<const float>>, std::vector<float>>);
  static_assert(std::is_same_v<q::ResultFor<decltype(x)>, xt::xtensor<float, 2>>);
  static_assert(std::is_same_v<q::ResultFor<decltype(x * 2)>, xt::xtensor<float, 2>>);
  static_assert(std::is_same_v<q::ResultFor<decltype(any)>, xt::xarray<float>>);
  static_assert(std::is_same_v<q::ResultFor<decltype(x), std::int8_t>, xt::xtensor<std::int8_t, 2>>);
  // Rows first, whatever the project's default layout is.
  static_assert(q::ResultFor<decltype(x)>::static_layout == xt::layout_type::row_major);
  static_assert(q::ResultFor<decltype(any)>::static_layout == xt::layout_type::row_major);
  CHECK(q::make_result<decltype(x)>(q::Extents(std::array{3, 4})).shape(1) == 4);
  CHECK(q::make_result<decltype(any)>(q::Extents(std::array{3, 4, 5})).size() == 60);
  CHECK(q::make_result<std::vector<float>>(q::Extents(std::array{3, 4})).size() == 12);
}

TEST_CASE("integers are taken by functions that want them, and floats are not") {
  static_assert(std::is_constructible_v<q::TensorInput<std::int8_t>, const std::vector<std::int8_t>&>);
  static_assert(std::is_constructible_v<q::TensorInput<std::int8_t>, const xt::xarray<std::int8_t>&>);
  static_assert(!std::is_constructible_v<q::TensorInput<std::int8_t>, const xt::xarray<float>&>);
  static_assert(!std::is_constructible_v<q::FloatInput, const std::vector<double>&>);
  static_assert(!std::is_constructible_v<q::FloatInput, const xt::xarray<std::complex<float>>&>);
  CHECK(q::FloatTensor<std::vector<float>>);
  CHECK_FALSE(q::FloatTensor<int>);
}

TEST_CASE("results are written to contiguous memory, and a view with gaps is refused") {
  xt::xtensor<float, 2> x = xt::zeros<float>({2, 3});
  std::vector<float> vector(6);
  CHECK(q::FloatOutput(vector).data() == vector.data());
  CHECK(q::FloatOutput(x).size() == 6);
  CHECK(q::FloatOutput(std::span<float>(vector)).size() == 6);
  auto row = xt::view(x, 1, xt::all());
  CHECK(q::FloatOutput(row).data() == x.data() + 3);
  auto column = xt::view(x, xt::all(), 1);
  CHECK(slug_of([&] { q::FloatOutput output(column); }) == "shape-mismatch");
  // What only the program knows of the order of axes is refused when it runs, with the true reason.
  xt::xarray<float, xt::layout_type::dynamic> unknown(std::vector<std::size_t>{2, 3}, xt::layout_type::column_major);
  CHECK(slug_of([&] { q::FloatOutput output(unknown); }) == "shape-mismatch");
  CHECK_THROWS_WITH([&] { q::FloatOutput output(unknown); }(), doctest::Contains("another order of axes"));
  xt::xtensor<float, 1, xt::layout_type::column_major> one_axis = xt::zeros<float>({3});
  CHECK(q::FloatOutput(one_axis).data() == one_axis.data());
  static_assert(q::detail::ColumnMajor<xt::xtensor<float, 2, xt::layout_type::column_major>&>);
  static_assert(q::detail::ColumnMajor<xt::xarray<float, xt::layout_type::column_major>>);
  static_assert(!q::detail::ColumnMajor<xt::xtensor<float, 2>> && !q::detail::ColumnMajor<decltype(unknown)>);
  static_assert(!std::is_constructible_v<q::FloatOutput, const std::vector<float>&>);
  static_assert(!std::is_constructible_v<q::FloatOutput, const xt::xtensor<float, 2>&>);
}
