// SPDX-License-Identifier: Apache-2.0
#include <quench/training/pooling.hpp>

#include "training/probe.hpp"

TEST_CASE("the gradients of average pools and upsampling are those of their forward passes") {
  probe::Probe<operators::Pools>(4).check(probe::smooth);
}

TEST_CASE("the gradients of max pools are those of their forward passes") {
  probe::Probe<operators::MaxPools>(5).check(probe::with_corners);
}
