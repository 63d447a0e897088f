// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: a target reads any bytes, and stops the program where something does not hold.
#pragma once

#include <cstdint>
#include <cstdlib>

#include <quench/interop/named_arrays.hpp>

namespace fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Calls `f`. It may refuse the file, and throws nothing else.
template <class F>
void read_or_refuse(F&& f) {
  try {
    f();
  } catch (const quench::Error& error) {
    require(error.slug() == quench::diagnosis::file_not_readable.slug);
    require(error.evidence().size() < 1000);
  }
}

/// The arrays whose values were read.
inline quench::interop::NamedArrays readable(quench::interop::NamedArrays arrays) {
  std::erase_if(arrays, [](const auto& named) { return named.second.type == quench::interop::ArrayType::Other; });
  return arrays;
}

/// What must hold of each array of a file of `size` bytes that was accepted.
inline void check(const quench::interop::NamedArray& array, std::size_t size) {
  using quench::interop::ArrayType;
  require(array.elements() == quench::interop::detail::product(array.shape));
  require((array.type == ArrayType::Other) == !array.other_type.empty());
  require(array.type != ArrayType::Other || array.bytes.empty());
  require(array.bytes.size() <= 1032 * 2 * size);
}

inline quench::interop::detail::Bytes bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace fuzz
