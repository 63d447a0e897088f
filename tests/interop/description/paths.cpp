// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/description/paths.hpp>

#include <doctest/doctest.h>

#include "interop/imported.hpp"

namespace d = quench::interop::detail;

namespace {

/// "a.b." for a step without a name in the scope a.b.
std::vector<std::string> shown_paths(const quench::interop::ImportedNetwork& network) {
  std::vector<std::string> all;
  for (const d::NamePath& path : d::paths_of_steps(network)) {
    all.emplace_back();
    for (std::size_t i = 0; i < path.size(); ++i) all.back() += (i == 0 ? "" : ".") + path[i];
  }
  return all;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("description paths: a step without a name joins the scope that has all it takes") {
  imported::Maker net({8, 8, 3});
  const int x = net.layer("", "ReLU", net.conv("a.b.conv", 0, 3, 3, 3));
  const int y = net.add("", net.conv("a.c.conv", x, 3, 3, 3), x);
  net.output("y", net.linear("fc", net.flatten(net.pool("", y)), 3, 3));
  // The add takes x, which is also the input of a.c. The pool stands between a and fc.
  CHECK(shown_paths(net.network) == Paths{"a.b.conv", "a.b.", "a.c.conv", "a.c.", "", "", "fc"});
}

TEST_CASE("description paths: a function that the file calls by its operator is in the scope that the file gives it") {
  imported::Maker net({8, 8, 3});
  const int x = net.conv("layer.0.conv", 0, 3, 3, 3), y = net.layer("layer.0.Relu", "ReLU", x);
  const int z = net.add("layer.1.Add_1", net.conv("layer.1.conv", y, 3, 3, 3), y);
  net.output("y", net.add("layer.Add", z, x));
  CHECK(shown_paths(net.network) == Paths{"layer.0.conv", "layer.0.", "layer.1.conv", "layer.1.", ""});
}

TEST_CASE("description paths: an activation takes the next free place of a sequence") {
  imported::Maker net({8, 8, 3});
  int x = net.layer("", "ReLU", net.conv("a.0", 0, 3, 3, 3));
  x = net.layer("", "ReLU", net.conv("b.0", x, 3, 3, 3));
  net.output("y", net.conv("b.1", x, 3, 3, 3));
  CHECK(shown_paths(net.network) == Paths{"a.0", "a.1", "b.0", "", "b.1"});
}
