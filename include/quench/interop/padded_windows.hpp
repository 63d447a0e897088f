// SPDX-License-Identifier: Apache-2.0
// The windows of an imported convolution that reach zeros around its input, and how much what they find there weighs.
#pragma once

#include <cstdint>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>

namespace quench::interop::detail {

struct PaddedWindows {
  std::int64_t reaching = 0, all = 0;  // how many windows
  double most = 0;                     // the largest absolute sum of the taps outside, of any filter in any window
};

/// Of a Conv2d or Conv1d. Its input has the shape `x_shape`, of which [begin, end) along each axis is no padding. `of_taps`
/// [out, kh, kw] is what each tap gives outside.
/// Errors   model-not-understood: a setting is no number
PaddedWindows padded_windows(const ImportedStep& step, const std::vector<std::int64_t>& x_shape,
                             const std::vector<std::int64_t>& begin, const std::vector<std::int64_t>& end,
                             const std::vector<double>& of_taps);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/padded_windows_impl.hpp>
#endif
