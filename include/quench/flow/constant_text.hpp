// SPDX-License-Identifier: Apache-2.0
// Constants of an integer network as C and C++ both have them: lists, records and tables in braces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include <quench/device/step_constants.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::detail {

/// The values with commas between them, 24 on a line. `write(value)` writes one.
template <class Values, class Write>
void write_list(std::ostream& out, const Values& values, Write write) {
  std::size_t i = 0;
  for (const auto& value : values) {
    out << (i == 0 ? "" : i % 24 == 0 ? ",\n      " : ", ");
    write(value);
    ++i;
  }
}

/// The fields in braces, in the order of their struct.
void write_fields(std::ostream& out, const Requantization& record);
void write_fields(std::ostream& out, const kernels::Slope& slope);
void write_fields(std::ostream& out, const kernels::RowWeight& weight);
void write_fields(std::ostream& out, const kernels::PiecewiseTable& table);

/// A float without rounding: "0x1.8p-3f".
std::string hexadecimal(float value);

/// A bound of a clamp. The least and the largest int32 have names.
std::string bound_text(std::int32_t value);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/flow/constant_text_impl.hpp>
#endif
