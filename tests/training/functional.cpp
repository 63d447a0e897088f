// SPDX-License-Identifier: Apache-2.0
#include <quench/training/functional.hpp>

#include "training/probe.hpp"

TEST_CASE("the gradients of arithmetic functionals are those of their forward passes") {
  probe::Probe<operators::Arithmetic>(6).check(probe::smooth);
}

TEST_CASE("the gradients of maximum and minimum are those of their forward passes") {
  probe::Probe<operators::Choices>(7).check(probe::with_corners);
}
