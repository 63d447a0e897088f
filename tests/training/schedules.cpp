// SPDX-License-Identifier: Apache-2.0
// Learning-rate schedules against PyTorch 1.13.
#include <quench/training/schedules.hpp>

#include <doctest/doctest.h>

TEST_CASE("one cycle is that of torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=20)") {
  const double expected[] = {
      0.004,           0.01316718427,   0.03716718427,   0.06683281573,    0.09083281573,    0.1,       0.0987464006235,
      0.0950484632013, 0.0890916177571, 0.081174565395,  0.0716943001791,  0.0611262021936,  0.0500002, 0.0388741978064,
      0.0283060998209, 0.018825834605,  0.0109087822429, 0.00495193679865, 0.00125399937649, 4e-07};
  const quench::OneCycle schedule{.max_learning_rate = 0.1f, .total_steps = 20};
  for (int step = 0; step < 20; ++step)
    CHECK(static_cast<double>(schedule(step)) == doctest::Approx(expected[step]).epsilon(1e-6));
  CHECK(schedule(-5) == schedule(0));
  CHECK(schedule(100) == schedule(19));
  CHECK(quench::OneCycle{}(0) > 0);
}
