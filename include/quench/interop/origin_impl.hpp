// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/origin.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace quench::interop {

namespace detail {

QUENCH_INLINE NamedArray text_array(std::string_view text) {
  const std::vector<std::uint8_t> characters(text.begin(), text.end());
  return NamedArray::of<std::uint8_t>({characters.size()}, characters);
}

QUENCH_INLINE std::string hexadecimal(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

QUENCH_INLINE std::string kind_name(const std::string& module, bool is_weight) {
  return module + (is_weight ? ".weight_kind" : ".activation_kind");
}

QUENCH_INLINE bool has_kind(const phases::AnyFakeQuantizer& quantizer, const std::string& module, bool is_weight,
                            Reader& reader) {
  if (!reader.has(network_name)) return true;
  const std::string given = reader.text_of(kind_name(module, is_weight));
  if (given == quantizer.kind()) return true;
  if (!given.empty())
    reader.note(Error(diagnosis::state_not_valid,
                      std::string("its ") + (is_weight ? "weight" : "activation") + " needs a state of " +
                          quantizer.kind() + ", given one of " + shown(given),
                      module));
  return false;
}

}  // namespace detail

}  // namespace quench::interop
