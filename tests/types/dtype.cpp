// SPDX-License-Identifier: Apache-2.0
#include <quench/types/dtype.hpp>

#include <doctest/doctest.h>
#include <limits>

namespace {

template <class Type, int Bits>
constexpr bool has_the_full_range() {
  constexpr auto half = std::int64_t{1} << (Bits - 1);
  return Type::qmin == -half && Type::qmax == half - 1;
}

}  // namespace

static_assert(has_the_full_range<quench::QInt4, 4>());
static_assert(has_the_full_range<quench::QInt8, 8>());
static_assert(has_the_full_range<quench::QInt16, 16>());
static_assert(has_the_full_range<quench::QInt32, 32>());

TEST_CASE("each type uses its full range and knows its value") {
  CHECK(has_the_full_range<quench::QInt8, 8>());
  CHECK(quench::QInt4::dtype == quench::DType::Int4);
  CHECK(quench::QInt8::dtype == quench::DType::Int8);
  CHECK(quench::QInt16::dtype == quench::DType::Int16);
  CHECK(quench::QInt32::dtype == quench::DType::Int32);
}
