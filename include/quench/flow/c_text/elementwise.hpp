// SPDX-License-Identifier: Apache-2.0
// The C text of operators whose element i comes from element i of their operands, and of cat: kernels/add.hpp, mul.hpp,
// maximum.hpp, scalar.hpp, relu.hpp, lookup.hpp and cat.hpp with literals.
#pragma once

#include <quench/flow/c_text/step.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::detail::c_text {

void write_addition(Step& step);
void write_product(Step& step);
void write_comparison(Step& step);
void write_scalar_addition(Step& step);
void write_scalar_product(Step& step);
void write_clamp(Step& step);
void write_function(Step& step);
void write_cat(Step& step);

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/elementwise_impl.hpp>
#endif
