// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/cplusplus_20.hpp>

// That an older C++ is refused first: packaging/check_old_standard.py.
static_assert(__cplusplus >= 202002L);
