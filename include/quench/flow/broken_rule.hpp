// SPDX-License-Identifier: Apache-2.0
// What a function does that must not be called: it names the rule, and claims to give what the right one gives, so that
// nothing else is reported.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::detail {

template <class Result>
Result never();  // not defined: what would call it does not compile

template <class Rule, class Result>
Result broken() {
  static_cast<void>(Rule{});
  return never<Result>();
}

}  // namespace quench::detail
