// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/prerequisites.hpp>

// That an older C++ is refused first: packaging/check_old_standard.py. Single headers: packaging/check_single_header.py.
static_assert(__cplusplus >= 202002L);
