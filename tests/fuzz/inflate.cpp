// SPDX-License-Identifier: Apache-2.0
// Any stream of deflate, of a size that is known before and of one that is not.
#include <quench/interop/inflate.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target inflate("inflate", [](Bytes stream) {
  namespace d = quench::interop::detail;
  read_or_refuse([&] {
    const d::Inflated inflated = d::inflate_at_most(stream, static_cast<std::size_t>(-1), 0, d::Wrapping::None);
    require(inflated.consumed <= stream.size());
    require(inflated.bytes.size() <= 1032 * stream.size());
    const d::Inflated known = d::inflate(stream, inflated.bytes.size());
    require(known.bytes == inflated.bytes && known.consumed == inflated.consumed);
    // What stands after the stream is not looked at.
    require(d::inflate(stream.first(inflated.consumed), inflated.bytes.size()).bytes == inflated.bytes);
    bool is_refused = false;
    try {
      d::inflate(stream, inflated.bytes.size() + 1);
    } catch (const quench::Error&) {
      is_refused = true;
    }
    require(is_refused);
  });
});

}  // namespace fuzz
