// SPDX-License-Identifier: Apache-2.0
// Names as values and as template arguments.
//
// A compiler error must show a module's name as text. Both compilers print a class-type template argument as a string
// only if its array has exactly the length of the string. So `Text` has its length in its type, and names are
// `TextView` before they are cut to size. <string_view> would cost a quarter of the whole include. Freestanding.
#pragma once

#include <cstddef>

#include <quench/ground/prerequisites.hpp>

namespace quench {

/// A text as a template argument: `Tie<"left.conv", "right.conv">`.
/// N counts the terminating zero, as in the string literal that it converts from.
template <std::size_t N>
struct Text {
  char characters[N]{};

  constexpr Text() = default;
  // implicit, so that a string literal can be a template argument
  constexpr Text(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) characters[i] = literal[i];
  }
};

/// A view of a text: `size` characters from `data`, without a terminating zero.
struct TextView {
  const char* data = nullptr;
  int size = 0;

  constexpr TextView() = default;
  constexpr TextView(const char* begin, int length) : data(begin), size(length) {}
  template <std::size_t N>
  constexpr TextView(const char (&literal)[N]) : data(literal), size(static_cast<int>(N) - 1) {}
  template <std::size_t N>
  constexpr TextView(const Text<N>& text) : data(text.characters), size(static_cast<int>(N) - 1) {}

  constexpr char operator[](int i) const { return data[i]; }
  constexpr const char* begin() const { return data; }
  constexpr const char* end() const { return data + size; }

  friend constexpr bool operator==(TextView a, TextView b) {
    if (a.size != b.size) return false;
    for (int i = a.size; i-- > 0;)  // names in one network often begin alike, and compilers limit their steps
      if (a.data[i] != b.data[i]) return false;
    return true;
  }

  /// True for the name of a module inside the block `block`: "layer1.0.conv" is inside "layer1" and "layer1.0".
  constexpr bool is_inside(TextView block) const {
    return size > block.size && data[block.size] == '.' && TextView(data, block.size) == block;
  }
};

}  // namespace quench
