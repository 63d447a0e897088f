// SPDX-License-Identifier: Apache-2.0
// IDX files, plain or packed with gzip: what is accepted is as long as its shape says.
#include <quench/interop/idx.hpp>
#include <quench/interop/inflate.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target idx("idx", [](Bytes file) {
  namespace i = quench::interop;
  read_or_refuse([&] {
    const i::NamedArray array = i::parse_idx(file);
    check(array, file.size());
    require(array.type != i::ArrayType::Other);
    if (!i::detail::is_gzip(file)) return;
    // Unpacked it is the same array; a member after it makes the file longer, zeros do not.
    const std::vector<std::byte> unpacked = i::detail::gunzip(file);
    require(i::parse_idx(unpacked) == array);
    std::vector<std::byte> padded(file.begin(), file.end());
    padded.resize(padded.size() + 9);
    require(i::parse_idx(padded) == array);
    padded.resize(file.size());
    i::detail::append(padded, file);
    require(i::detail::gunzip(padded).size() == 2 * unpacked.size());
  });
});

}  // namespace fuzz
