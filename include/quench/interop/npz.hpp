// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz format: a zip file with a .npy file for each array.
//
// Read are the files of numpy.savez and numpy.savez_compressed; written is what numpy.savez would, without compression.
// The list of members at the end of the file counts, not their own headers. Files of 4 GiB and more are refused.
// Source: PKWARE's APPNOTE.TXT 6.3.
#pragma once

#include <algorithm>

#include <quench/interop/inflate.hpp>
#include <quench/interop/npy.hpp>

namespace quench::interop {

namespace detail {

inline constexpr std::uint32_t zip_member = 0x04034b50, zip_entry = 0x02014b50, zip_end = 0x06054b50;

/// A member of a zip file, as the list says.
struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;
  std::uint32_t checksum = 0, packed = 0, size = 0, offset = 0;
};

/// The list of members.
struct ZipList {
  std::vector<ZipEntry> entries;
  std::size_t begin = 0;
};

/// Where the record stands that ends the file: the last that is followed by a remark of the length it says.
inline std::size_t find_zip_end(Bytes file) {
  constexpr std::size_t size = 22;
  for (std::size_t back = size; back <= std::min(file.size(), size + 0xffff); ++back) {
    ByteReader record(file, file.size() - back);
    if (record.little<std::uint32_t>() != zip_end) continue;
    record.take(size - 6);
    if (record.little<std::uint16_t>() == record.left()) return file.size() - back;
  }
  refuse("it is no .npz file, or its end is missing");
}

inline ZipList read_zip_list(Bytes file) {
  const std::size_t end = find_zip_end(file);
  ByteReader record(file, end + 4);
  const auto disk = record.little<std::uint16_t>(), first_disk = record.little<std::uint16_t>();
  const auto count_here = record.little<std::uint16_t>(), count = record.little<std::uint16_t>();
  const auto size = record.little<std::uint32_t>(), begin = record.little<std::uint32_t>();
  if (count == 0xffff || begin == 0xffffffff) refuse("a .npz file of 4 GiB or more is not supported; use safetensors");
  if (disk != 0 || first_disk != 0 || count_here != count || begin > end || end - begin != size)
    refuse("the list of its members is damaged");
  ZipList list{{}, begin};
  ByteReader reader(file.subspan(begin, size));
  for (int i = 0; i < count; ++i) {
    if (reader.little<std::uint32_t>() != zip_entry) refuse("the list of its members is damaged");
    reader.take(4);  // versions
    const auto flags = reader.little<std::uint16_t>();
    ZipEntry entry;
    entry.method = reader.little<std::uint16_t>();
    reader.take(4);  // time
    entry.checksum = reader.little<std::uint32_t>();
    entry.packed = reader.little<std::uint32_t>();
    entry.size = reader.little<std::uint32_t>();
    const std::size_t name = reader.little<std::uint16_t>(), extra = reader.little<std::uint16_t>();
    const std::size_t remark = reader.little<std::uint16_t>();
    reader.take(8);  // disk, attributes
    entry.offset = reader.little<std::uint32_t>();
    entry.name = as_text(reader.take(name));
    reader.take(extra + remark);
    if ((flags & 1) != 0) refuse(shown(entry.name) + " is encrypted");
    if (entry.packed == 0xffffffff || entry.size == 0xffffffff || entry.offset == 0xffffffff)
      refuse(shown(entry.name) + " has 4 GiB or more, which is not supported; use safetensors");
    list.entries.push_back(std::move(entry));
  }
  if (reader.left() != 0) refuse("the list of its members is damaged");
  return list;
}

/// The bytes of a member as they stand in the file, and where they end.
inline std::pair<Bytes, std::size_t> find_zip_member(Bytes file, const ZipEntry& entry) {
  ByteReader reader(file, entry.offset);
  if (reader.little<std::uint32_t>() != zip_member) refuse("it does not begin where the list says");
  reader.take(4);
  const auto method = reader.little<std::uint16_t>();
  reader.take(16);
  const std::size_t name = reader.little<std::uint16_t>(), extra = reader.little<std::uint16_t>();
  if (as_text(reader.take(name)) != entry.name || method != entry.method)
    refuse("its own header differs from the list");
  reader.take(extra);
  const Bytes packed = reader.take(entry.packed);
  return {packed, reader.position()};
}

inline std::vector<std::byte> unpack(const ZipEntry& entry, Bytes packed) {
  std::vector<std::byte> bytes;
  if (entry.method == 0) {
    if (packed.size() != entry.size) refuse("it is not as long as it says");
    bytes.assign(packed.begin(), packed.end());
  } else if (entry.method == 8) {
    Inflated inflated = inflate(packed, entry.size);
    if (inflated.consumed != packed.size()) refuse("there is more behind the end of the compressed data");
    bytes = std::move(inflated.bytes);
  } else {
    refuse("it is compressed by method " + std::to_string(entry.method) + "; use numpy.savez");
  }
  if (crc32(bytes) != entry.checksum) refuse("it is damaged: the checksum differs");
  return bytes;
}

}  // namespace detail

/// The arrays of a .npz file in memory, by their names without ".npy".
/// Errors   file-not-readable: damaged, a member that is no .npy file, members that overlap, a name twice, 4 GiB or more
inline NamedArrays parse_npz(std::span<const std::byte> bytes) {
  detail::ZipList list = detail::read_zip_list(bytes);
  const std::span<const std::byte> members = bytes.first(list.begin);
  std::sort(list.entries.begin(), list.entries.end(),
            [](const detail::ZipEntry& a, const detail::ZipEntry& b) { return a.offset < b.offset; });
  NamedArrays arrays;
  std::size_t end = 0;
  for (const detail::ZipEntry& entry : list.entries)
    detail::reading(detail::shown(entry.name), [&] {
      if (!entry.name.ends_with(".npy") || !detail::is_utf8(entry.name))
        detail::refuse("it is no .npy file by its name");
      if (entry.offset < end) detail::refuse("it overlaps another member");
      const auto [packed, end_of_member] = detail::find_zip_member(members, entry);
      end = end_of_member;
      const std::string name = entry.name.substr(0, entry.name.size() - 4);
      if (!arrays.emplace(name, parse_npy(detail::unpack(entry, packed))).second) detail::refuse("it is there twice");
    });
  return arrays;
}

/// The arrays as a .npz file in memory.
/// Errors   shape-mismatch; file-not-writable: a name that is too long or not UTF-8, 4 GiB or more
inline std::vector<std::byte> format_npz(const NamedArrays& arrays) {
  if (arrays.size() >= 0xffff) throw Error(diagnosis::file_not_writable, "too many arrays for .npz; use safetensors");
  std::vector<std::byte> file, list;
  for (const auto& [name, array] : arrays) {
    detail::check_writable(name, array);
    const std::string path = name + ".npy";
    if (path.size() > 0xffff) throw Error(diagnosis::file_not_writable, "a name is too long for .npz");
    const std::vector<std::byte> member = format_npy(array);
    // So far, and room for the list, in which each takes less than it does here.
    if (2 * (list.size() + path.size() + 100) + file.size() + member.size() >= 0xffffffff)
      throw Error(diagnosis::file_not_writable, "a .npz file holds less than 4 GiB; use safetensors");
    const auto offset = static_cast<std::uint32_t>(file.size()), size = static_cast<std::uint32_t>(member.size());
    std::vector<std::byte> common;
    for (const int field : {20, 1 << 11, 0, 0, 33})  // version 2.0, names in UTF-8, stored, 1980-01-01 00:00
      detail::append_little(common, static_cast<std::uint16_t>(field));
    for (const std::uint32_t field : {detail::crc32(member), size, size}) detail::append_little(common, field);
    detail::append_little(common, static_cast<std::uint16_t>(path.size()));
    detail::append_little(common, std::uint16_t{0});
    detail::append_little(file, detail::zip_member);
    detail::append(file, common);
    detail::append(file, path);
    detail::append(file, member);
    detail::append_little(list, detail::zip_entry);
    detail::append_little(list, std::uint16_t{20});
    detail::append(list, common);
    list.resize(list.size() + 10);  // no remark, one disk, no attributes
    detail::append_little(list, offset);
    detail::append(list, path);
  }
  const auto begin = static_cast<std::uint32_t>(file.size()), size = static_cast<std::uint32_t>(list.size());
  const auto count = static_cast<std::uint16_t>(arrays.size());
  detail::append(file, list);
  detail::append_little(file, detail::zip_end);
  for (const std::uint16_t field : {std::uint16_t{0}, std::uint16_t{0}, count, count})
    detail::append_little(file, field);
  detail::append_little(file, size);
  detail::append_little(file, begin);
  detail::append_little(file, std::uint16_t{0});
  return file;
}

/// Reads a .npz file.
/// Errors   as parse_npz, with the path
inline NamedArrays read_npz(const std::filesystem::path& path) {
  const auto bytes = quench::detail::read_file(path);
  return detail::reading(path.string(), [&] { return parse_npz(bytes); });
}

/// Writes a .npz file, whole or not at all.
/// Errors   as format_npz, and file-not-writable with the path
inline void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  quench::detail::write_file(path, format_npz(arrays));
}

}  // namespace quench::interop
