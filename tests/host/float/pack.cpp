// SPDX-License-Identifier: Apache-2.0
// Panels, packed matrices and the sums of their rows, on every instruction set. Sums of small whole numbers are exact.
#include <quench/host/float/pack.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "host/float/cases.hpp"
#include "host/isas.hpp"

namespace host = quench::host;
using namespace quench::host::detail;

namespace {

// One column, the ends of a vector, and every way to cut vectors into panels.
std::vector<std::size_t> widths(host::Isa isa) {
  const std::size_t lanes = lanes_of(isa);
  std::vector<std::size_t> all{1, lanes - 1, lanes + 1};
  for (std::size_t vectors = 1; vectors <= 8; ++vectors) all.insert(all.end(), {vectors * lanes, vectors * lanes + 3});
  return all;
}

}  // namespace

TEST_CASE("panels follow each other, up to three vectors wide, and none is one vector that could share a panel") {
  for (const host::Isa isa : isas()) {
    std::vector<std::size_t> columns = widths(isa);
    columns.push_back(0);
    for (const std::size_t count : columns) {
      std::size_t next = 0;
      for_each_panel(isa, count, [&](Panel panel) {
        CHECK(panel.first == next);
        CHECK((panel.vectors >= 1 && panel.vectors <= widest_tile));
        CHECK((panel.vectors > 1 || count <= lanes_of(isa)));
        next += static_cast<std::size_t>(panel.vectors) * lanes_of(isa);
      });
      CHECK(next >= count);
      CHECK(next < count + lanes_of(isa));
      CHECK(next == whole_vectors(isa, count));
    }
  }
}

TEST_CASE(
    "a packed matrix has its elements panel by panel and zeros behind the last column, and its rows can be summed") {
  std::mt19937 random(1);
  for (const host::Isa isa : isas())
    for (const std::size_t columns : widths(isa))
      for (const std::size_t depth : {0u, 1u, 3u, 4u, 5u, 16u, 17u, 35u})
        for (const bool is_transposed : {false, true}) {
          CAPTURE(static_cast<int>(isa));
          CAPTURE(columns);
          CAPTURE(depth);
          // Every second row of what is there, the last one first.
          const std::vector<float> b = float_cases::whole_values(random, 2 * depth * columns);
          std::vector<std::ptrdiff_t> offsets(depth);
          for (std::size_t k = 0; k < depth; ++k)
            offsets[k] = static_cast<std::ptrdiff_t>(2 * (depth - 1 - k) * (is_transposed ? 1 : columns));
          const auto step = static_cast<std::ptrdiff_t>(is_transposed ? 2 * depth : 1);
          const std::size_t size = depth * whole_vectors(isa, columns);
          std::vector<float> packed(size + 64, 77);
          pack(isa, {b.data(), offsets.data(), depth, columns, step}, packed.data());
          const RightMatrix matrix{packed.data(), depth, columns};
          std::vector<double> sums(whole_vectors(isa, columns), 5), expected(sums.size(), 5);
          int faults = 0;
          for_each_panel(isa, columns, [&](Panel panel) {
            const std::size_t width = static_cast<std::size_t>(panel.vectors) * lanes_of(isa);
            for (std::size_t k = 0; k < depth; ++k)
              for (std::size_t n = panel.first; n < panel.first + width; ++n) {
                const std::ptrdiff_t at = offsets[k] + static_cast<std::ptrdiff_t>(n) * step;
                const float value = n < columns ? b[static_cast<std::size_t>(at)] : 0;
                faults += packed[depth * panel.first + k * width + n - panel.first] == value ? 0 : 1;
                faults += matrix.at(panel, k, width)[n - panel.first] == value ? 0 : 1;
                expected[n] += static_cast<double>(value);
              }
          });
          CHECK(faults == 0);
          CHECK(std::count(packed.begin() + static_cast<std::ptrdiff_t>(size), packed.end(), 77.0f) == 64);
          sum_rows(isa, matrix, sums.data());
          CHECK(sums == expected);
        }
}

TEST_CASE("rows of a matrix that is not packed can be summed as well") {
  std::mt19937 random(1);
  for (const host::Isa isa : isas())
    for (const std::size_t vectors : {1u, 2u, 3u, 4u, 5u, 7u}) {
      const std::size_t columns = vectors * lanes_of(isa), depth = 1027, step = columns + 3;
      const std::vector<float> b = float_cases::whole_values(random, depth * step);
      std::vector<double> sums(columns, -2), expected(columns, -2);
      for (std::size_t k = 0; k < depth; ++k)
        for (std::size_t n = 0; n < columns; ++n) expected[n] += static_cast<double>(b[k * step + n]);
      sum_rows(isa, {b.data(), depth, columns, step}, sums.data());
      CHECK(sums == expected);
    }
}
