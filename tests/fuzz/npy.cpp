// SPDX-License-Identifier: Apache-2.0
// A .npy file that is accepted is written and read back equal.
#include <quench/interop/npy.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace i = quench::interop;
  fuzz::read_or_refuse([&] { fuzz::check(i::detail::parse_any_npy(fuzz::bytes(data, size)), size); });
  fuzz::read_or_refuse([&] {
    const i::NamedArray array = i::parse_npy(fuzz::bytes(data, size));
    fuzz::require(array.type != i::ArrayType::Other);
    fuzz::require(array.shape.size() > 1000 || i::parse_npy(i::format_npy(array)) == array);
  });
  return 0;
}
