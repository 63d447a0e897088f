// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/idx.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <quench/interop/inflate.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

QUENCH_INLINE NamedArray parse_idx(std::span<const std::byte> bytes) {
  if (detail::is_gzip(bytes)) {
    const std::vector<std::byte> unpacked = detail::gunzip(bytes);
    if (detail::is_gzip(unpacked)) detail::refuse("it is packed twice");
    return parse_idx(unpacked);
  }
  detail::ByteReader file(bytes);
  if (file.big<std::uint16_t>() != 0) detail::refuse("it is no IDX file");
  const auto code = file.little<std::uint8_t>();
  constexpr std::pair<int, ArrayType> types[] = {{0x08, ArrayType::UInt8},   {0x09, ArrayType::Int8},
                                                 {0x0b, ArrayType::Int16},   {0x0c, ArrayType::Int32},
                                                 {0x0d, ArrayType::Float32}, {0x0e, ArrayType::Float64}};
  const auto* type = std::find_if(std::begin(types), std::end(types), [&](const auto& t) { return t.first == code; });
  if (type == std::end(types)) detail::refuse("it is no IDX file, or its type " + std::to_string(code) + " is unknown");
  std::vector<std::size_t> shape(file.little<std::uint8_t>());
  for (std::size_t& extent : shape) extent = file.big<std::uint32_t>();
  return detail::array_of(type->second, detail::Stored::AsIs, true, std::move(shape), file.take(file.left()));
}

QUENCH_INLINE NamedArray read_idx(const std::filesystem::path& path) {
  const auto bytes = tensors::read_file(path);
  return detail::reading(path.string(), [&] { return parse_idx(bytes); });
}

}  // namespace quench::interop
