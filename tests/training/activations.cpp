// SPDX-License-Identifier: Apache-2.0
#include <quench/training/activations.hpp>

#include "training/probe.hpp"

TEST_CASE("the gradients of smooth activations are those of their forward passes") {
  probe::Probe<operators::Functions>(2).check(probe::smooth);
}

TEST_CASE("the gradients of hard functions are those of their forward passes") {
  probe::Probe<operators::HardFunctions>(4).check(probe::with_corners);
}

TEST_CASE("the gradients of the ReLU family are those of their forward passes") {
  probe::Probe<operators::Corners>(3).check(probe::with_corners);
}
