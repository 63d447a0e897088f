// SPDX-License-Identifier: Apache-2.0
// Requantization of a buffer on a device without operating system: integers only.
#include <quench/bits/multiplier.hpp>

extern "C" void requantize_int8(const std::int32_t* acc, std::int8_t* codes, int count, quench::Requantization record) {
  for (int i = 0; i < count; ++i) codes[i] = static_cast<std::int8_t>(quench::requantize<8>(acc[i], record));
}
