// SPDX-License-Identifier: Apache-2.0
#include <quench/training/layers.hpp>

#include "training/probe.hpp"

TEST_CASE("the gradients of convolutions, linear layers and batch norms are those of their forward passes") {
  probe::Probe<operators::Layers>(1).check(probe::smooth);
}
