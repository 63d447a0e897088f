// SPDX-License-Identifier: Apache-2.0
// The search of HistogramObserver for the part of a histogram that the codes should cover.
//
// The range starts with all 2048 bins. Each step drops 0.00001 of the values at the end with the longer stretch of
// nearly empty bins, as long as the quantization error does not grow. Arithmetic and order are those of torch 1.13, so
// that qparams are equal bit for bit.
#pragma once

#include <array>

#include <quench/ground/compiled.hpp>
#include <quench/host/observers/histogram.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// Bins of a HistogramObserver.
inline constexpr std::size_t histogram_bins = host::histogram_bins;

/// The counts of the bins of a HistogramObserver.
using HistogramCounts = std::array<float, histogram_bins>;

/// The part of the range of a histogram that the codes of a dtype should cover.
/// Units    counts of the values in `histogram_bins` equal bins on the range
/// Errors   none: the range is finite
/// Equals   HistogramObserver._non_linear_param_search of torch 1.13, bit for bit; if the squares there would exceed
///          the range of float (values beyond 2^38), the result for values divided by a power of two
/// Source   torch.ao.quantization.HistogramObserver; caffe2 norm_minimization.cc
Range searched_range(Range range, const HistogramCounts& counts, DType dtype);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/histogram_search_impl.hpp>
#endif
