// SPDX-License-Identifier: Apache-2.0
// The version of quench. CMake reads it from here. Freestanding.
#pragma once

namespace quench {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 3;
inline constexpr int version_patch = 0;

}  // namespace quench
