// SPDX-License-Identifier: Apache-2.0
// The version of quench. CMake and the packages read it from here. Freestanding.
//
//   #if QUENCH_VERSION >= 400   // 0.4.0 or later
#pragma once

#include <quench/ground/prerequisites.hpp>

#define QUENCH_VERSION_MAJOR 0
#define QUENCH_VERSION_MINOR 4
#define QUENCH_VERSION_PATCH 0
#define QUENCH_VERSION (QUENCH_VERSION_MAJOR * 10000 + QUENCH_VERSION_MINOR * 100 + QUENCH_VERSION_PATCH)

namespace quench {

/// The first number of the version. While it is 0, the second number changes when interfaces do.
inline constexpr int version_major = QUENCH_VERSION_MAJOR;
/// The second number of the version.
inline constexpr int version_minor = QUENCH_VERSION_MINOR;
/// The third number of the version. It counts corrections that change no interface.
inline constexpr int version_patch = QUENCH_VERSION_PATCH;

}  // namespace quench
