// SPDX-License-Identifier: Apache-2.0
// A call with the elements of a tuple. Freestanding.
#pragma once

#include <quench/ground/prerequisites.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quench::ground {

/// f(elements...). std::apply first finds out whether the call may throw, which takes compilers longer than the call.
template <class F, class Tuple>
constexpr decltype(auto) apply(F&& f, Tuple&& elements) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
    return f(std::get<I>(elements)...);
  }(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>{});
}

}  // namespace quench::ground
