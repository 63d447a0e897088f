// SPDX-License-Identifier: Apache-2.0
// The arrays of a safetensors file that is accepted are written and read back equal.
#include <quench/interop/safetensors.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace i = quench::interop;
  fuzz::read_or_refuse([&] {
    i::NamedArrays arrays = i::parse_safetensors(fuzz::bytes(data, size));
    for (const auto& [name, array] : arrays) fuzz::check(array, size);
    arrays = fuzz::readable(std::move(arrays));
    fuzz::require(i::parse_safetensors(i::format_safetensors(arrays)) == arrays);
  });
  return 0;
}
