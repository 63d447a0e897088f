// SPDX-License-Identifier: Apache-2.0
// Products of any size against sums one product at a time, on every instruction set. Sums of small whole numbers are exact.
#include <quench/host/float/product.hpp>

#include <doctest/doctest.h>

#include "host/float/cases.hpp"
#include "host/isas.hpp"

namespace host = quench::host;
using namespace quench::host::detail;

namespace {

struct Size {
  std::size_t rows, columns, depth;
};

void check(host::Isa isa, Meets meets, Size size, bool has_bias, bool add, std::mt19937& random) {
  CAPTURE(static_cast<int>(isa));
  CAPTURE(static_cast<int>(meets));
  CAPTURE(size.rows);
  CAPTURE(size.columns);
  CAPTURE(size.depth);
  const std::size_t width = whole_vectors(isa, size.columns);
  const std::size_t a_row = size.depth + (meets == Meets::ItsColumn ? width : 0), c_row = size.columns + 1;
  const auto a = float_cases::whole_values(random, size.rows * a_row),
             b = float_cases::whole_values(random, (size.depth + 1) * size.columns),
             before = float_cases::whole_values(random, size.rows * c_row);
  auto bias = float_cases::whole_values(random, size.columns);
  bias.resize(width);
  std::vector<std::ptrdiff_t> rows, offsets, c_rows, b_rows;
  for (std::size_t i = 0; i < size.rows; ++i) {
    rows.push_back(static_cast<std::ptrdiff_t>((size.rows - 1 - i) * a_row));
    c_rows.push_back(static_cast<std::ptrdiff_t>(i * c_row));
  }
  for (std::size_t k = 0; k < size.depth; ++k) {
    offsets.push_back(static_cast<std::ptrdiff_t>(k));
    b_rows.push_back(static_cast<std::ptrdiff_t>(k * size.columns));
  }
  std::vector<float> expected = before;
  for (std::size_t i = 0; i < size.rows; ++i)
    for (std::size_t n = 0; n < size.columns; ++n) {
      float sum = (add ? before[i * c_row + n] : 0) + (has_bias ? bias[n] : 0);
      const float* const left = a.data() + rows[i] + (meets == Meets::ItsColumn ? n : 0);
      for (std::size_t k = 0; k < size.depth; ++k) sum += left[k] * b[k * size.columns + n];
      expected[i * c_row + n] = sum;
    }
  std::vector<float> packed(size.depth * width);
  pack(isa, {b.data(), b_rows.data(), size.depth, size.columns, 1}, packed.data());
  const bool is_whole = width == size.columns;  // then b serves as it is
  for (int way = 0; way < (is_whole ? 2 : 1); ++way) {
    std::vector<float> c = before;
    Product product;
    product.isa = isa;
    product.meets = meets;
    product.a = a.data();
    product.rows = rows.data();
    product.row_count = size.rows;
    product.offsets = offsets.data();
    product.b = way == 0 ? RightMatrix{packed.data(), size.depth, size.columns}
                         : RightMatrix{b.data(), size.depth, size.columns, size.columns};
    product.bias = has_bias ? bias.data() : nullptr;
    product.c = c.data();
    product.c_rows = c_rows.data();
    product.add = add;
    product.fours = size.depth % 4 == 0;
    multiply(product);
    CHECK(c == expected);
  }
}

}  // namespace

TEST_CASE("products over several blocks of rows, panels and depth are sums of products") {
  std::mt19937 random(1);
  for (const host::Isa isa : isas())
    for (const Meets meets : {Meets::AllColumns, Meets::ItsColumn}) {
      const std::size_t lanes = lanes_of(isa);
      for (const std::size_t columns :
           {std::size_t{1}, lanes - 1, lanes, lanes + 1, 3 * lanes, 4 * lanes, 5 * lanes + 2})
        for (const std::size_t rows : {1u, 2u, 5u, 8u, 9u, 23u})
          for (const std::size_t depth : {0u, 1u, 4u, 30u})
            check(isa, meets, {rows, columns, depth}, random() % 2 == 0, random() % 2 == 0, random);
      for (const std::size_t rows : {255u, 256u, 257u, 515u}) check(isa, meets, {rows, 5, 3}, true, false, random);
      for (const std::size_t depth : {127u, 128u, 129u, 260u, 383u, 384u, 386u, 1030u})  // around the cuts
        for (const bool add : {false, true}) check(isa, meets, {3, 3 * lanes, depth}, true, add, random);
      check(isa, meets, {0, 5, 3}, true, false, random);
      check(isa, meets, {3, 0, 3}, true, false, random);
    }
}
