// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/markup.hpp>

#include <charconv>
#include <string>
#include <string_view>

namespace quench::detail {

QUENCH_INLINE std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  return escaped;
}

QUENCH_INLINE std::string dot_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

QUENCH_INLINE std::string coordinate(double value) {
  char buffer[400];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, 1).ptr);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

QUENCH_INLINE std::string element(std::string_view tag, std::string_view content) {
  std::string text("<");
  text.append(tag).append(">").append(content).append("</").append(tag.substr(0, tag.find(' '))).append(">");
  return text;
}

QUENCH_INLINE std::string described(std::string_view title, std::string_view description) {
  return element("title", html_text(title)) + element("desc", html_text(description));
}

}  // namespace quench::detail
