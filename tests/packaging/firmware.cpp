// SPDX-License-Identifier: Apache-2.0
#include "net.hpp"

int parameters() { return static_cast<int>(quench::parameter_count(quench::graph<Net>)); }
