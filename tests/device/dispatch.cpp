// SPDX-License-Identifier: Apache-2.0
// Which types a step is run with.
#include <quench/device/dispatch.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "device/weights.hpp"

namespace q = quench;
using many_operators::Weights;
using q::DType;
using q::Operator;

namespace {

template <Operator Op>
constexpr bool used(DType a, DType b, DType y) {
  const auto& types = q::device::detail::kernel_types.of;
  const auto at = std::find(std::begin(types), std::end(types), q::device::detail::StepTypes{a, b, y});
  return (q::device::detail::used_types<many_operators::Net, Weights>(Op) >> (at - std::begin(types)) & 1) != 0;
}

// Only what the network uses is compiled.
static_assert(used<Operator::Conv2d>(DType::Int8, DType::Int8, DType::Int8));
static_assert(used<Operator::Conv2d>(DType::Int8, DType::Int8, DType::Int16));
static_assert(!used<Operator::Conv2d>(DType::Int16, DType::Int16, DType::Int8));
static_assert(used<Operator::Mul>(DType::Int16, DType::Int8, DType::Int8));
static_assert(used<Operator::Permute>(DType::Int32, DType::Int32, DType::Int32));
static_assert(!used<Operator::Softmax>(DType::Int8, DType::Int8, DType::Int8));
static_assert(q::device::detail::has_kernels<many_operators::Net, Weights>());

struct Int32Everywhere {
  static constexpr DType of(int) { return DType::Int32; }
};
static_assert(q::device::detail::has_kernels<many_operators::Net, q::Int8Everywhere>());
static_assert(!q::device::detail::has_kernels<many_operators::Net, Int32Everywhere>());

template <Operator Op>
int sizes_of(DType a, DType b, DType y) {
  int sizes = 0;
  q::device::for_types<q::device::detail::used_types<many_operators::Net, Weights>(Op)>(
      a, b, y, [&]<class A, class B, class Y>() {
        sizes = 100 * static_cast<int>(sizeof(A)) + 10 * static_cast<int>(sizeof(B)) + static_cast<int>(sizeof(Y));
      });
  return sizes;
}

}  // namespace

TEST_CASE("a step runs with the types of its dtypes, if the network uses them") {
  CHECK(sizes_of<Operator::Conv2d>(DType::Int8, DType::Int8, DType::Int8) == 111);
  CHECK(sizes_of<Operator::Conv2d>(DType::Int8, DType::Int8, DType::Int16) == 112);
  CHECK(sizes_of<Operator::Mul>(DType::Int16, DType::Int8, DType::Int8) == 211);
  CHECK(sizes_of<Operator::Permute>(DType::Int32, DType::Int32, DType::Int32) == 444);
  CHECK(sizes_of<Operator::Linear>(DType::Int8, DType::Int8, DType::Int32) == 114);
  CHECK(sizes_of<Operator::Linear>(DType::Int16, DType::Int16, DType::Int32) == 0);
}
