// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/softmax.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"
#include <quench/tensors/tables.hpp>

namespace q = quench;
namespace d = definitions;

namespace {

template <class X, class Y>
void compare(d::Random& random, q::host::TabledSoftmax& softmax, double x_scale) {
  const int bits = 8 * static_cast<int>(sizeof(Y));
  for (const int classes : {1, 2, 7, 10, 64, 197, 1000, 1024, 1025, 6625}) {
    const q::kernels::SoftmaxTables tables =
        q::softmax_tables(x_scale, sizeof(X) == 1 ? q::RequantizeFrom::Codes : q::RequantizeFrom::Accumulators,
                          std::ldexp(1.0, 1 - bits), bits, classes);
    softmax.set(tables);
    const int rows = 1 + 1000 / classes;
    CAPTURE(classes);
    auto x = d::codes<X>(random, rows * classes);
    if (classes == 7) std::fill(x.begin(), x.end(), static_cast<X>(-128));
    std::vector<Y> expected(x.size()), given(x.size());
    q::kernels::softmax(x.data(), q::Shape(rows, classes), 1, expected.data(), tables);
    for (const q::host::Isa isa : isas()) {
      CAPTURE(static_cast<int>(isa));
      std::fill(given.begin(), given.end(), Y{99});
      softmax.run(x.data(), given.data(), static_cast<std::size_t>(rows), static_cast<std::size_t>(classes), isa);
      REQUIRE(given == expected);
    }
  }
}

}  // namespace

TEST_CASE("tabled softmax equals the kernel, also at another scale than before") {
  constexpr unsigned seed = 20261123;
  CAPTURE(seed);
  d::Random random(seed);
  q::host::TabledSoftmax of_int8(1 << 8), of_int16(1 << 16);
  for (const double scale : {1e-3, 0.05, 0.4, 3.0}) {
    CAPTURE(scale);
    compare<std::int8_t, std::int8_t>(random, of_int8, scale);
    compare<std::int8_t, std::int16_t>(random, of_int8, scale);
    compare<std::int16_t, std::int16_t>(random, of_int16, scale / 256);
    compare<std::int16_t, std::int8_t>(random, of_int16, scale / 256);
  }
}
