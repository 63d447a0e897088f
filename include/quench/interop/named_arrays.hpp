// SPDX-License-Identifier: Apache-2.0
// Arrays by name, as other tools save them. safetensors.hpp, npy.hpp, npz.hpp and idx.hpp share this type.
//
//   NamedArrays arrays;
//   arrays["stem.weight"] = NamedArray::of<float>({16, 1, 3, 3}, weights);
//   write_safetensors("net.safetensors", arrays);
//   const NamedArrays read = read_safetensors("net.safetensors");             // keeps the elements
//   std::span<const float> weights = read.at("stem.weight").as<float>();
//   for (const auto& [name, array] : read) ...                                 // array.type, array.shape
//
// An array of an unsupported type (bool, text) is listed with its shape. Asking for its values throws.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/bytes.hpp>
#include <quench/network/symbol.hpp>

namespace quench::interop {

/// Element types. float16 and bfloat16 become Float32 when they are read. `Other` is any unsupported type (bool,
/// uint16, complex, text, objects): such an array has a name and a shape but no values.
enum class ArrayType : unsigned char { Float32, Float64, Int8, UInt8, Int16, Int32, Int64, Other };

/// The bytes of one element; 0 for Other.
constexpr std::size_t size_of(ArrayType type) {
  switch (type) {
    case ArrayType::Int8:
    case ArrayType::UInt8: return 1;
    case ArrayType::Int16: return 2;
    case ArrayType::Float32:
    case ArrayType::Int32: return 4;
    case ArrayType::Float64:
    case ArrayType::Int64: return 8;
    case ArrayType::Other: break;
  }
  return 0;
}

/// The ArrayType of float, double and the std::intN_t.
template <class T>
inline constexpr ArrayType type_of = [] {
  static_assert(sizeof(T) == 0, "no file format here holds this type");
  return ArrayType::UInt8;
}();
template <>
inline constexpr ArrayType type_of<float> = ArrayType::Float32;
template <>
inline constexpr ArrayType type_of<double> = ArrayType::Float64;
template <>
inline constexpr ArrayType type_of<std::int8_t> = ArrayType::Int8;
template <>
inline constexpr ArrayType type_of<std::uint8_t> = ArrayType::UInt8;
template <>
inline constexpr ArrayType type_of<std::int16_t> = ArrayType::Int16;
template <>
inline constexpr ArrayType type_of<std::int32_t> = ArrayType::Int32;
template <>
inline constexpr ArrayType type_of<std::int64_t> = ArrayType::Int64;

namespace detail {

constexpr const char* type_name(ArrayType type) {
  constexpr const char* names[] = {"Float32", "Float64", "Int8", "UInt8", "Int16", "Int32", "Int64", "Other"};
  return names[static_cast<unsigned char>(type)];
}

std::string text(const std::vector<std::size_t>& shape);

/// A shape from a file for an error message: its first axes, and the number of axes.
std::string shown(const std::vector<std::size_t>& shape);

}  // namespace detail

/// An array of any shape, also with no axes. The last axis varies fastest; bytes are little-endian.
struct NamedArray {
  ArrayType type = ArrayType::Float32;
  std::vector<std::size_t> shape{0};
  std::vector<std::byte> bytes{};
  std::string other_type{};  // for Other: the type as written in the file, "|b1" or "U16"

  /// The product of the extents.
  /// Errors   shape-mismatch if the number of bytes does not match
  std::size_t elements() const;

  /// Errors   shape-mismatch if the number of values does not match the shape
  template <class T>
  static NamedArray of(std::vector<std::size_t> shape, std::span<const T> values) {
    NamedArray array{type_of<T>, std::move(shape)};
    const auto bytes = std::as_bytes(values);
    array.bytes.assign(bytes.begin(), bytes.end());
    array.elements();
    return array;
  }

  /// A view of the elements. It lives as long as the array.
  /// Errors   file-not-readable if they are of another type; shape-mismatch as elements()
  template <class T>
  std::span<const T> as() const& {
    if (type != type_of<T>)
      detail::refuse("an array is " + name_of_type() + ", needed " + detail::type_name(type_of<T>));
    return {reinterpret_cast<const T*>(bytes.data()), elements()};
  }
  template <class T>
  std::span<const T> as() const&& = delete;  // the array would be gone after the call: keep it, or use values()

  /// A copy of the elements.
  /// Errors   as as()
  template <class T>
  std::vector<T> values() const {
    const std::span<const T> elements = as<T>();
    return {elements.begin(), elements.end()};
  }

  /// The type for an error message: "Float32", or for Other the type as written in the file.
  std::string name_of_type() const;

  friend bool operator==(const NamedArray&, const NamedArray&) = default;
};

namespace detail {

template <class Map>
auto& existing_array(Map& map, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) refuse("there is no array " + shown(name));
  return found->second;
}

}  // namespace detail

/// A std::map of arrays by name. Names are UTF-8, and dots join modules, as in PyTorch: "block0.conv.weight". A
/// temporary map returns no references to its arrays: `read_npz(path).at("x")` returns the array itself.
struct NamedArrays : std::map<std::string, NamedArray> {
  using Map = std::map<std::string, NamedArray>;
  using Map::Map;

  /// Errors   file-not-readable if there is no array of that name
  NamedArray& at(const std::string& name) & { return detail::existing_array(*this, name); }
  const NamedArray& at(const std::string& name) const& { return detail::existing_array(*this, name); }
  NamedArray at(const std::string& name) && { return std::move(detail::existing_array(*this, name)); }
  const NamedArray& at(const std::string& name) const&& = delete;

  NamedArray& operator[](const std::string& name) & { return Map::operator[](name); }
  NamedArray& operator[](const std::string& name) && = delete;
  iterator find(const std::string& name) & { return Map::find(name); }
  const_iterator find(const std::string& name) const& { return Map::find(name); }
  const_iterator find(const std::string& name) const&& = delete;
  iterator begin() & { return Map::begin(); }
  const_iterator begin() const& { return Map::begin(); }
  const_iterator begin() const&& = delete;
  iterator end() & { return Map::end(); }
  const_iterator end() const& { return Map::end(); }
  const_iterator end() const&& = delete;
};

namespace detail {

/// How the elements in a file become elements in memory.
enum class Stored : unsigned char { AsIs, Half, BFloat16 };

/// Elements of a file as an array. `is_big` means big-endian.
/// Errors   file-not-readable if the bytes do not fit the shape
NamedArray array_of(ArrayType type, Stored stored, bool is_big, std::vector<std::size_t> shape, Bytes bytes);

/// An array of an unsupported type.
/// Errors   file-not-readable if no memory could hold its shape
NamedArray other_array(std::string_view type, std::vector<std::size_t> shape);

/// Refuses to write an array whose bytes do not match its shape.
/// Errors   shape-mismatch, file-not-writable
void check_writable(const NamedArray& array);
/// Also checks that other tools can read the name.
void check_writable(const std::string& name, const NamedArray& array);

}  // namespace detail
}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/named_arrays_impl.hpp>
#endif
