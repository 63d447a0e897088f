// SPDX-License-Identifier: Apache-2.0
// Refuses an older C++ before any other error. Every header of quench that users include reads this one first. Freestanding.
#pragma once

#if __cplusplus < 202002L
#error quench[cplusplus-20]: this file is compiled as an older C++ than C++20. quench needs concepts and constant evaluation of C++20. Compile with -std=c++20, or write in CMake: target_compile_features(your_target PRIVATE cxx_std_20).
#include <C++20, as the error above says>  // ends the compilation: hundreds of errors would follow
#endif
