// SPDX-License-Identifier: Apache-2.0
// Any stream of deflate, of a size that is known before and of one that is not.
#include <quench/interop/inflate.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace d = quench::interop::detail;
  const auto stream = fuzz::bytes(data, size);
  fuzz::read_or_refuse([&] {
    const d::Inflated inflated = d::inflate_at_most(stream, static_cast<std::size_t>(-1), 0, d::Wrapping::None);
    fuzz::require(inflated.consumed <= size);
    fuzz::require(inflated.bytes.size() <= 1032 * size);
    const d::Inflated known = d::inflate(stream, inflated.bytes.size());
    fuzz::require(known.bytes == inflated.bytes && known.consumed == inflated.consumed);
    // What stands after the stream is not looked at.
    fuzz::require(d::inflate(stream.first(inflated.consumed), inflated.bytes.size()).bytes == inflated.bytes);
    bool is_refused = false;
    try {
      d::inflate(stream, inflated.bytes.size() + 1);
    } catch (const quench::Error&) {
      is_refused = true;
    }
    fuzz::require(is_refused);
  });
  return 0;
}
