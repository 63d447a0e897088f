// SPDX-License-Identifier: Apache-2.0
// The arrays of a .npz file that is accepted are written and read back equal.
#include <quench/interop/npz.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace i = quench::interop;
  fuzz::read_or_refuse([&] {
    i::NamedArrays arrays = i::parse_npz(fuzz::bytes(data, size));
    for (const auto& [name, array] : arrays) fuzz::check(array, size);
    arrays = fuzz::readable(std::move(arrays));
    std::erase_if(arrays, [](const auto& named) { return named.second.shape.size() > 1000; });
    fuzz::require(i::parse_npz(i::format_npz(arrays)) == arrays);
  });
  return 0;
}
