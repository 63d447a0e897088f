// SPDX-License-Identifier: Apache-2.0
// Tiles of every size against sums one product at a time, on every instruction set. Sums of small whole numbers are exact.
#include <quench/host/float/tile.hpp>

#include <doctest/doctest.h>

#include "host/float/cases.hpp"
#include "host/isas.hpp"

namespace host = quench::host;
using namespace quench::host::detail;

namespace {

struct Case {
  host::Isa isa;
  Meets meets;
  int vectors;
  TileHeight height;
  std::size_t depth, row_count, columns;
  bool has_bias, add, fours;
};

void check(const Case& test, std::mt19937& random) {
  const std::size_t width = static_cast<std::size_t>(test.vectors) * lanes_of(test.isa), depth = test.depth;
  const std::size_t b_step = width + 5, row = 4 * depth + width, c_row = width + 2;
  const auto a = float_cases::whole_values(random, 9 * row),
             b = float_cases::whole_values(random, (depth + 1) * b_step),
             bias = float_cases::whole_values(random, width), before = float_cases::whole_values(random, 9 * c_row);
  // Rows in any order; the elements of a row lie apart, or in fours.
  std::vector<std::ptrdiff_t> rows, offsets, c_rows;
  for (std::size_t i = 0; i < test.row_count; ++i) {
    rows.push_back(static_cast<std::ptrdiff_t>((i * 7 + 3) % 9 * row));
    c_rows.push_back(static_cast<std::ptrdiff_t>((i * 5 + 2) % 9 * c_row));
  }
  for (std::size_t k = 0; k < depth; ++k)
    offsets.push_back(static_cast<std::ptrdiff_t>(test.fours ? k / 4 * 8 + k % 4 : (k * 3 + 1) % (4 * depth)));
  std::vector<float> c = before, expected = before;
  for (std::size_t i = 0; i < test.row_count; ++i)
    for (std::size_t n = 0; n < test.columns; ++n) {
      float& sum = expected[static_cast<std::size_t>(c_rows[i]) + n];
      if (!test.add) sum = 0;
      if (test.has_bias) sum += bias[n];
      for (std::size_t k = 0; k < depth; ++k) {
        const auto at = static_cast<std::size_t>(rows[i] + offsets[k]) + (test.meets == Meets::ItsColumn ? n : 0);
        sum += a[at] * b[k * b_step + n];
      }
    }
  Tile tile;
  tile.a = a.data();
  tile.rows = rows.data();
  tile.offsets = offsets.data();
  tile.depth = depth;
  tile.b = b.data();
  tile.b_step = test.fours ? width : b_step;  // fours take whole cache lines
  std::vector<float> packed;
  if (test.fours) {
    for (std::size_t k = 0; k < depth; ++k)
      for (std::size_t n = 0; n < width; ++n) packed.push_back(b[k * b_step + n]);
    tile.b = packed.data();
  }
  tile.bias = test.has_bias ? bias.data() : nullptr;
  tile.c = c.data();
  tile.c_rows = c_rows.data();
  tile.row_count = test.row_count;
  tile.columns = test.columns;
  tile.add = test.add;
  tile.fours = test.fours;
  tile_function(test.isa, test.meets, test.vectors, test.height)(&tile);
  CHECK(c == expected);
}

}  // namespace

TEST_CASE("tiles of every height, width and number of columns are sums of products") {
  std::mt19937 random(1);
  for (const host::Isa isa : isas())
    for (const Meets meets : {Meets::AllColumns, Meets::ItsColumn})
      for (int vectors = 1; vectors <= widest_tile; ++vectors)
        for (const TileHeight height : {TileHeight::Full, TileHeight::Half, TileHeight::One}) {
          const std::size_t lanes = lanes_of(isa), width = static_cast<std::size_t>(vectors) * lanes;
          for (std::size_t rows = 1; rows <= tile_rows(isa, vectors, height); ++rows)
            for (const std::size_t columns : {width - lanes + 1, width - 1, width})
              for (const std::size_t depth : {0u, 1u, 8u, 21u}) {
                CAPTURE(static_cast<int>(isa));
                CAPTURE(static_cast<int>(meets));
                CAPTURE(vectors);
                CAPTURE(rows);
                CAPTURE(columns);
                CAPTURE(depth);
                const bool has_bias = random() % 2 == 0, add = random() % 2 == 0;
                check({isa, meets, vectors, height, depth, rows, columns, has_bias, add, false}, random);
                if (depth % 4 == 0)
                  check({isa, meets, vectors, height, depth, rows, columns, has_bias, add, true}, random);
              }
        }
}

TEST_CASE("lower tiles have fewer rows, and wide ones fit the registers") {
  for (const host::Isa isa : isas())
    for (int vectors = 1; vectors <= widest_tile; ++vectors) {
      const std::size_t full = tile_rows(isa, vectors), half = tile_rows(isa, vectors, TileHeight::Half);
      CHECK((half < full && 2 * half >= full));
      CHECK(tile_rows(isa, vectors, TileHeight::One) == 1);
      // Sums, a row of the right matrix and a value of the left one.
      const std::size_t registers = isa == host::Isa::Avx512 ? 32 : 16, v = static_cast<std::size_t>(vectors);
      CHECK(full * v + v + 1 <= registers);
    }
}
