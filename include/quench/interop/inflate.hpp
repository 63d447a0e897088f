// SPDX-License-Identifier: Apache-2.0
// Unpacks deflate, for compressed members of .npz and for gzip.
//
// A decoder of our own is shorter than what a dependency would cost here: without one these headers work wherever a
// compiler does, and no conditional decides what a program can read. It is not the fastest (one lookup a symbol).
// A zip file tells the size of the result before: no more than that is ever written, and a size that deflate cannot reach
// (1032 times the input) is refused before memory is taken. A gzip file tells it after its data, so there the memory
// grows with what is unpacked, which is bounded by the input as well.
// Source: RFC 1951 (deflate), RFC 1952 (gzip).
#pragma once

#include <algorithm>
#include <limits>

#include <quench/interop/bytes.hpp>

namespace quench::interop::detail {

/// Takes bits from a file, the lowest bit of a byte first.
class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  /// The next bits (at most 32), which stay; zeros behind the end.
  std::uint32_t peek(int count) {
    while (held_ <= 56 && next_ < bytes_.size()) {
      bits_ |= static_cast<std::uint64_t>(bytes_[next_++]) << held_;
      held_ += 8;
    }
    return static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << count) - 1));
  }
  void drop(int count) {
    if (count > held_) refuse("the compressed data end too early");
    bits_ >>= count;
    held_ -= count;
  }
  std::uint32_t take(int count) {
    const std::uint32_t bits = peek(count);
    drop(count);
    return bits;
  }
  void skip_to_whole_byte() { drop(held_ % 8); }

  /// Bytes begun so far.
  std::size_t position() const { return next_ - static_cast<std::size_t>(held_ / 8); }

 private:
  Bytes bytes_;
  std::size_t next_ = 0;
  std::uint64_t bits_ = 0;
  int held_ = 0;
};

/// A prefix code of at most 15 bits: each way to go on looked up at once.
class PrefixCode {
 public:
  /// `lengths` are the bits of each symbol, 0 for one that does not occur. Codes of a length follow one another.
  explicit PrefixCode(std::span<const std::uint8_t> lengths) {
    std::array<std::uint32_t, 16> count{}, next{};
    for (const std::uint8_t length : lengths) ++count[length];
    for (int length = 1; length <= 15; ++length)
      if (count[static_cast<std::size_t>(length)] > 0) longest_ = length;
    std::uint32_t code = 0;
    for (std::size_t length = 1; length <= 15; ++length) {
      next[length] = code;
      code = (code + count[length]) << 1;
      if (code > 2u << length) refuse("the compressed data are damaged: a code with too many symbols");
    }
    table_.resize(std::size_t{1} << longest_);
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      const std::size_t length = lengths[symbol];
      if (length == 0) continue;
      std::size_t reversed = 0;
      for (std::size_t bit = 0, bits = next[length]++; bit < length; ++bit)
        reversed = reversed << 1 | (bits >> bit & 1);
      for (std::size_t i = reversed; i < table_.size(); i += std::size_t{1} << length)
        table_[i] = static_cast<std::uint16_t>(symbol << 4 | length);
    }
  }

  std::size_t read(BitReader& bits) const {
    const std::uint16_t entry = table_[bits.peek(longest_)];
    if (entry == 0) refuse("the compressed data are damaged: no symbol has this code");
    bits.drop(entry & 15);
    return entry >> 4;
  }

 private:
  int longest_ = 0;
  std::vector<std::uint16_t> table_;  // symbol << 4 | length; 0 where no code is
};

/// A length or a distance begins at `base` and goes on with `extra` bits.
struct LengthClass {
  std::uint16_t base;
  std::uint8_t extra;
};

// Each number of extra bits serves four lengths, or two distances; 0 serves twice as many.
template <std::size_t Count>
constexpr std::array<LengthClass, Count> length_classes(int first, std::size_t each) {
  std::array<LengthClass, Count> classes{};
  for (std::size_t i = 0; i < Count; ++i) {
    const auto extra = static_cast<std::uint8_t>(i < 2 * each ? 0 : i / each - 1);
    classes[i] = {static_cast<std::uint16_t>(first), extra};
    first += 1 << extra;
  }
  return classes;
}
inline constexpr auto match_lengths = [] {
  auto classes = length_classes<29>(3, 4);
  classes[28] = {258, 0};
  return classes;
}();
inline constexpr auto match_distances = length_classes<30>(1, 2);
static_assert(match_lengths[27].base == 227 && match_lengths[27].extra == 5);
static_assert(match_distances[29].base == 24577 && match_distances[29].extra == 13);

/// The two codes that a block begins with.
inline std::pair<PrefixCode, PrefixCode> read_codes(BitReader& bits) {
  constexpr std::uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  const std::size_t symbols = bits.take(5) + 257, distances = bits.take(5) + 1, count = bits.take(4) + 4;
  if (symbols > 286 || distances > 30) refuse("the compressed data are damaged: too many symbols");
  std::array<std::uint8_t, 19> length_of_length{};
  for (std::size_t i = 0; i < count; ++i) length_of_length[order[i]] = static_cast<std::uint8_t>(bits.take(3));
  const PrefixCode code(length_of_length);
  std::vector<std::uint8_t> lengths;
  while (lengths.size() < symbols + distances) {
    const std::size_t symbol = code.read(bits);
    if (symbol < 16) {
      lengths.push_back(static_cast<std::uint8_t>(symbol));
      continue;
    }
    if (symbol == 16 && lengths.empty()) refuse("the compressed data are damaged: nothing to repeat");
    const std::uint8_t repeated = symbol == 16 ? lengths.back() : std::uint8_t{0};
    const std::size_t times = symbol == 16 ? 3 + bits.take(2) : symbol == 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    lengths.insert(lengths.end(), times, repeated);
  }
  if (lengths.size() > symbols + distances) refuse("the compressed data are damaged: too many code lengths");
  return {PrefixCode(std::span(lengths).first(symbols)), PrefixCode(std::span(lengths).subspan(symbols))};
}

inline std::pair<PrefixCode, PrefixCode> fixed_codes() {
  std::array<std::uint8_t, 288> symbols{};
  for (std::size_t i = 0; i < 288; ++i) symbols[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  std::array<std::uint8_t, 30> distances{};
  distances.fill(5);
  return {PrefixCode(symbols), PrefixCode(distances)};
}

struct Inflated {
  std::vector<std::byte> bytes;
  std::size_t consumed = 0;  // bytes of the input
};

/// Unpacks a stream of deflate that gives at most `most` bytes, of which `expected` are taken at once; more may stand
/// behind it.
/// Errors   file-not-readable: damaged, cut off, or longer
inline Inflated inflate_at_most(Bytes stream, std::size_t most, std::size_t expected) {
  Inflated result;
  result.bytes.resize(expected);
  std::byte* bytes = result.bytes.data();
  std::size_t at = 0;
  BitReader bits(stream);
  const auto make_room = [&](std::size_t count) {
    if (count > most - at) refuse("the compressed data are longer than it says");
    if (count <= result.bytes.size() - at) return;
    result.bytes.resize(std::max(at + count, std::min(most, 2 * at)));
    bytes = result.bytes.data();
  };
  for (bool is_last = false; !is_last;) {
    is_last = bits.take(1) == 1;
    const std::uint32_t kind = bits.take(2);
    if (kind == 3) refuse("the compressed data are damaged: there is no such block");
    if (kind == 0) {
      bits.skip_to_whole_byte();
      const std::uint32_t count = bits.take(16), complement = bits.take(16);
      if ((count ^ complement) != 0xffff) refuse("the compressed data are damaged: the size of a block");
      make_room(count);
      for (std::uint32_t i = 0; i < count; ++i) bytes[at++] = static_cast<std::byte>(bits.take(8));
      continue;
    }
    const auto [symbols, distances] = kind == 1 ? fixed_codes() : read_codes(bits);
    for (std::size_t symbol = symbols.read(bits); symbol != 256; symbol = symbols.read(bits)) {
      if (symbol < 256) {
        make_room(1);
        bytes[at++] = static_cast<std::byte>(symbol);
        continue;
      }
      if (symbol - 257 >= match_lengths.size()) refuse("the compressed data are damaged: there is no such length");
      const LengthClass length_class = match_lengths[symbol - 257];
      const std::size_t length = length_class.base + bits.take(length_class.extra);
      const LengthClass distance_class = match_distances[distances.read(bits)];
      const std::size_t distance = distance_class.base + bits.take(distance_class.extra);
      if (distance > at) refuse("the compressed data are damaged: a copy from before the beginning");
      make_room(length);
      for (const std::size_t end = at + length; at < end; ++at) bytes[at] = bytes[at - distance];  // they may overlap
    }
  }
  result.bytes.resize(at);
  result.consumed = bits.position();
  return result;
}

/// Unpacks a stream of deflate that gives `size` bytes; more may stand behind it.
/// Errors   file-not-readable: damaged, cut off, or of another size
inline Inflated inflate(Bytes stream, std::size_t size) {
  if (size / 1032 > stream.size()) refuse("compressed data cannot become as long as it says");
  Inflated result = inflate_at_most(stream, size, size);
  if (result.bytes.size() != size) refuse("the compressed data are shorter than it says");
  return result;
}

/// Whether bytes begin as a gzip file does.
inline bool is_gzip(Bytes bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

/// Passes over the header of a gzip member.
inline void read_gzip_header(ByteReader& reader, Bytes file) {
  const std::size_t begin = reader.position();
  if (reader.little<std::uint16_t>() != 0x8b1f) refuse("it is no gzip file");
  if (reader.little<std::uint8_t>() != 8) refuse("it is not compressed with deflate");
  const auto flags = reader.little<std::uint8_t>();
  if ((flags & 0xe0) != 0) refuse("its gzip header has flags that are not known");
  reader.take(6);  // when and where it was made
  if ((flags & 4) != 0) reader.take(reader.little<std::uint16_t>());
  for (const int text : {8, 16})  // its name, a remark
    while ((flags & text) != 0 && reader.little<std::uint8_t>() != 0) continue;
  if ((flags & 2) != 0) {
    const std::uint32_t checksum = crc32(file.subspan(begin, reader.position() - begin)) & 0xffff;
    if (reader.little<std::uint16_t>() != checksum) refuse("its gzip header is damaged: the checksum differs");
  }
}

/// The content of a gzip file: that of all its members, one after the other. Zeros may stand behind the last.
/// Errors   file-not-readable: damaged, cut off, a checksum that differs, anything else behind a member
inline std::vector<std::byte> gunzip(Bytes file) {
  ByteReader reader(file);
  std::vector<std::byte> content;
  const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
  do {
    read_gzip_header(reader, file);
    const Bytes rest = file.subspan(reader.position());
    Inflated member = inflate_at_most(rest, std::numeric_limits<std::size_t>::max() - content.size(), 0);
    reader.take(member.consumed);
    if (reader.little<std::uint32_t>() != crc32(member.bytes)) refuse("it is damaged: the checksum differs");
    if (reader.little<std::uint32_t>() != (member.bytes.size() & 0xffffffff)) refuse("it is not as long as it says");
    if (content.empty())
      content = std::move(member.bytes);
    else
      append(content, member.bytes);
    const Bytes behind = file.subspan(reader.position());
    if (std::all_of(behind.begin(), behind.end(), is_zero)) return content;
    if (!is_gzip(behind)) refuse("there is more behind the end of the compressed data");
  } while (true);
}

}  // namespace quench::interop::detail
