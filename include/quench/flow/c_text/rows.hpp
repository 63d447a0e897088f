// SPDX-License-Identifier: Apache-2.0
// The C text of operators over axes and of those that move values: kernels/softmax.hpp, layer_norm.hpp, reduce.hpp,
// rearrange.hpp and embedding.hpp with literals.
#pragma once

#include <quench/flow/c_text/step.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::detail::c_text {

void write_softmax(Step& step);
void write_row_norm(Step& step);
void write_reduction(Step& step);
void write_move(Step& step);
void write_lookup(Step& step);

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/rows_impl.hpp>
#endif
