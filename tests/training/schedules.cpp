// SPDX-License-Identifier: Apache-2.0
// Learning-rate schedules against those of PyTorch 1.13.1, whose rates make_schedules.py printed.
#include <quench/training/schedules.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

template <class Schedule>
void check_equal(const Schedule& schedule, const std::vector<double>& expected) {
  for (std::size_t step = 0; step < expected.size(); ++step) {
    CAPTURE(step);
    CHECK(static_cast<double>(schedule(static_cast<long>(step))) == doctest::Approx(expected[step]).epsilon(1e-6));
  }
}

template <class Schedule>
bool is_refused(const Schedule& schedule) {
  return slug_of([&] { schedule(0); }) == "value-out-of-range";
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN(),
                infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("one cycle is that of OneCycleLR") {
  check_equal(q::OneCycle{.max_learning_rate = 0.1f, .total_steps = 20}, {0.004,
                                                                          0.01316718427,
                                                                          0.03716718427,
                                                                          0.06683281573,
                                                                          0.09083281573,
                                                                          0.1,
                                                                          0.0987464006235,
                                                                          0.0950484632013,
                                                                          0.0890916177571,
                                                                          0.081174565395,
                                                                          0.0716943001791,
                                                                          0.0611262021936,
                                                                          0.0500002,
                                                                          0.0388741978064,
                                                                          0.0283060998209,
                                                                          0.018825834605,
                                                                          0.0109087822429,
                                                                          0.00495193679865,
                                                                          0.00125399937649,
                                                                          4e-07});
  // The maximum lies between two steps.
  check_equal(
      q::OneCycle{.max_learning_rate = 2, .total_steps = 9, .warm_up = 0.5f, .start_factor = 10, .end_factor = 100},
      {0.2, 0.538859178327, 1.30026884056, 1.91087198111, 1.93975292817, 1.5005, 0.827525470511, 0.235721601324,
       0.002});
  // It lies before the first step, at no step, at the last.
  check_equal(q::OneCycle{.max_learning_rate = 1, .total_steps = 3}, {0.994415435451, 0.462637102667, 4e-06});
  check_equal(q::OneCycle{.max_learning_rate = 1, .total_steps = 5, .warm_up = 0},
              {0.904508879153, 0.654509879153, 0.345494120847, 0.0954951208465, 4e-06});
  check_equal(q::OneCycle{.max_learning_rate = 1, .total_steps = 5, .warm_up = 1},
              {0.04, 0.18058874503, 0.52, 0.85941125497, 1});
  // Where PyTorch divides by zero.
  CHECK(q::OneCycle{.max_learning_rate = 1, .total_steps = 4, .warm_up = 0.25f}(0) == 1);
}

TEST_CASE("cosine decay is that of CosineAnnealingLR, and stays at its end") {
  const q::CosineDecay schedule{.learning_rate = 0.1f, .total_steps = 8, .min_learning_rate = 0.01f};
  check_equal(schedule, {0.1, 0.096574578963, 0.0868198051534, 0.0722207544564, 0.055, 0.0377792455436, 0.0231801948466,
                         0.013425421037, 0.01});
  CHECK(schedule(100) == schedule(8));
  CHECK(q::CosineDecay{.total_steps = 5}(5) == 0);
}

TEST_CASE("step decay is that of StepLR") {
  check_equal(q::StepDecay{.learning_rate = 0.1f, .step_size = 3, .factor = 0.5f},
              {0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125});
  CHECK(q::StepDecay{.factor = 0.5f}(std::numeric_limits<long>::max()) == 0);
}

TEST_CASE("steps outside a schedule count as the nearest inside") {
  const q::OneCycle schedule{.total_steps = 20};
  for (const long step : {-1L, std::numeric_limits<long>::min()}) {
    CHECK(schedule(step) == schedule(0));
    CHECK(q::CosineDecay{.total_steps = 9}(step) == 0.1f);
    CHECK(q::StepDecay{}(step) == 0.1f);
  }
  CHECK(schedule(20) == schedule(19));
  CHECK(schedule(std::numeric_limits<long>::max()) == schedule(19));
  CHECK(q::OneCycle{}(0) > 0);
}

TEST_CASE("settings that make no schedule are refused") {
  for (const float rate : {0.0f, -0.1f, not_a_number, infinity}) {
    CHECK(is_refused(q::OneCycle{.max_learning_rate = rate, .total_steps = 9}));
    CHECK(is_refused(q::OneCycle{.total_steps = 9, .start_factor = rate}));
    CHECK(is_refused(q::OneCycle{.total_steps = 9, .end_factor = rate}));
    CHECK(is_refused(q::CosineDecay{.learning_rate = rate, .total_steps = 9}));
    CHECK(is_refused(q::StepDecay{.learning_rate = rate}));
    CHECK(is_refused(q::StepDecay{.factor = rate}));
  }
  for (const long steps : {0L, -1L}) {
    CHECK(is_refused(q::OneCycle{.total_steps = steps}));
    CHECK(is_refused(q::CosineDecay{.total_steps = steps}));
    CHECK(is_refused(q::StepDecay{.step_size = steps}));
  }
  for (const float part : {-0.1f, 1.1f, not_a_number}) {
    CHECK(is_refused(q::OneCycle{.total_steps = 9, .warm_up = part}));
    CHECK(is_refused(q::CosineDecay{.total_steps = 9, .min_learning_rate = part}));
  }
  CHECK(is_refused(q::StepDecay{.factor = 1.5f}));
  try {
    q::OneCycle{.total_steps = 0}(0);
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.evidence() == "total_steps is 0, needed 1 or more");
  }
}
