// SPDX-License-Identifier: Apache-2.0
// What the C files say, and what is refused. That they compile and compute the same is tested in tests/exported.
#include <quench/flow/export_c.hpp>

#include <filesystem>
#include <fstream>
#include <locale>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"
#include "temporary_folder.hpp"

namespace q = quench;

namespace {

auto deployment_of_toy() {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 1, 4);
  const q::FloatModel<toy::Net> model{q::Seed{2}};
  return q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)));
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct CommasInNumbers : std::numpunct<char> {
  char do_thousands_sep() const override { return ','; }
  std::string do_grouping() const override { return "\1"; }
};

}  // namespace

TEST_CASE("names in C begin with the name of the file, and the head says where the network comes from") {
  const auto deployment = deployment_of_toy();
  const TemporaryFolder folder;
  q::export_c(deployment, folder / "net.h");
  const std::string header = text_of(folder / "net.h"), source = text_of(folder / "net.c");
  CHECK(has(header, "// toy::Net on integers, written by quench "));
  CHECK(has(header, std::to_string(q::network_hash<toy::Net>)));
  CHECK(has(header, "J6E"));
  CHECK(has(header, "#define NET_ARENA_BYTES " + std::to_string(deployment.arena_bytes) + "\n"));
  CHECK(has(header, "} net_arena;"));
  CHECK(has(header, "void net_run(net_arena *arena, const int8_t *input);"));
  CHECK(has(header, "#define NET_INPUT_SCALE 0x1"));
  CHECK(has(source, "static void step_"));
  for (const std::string& text : {header, source}) CHECK(text.find('$') == std::string::npos);
}

namespace {

template <bool ChannelsFirst>
struct Head {
  using Inputs = q::Inputs<q::Features<5, 6, 3>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = conv(quant(x));
    if constexpr (ChannelsFirst)
      return dequant(q::permute(y, {2, 0, 1}));
    else
      return dequant(y);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("an output has a scale for each channel, wherever the channels lie", Net, Head<false>, Head<true>) {
  const TemporaryFolder folder;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 1, 4);
  const q::FloatModel<Net> model{q::Seed{2}};
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  q::export_c(q::deploy<q::processor::J6E>(q::convert(calibrated)), folder / "net.h");
  const std::string channel = std::is_same_v<Net, Head<true>> ? " / 30 % 4]" : " % 4]";
  CHECK(has(text_of(folder / "net.h"), "#define NET_OUTPUT_SCALE(i) (net_output_scales[(i)" + channel + ")\n"));
  CHECK(has(text_of(folder / "net.c"), "const float net_output_scales[4] = {"));
  CHECK(has(text_of(folder / "net.c"), "multipliers[i" + channel));
}

TEST_CASE("the C of a network does not depend on the locale of the program") {
  const auto deployment = deployment_of_toy();
  const TemporaryFolder folder;
  q::export_c(deployment, folder / "net.h");
  const std::string header = text_of(folder / "net.h"), source = text_of(folder / "net.c");
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommasInNumbers));
  q::export_c(deployment, folder / "net.h");
  std::locale::global(before);
  CHECK(text_of(folder / "net.h") == header);
  CHECK(text_of(folder / "net.c") == source);
}

TEST_CASE("a header and a source of two exports do not compile together") {
  const TemporaryFolder folder;
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 1, 4);
  const auto id_of = [&](unsigned seed) {
    const q::FloatModel<toy::Net> model{q::Seed{seed}};
    const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
    q::export_c(q::deploy<q::processor::J6E>(quantized), folder / "net.h");
    const std::string header = text_of(folder / "net.h"), before = "#define NET_EXPORT ";
    const std::size_t at = header.find(before) + before.size();
    const std::string id = header.substr(at, header.find(' ', at) - at);
    CHECK(has(text_of(folder / "net.c"), "#if NET_EXPORT != " + id + "\n#error"));
    return id;
  };
  const std::string first = id_of(2);
  CHECK(id_of(2) == first);
  CHECK(id_of(3) != first);
}

TEST_CASE("a name that C names cannot begin with is refused, and nothing is written") {
  const auto deployment = deployment_of_toy();
  const TemporaryFolder folder;
  for (const char* name : {"net.hpp", "net", "net.c"})
    CHECK_THROWS_WITH_AS(q::export_c(deployment, folder / name), doctest::Contains("ends in .h"), q::Error);
  for (const char* name : {"7up.h", "two words.h", "a-b.h", "_x.h", "x_.h", "a__b.h"})
    CHECK_THROWS_WITH_AS(q::export_c(deployment, folder / name), doctest::Contains("names of C cannot begin"),
                         q::Error);
  CHECK(std::filesystem::is_empty(folder / "."));
  CHECK_NOTHROW(q::export_c(deployment, folder / "class.h"));  // class_run is a name
}

TEST_CASE("a failed export as C leaves both files as they were") {
  const auto deployment = deployment_of_toy();
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(q::export_c(deployment, folder / "no folder/net.h"), doctest::Contains("net.h"), q::Error);
  std::ofstream(folder / "net.h") << "old";
  std::filesystem::create_directory(folder / "net.c");  // no regular file
  CHECK_THROWS_WITH_AS(q::export_c(deployment, folder / "net.h"), doctest::Contains("net.c"), q::Error);
  CHECK(text_of(folder / "net.h") == "old");
}
