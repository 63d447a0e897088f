// SPDX-License-Identifier: Apache-2.0
// Blocks of int16 codes by the plain loop against sums one product at a time, on every instruction set.
#include <quench/host/int16/block.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

TEST_CASE("the plain loop gives blocks of int16 codes the sums of products") {
  for (const h::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    block_cases::check_int16([isa](const h::Int16Block& block) { h::run_for<h::detail::Int16BlockLoop>(isa, &block); });
  }
}
