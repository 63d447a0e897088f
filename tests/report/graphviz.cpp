// SPDX-License-Identifier: Apache-2.0
#include <quench/report/graphviz.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/phases/data_parallel.hpp>

#include "networks/toy.hpp"
#include "temporary_folder.hpp"

namespace q = quench;

namespace {

template <q::Text Name>
struct Quoted {
  using Inputs = q::Inputs<q::Features<1, 1, 2>>;
  q::QuantStub quant;
  q::FloatFunctional twice;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return dequant(twice.add(y, y));
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("each call is a box with its shape and dtype, and an arrow from each operand") {
  const std::string text = q::to_graphviz(q::FloatModel<toy::Net>());
  CHECK(contains(text, "digraph \"toy::Net\" {\n"));
  CHECK(contains(text, "  n0 [label=\"Input\\n4 x 4 x 2\"];\n"));
  CHECK(contains(text, "  n2 [label=\"conv\\nConv2d\\n4 x 4 x 3, float32\", fillcolor=\"#dbe8f4\"];\n  n1 -> n2;\n"));
  CHECK(contains(text, "  n5 [label=\"flatten\\n48, float32\", fillcolor=\"#dbe8f4\"];\n  n4 -> n5;\n"));
  CHECK(contains(text, "  n7 [label=\"dequant\\nDeQuantStub\\n4, float32\"];\n  n6 -> n7;\n}\n"));
  CHECK(!contains(text, "scale"));
}

TEST_CASE("a quantized model has its dtypes and scales") {
  const q::DataParallel model{q::FloatModel<toy::Net>{q::Seed{3}}, q::Workers{2}};
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 1, 4);
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  const std::string text = q::to_graphviz(quantized);
  const std::string scale = q::detail::text_of_scales(q::summary(quantized).rows[0].scales);
  CHECK(contains(text, "  n1 [label=\"quant\\nQuantStub\\n4 x 4 x 2, int8\\nscale " + scale + "\""));
  CHECK(contains(text, "  n3 [label=\"norm\\nBatchNorm2d\\n4 x 4 x 3, int8\", fill"));
  CHECK(contains(text, "  n6 [label=\"head\\nLinear\\n4, int32\\nscale "));
  CHECK(contains(q::to_graphviz(model), "Conv2d"));  // and a model with workers
}

TEST_CASE("quotes in the name of a network are escaped, and an operand used twice has two arrows") {
  const std::string text = q::to_graphviz(q::FloatModel<Quoted<"\"">>());
  const std::string first = text.substr(0, text.find(" {\n"));
  CHECK(first.starts_with("digraph \""));
  CHECK(first.ends_with("\""));
  for (std::size_t i = 9; i + 1 < first.size(); ++i)
    if (first[i] == '"') CHECK(first[i - 1] == '\\');
  CHECK(contains(text, "  n1 -> n2;\n  n1 -> n2;\n"));
  if (std::system("dot -V > /dev/null 2>&1") != 0) {
    MESSAGE("Graphviz is not installed, its `dot` has not read the graph");
    return;
  }
  const TemporaryFolder folder;
  std::ofstream(folder / "net.dot") << text;
  CHECK(std::system(("dot -Tsvg \"" + (folder / "net.dot").string() + "\" > /dev/null").c_str()) == 0);
}
