// SPDX-License-Identifier: Apache-2.0
// What an exported header says, and what is refused. That it compiles and computes the same is tested in tests/exported.
#include <quench/flow/export_cpp.hpp>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

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
  CHECK(text.find("struct toy_weights {") != std::string::npos);
  CHECK(text.find("using Network = toy::Net;") != std::string::npos);
  CHECK(text.find("#include <quench/embedded.hpp>") != std::string::npos);
  CHECK(text.find("static constexpr std::int8_t weight_2[] = {") != std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  CHECK_THROWS_WITH_AS(q::export_cpp(deployment, "two words.hpp"), doctest::Contains("no name for a struct"), q::Error);
  CHECK_THROWS_AS(q::export_cpp(deployment, std::filesystem::path("no folder") / "x.hpp"), q::Error);
}

TEST_CASE("a name that would not compile is refused") {
  const auto batches = q::random_batches<Tiny>(q::Seed{1}, 1, 4);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Tiny>{}), batches);
  const auto deployment = q::deploy<q::processor::J6E>(q::convert(calibrated));
  const TemporaryFolder folder;
  for (const char* name : {"class.hpp", "steps.hpp", "Network.hpp", "quench.hpp"})
    CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / name), doctest::Contains("no name for a struct"), q::Error);
  CHECK_THROWS_WITH_AS(q::export_cpp(deployment, folder / "Tiny.hpp"), doctest::Contains("that of the network"),
                       q::Error);
}
