// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/cpp_text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <quench/interop/description/layout.hpp>
#include <quench/interop/onnx/tensor.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE std::string text_of(float value) {
  if (!std::isfinite(value)) misunderstand("a setting is no finite number");
  char digits[64];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
  std::string text(digits, result.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

QUENCH_INLINE std::string text_of_list(const std::vector<std::int64_t>& values) {
  std::string text;
  for (const std::int64_t value : values) text += (text.empty() ? "{" : ", ") + std::to_string(value);
  return text + "}";
}

QUENCH_INLINE std::string text_of_pair(const std::vector<std::int64_t>& values) {
  const bool is_one = std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == values[0]; });
  return is_one ? std::to_string(values[0]) : text_of_list(values);
}

QUENCH_INLINE std::vector<std::int64_t> integers_of(std::string_view text) {
  std::vector<std::int64_t> values;
  for (const std::string& item : text.ends_with('}') ? items_of(text) : std::vector<std::string>{std::string(text)}) {
    std::int64_t& value = values.emplace_back();
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), value);
    if (error != std::errc() || end != item.data() + item.size())
      misunderstand(shown(text) + " is no list of integers");
  }
  return values;
}

QUENCH_INLINE std::string setting_of(std::string_view settings, std::string_view name, std::string_view otherwise) {
  const std::string wanted = "." + std::string(name) + " = ";
  if (!settings.empty())
    for (const std::string& item : items_of(settings))
      if (item.starts_with(wanted)) return item.substr(wanted.size());
  return std::string(otherwise);
}

}  // namespace detail

}  // namespace quench::interop
