// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/description/members.hpp>

#include <doctest/doctest.h>

#include "interop/imported_networks.hpp"

namespace d = quench::interop::detail;

namespace {

std::vector<std::string> names_in(const quench::interop::ImportedNetwork& network,
                                  const std::vector<std::string>& reserved = {}) {
  const d::ImportedBlock block = d::blocks_of(network);
  return d::module_names(network, *d::struct_of(network, block, reserved));
}

}  // namespace

TEST_CASE("description members: modules have the names of the file, and others that of their operator") {
  CHECK(names_in(imported::flat()) ==
        std::vector<std::string>{"stem", "stem_bn", "stem_relu", "body", "add", "hard_swish", "", "classifier"});
}

TEST_CASE("description members: each name is taken once, and reserved names not at all") {
  imported::Maker net({8});
  int x = 0;
  for (const char* name : {"quant", "fc", "fc", "", "", "linear1"}) x = net.linear(name, x, 8, 8);
  net.output("y", net.layer("", "ReLU", net.linear("", net.layer("", "ReLU", x), 8, 8)));
  CHECK(names_in(net.network, {"quant"}) ==
        std::vector<std::string>{"quant_2", "fc", "fc_2", "linear2", "linear3", "linear1", "relu", "linear4", "relu"});
}

TEST_CASE("description members: a sequence keeps the numbers of the file, also with gaps") {
  const auto network = imported::mobilenet_v2(true, false);
  const std::vector<std::string> names = names_in(network);
  CHECK(names[0] == "features.0.0");
  CHECK(names[1] == "features.0.2");
  CHECK(names.back() == "classifier.1");
}
