// SPDX-License-Identifier: Apache-2.0
// What an exported header says, and what is refused. That it compiles and computes the same is tested in tests/exported.
#include <quench/flow/export_cpp.hpp>

#include <fstream>
#include <locale>
#include <string>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/export_c.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/tensors/error.hpp>

#include "networks/small.hpp"
#include "networks/toy.hpp"
#include "temporary_folder.hpp"

namespace q = quench;

// In no namespace, so that a struct of this name would be another one.
struct Tiny {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear linear{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(linear(quant(x))); }
};

TEST_CASE("the header holds a struct named after the file, in a file that appears whole") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 1, 4);
  const q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  const auto deployment = q::deploy<q::processor::J6E>(quantized);
  const TemporaryFolder folder;
  const auto path = folder / "toy_weights.hpp";
  q::export_cpp(deployment, path);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::filesystem::remove(path);
  CHECK(text.find("#ifdef toy_weights\n#error") != std::string::npos);
  CHECK(text.find("struct toy_weights {") != std::string::npos);
  CHECK(text.find("using Network = toy::Net;") != std::string::npos);
  CHECK(text.find("using Processor = quench::processor::J6E;") != std::string::npos);
  CHECK(text.find("network_hash = " + std::to_string(q::network_hash<toy::Net>) + "u;") != std::string::npos);
  CHECK(text.find("#ifndef QUENCH_SINGLE_HEADER\n#include <quench/embedded.hpp>\n#endif\n") != std::string::npos);
  CHECK(text.find("static constexpr std::int8_t weight_2[] = {") != std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / "toy.hpp"), doctest::Contains("uses the name"), q::Error);
  CHECK_THROWS_WITH_AS(q::export_cpp(deployment, "two words.hpp"), doctest::Contains("no name for a struct"), q::Error);
  CHECK_THROWS_AS(q::export_cpp(deployment, std::filesystem::path("no folder") / "x.hpp"), q::Error);
}

namespace {

auto tiny_deployment() {
  const auto batches = q::random_batches<Tiny>(q::Seed{1}, 1, 4);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Tiny>{}), batches);
  return q::deploy<q::processor::J6E>(q::convert(calibrated));
}

struct GroupingNumbers : std::numpunct<char> {
  char do_thousands_sep() const override { return ','; }
  char do_decimal_point() const override { return ';'; }
  std::string do_grouping() const override { return "\1"; }
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the header does not depend on the locale of the program") {
  const auto deployment = tiny_deployment();
  const TemporaryFolder folder;
  q::export_cpp(deployment, folder / "weights.hpp");
  const std::string plain = content(folder / "weights.hpp");
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new GroupingNumbers));
  q::export_cpp(deployment, folder / "weights.hpp");
  std::locale::global(before);
  CHECK(content(folder / "weights.hpp") == plain);
}

TEST_CASE("a name that would not compile is refused") {
  const auto deployment = tiny_deployment();
  const TemporaryFolder folder;
  for (const char* name : {"class.hpp", "linux.hpp", "int8_t.hpp", "FILE.hpp", "INT_MAX.hpp", "_x.hpp", "a__b.hpp"})
    CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / name), doctest::Contains("reserves it"), q::Error);
  for (const char* name : {"steps.hpp", "Network.hpp", "quench.hpp", "weight_2.hpp", "bias_2.hpp", "Tiny.hpp"})
    CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / name), doctest::Contains("uses the name already"),
                         q::Error);
  for (const char* name : {"7up.hpp", "a-b.hpp", ".hpp"})
    CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / name), doctest::Contains("no name for a struct"), q::Error);
  for (const char* name : {"weights.hpp", "weight.hpp", "linear.hpp", "Net.hpp", "WEIGHTS.hpp"})
    CHECK_NOTHROW(q::export_cpp(deployment, folder / name));
}

TEST_CASE("constants of a module or of a block go to a section, and the last entry counts") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 1, 4);
  const q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto deployment =
      q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)));
  const TemporaryFolder folder;
  const auto& graph = q::graph<toy::Net>;
  const auto export_to = [&](const std::vector<q::FlashSection>& sections) {
    q::export_cpp(deployment, folder / "toy_weights.hpp", sections);
    return content(folder / "toy_weights.hpp");
  };
  const std::string weight = "static constexpr std::int8_t weight_";
  const auto before_weight = [&](const std::string& text, int node) {
    const auto at = text.find(weight + std::to_string(node));
    REQUIRE(at != std::string::npos);
    return text.substr(text.rfind('\n', at) + 1, at - text.rfind('\n', at) - 1);
  };
  std::vector<int> layers;
  for (int n = 0; n < graph.node_count; ++n)
    if (q::has_integer_weights(graph.nodes[n].op)) layers.push_back(n);
  REQUIRE(layers.size() >= 2);
  const q::TextView view = graph.name_of_node(graph.nodes[layers[0]]);
  const std::string first(view.begin(), view.end());
  const std::string whole = export_to({{"", ".flash"}, {first, ".external"}});
  CHECK(before_weight(whole, layers[0]) == "  [[gnu::section(\".external\")]] ");
  CHECK(before_weight(whole, layers[1]) == "  [[gnu::section(\".flash\")]] ");
  CHECK(before_weight(export_to({{first, ".external"}}), layers[1]) == "  ");
  CHECK(export_to({{first, ".external"}, {"", ".flash"}}).find(".external") == std::string::npos);

  const std::string kept = content(folder / "toy_weights.hpp");
  CHECK_THROWS_WITH_AS(export_to({{"no.module", ".flash"}}), doctest::Contains("no module and no block is named"),
                       q::Error);
  for (const char* name : {"", "two words", "\"]] x"})
    CHECK_THROWS_WITH_AS(export_to({{"", name}}), doctest::Contains("no section can have the name"), q::Error);
  CHECK(content(folder / "toy_weights.hpp") == kept);
}

TEST_CASE("equal constants are in flash once, unless their modules have sections of their own") {
  const auto batches = q::random_batches<small::Siamese>(q::Seed{1}, 1, 4);
  const q::FloatModel<small::Siamese> model{q::Seed{2}};
  const auto deployment =
      q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)));
  const TemporaryFolder folder;
  const auto export_to = [&](const std::vector<q::FlashSection>& sections) {
    q::export_cpp(deployment, folder / "siamese_weights.hpp", sections);
    return content(folder / "siamese_weights.hpp");
  };
  const std::string tied = "auto& weight_5 = weight_3;", own = "std::int8_t weight_5[]";
  for (const auto& sections :
       {std::vector<q::FlashSection>{}, {{"", ".flash"}}, {{"left", ".flash"}, {"right", ".flash"}}}) {
    const std::string text = export_to(sections);
    CHECK(text.find(tied) != std::string::npos);
    CHECK(text.find(own) == std::string::npos);
    CHECK(text.find("std::int32_t bias_5[]") != std::string::npos);  // at a scale of its own
  }
  const std::string apart = export_to({{"right", ".flash"}});
  CHECK(apart.find(tied) == std::string::npos);
  CHECK(apart.find(own) != std::string::npos);

  q::export_c(deployment, folder / "siamese.h");
  const std::string text = content(folder / "siamese.c");
  CHECK(text.find("#define weight_5 weight_3\n") != std::string::npos);
  CHECK(text.find("int8_t weight_5[") == std::string::npos);
}
