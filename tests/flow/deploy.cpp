// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/deploy.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("the arena of a network is known to the compiler, inputs and outputs included") {
  // quant 32 bytes and conv 48; conv 48 and head 4 x 4.
  static_assert(q::arena_bytes<toy::Net, q::march::NashE> == 80);
  static_assert(q::arena_bytes<toy::Net, q::march::NashE, q::setter::Int16WhereSupported> == 160);
  using Deployed = q::Deployment<toy::Net, q::march::NashE, q::setter::DefaultQat, q::processor::J6E>;
  CHECK(Deployed::arena_bytes == 80);
}
