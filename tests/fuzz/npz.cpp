// SPDX-License-Identifier: Apache-2.0
// The arrays of a .npz file that is accepted are written and read back equal.
#include <quench/interop/npz.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target npz("npz", [](Bytes file) {
  namespace i = quench::interop;
  read_or_refuse([&] {
    i::NamedArrays arrays = i::parse_npz(file);
    for (const auto& [name, array] : arrays) check(array, file.size());
    arrays = readable(std::move(arrays));
    std::erase_if(arrays, [](const auto& named) { return named.second.shape.size() > 1000; });
    require(i::parse_npz(i::format_npz(arrays)) == arrays);
  });
});

}  // namespace fuzz
