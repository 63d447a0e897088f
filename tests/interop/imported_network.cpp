// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/imported_network.hpp>

#include <doctest/doctest.h>

namespace {

TEST_CASE("imported networks are equal if all calls and parameters are") {
  namespace i = quench::interop;
  i::ImportedNetwork network{.inputs = {{.name = "x", .shape = {4}, .axes = {1}}}, .outputs = {{"y", 1, {1}}}};
  network.steps.push_back({.type = "ReLU", .call = "$m($0)", .inputs = {0}, .shape = {4}});
  i::ImportedNetwork other = network;
  CHECK(other == network);
  other.steps[0].parameters["weight"] = i::NamedArray{};
  CHECK_FALSE(other == network);
}

}  // namespace
