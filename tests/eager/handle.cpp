// SPDX-License-Identifier: Apache-2.0
// The states of handles, and setting them through a struct.
#include <quench/eager/handle.hpp>

#include <array>
#include <doctest/doctest.h>
#include <map>
#include <quench/eager/float_functional.hpp>
#include <quench/eager/stubs.hpp>

#include "tensors/throws.hpp"

namespace q = quench;
using March = q::march::NashE;
using Int8 = q::qconfig::Int8;
using q::FakeQuantState;

namespace {

struct Block {
  q::eager::FloatFunctional<"add", March, Int8> add;
  int number = 3;
};

struct Net {
  q::eager::QuantStub<"in", March, Int8> in;
  Block block;
  std::array<Block, 2> blocks;
  std::vector<Block> more = std::vector<Block>(3);
  std::tuple<Block, q::eager::FakeQuantizedWeight<"w", March, Int8>> pair;
  xt::xarray<float> weight = xt::ones<float>({2, 2});
  std::vector<float> bias;
  std::string name = "net";
  std::map<int, float> table;
  q::eager::DeQuantStub out;
};

}  // namespace

TEST_CASE("every handle of a struct is set, in blocks, arrays, vectors and tuples") {
  Net net;
  CHECK(net.in.state() == FakeQuantState::Qat);
  q::eager::set_fake_quantize(net, FakeQuantState::Validation);
  CHECK(net.in.state() == FakeQuantState::Validation);
  CHECK(net.block.add.state() == FakeQuantState::Validation);
  CHECK(net.blocks[1].add.state() == FakeQuantState::Validation);
  CHECK(net.more[2].add.state() == FakeQuantState::Validation);
  CHECK(std::get<0>(net.pair).add.state() == FakeQuantState::Validation);
  CHECK(std::get<1>(net.pair).state() == FakeQuantState::Validation);
  q::eager::set_fake_quantize(net.block, FakeQuantState::Calibration);
  CHECK(net.block.add.state() == FakeQuantState::Calibration);
  CHECK(net.in.state() == FakeQuantState::Validation);
}

TEST_CASE("calibration observes and passes on, QAT observes and quantizes, validation quantizes only") {
  q::eager::QuantStub<"in", March, Int8> in;
  const std::vector<float> x{0.1f, 1.0f}, larger{0.1f, 10.0f};
  in.set_state(FakeQuantState::Calibration);
  CHECK(in(x).values() == x);
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
  in.set_state(FakeQuantState::Validation);
  const std::vector<float> quantized = in(larger).values();
  CHECK(quantized[1] == 127 * (1 / 127.5f));
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
  in.set_state(FakeQuantState::Qat);
  const std::vector<float> trained = in(larger).values();
  CHECK(in.fake_quantize().qparams().scales[0] > 1 / 127.5f);
  CHECK(trained[1] > quantized[1]);
}

TEST_CASE("gradients are cut where values saturate, but not in calibration") {
  q::eager::QuantStub<"in", March, Int8> in;
  in.observe(std::vector<float>{1});
  in.set_state(FakeQuantState::Validation);
  in(std::vector<float>{0.5f, 3});
  CHECK(in.backward(std::vector<float>{7, 8}) == std::vector<float>{7, 0});
  in.set_state(FakeQuantState::Calibration);
  in(std::vector<float>{0.5f, 3});
  CHECK(in.backward(std::vector<float>{7, 8}) == std::vector<float>{7, 8});
}

TEST_CASE("errors name the handle") {
  q::eager::QuantStub<"block0.in", March, Int8> in;
  const auto module_of = [](auto&& f) -> std::string {
    try {
      f();
    } catch (const q::Error& error) {
      return error.module();
    }
    return "";
  };
  CHECK(module_of([&] { in(std::vector<float>{std::nanf("")}); }) == "block0.in");
  CHECK(module_of([&] { in(std::vector<float>{}); }) == "block0.in");
  CHECK(module_of([&] { in.observe(std::vector<float>{}); }) == "block0.in");
  CHECK(slug_of([&] { in.backward(std::vector<float>{1}); }) == "backward-before-forward");
  CHECK(module_of([&] { in.backward(std::vector<float>{1}); }) == "block0.in");
  in.set_state(FakeQuantState::Validation);
  CHECK(slug_of([&] { in(std::vector<float>{1}); }) == "nothing-observed");
  in.set_state(FakeQuantState::Qat);
  in(std::vector<float>{1, 2});
  CHECK(slug_of([&] { in.backward(std::vector<float>{1}); }) == "shape-mismatch");
}

TEST_CASE("a failed call leaves the gradient of the call before") {
  q::eager::QuantStub<"in", March, Int8> in;
  in(std::vector<float>{1, 2});
  CHECK(slug_of([&] { in(std::vector<float>{1, std::nanf("")}); }) == "value-not-finite");
  CHECK(in.backward(std::vector<float>{3, 4}) == std::vector<float>{3, 4});
}
