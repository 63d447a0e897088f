// SPDX-License-Identifier: Apache-2.0
// The C functions that steps share: the arithmetic of bits/ and kernels/ as C99.
//
// C leaves the right shift of a negative number to the compiler, and the left shift undefined. So right shifts are written
// with complements, which compilers turn into one instruction, and left shifts are products.
#pragma once

#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>

namespace quench::detail::c_text {

/// The structs and functions that a text uses, and those that they use, in an order that C takes. Others would be
/// reported as unused.
std::string helpers_of(std::string_view text);

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/helpers_impl.hpp>
#endif
