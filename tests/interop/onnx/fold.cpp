// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/fold.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "interop/onnx_graph.hpp"
#include "tensors/throws.hpp"

namespace g = onnx_graph;
using g::Graph;
using g::has;

namespace {

/// The extents of y = Reshape(x [1, 24], s), where nodes of the graph compute s.
g::Shape folded_shape(Graph graph) {
  const auto network = graph.input("x", {1, 24}).node("Reshape", {"x", "s"}, "y").output("y").import();
  return network.steps.empty() ? network.inputs[0].shape : network.steps.back().shape;
}

/// While it lives, the process may take one gigabyte more. So a count that is checked too late shows.
struct MemoryLimit {
  rlimit before{};

  MemoryLimit() {
    getrlimit(RLIMIT_AS, &before);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = before;
    limit.rlim_cur = std::min<rlim_t>(before.rlim_max, (rlim_t{1} << 30) + pages * static_cast<rlim_t>(getpagesize()));
    if (pages > 0) setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &before); }
};

}  // namespace

TEST_CASE("shapes are computed as exporters write them") {
  Graph graph;
  graph.list("i", {1}).list("two", {2}).list("minus", {-1}).list("one", {1});
  graph.node("Shape", {"x"}, "shape").node("Gather", {"shape", "i"}, "extent").node("Div", {"extent", "two"}, "half");
  graph.node("Concat", {"one", "half", "minus"}, "s", g::integer("axis", 0));
  const Graph before = graph;
  Graph all;
  all.input("x", {1, 24}).parts += before.parts;
  all.node("Reshape", {"x", "s"}, "y").output("y");
  CHECK(all.calls() == "reshape($0, {12, 2})");
}

TEST_CASE("constants of all forms are folded") {
  CHECK(folded_shape(Graph().node("Constant", {}, "s", g::integers("value_ints", {1, 2, 12}))) == g::Shape{2, 12});
  CHECK(folded_shape(Graph()
                         .list("n", {3})
                         .node("ConstantOfShape", {"n"}, "z")
                         .node("Cast", {"z"}, "zi", g::integer("to", 7))
                         .list("v", {1, 4, 6})
                         .node("Add", {"zi", "v"}, "s")) == g::Shape{4, 6});
  CHECK(folded_shape(Graph()
                         .list("v", {24, 1, 9, 9})
                         .list("b", {0})
                         .list("e", {2})
                         .node("Slice", {"v", "b", "e"}, "w")
                         .node("Identity", {"w"}, "s")) == g::Shape{24, 1});
}

TEST_CASE("what overflows or takes too much memory is refused") {
  const MemoryLimit limit;
  const auto said = [](Graph graph) {
    return graph.input("x", {1, 24}).node("Reshape", {"x", "s"}, "y").output("y").calls();
  };
  const std::int64_t most = INT64_MAX;
  CHECK(has(said(Graph().list("a", {most}).list("b", {1}).node("Add", {"a", "b"}, "s")), "too large"));
  CHECK(has(said(Graph().list("a", {most}).node("Mul", {"a", "a"}, "s")), "too large"));
  CHECK(has(said(Graph().list("a", {1}).list("b", {0}).node("Div", {"a", "b"}, "s")), "divides by 0"));
  CHECK(has(said(Graph().list("n", {1 << 20, 1 << 20}).node("ConstantOfShape", {"n"}, "s")), "too large"));
  CHECK(has(said(Graph().list("n", {-1}).node("ConstantOfShape", {"n"}, "s")), "extent is -1"));
  CHECK(has(said(Graph().list("v", {1}).list("t", {most, most}).node("Expand", {"v", "t"}, "s")), "too large"));
  CHECK(has(said(Graph().list("v", {1, 2}).list("p", {2}).node("Gather", {"v", "p"}, "s")), "no element 2"));
}
