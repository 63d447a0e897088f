// SPDX-License-Identifier: Apache-2.0
#include <quench/network/stubs.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

TEST_CASE("stubs change what a tensor is and keep its shape") {
  Calls calls;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  quant.module_index.value = 0;
  dequant.module_index.value = 1;
  const q::Symbol x = calls.input(q::Shape(8, 6, 4), q::Domain::Float);
  const q::Symbol y = quant(x), z = dequant(y);
  const int line = __LINE__ - 1;
  CHECK(calls[y].op == q::Operator::QuantStub);
  CHECK(calls[y].domain == q::Domain::Quantized);
  CHECK(calls[y].shape == q::Shape(8, 6, 4));
  CHECK(calls[y].module == 0);
  CHECK(calls[y].line == line);
  CHECK(calls[z].op == q::Operator::DeQuantStub);
  CHECK(calls[z].domain == q::Domain::Float);
  CHECK(calls[z].module == 1);
  CHECK(calls[z].line == line);
}
