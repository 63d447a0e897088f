// SPDX-License-Identifier: Apache-2.0
// The arrays of a safetensors file that is accepted are written and read back equal.
#include <quench/interop/safetensors.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target safetensors("safetensors", [](Bytes file) {
  namespace i = quench::interop;
  read_or_refuse([&] {
    i::NamedArrays arrays = i::parse_safetensors(file);
    for (const auto& [name, array] : arrays) check(array, file.size());
    arrays = readable(std::move(arrays));
    require(i::parse_safetensors(i::format_safetensors(arrays)) == arrays);
  });
});

}  // namespace fuzz
