// SPDX-License-Identifier: Apache-2.0
#include <quench/training/rearrange.hpp>

#include "training/probe.hpp"

TEST_CASE("the gradients of shape functions are those of their forward passes") {
  probe::Probe<operators::Shapes>(8).check(probe::smooth);
}
