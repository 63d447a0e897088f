// SPDX-License-Identifier: Apache-2.0
// The squared quantization error of a histogram of magnitudes at a scale.
//
// Values are uniform in their bin, so the error of a bin is an integral with a closed form for any scale. From 0 to v
// it is n * s^3 / 12 + (v - n * s)^3 / 3, where n is the code of v. All in double, in a fixed order and without fused
// products: the result is the same on every CPU.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <quench/host/dispatch.hpp>
#include <quench/host/observers/histogram.hpp>

namespace quench::host {

namespace detail {

struct MagnitudeErrorKernel {
  static constexpr std::size_t lanes = 16;

  // The integral of the squared error from 0 to a magnitude.
  [[gnu::always_inline]] static inline double integral(double magnitude, double scale, double largest_code) {
    const double position = magnitude / scale + 0.5;
    const double held = position < largest_code ? position : largest_code;
    const auto code = static_cast<double>(static_cast<std::int32_t>(held));
    const double value = code * scale;
    const double rest = magnitude - value;
    const double square = scale * scale;
    const double whole_steps = value * square / 12;
    const double rest_square = rest * rest;
    const double part_of_step = rest_square * rest / 3;
    return whole_steps + part_of_step;
  }

  // For a whole number of groups of lanes. Counts after `size` are read too, so they must exist.
  [[gnu::always_inline]] static inline double run(const std::uint64_t* counts, std::size_t begin, std::size_t size,
                                                  double width, double scale, double largest_code) {
    double sums[lanes] = {};
    for (std::size_t first = begin; first < size; first += lanes) {
      double edges[lanes + 1];
      for (std::size_t k = 0; k <= lanes; ++k) {
        const double edge = static_cast<double>(static_cast<std::int32_t>(first + k)) * width;
        edges[k] = integral(edge, scale, largest_code);
      }
      for (std::size_t k = 0; k < lanes; ++k) {
        const double in_bin = edges[k + 1] - edges[k];
        const double error = in_bin * static_cast<double>(static_cast<std::int64_t>(counts[first + k]));
        sums[k] += error;
      }
    }
    double sum = 0;
    for (std::size_t k = 0; k < lanes; ++k) sum += sums[k];
    return sum / width;
  }
};

// The same for bins of LogBins. The first bin has this number.
struct LogMagnitudeErrorKernel {
  static constexpr std::size_t lanes = MagnitudeErrorKernel::lanes;

  [[gnu::always_inline]] static inline double run(const std::uint64_t* counts, std::int32_t first_bin, std::size_t size,
                                                  double scale, double largest_code) {
    double sums[lanes] = {};
    for (std::size_t first = 0; first < size; first += lanes) {
      double edges[lanes + 1], errors[lanes + 1];
      for (std::size_t k = 0; k <= lanes; ++k) {
        const std::int32_t number = first_bin + static_cast<std::int32_t>(first + k);
        edges[k] =
            static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(number) << LogBins::dropped_bits));
        errors[k] = MagnitudeErrorKernel::integral(edges[k], scale, largest_code);
      }
      for (std::size_t k = 0; k < lanes; ++k) {
        const double in_bin = (errors[k + 1] - errors[k]) / (edges[k + 1] - edges[k]);
        const double error = in_bin * static_cast<double>(static_cast<std::int64_t>(counts[first + k]));
        sums[k] += error;
      }
    }
    double sum = 0;
    for (std::size_t k = 0; k < lanes; ++k) sum += sums[k];
    return sum;
  }
};

}  // namespace detail

/// The sum of squared errors of magnitudes, quantized at a scale with the codes 0 ... largest_code.
/// Shapes   counts [a multiple of 16]: of magnitudes in [b, b + 1) * width; bins before `begin`, a multiple of 16, are
///          ignored
/// Units    the square of the values
/// Equals   sum over bins of count / width * integral of (v - clamp(round(v / scale), 0, largest_code) * scale)^2
inline double magnitude_error(std::span<const std::uint64_t> counts, std::size_t begin, double width, double scale,
                              double largest_code, Isa isa = best_isa()) {
  return run_for<detail::MagnitudeErrorKernel>(isa, counts.data(), begin, counts.size(), width, scale, largest_code);
}

/// The same for magnitudes in bins of LogBins. The first bin has the number `first_bin`.
/// Shapes   counts [a multiple of 16]
inline double log_magnitude_error(std::span<const std::uint64_t> counts, std::int32_t first_bin, double scale,
                                  double largest_code, Isa isa = best_isa()) {
  return run_for<detail::LogMagnitudeErrorKernel>(isa, counts.data(), first_bin, counts.size(), scale, largest_code);
}

}  // namespace quench::host
