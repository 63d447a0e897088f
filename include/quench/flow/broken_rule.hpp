// SPDX-License-Identifier: Apache-2.0
// The body of a refused overload: reports the rule. Returns the right overload's type, so that no second error follows.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::detail {

template <class Result>
Result never();  // not defined: a call does not compile

template <class Rule, class Result>
Result broken() {
  static_cast<void>(Rule{});
  return never<Result>();
}

}  // namespace quench::detail
