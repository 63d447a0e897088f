// SPDX-License-Identifier: Apache-2.0
// Everything in quench that depends on the compiler: it reads the names of data members and types. Freestanding.
//
// C++20 has no reflection. But a pointer to a member of an object with static storage is a valid template argument, and
// compilers print template arguments in __PRETTY_FUNCTION__:
//   g++    ... pointed_member() [with Address Member = Address{((const void*)(& object_of<Net>.Net::stem))}]
//   clang  ... pointed_member() [Member = Address{&object_of.stem}]
// In both the member's name is the last identifier of the text.
#pragma once

#include <quench/ground/text.hpp>

namespace quench::ground {

/// An object of any type, for pointers to its members. Only the compiler looks at it.
template <class T>
inline constexpr T object_of{};

/// The same for a type that has no constants. It is never constructed.
template <class T>
union Unconstructed {
  char nothing;
  T object;
  constexpr Unconstructed() : nothing() {}
  constexpr ~Unconstructed() {}
};
template <class T>
inline constinit const Unconstructed<T> unconstructed{};

/// An address as a template argument. clang 16 takes a pointer into an object only inside a class.
struct Address {
  const void* of;
};

/// The last run of identifier characters in a text. The bytes of UTF-8 are identifier characters.
constexpr TextView last_identifier(const char* text, int size) {
  const auto in_identifier = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  int end = size;
  while (end > 0 && !in_identifier(text[end - 1])) --end;
  int begin = end;
  while (begin > 0 && in_identifier(text[begin - 1])) --begin;
  return {text + begin, end - begin};
}

/// The name of the data member at `Member`. The compiler makes one function for each member, so its body is small.
template <Address Member>
constexpr TextView pointed_member() {
  return last_identifier(__PRETTY_FUNCTION__, sizeof(__PRETTY_FUNCTION__) - 1);
}

}  // namespace quench::ground

namespace quench {

/// "fashion::Net". The names of unnamed types (lambdas, anonymous namespaces) contain braces or parentheses.
template <class T>
constexpr TextView type_name() {
  // "... [with T = Net]" or "... [T = Net]"
  constexpr TextView text{__PRETTY_FUNCTION__, static_cast<int>(sizeof(__PRETTY_FUNCTION__)) - 1};
  int begin = 0;
  for (int i = 0; i + 4 < text.size && begin == 0; ++i)
    if (text[i] == 'T' && text[i + 1] == ' ' && text[i + 2] == '=' && text[i + 3] == ' ' &&
        (text[i - 1] == '[' || text[i - 1] == ' '))
      begin = i + 4;
  return {text.data + begin, text.size - begin - 1};
}

}  // namespace quench
