// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/named_arrays.hpp>

#include <cstring>
#include <limits>
#include <utility>

namespace quench::interop {

namespace detail {

QUENCH_INLINE std::string text(const std::vector<std::size_t>& shape) {
  std::string result = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    result += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  return result + "]";
}

QUENCH_INLINE std::string shown(const std::vector<std::size_t>& shape) {
  constexpr std::ptrdiff_t most = 8;
  if (std::ssize(shape) <= most) return text(shape);
  const std::string first = text({shape.begin(), shape.begin() + most});
  return first.substr(0, first.size() - 1) + ", ...] of " + std::to_string(shape.size()) + " axes";
}

/// True if the bytes of the shape, ignoring extents of 0, fit the address space.
inline bool has_possible_size(const std::vector<std::size_t>& shape) {
  std::size_t most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 8;
  for (const std::size_t extent : shape)
    if (extent != 0) most /= extent;
  return most > 0;
}

/// The product of the extents; 1 for a single number.
inline std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t result = 1;
  for (const std::size_t extent : shape) result *= extent;
  return result;
}

/// The number of elements of an array in a file.
/// Errors   file-not-readable if the bytes in the file do not match
inline std::size_t checked_elements(const std::vector<std::size_t>& shape, std::size_t element, std::size_t bytes) {
  if (!has_possible_size(shape)) refuse("its shape " + shown(shape) + " is larger than any memory");
  if (product(shape) * element != bytes)
    refuse("its shape " + shown(shape) + " needs " + std::to_string(product(shape) * element) + " bytes, there are " +
           std::to_string(bytes));
  return product(shape);
}

}  // namespace detail

QUENCH_INLINE std::size_t NamedArray::elements() const {
  if (type == ArrayType::Other && detail::has_possible_size(shape)) return detail::product(shape);
  if (!detail::has_possible_size(shape) || detail::product(shape) * size_of(type) != bytes.size())
    throw Error(diagnosis::shape_mismatch, "given " + std::to_string(bytes.size()) + " bytes, needed those of " +
                                               detail::shown(shape) + " " + detail::type_name(type));
  return detail::product(shape);
}

QUENCH_INLINE std::string NamedArray::name_of_type() const {
  return type == ArrayType::Other ? detail::shown(other_type) : detail::type_name(type);
}

namespace detail {

QUENCH_INLINE NamedArray array_of(ArrayType type, Stored stored, bool is_big, std::vector<std::size_t> shape,
                                  Bytes bytes) {
  const std::size_t element = stored == Stored::AsIs ? size_of(type) : 2;
  const std::size_t count = checked_elements(shape, element, bytes.size());
  NamedArray array{type, std::move(shape), {bytes.begin(), bytes.end()}, {}};
  if (is_big)
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t low = i * element, high = low + element - 1; low < high; ++low, --high)
        std::swap(array.bytes[low], array.bytes[high]);
  if (stored == Stored::AsIs) return array;
  std::vector<std::byte> floats(count * 4);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t narrow;
    std::memcpy(&narrow, array.bytes.data() + 2 * i, 2);
    const std::uint32_t wide = stored == Stored::Half ? float_bits_of_half(narrow) : float_bits_of_bfloat16(narrow);
    std::memcpy(floats.data() + 4 * i, &wide, 4);
  }
  array.bytes = std::move(floats);
  return array;
}

QUENCH_INLINE NamedArray other_array(std::string_view type, std::vector<std::size_t> shape) {
  if (!has_possible_size(shape)) refuse("its shape " + shown(shape) + " is larger than any memory");
  return {ArrayType::Other, std::move(shape), {}, std::string(type)};
}

QUENCH_INLINE void check_writable(const NamedArray& array) {
  if (array.type == ArrayType::Other)
    throw Error(diagnosis::file_not_writable, "an array is " + array.name_of_type() + " and has no values");
  array.elements();
}

QUENCH_INLINE void check_writable(const std::string& name, const NamedArray& array) {
  in_module(name, [&] { check_writable(array); });
  if (!is_utf8(name)) throw Error(diagnosis::file_not_writable, "the name " + shown(name) + " is not UTF-8");
}

}  // namespace detail

}  // namespace quench::interop
