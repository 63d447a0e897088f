// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/fake_quantizers.hpp>

#include <cstring>
#include <string>
#include <string_view>

namespace quench::phases {

QUENCH_INLINE std::string kind_of_type(TextView type) {
  const std::string_view text(type.data, index(type.size));
  const auto last = [](std::string_view part) {
    return tensors::text(ground::last_identifier(part.data(), static_cast<int>(part.size())));
  };
  const std::size_t open = text.find('<');
  if (open == std::string_view::npos) return last(text);
  const std::string_view inside = text.substr(open + 1);
  return last(text.substr(0, open)) + "<" + last(inside.substr(0, inside.find_first_of("<,>"))) + ">";
}

QUENCH_INLINE FakeQuantizerHandle make_ready_quantizer(int position) { return ReadyQuantizers::make(position); }

}  // namespace quench::phases
