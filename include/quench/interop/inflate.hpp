// SPDX-License-Identifier: Apache-2.0
// Unpacks deflate with zlib, for compressed members of .npz and for gzip.
//
// zlib is optional. The target quench::quench links zlib if CMake finds it, and defines QUENCH_WITH_ZLIB. To build by
// hand, define QUENCH_WITH_ZLIB=1 and link with -lz. Without zlib, compressed files are refused. A zip file gives the
// unpacked size in advance. quench writes no more than that, and refuses a size that deflate cannot reach (1032 times
// the input) before it allocates memory. A gzip file gives the size after its data, so the memory grows during
// unpacking.
#pragma once

#ifdef QUENCH_WITH_ZLIB
#include <zlib.h>
#endif

#include <algorithm>
#include <limits>

#include <quench/interop/bytes.hpp>

namespace quench::interop::detail {

/// The unpacked bytes, and how many bytes of the input they took.
struct Inflated {
  std::vector<std::byte> bytes;
  std::size_t consumed = 0;
};

/// The wrapper of a stream, in zlib's numbers.
enum class Wrapping : int { None = -15, Gzip = 15 + 16 };

#ifdef QUENCH_WITH_ZLIB

/// Unpacks a stream to at most `most` bytes and reserves `expected` bytes. Other data may follow the stream.
/// Errors   file-not-readable: damaged, cut off, or longer
inline Inflated inflate_at_most(Bytes stream, std::size_t most, std::size_t expected, Wrapping wrapping) {
  struct Stream : z_stream {
    explicit Stream(int bits) : z_stream{} {
      if (::inflateInit2(this, bits) != Z_OK) throw std::bad_alloc();
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { ::inflateEnd(this); }
  } z(static_cast<int>(wrapping));
  constexpr std::size_t largest_step = std::numeric_limits<uInt>::max();
  Inflated result;
  result.bytes.resize(std::max<std::size_t>(expected, 1));
  std::size_t written = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (written == result.bytes.size()) {
      // The buffer has one byte more than `most`, which shows a longer stream.
      if (written > most) refuse("the compressed data are longer than the file says");
      result.bytes.resize(written < most / 2 ? 2 * written : most < std::size_t(-1) ? most + 1 : most);
    }
    const std::size_t left = std::min(stream.size() - result.consumed, largest_step);
    const std::size_t room = std::min(result.bytes.size() - written, largest_step);
    z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stream.data() + result.consumed));  // zlib only reads
    z.avail_in = static_cast<uInt>(left);
    z.next_out = reinterpret_cast<Bytef*>(result.bytes.data() + written);
    z.avail_out = static_cast<uInt>(room);
    status = ::inflate(&z, Z_NO_FLUSH);
    result.consumed += left - z.avail_in;
    written += room - z.avail_out;
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      refuse(std::string("the compressed data are damaged: ") + (z.msg != nullptr ? z.msg : "no stream of deflate"));
    if (status != Z_STREAM_END && z.avail_out > 0 && result.consumed == stream.size())
      refuse("the compressed data end too early");
  }
  if (written > most) refuse("the compressed data are longer than the file says");
  result.bytes.resize(written);
  return result;
}

#else

inline Inflated inflate_at_most(Bytes, std::size_t, std::size_t, Wrapping) {
  refuse(
      "it is compressed, and this program was built without zlib; link quench::quench where CMake finds ZLIB, or "
      "define QUENCH_WITH_ZLIB=1 and link with -lz");
}

#endif

/// Unpacks a stream of deflate to `size` bytes. Other data may follow the stream.
/// Errors   file-not-readable: damaged, cut off, of another size, or built without zlib
inline Inflated inflate(Bytes stream, std::size_t size) {
  if (size / 1032 > stream.size()) refuse("compressed data cannot become as long as the file says");
  Inflated result = inflate_at_most(stream, size, size, Wrapping::None);
  if (result.bytes.size() != size) refuse("the compressed data are shorter than the file says");
  return result;
}

inline bool is_gzip(Bytes bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

/// The contents of all members of a gzip file, concatenated. Zeros may follow each member.
/// Errors   file-not-readable: damaged, cut off, a checksum that differs, other bytes after a member, or built without
///          zlib
inline std::vector<std::byte> gunzip(Bytes file) {
  std::vector<std::byte> content;
  if (!is_gzip(file)) refuse("it is no gzip file");
  for (Bytes rest = file;;) {
    Inflated member =
        inflate_at_most(rest, std::numeric_limits<std::size_t>::max() - content.size(), 0, Wrapping::Gzip);
    rest = rest.subspan(member.consumed);
    if (content.empty())
      content = std::move(member.bytes);
    else
      append(content, member.bytes);
    const auto next = std::find_if(rest.begin(), rest.end(), [](std::byte byte) { return byte != std::byte{0}; });
    if (next == rest.end()) return content;
    rest = rest.subspan(static_cast<std::size_t>(next - rest.begin()));
    if (!is_gzip(rest)) refuse("there is more after the end of the compressed data");
  }
}

}  // namespace quench::interop::detail
