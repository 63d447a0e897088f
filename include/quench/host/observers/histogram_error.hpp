// SPDX-License-Identifier: Apache-2.0
// The error of a histogram in fewer, wider bins: the inner loop of the search of HistogramObserver.
//
// Values are uniform in their bin. Each moves to the centre of the wide bin that contains it. Everything is float, in
// the order of torch.ao.quantization.HistogramObserver. The sum has the order of torch.sum on a CPU with AVX2: 32
// running sums in rows of 16, then across. So the search takes the same decisions as torch, bit for bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <quench/host/dispatch.hpp>
#include <quench/host/observers/histogram.hpp>

namespace quench::host {

/// `wide_bins` bins of width `wide`, laid over bins of width `narrow` from bin number `first` on.
struct WideBins {
  std::int32_t first = 0;
  std::int32_t wide_bins = 0;
  float narrow = 0, wide = 0;
};

namespace detail {

struct TorchSumKernel {
  static constexpr std::size_t sums = 32, rows = 16;

  [[gnu::always_inline]] static inline float run(const float* values) {
    float total[sums] = {};
    for (std::size_t first = 0; first < histogram_bins; first += sums * rows) {
      float partial[sums] = {};
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t lane = 0; lane < sums; ++lane) partial[lane] += values[first + row * sums + lane];
      for (std::size_t lane = 0; lane < sums; ++lane) total[lane] += partial[lane];
    }
    float sum = 0;
    for (std::size_t lane = 0; lane < 8; ++lane)
      sum += ((total[lane] + total[lane + 8]) + total[lane + 16]) + total[lane + 24];
    return sum;
  }
};

struct HistogramErrorKernel {
  [[gnu::always_inline]] static inline float cube(float x) {
    const float square = x * x;
    const float product = square * x;
    return product;
  }

  // The wide bin that contains a distance. The quotient of two floats rounded to double has the floor of the exact one.
  [[gnu::always_inline]] static inline float wide_bin(float distance, float width, double last) {
    const double quotient = static_cast<double>(distance) / static_cast<double>(width);
    const double raised = quotient > 0 ? quotient : 0;
    const double held = raised < last ? raised : last;
    return static_cast<float>(static_cast<std::int32_t>(held));
  }

  [[gnu::always_inline]] static inline float run(WideBins bins, const float* __restrict counts) {
    float errors[histogram_bins];
    const float narrow = bins.narrow, wide = bins.wide;
    const double last = bins.wide_bins - 1;
    const float half = wide / 2;
    const float half_cube = cube(half);
    const float whole_bin = (half_cube + half_cube) / 3;
    for (std::size_t i = 0; i < histogram_bins; ++i) {
      const float begin = static_cast<float>(static_cast<std::int32_t>(i) - bins.first) * narrow;
      const float end = begin + narrow;
      const float begin_bin = wide_bin(begin, wide, last);
      const float end_bin = wide_bin(end, wide, last);
      const float density = counts[i] / narrow;

      const float begin_centre = (begin_bin + 0.5f) * wide;
      const float first_part = density * ((half_cube - cube(begin - begin_centre)) / 3);
      const float between = density * whole_bin;
      const float between_part = (end_bin - begin_bin - 1) * between;
      const float end_bin_begin = end_bin * wide;
      const float end_centre = end_bin_begin + half;
      const float last_part = density * ((cube(end - end_centre) + half_cube) / 3);
      const float two_parts = first_part + between_part;
      errors[i] = two_parts + last_part;
    }
    return TorchSumKernel::run(errors);
  }
};

}  // namespace detail

/// The sum of counts.
/// Rounding float, in the order of torch.sum
inline float histogram_sum(const std::array<float, histogram_bins>& counts, Isa isa = best_isa()) {
  return run_for<detail::TorchSumKernel>(isa, counts.data());
}

/// The error of a histogram in wide bins: the sum over bins of count / narrow * integral of (x - centre)^2.
/// Rounding float, in the order of torch.ao
/// Source   torch.ao.quantization.HistogramObserver
inline float histogram_error(WideBins bins, const std::array<float, histogram_bins>& counts, Isa isa = best_isa()) {
  return run_for<detail::HistogramErrorKernel>(isa, bins, counts.data());
}

}  // namespace quench::host
