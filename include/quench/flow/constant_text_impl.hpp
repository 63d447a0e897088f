// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/constant_text.hpp>

#include <charconv>
#include <cstdint>
#include <iterator>
#include <ostream>
#include <string>

namespace quench::detail {

QUENCH_INLINE void write_fields(std::ostream& out, const Requantization& record) {
  out << '{' << record.multiplier << ", " << int{record.pre_shift} << ", " << int{record.post_shift} << '}';
}

QUENCH_INLINE void write_fields(std::ostream& out, const kernels::Slope& slope) {
  out << '{' << slope.multiplier << ", " << int{slope.shift} << '}';
}

QUENCH_INLINE void write_fields(std::ostream& out, const kernels::RowWeight& weight) {
  out << '{' << weight.multiplier << ", " << int{weight.shift} << '}';
}

QUENCH_INLINE void write_fields(std::ostream& out, const kernels::PiecewiseTable& table) {
  const auto integer = [&out](auto value) { out << static_cast<long>(value); };
  out << "{{";
  write_list(out, table.bounds, integer);
  out << "}, {";
  write_list(out, table.position, [&out](const kernels::Slope& slope) { write_fields(out, slope); });
  out << "},\n      {";
  write_list(out, table.values, [&](const auto& row) {
    out << '{';
    write_list(out, row, integer);
    out << '}';
  });
  out << "}, ";
  write_fields(out, table.left);
  out << ", ";
  write_fields(out, table.right);
  out << ", " << table.left_value << ", " << table.right_value << '}';
}

QUENCH_INLINE std::string hexadecimal(float value) {
  char buffer[32];
  return "0x" + std::string(buffer, std::to_chars(buffer, std::end(buffer), value, std::chars_format::hex).ptr) + "f";
}

QUENCH_INLINE std::string bound_text(std::int32_t value) {
  return value == INT32_MIN ? "INT32_MIN" : value == INT32_MAX ? "INT32_MAX" : std::to_string(value);
}

}  // namespace quench::detail
