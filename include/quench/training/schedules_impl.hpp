// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/schedules.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include <quench/tensors/error.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

namespace detail {

inline void check_schedule(bool is_right, const char* name, double value, const char* needed) {
  if (!is_right)
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + tensors::text(value) + ", needed " + needed);
}

inline double checked_rate(const char* name, float value) {
  const auto rate = static_cast<double>(value);
  check_schedule(rate > 0 && std::isfinite(rate), name, rate, "a finite number above 0");
  return rate;
}

inline double checked_steps(const char* name, long value) {
  const auto steps = static_cast<double>(value);
  check_schedule(value > 0, name, steps, "1 or more");
  return steps;
}

/// From one rate to another along half a cosine; `part` runs from 0 to 1.
inline double along_cosine(double from, double to, double part) {
  constexpr double pi = 3.14159265358979323846;
  return to + (from - to) / 2 * (1 + std::cos(pi * part));
}

}  // namespace detail

QUENCH_INLINE float OneCycle::operator()(long step) const {
  const double most = detail::checked_rate("max_learning_rate", max_learning_rate);
  const double last = detail::checked_steps("total_steps", total_steps) - 1;
  const auto part = static_cast<double>(warm_up);
  detail::check_schedule(part >= 0 && part <= 1, "warm_up", part, "a part of all steps, 0 to 1");
  const double first = most / detail::checked_rate("start_factor", start_factor);
  const double least = first / detail::checked_rate("end_factor", end_factor);
  const double at = std::clamp(static_cast<double>(step), 0.0, last);
  const double top = part * (last + 1) - 1;  // may lie between steps, or before the first
  if (at <= top) return static_cast<float>(detail::along_cosine(first, most, top > 0 ? at / top : 1));
  return static_cast<float>(detail::along_cosine(most, least, (at - top) / (last - top)));
}

QUENCH_INLINE float CosineDecay::operator()(long step) const {
  const double most = detail::checked_rate("learning_rate", learning_rate);
  const double last = detail::checked_steps("total_steps", total_steps);
  const auto least = static_cast<double>(min_learning_rate);
  detail::check_schedule(least >= 0 && least <= most, "min_learning_rate", least, "0 to learning_rate");
  return static_cast<float>(detail::along_cosine(most, least, std::clamp(static_cast<double>(step), 0.0, last) / last));
}

QUENCH_INLINE float StepDecay::operator()(long step) const {
  const double rate = detail::checked_rate("learning_rate", learning_rate);
  detail::checked_steps("step_size", step_size);
  const auto each = static_cast<double>(factor);
  detail::check_schedule(each > 0 && each <= 1, "factor", each, "a number above 0, at most 1");
  return static_cast<float>(rate * std::pow(each, static_cast<double>(std::max(step, 0L) / step_size)));
}

}  // namespace quench
