// SPDX-License-Identifier: Apache-2.0
// The sentence is tested by the case weights-of-another-network.cpp beside this file.
#include <quench/misuse/device_catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("weights of two processors are two rules, and either may be named") {
  using First = misuse::weights_of_another_network<int, misuse::needed_processor<int>>;
  CHECK_FALSE(misuse::allowed<First>);
  CHECK_FALSE(std::is_same_v<First, misuse::weights_of_another_network<int, misuse::needed_processor<char>>>);
}
