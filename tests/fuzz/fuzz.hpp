// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: a target reads any bytes, and stops the program where something does not hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include <quench/interop/named_arrays.hpp>

namespace fuzz {

using Bytes = quench::interop::detail::Bytes;

/// What reads any bytes, by name. Each source of this folder has one.
struct Target {
  Target(std::string_view its_name, void (*reads)(Bytes)) : name(its_name), run(reads), next(first) { first = this; }
  Target(const Target&) = delete;

  std::string_view name;
  void (*run)(Bytes);
  const Target* next;
  static inline const Target* first = nullptr;
};

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Calls `f`. Returns false if it throws a quench::Error, with one of these slugs unless there are none. It throws nothing else.
template <class F>
bool succeeds(std::initializer_list<std::string_view> slugs, F&& f) {
  try {
    f();
    return true;
  } catch (const quench::Error& error) {
    const std::string slug = quench::tensors::text(error.slug());
    if (slugs.size() > 0 && std::find(slugs.begin(), slugs.end(), slug) == slugs.end()) throw;
    require(error.evidence().size() < 2000);
    return false;
  }
}

/// Calls `f`. It may refuse the file, and throws nothing else.
template <class F>
void read_or_refuse(F&& f) {
  succeeds({"file-not-readable"}, f);
}

/// The arrays whose values were read.
inline quench::interop::NamedArrays readable(quench::interop::NamedArrays arrays) {
  std::erase_if(arrays, [](const auto& named) { return named.second.type == quench::interop::ArrayType::Other; });
  return arrays;
}

/// What must hold of each array of a file of `size` bytes that was accepted. Deflate makes at most 1032 bytes of one, and
/// float16 becomes float32.
inline void check(const quench::interop::NamedArray& array, std::size_t size) {
  using quench::interop::ArrayType;
  std::size_t product = 1;
  for (const std::size_t extent : array.shape) product *= extent;
  require(array.elements() == product);
  require((array.type == ArrayType::Other) == !array.other_type.empty());
  require(array.type != ArrayType::Other || array.bytes.empty());
  require(array.bytes.size() <= 1032 * 2 * size);
}

/// Takes numbers from the front of the input, zeros after its end.
class Input {
 public:
  explicit Input(Bytes bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  template <class T>
  T take() {
    T value{};
    const std::size_t size = std::min(sizeof(T), bytes_.size());
    if (size > 0) std::memcpy(&value, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    return value;
  }
  /// A number below `count`.
  template <class T = std::uint8_t>
  std::size_t below(std::size_t count) {
    return take<T>() % count;
  }

 private:
  Bytes bytes_;
};

}  // namespace fuzz
