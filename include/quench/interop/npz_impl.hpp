// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/npz.hpp>

#include <algorithm>
#include <cstring>
#include <string>

#include <quench/interop/inflate.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

inline constexpr std::uint32_t zip_member = 0x04034b50, zip_entry = 0x02014b50, zip_end = 0x06054b50,
                               zip64_end = 0x06064b50, zip64_locator = 0x07064b50;

inline constexpr std::uint64_t in_zip64 = 0xffffffff;  // marks a number that is stored elsewhere with 64 bits

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;
  std::uint32_t checksum = 0;
  std::uint64_t packed = 0, size = 0, offset = 0;
};

struct ZipList {
  std::vector<ZipEntry> entries;
  std::size_t begin = 0;
};

/// The position of the record that ends the file: the last one followed by a comment of the length it gives.
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

struct ZipEnd {
  std::uint64_t disk = 0, first_disk = 0, count_here = 0, count = 0, size = 0, begin = 0;
  std::size_t end = 0;  // where the list must end
};

inline ZipEnd read_zip_end(Bytes file) {
  const std::size_t at = find_zip_end(file);
  ByteReader record(file, at + 4);
  ZipEnd end;
  end.end = at;
  for (std::uint64_t* field : {&end.disk, &end.first_disk, &end.count_here, &end.count})
    *field = record.little<std::uint16_t>();
  for (std::uint64_t* field : {&end.size, &end.begin}) *field = record.little<std::uint32_t>();
  if (end.begin + end.size == at) return end;  // else zip64 records come between; some writers always add them
  constexpr std::size_t locator_size = 20;
  if (at < locator_size) refuse("the list of its members is damaged");
  ByteReader locator(file, at - locator_size);
  if (locator.little<std::uint32_t>() != zip64_locator) refuse("the list of its members is damaged");
  locator.take(4);
  const auto place = locator.little<std::uint64_t>();
  if (place > at) refuse("the list of its members is damaged");
  ByteReader wide(file, static_cast<std::size_t>(place));
  if (wide.little<std::uint32_t>() != zip64_end) refuse("the list of its members is damaged");
  wide.take(12);  // its size, versions
  for (std::uint64_t* field : {&end.disk, &end.first_disk}) *field = wide.little<std::uint32_t>();
  for (std::uint64_t* field : {&end.count_here, &end.count, &end.size, &end.begin})
    *field = wide.little<std::uint64_t>();
  end.end = static_cast<std::size_t>(place);
  return end;
}

/// The 64-bit numbers of an entry, from a field of its extras.
inline void read_zip64(ZipEntry& entry, Bytes extras) {
  ByteReader reader(extras);
  while (reader.left() >= 4) {
    const auto kind = reader.little<std::uint16_t>(), size = reader.little<std::uint16_t>();
    ByteReader field(reader.take(size));
    if (kind != 1) continue;
    for (std::uint64_t* number : {&entry.size, &entry.packed, &entry.offset})
      if (*number == in_zip64) *number = field.little<std::uint64_t>();
    return;
  }
}

inline ZipList read_zip_list(Bytes file) {
  const ZipEnd end = read_zip_end(file);
  if (end.disk != 0 || end.first_disk != 0 || end.count_here != end.count || end.begin > end.end ||
      end.end - end.begin != end.size)
    refuse("the list of its members is damaged");
  ZipList list{{}, static_cast<std::size_t>(end.begin)};
  ByteReader reader(file.subspan(list.begin, static_cast<std::size_t>(end.size)));
  for (std::uint64_t i = 0; i < end.count; ++i) {
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
    read_zip64(entry, reader.take(extra));
    reader.take(remark);
    if ((flags & 1) != 0) refuse(shown(entry.name) + " is encrypted");
    list.entries.push_back(std::move(entry));
  }
  if (reader.left() != 0) refuse("the list of its members is damaged");
  return list;
}

/// The stored bytes of a member, and the position after them.
inline std::pair<Bytes, std::size_t> find_zip_member(Bytes file, const ZipEntry& entry) {
  if (entry.offset > file.size() || entry.packed > file.size()) refuse("it ends too early");
  ByteReader reader(file, static_cast<std::size_t>(entry.offset));
  if (reader.little<std::uint32_t>() != zip_member) refuse("it does not begin where the list says");
  reader.take(4);
  const auto method = reader.little<std::uint16_t>();
  reader.take(16);
  const std::size_t name = reader.little<std::uint16_t>(), extra = reader.little<std::uint16_t>();
  if (as_text(reader.take(name)) != entry.name || method != entry.method)
    refuse("its own header differs from the list");
  reader.take(extra);
  const Bytes packed = reader.take(static_cast<std::size_t>(entry.packed));
  return {packed, reader.position()};
}

inline std::vector<std::byte> unpack(const ZipEntry& entry, Bytes packed) {
  std::vector<std::byte> bytes;
  if (entry.method == 0) {
    if (packed.size() != entry.size) refuse("it is not as long as the list says");
    bytes.assign(packed.begin(), packed.end());
  } else if (entry.method == 8) {
    Inflated inflated = inflate(packed, static_cast<std::size_t>(entry.size));
    if (inflated.consumed != packed.size()) refuse("there is more after the end of the compressed data");
    bytes = std::move(inflated.bytes);
  } else {
    refuse("it is compressed by method " + std::to_string(entry.method) + "; use numpy.savez");
  }
  if (crc32(bytes) != entry.checksum) refuse("it is damaged: the checksum differs");
  return bytes;
}

}  // namespace detail

QUENCH_INLINE NamedArrays parse_npz(std::span<const std::byte> bytes) {
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
      if (!arrays.emplace(name, detail::parse_any_npy(detail::unpack(entry, packed))).second)
        detail::refuse("it is there twice");
    });
  return arrays;
}

QUENCH_INLINE std::vector<std::byte> format_npz(const NamedArrays& arrays) {
  if (arrays.size() >= 0xffff) throw Error(diagnosis::file_not_writable, "too many arrays for .npz; use safetensors");
  std::vector<std::byte> file, list;
  for (const auto& [name, array] : arrays) {
    detail::check_writable(name, array);
    const std::string path = name + ".npy";
    if (path.size() > 0xffff) throw Error(diagnosis::file_not_writable, "a name is too long for .npz");
    const std::vector<std::byte> member = format_npy(array);
    // An upper bound of the size of the whole file.
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
    list.resize(list.size() + 10);  // no comment, one disk, no attributes
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

QUENCH_INLINE NamedArrays read_npz(const std::filesystem::path& path) {
  const auto bytes = tensors::read_file(path);
  return detail::reading(path.string(), [&] { return parse_npz(bytes); });
}

QUENCH_INLINE void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  tensors::write_file(path, format_npz(arrays));
}

}  // namespace quench::interop
