// SPDX-License-Identifier: Apache-2.0
// Reads the text headers of files: JSON in safetensors, a Python dictionary in .npy.
#pragma once

#include <quench/interop/bytes.hpp>

namespace quench::interop::detail {

/// Takes characters, numbers and JSON strings from the front of a text. Skips white space between them.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  /// Takes the next character if it is this one.
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("needed '") + c + "'");
  }
  bool at_end() {
    peek();
    return at_ == text_.size();
  }
  /// The next character, 0 at the end.
  char peek() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  /// As many letters, digits and signs as follow.
  std::string_view word() {
    peek();
    const std::size_t begin = at_;
    const auto belongs = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
             c == '.';
    };
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// A number without a sign.
  std::size_t number() {
    std::size_t value = 0;
    const char first = peek();
    if (first < '0' || first > '9') fail("needed a number");
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::size_t>(text_[at_] - '0');
      if (value > (static_cast<std::size_t>(-1) - digit) / 10) fail("a number is too large");
      value = value * 10 + digit;
    }
    return value;
  }

  /// The text up to the next quotation mark of the same kind, without escapes.
  std::string_view quoted() {
    const char mark = peek() == '"' ? '"' : '\'';
    expect(mark);
    const std::size_t begin = at_, end = text_.find(mark, begin);
    const std::string_view result = text_.substr(begin, end - begin);
    if (end == std::string_view::npos || result.find('\\') != std::string_view::npos) fail("needed a plain text");
    at_ = end + 1;
    return result;
  }

  /// A Python list from its '[' to the matching ']'.
  std::string_view brackets() {
    expect('[');
    const std::size_t begin = at_ - 1;
    for (std::size_t open = 1; open > 0;) {
      const char c = peek();
      if (at_ == text_.size()) fail("a list does not end");
      if (c == '"' || c == '\'') {
        quoted();
        continue;
      }
      open += c == '[' ? 1u : 0u;
      open -= c == ']' ? 1u : 0u;
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  /// A JSON string with its escapes resolved. It is UTF-8 if the text is.
  std::string json_string() {
    expect('"');
    std::string result;
    for (char c = next(); c != '"'; c = next()) {
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a name");
      if (c == '\\')
        append_escaped(result);
      else
        result += c;
    }
    return result;
  }

  void skip_json(int depth = 16) {
    if (depth == 0) fail("values are nested too deep");
    if (peek() == '"') {
      json_string();
    } else if (const bool is_object = peek() == '{'; is_object || peek() == '[') {
      const char close = is_object ? '}' : ']';
      expect(is_object ? '{' : '[');
      if (take(close)) return;
      do {
        if (is_object) {
          json_string();
          expect(':');
        }
        skip_json(depth - 1);
      } while (take(','));
      expect(close);
    } else if (word().empty()) {
      fail("needed a value");
    }
  }

  [[noreturn]] void fail(const std::string& why) const {
    refuse("the header, at character " + std::to_string(at_) + ": " + why);
  }

 private:
  char next() {
    if (at_ == text_.size()) fail("it ends inside a name");
    return text_[at_++];
  }

  std::uint32_t four_hex_digits() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const std::size_t digit = std::string_view("0123456789abcdef0123456789ABCDEF").find(next());
      if (digit == std::string_view::npos) fail("needed a hexadecimal digit");
      value = value << 4 | static_cast<std::uint32_t>(digit & 15);
    }
    return value;
  }

  void append_escaped(std::string& result) {
    constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const char c = next();
    if (const std::size_t which = escapes.find(c); which != std::string_view::npos) {
      result += meanings[which];
      return;
    }
    if (c != 'u') fail("there is no such escape");
    std::uint32_t code = four_hex_digits();
    if (code >= 0xd800 && code < 0xe000) {  // a surrogate pair
      if (code >= 0xdc00 || next() != '\\' || next() != 'u') fail("half of a character");
      const std::uint32_t low = four_hex_digits();
      if (low < 0xdc00 || low >= 0xe000) fail("half of a character");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    const auto put = [&](std::uint32_t byte) { result += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
      put(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;  // bytes after the first
    put((0xff00u >> (more + 1) & 0xffu) | code >> (6 * more));
    for (int i = more - 1; i >= 0; --i) put(0x80u | (code >> (6 * i) & 0x3fu));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace quench::interop::detail
