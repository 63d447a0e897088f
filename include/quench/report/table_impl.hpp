// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/table.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

namespace quench {

namespace detail {

QUENCH_INLINE std::string Table::text() const {
  std::vector<std::size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - row[c].size(), ' ');
      line += (c > 0 ? "  " : "") + (c < names_ ? row[c] + space : space + row[c]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

QUENCH_INLINE std::string grouped(long long number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool is_group = (digits.size() - i) % 3 == 0 && i > 0 && digits[i - 1] != '-';
    if (is_group) text += ',';
    text += digits[i];
  }
  return text;
}

QUENCH_INLINE std::string short_text(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 4).ptr};
}

QUENCH_INLINE std::string text(const Shape& shape) {
  std::string text;
  for (int axis = 0; axis < shape.rank; ++axis) text += (axis > 0 ? " x " : "") + std::to_string(shape[axis]);
  return text;
}

QUENCH_INLINE std::string text(DType dtype) {
  switch (dtype) {
    case DType::Int4: return "int4";
    case DType::Int8: return "int8";
    case DType::Int16: return "int16";
    case DType::Int32: return "int32";
    case DType::Float32: break;
  }
  return "float32";
}

}  // namespace detail

}  // namespace quench
