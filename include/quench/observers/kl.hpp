// SPDX-License-Identifier: Apache-2.0
// KLObserver: the threshold that loses least information, like TensorRT's calibration of int8.
//
// For each number i of bins, from the number of codes up to all bins with values:
//   P: the counts of bins 0 ... i-1; all counts beyond are added to bin i-1 (they would saturate)
//   Q: the counts of bins 0 ... i-1 alone, in L levels of equal width (bin j in level floor(j * L / i)); each level's
//      sum is spread evenly over those of its bins that have values
//   divergence(i) = sum of p * log(p / q) over the bins with values, with p and q divided by their sums
// A bin with values in P but none in Q makes the divergence infinite. The least divergence wins. Among those within
// 1e-9 of it, which rounding could order either way, the largest i wins. Its threshold is (i + 1/2) bins, at most the
// largest magnitude. The bins cover the magnitudes up to a power of two: that of the largest one. If a few are far
// larger than the rest, it is the least power that 99.99 % do not reach, and those beyond saturate at every threshold.
// Otherwise a single outlier would put all other values into one bin. L is the number of codes from 0 up: 128 for int8.
// Zeros are ignored: every scale has a code for them. Source: S. Migacz, "8-bit inference with TensorRT", GTC 2017.
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/observers/magnitude_histogram.hpp>

namespace quench {

namespace detail {

struct KLRule {
  static constexpr double tie = 1e-9;

  static float magnitude(const MagnitudeHistogram& histogram, DType dtype);

  // The exponent of the least power of two that 99.99 % of the nonzero magnitudes do not reach. A scale of int8 needs
  // magnitudes above 2^-17, so the result is not below that.
  static int top_of_most(const MagnitudeHistogram& histogram);
};

}  // namespace detail

/// The threshold whose quantized distribution diverges least from that of the values. Meant for int8. int16 has more
/// codes than there are bins, so its threshold is the largest magnitude.
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-underflow when asked
/// Equals   the threshold described above
/// Source   TensorRT's entropy calibration
struct KLObserver : MagnitudeObserver<detail::KLRule> {};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/kl_impl.hpp>
#endif
