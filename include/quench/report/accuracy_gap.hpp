// SPDX-License-Identifier: Apache-2.0
// `accuracy_gap(training, validation)`: how much better a model does on its training data, with an interval.
//
// The interval contains the gap of all data, of which the given samples are a draw, in at least 95 of 100 draws. It
// has four bounds: a lower and an upper one for each accuracy. Each fails in at most 5 of 400 draws, and the gap's
// bounds are their differences. A bound p of an accuracy solves
//   samples * (a log(a / p) + (1 - a) log((1 - a) / (1 - p))) = log(400 / 5),  a the accuracy measured.
// Source: Hoeffding 1963, "Probability Inequalities for Sums of Bounded Random Variables", theorem 1. It holds for any
// number of samples, also for one. Intervals from a normal approximation, and Wilson's, miss more often for few samples.
// It also holds if a sample has many labels, such as pixels: it counts samples, because pixels of one image are alike.
#pragma once

#include <quench/flow/evaluate.hpp>
#include <quench/ground/compiled.hpp>

namespace quench {

/// Accuracy on training data minus accuracy on validation data: as measured, and an interval for it.
struct AccuracyGap {
  double value = 0;
  double low = 0;
  double high = 0;

  static constexpr double confidence = 0.95;
};

/// The gap between two accuracies, which come from `monitor`.
/// Units    shares, in [-1, 1]; without samples the interval is as wide as it can be
/// Errors   value-out-of-range: an accuracy outside [0, 1], or NaN
AccuracyGap accuracy_gap(const TrainingMetric& training, const TrainingMetric& validation);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/accuracy_gap_impl.hpp>
#endif
