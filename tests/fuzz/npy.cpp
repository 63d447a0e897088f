// SPDX-License-Identifier: Apache-2.0
// A .npy file that is accepted is written and read back equal.
#include <quench/interop/npy.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target npy("npy", [](Bytes file) {
  namespace i = quench::interop;
  read_or_refuse([&] { check(i::detail::parse_any_npy(file), file.size()); });
  read_or_refuse([&] {
    const i::NamedArray array = i::parse_npy(file);
    require(array.type != i::ArrayType::Other);
    require(array.shape.size() > 1000 || i::parse_npy(i::format_npy(array)) == array);
  });
});

}  // namespace fuzz
