// SPDX-License-Identifier: Apache-2.0
// Operators after an output, one by one: which element of the output each element of the result is.
#include <quench/flow/output_operators.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>
#include <quench/tensors/error.hpp>

#include "tensors/throws.hpp"

namespace q = quench;
using q::detail::needs_statistics;
using q::detail::OutputForm;
using q::detail::Rearrangement;

template <class... Operator>
constexpr bool all_refused = (needs_statistics<Operator> && ...);
static_assert(all_refused<q::Cat, q::Add, q::Sub, q::Mul, q::MatMul, q::Mean, q::Sum, q::AvgPool, q::Conv, q::Lookup>);
static_assert(all_refused<q::Conv2d, q::ConvTranspose2d, q::Linear, q::BatchNorm2d, q::FloatFunctional, q::QuantStub>);
static_assert(all_refused<q::Softmax, q::AvgPool2d, q::GlobalAvgPool2d, q::Sigmoid, q::Tanh, q::SiLU, q::GELU>);
static_assert(!needs_statistics<q::ArgMax> && !needs_statistics<q::Slice> && !needs_statistics<q::RemoveDequantize>);
static_assert(!needs_statistics<q::ReLU> && !needs_statistics<q::MaxPool2d> && !needs_statistics<q::DeQuantStub>);

static_assert(q::detail::form_after<q::Slice>(OutputForm::Tensor) == OutputForm::Rearranged);
static_assert(q::detail::form_after<q::Permute>(OutputForm::Integers) == OutputForm::Integers);
static_assert(q::detail::form_after<q::RemoveDequantize>(OutputForm::Rearranged) == OutputForm::Integers);
static_assert(q::detail::form_after<q::ArgMax>(OutputForm::Integers) == OutputForm::Classes);

namespace {

template <class... Operator>
std::vector<int> elements(const q::Shape& shape, const q::Shape& expected, const Operator&... op) {
  Rearrangement rearrangement(shape);
  (rearrangement.append(op), ...);
  CHECK(rearrangement.shape() == expected);
  return rearrangement.from();
}

template <class Operator>
std::string refused(const q::Shape& shape, const Operator& op) {
  Rearrangement rearrangement(shape);
  const std::vector<int> before = rearrangement.from();
  const std::string slug = slug_of([&] { rearrangement.append(op); });
  CHECK((slug.empty() || (rearrangement.shape() == shape && rearrangement.from() == before)));
  return slug;
}

}  // namespace

TEST_CASE("slice, reshape and permute move elements as in a description") {
  using Elements = std::vector<int>;
  CHECK(elements(q::Shape(2, 3), q::Shape(2, 3)) == Elements{0, 1, 2, 3, 4, 5});
  CHECK(elements(q::Shape(2, 3), q::Shape(2, 2), q::Slice{.axis = 1, .begin = 1, .end = 3}) == Elements{1, 2, 4, 5});
  CHECK(elements(q::Shape(2, 3), q::Shape(2, 1), q::Slice{.axis = -1, .begin = -3, .end = -2}) == Elements{0, 3});
  CHECK(elements(q::Shape(2, 3), q::Shape(1, 3), q::Slice{.begin = 1, .end = 2}) == Elements{3, 4, 5});
  CHECK(elements(q::Shape(2, 3), q::Shape(3, 2), q::Permute{{1, 0}}) == Elements{0, 3, 1, 4, 2, 5});
  CHECK(elements(q::Shape(2, 1, 3), q::Shape(3, 2, 1), q::Permute{.order = {2, 0, 1}}) == Elements{0, 3, 1, 4, 2, 5});
  CHECK(elements(q::Shape(2, 3), q::Shape(3, 2), q::Reshape{.extents = {3, -1}}) == Elements{0, 1, 2, 3, 4, 5});
  CHECK(elements(q::Shape(2, 3), q::Shape(6), q::Reshape{6}) == Elements{0, 1, 2, 3, 4, 5});
}

TEST_CASE("each operator works on the result of the one before") {
  // [[0 1 2] [3 4 5]] -> [[0 3] [1 4] [2 5]] -> [[1 4] [2 5]] -> [1 4 2 5] -> [4 2]
  CHECK(elements(q::Shape(2, 3), q::Shape(2), q::Permute{{1, 0}}, q::Slice{0, 1, 3}, q::Reshape{-1},
                 q::Slice{0, 1, 3}) == std::vector<int>{4, 2});
}

TEST_CASE("settings that do not fit the tensor are refused and change nothing") {
  const q::Shape shape(2, 3);
  CHECK(refused(shape, q::Slice{1, 0, 3}) == "");
  CHECK(refused(shape, q::Slice{}) == "shape-mismatch");
  CHECK(refused(shape, q::Slice{2, 0, 1}) == "shape-mismatch");
  CHECK(refused(shape, q::Slice{-3, 0, 1}) == "shape-mismatch");
  CHECK(refused(shape, q::Slice{1, 0, 4}) == "shape-mismatch");
  CHECK(refused(shape, q::Slice{1, -4, 2}) == "shape-mismatch");
  CHECK(refused(shape, q::Slice{1, 2, 2}) == "shape-mismatch");
  CHECK(refused(shape, q::Permute{}) == "shape-mismatch");
  CHECK(refused(shape, q::Permute{{0, 0}}) == "shape-mismatch");
  CHECK(refused(shape, q::Permute{{0, 2}}) == "shape-mismatch");
  CHECK(refused(shape, q::Permute{{0, 1, 2}}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{5}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{{4, -1}}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{{-1, -1}}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{{0, 6}}) == "shape-mismatch");
  CHECK(refused(shape, q::Reshape{{1, 1, 1, 1, 1, 1, 6}}) == "shape-mismatch");
}

TEST_CASE("an error names the operator, the setting and the shape") {
  Rearrangement rearrangement(q::Shape(2, 3));
  try {
    rearrangement.append(q::Slice{1, 0, 4});
    FAIL("not refused");
  } catch (const q::Error& error) {
    CHECK(error.module() == "slice");
    CHECK(error.evidence() == "end 4, for a tensor [2, 3] without the batch");
  }
  try {
    rearrangement.append(q::Reshape{{2, 2}});
    FAIL("not refused");
  } catch (const q::Error& error) {
    CHECK(error.module() == "reshape");
    CHECK(error.evidence() == "needed 6 elements, given [2, 2]");
  }
}

TEST_CASE("integers know what they stand for, and how to compare") {
  const q::IntegerOutput output{
      q::DType::Int32, q::Extents(std::array{2, 2}), {3, -4, 1 << 20, 5}, {0.5f, 2}, {8192, 32768}};
  CHECK(output.real(0) == 1.5f);
  CHECK(output.real(1) == -8);
  CHECK(output.real(3) == 10);
  CHECK(output.ordered(1) == -4 * 32768);
  CHECK(output.ordered(2) == std::int64_t{1} << 33);
}
