// SPDX-License-Identifier: Apache-2.0
// Where the bodies of functions are that no network is part of: in every file that uses them (header-only, the
// default), or once in a library.
//
// QUENCH_SEPARATE_COMPILATION stands for the library. The CMake target quench::compiled defines it. A header ends by
// including its bodies, which stand in `*_impl.hpp` beside it, if it is used header-only. quench/compiled.hpp includes
// all bodies. All files of a program have to agree.
#pragma once

#include <quench/ground/prerequisites.hpp>

#if defined(QUENCH_SEPARATE_COMPILATION)
#define QUENCH_HEADER_ONLY 0
#define QUENCH_INLINE
#else
#define QUENCH_HEADER_ONLY 1
#define QUENCH_INLINE inline
#endif
