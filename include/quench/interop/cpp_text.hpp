// SPDX-License-Identifier: Apache-2.0
// Numbers and settings as C++ has them, for descriptions of imported networks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>

namespace quench::interop::detail {

/// Errors   model-not-understood: it is no finite number
std::string text_of(float value);                                   // "0.5f"
std::string text_of_list(const std::vector<std::int64_t>& values);  // "{2, 3}"
std::string text_of_pair(const std::vector<std::int64_t>& values);  // "3" or "{3, 5}"
/// The other way: {2, 3} of "{2, 3}", {3} of "3".
std::vector<std::int64_t> integers_of(std::string_view text);

/// Settings of a layer, "{.in_channels = 3, .bias = false}".
class CppSettings {
 public:
  void add(std::string_view name, const std::string& value) {
    text_ += (text_.empty() ? "." : ", .") + std::string(name) + " = " + value;
  }
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  std::string text() const { return text_.empty() ? text_ : "{" + text_ + "}"; }

 private:
  std::string text_{};
};

/// The value of a setting in such a text, "3" or "{1, 2}"; `otherwise` without it.
std::string setting_of(std::string_view settings, std::string_view name, std::string_view otherwise);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/cpp_text_impl.hpp>
#endif
