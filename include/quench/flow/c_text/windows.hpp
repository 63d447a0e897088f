// SPDX-License-Identifier: Apache-2.0
// The C text of pools and of Upsample: kernels/pooling.hpp and upsample.hpp with literals.
#pragma once

#include <quench/flow/c_text/step.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::detail::c_text {

void write_max_pool(Step& step);
void write_average_pool(Step& step);
void write_upsample(Step& step);

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/windows_impl.hpp>
#endif
