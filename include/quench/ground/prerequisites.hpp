// SPDX-License-Identifier: Apache-2.0
// What every header needs: C++20, and that no single header has defined the same. Whatever header of quench is included,
// the compiler reads this one first. So nothing stands before these errors, and nothing follows them. Freestanding.
#pragma once

#if __cplusplus < 202002L
#error quench[cplusplus-20]: this file is compiled as an older C++ than C++20. quench needs concepts and constant evaluation of C++20. Compile with -std=c++20, or write in CMake: target_compile_features(your_target PRIVATE cxx_std_20).
#include <C++20, as the error above says>  // ends the compilation: hundreds of errors would follow
#endif

#if defined(QUENCH_SINGLE_HEADER)
#error quench[single-header]: a header <quench/...> is included after a single header. Both define the same names. Include either the headers, or quench_embedded.hpp and quench_all.hpp.
#include <either, as the error above says>  // ends the compilation
#endif
