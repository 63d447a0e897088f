// SPDX-License-Identifier: Apache-2.0
// The states of handles, and setting them through a struct.
#include <quench/eager/handle.hpp>

#include <array>
#include <doctest/doctest.h>
#include <map>
#include <optional>
#include <quench/eager/float_functional.hpp>
#include <quench/eager/stubs.hpp>
#include <quench/tensors/error.hpp>

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

struct WithConstructor {
  explicit WithConstructor(int) {}
  WithConstructor() = default;
  void set_state(FakeQuantState state) { inner.set_state(state); }
  q::eager::FloatFunctional<"inner", March, Int8> inner;
};

struct Net {
  q::eager::QuantStub<"in", March, Int8> in;
  std::optional<Block> maybe = Block{}, nothing;
  Block row[2];
  WithConstructor special;
  std::vector<bool> flags = {true};
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
  CHECK(net.maybe->add.state() == FakeQuantState::Validation);
  CHECK(net.row[1].add.state() == FakeQuantState::Validation);
  CHECK(net.special.inner.state() == FakeQuantState::Validation);
  CHECK(net.blocks[1].add.state() == FakeQuantState::Validation);
  CHECK(net.more[2].add.state() == FakeQuantState::Validation);
  CHECK(std::get<0>(net.pair).add.state() == FakeQuantState::Validation);
  CHECK(std::get<1>(net.pair).state() == FakeQuantState::Validation);
  q::eager::set_fake_quantize(net.block, FakeQuantState::Calibration);
  CHECK(net.block.add.state() == FakeQuantState::Calibration);
  CHECK(net.in.state() == FakeQuantState::Validation);
}

TEST_CASE("a name that begins with a dot becomes the path of the member, in this order of containers") {
  using Relative = q::eager::FloatFunctional<".add", March, Int8>;
  struct Inner {
    Relative add;
    q::eager::FloatFunctional<"own", March, Int8> own;
  };
  struct Outer {
    Inner first, rows[2];
    std::optional<Inner> maybe = Inner{};
    std::tuple<int, Inner> pair;
    std::vector<int> labels = {1, 2};
    Relative handles[2];
  };
  Outer net;
  CHECK(net.first.add.name() == ".add");
  q::eager::set_fake_quantize(net, FakeQuantState::Calibration);
  CHECK(net.first.add.name() == "first.add");
  CHECK(net.first.own.name() == "own");
  CHECK(net.rows[1].add.name() == "rows.1.add");
  CHECK(net.maybe->add.name() == "maybe.add");
  CHECK(std::get<1>(net.pair).add.name() == "pair.1.add");
  CHECK(net.handles[1].name() == "handles.1");
  q::eager::set_fake_quantize(net.rows[1], FakeQuantState::Qat);  // a part of the network keeps its path
  CHECK(net.rows[1].add.name() == "rows.1.add");
  const Outer copy = net;
  CHECK(copy.rows[1].add.name() == "rows.1.add");
  CHECK(net.rows[1].add.state() == FakeQuantState::Qat);
}

TEST_CASE("calibration observes and passes on, QAT observes and quantizes, validation quantizes only") {
  using MinMax = q::QConfig<q::FakeQuantize<q::MinMaxObserver>, q::FakeQuantize<q::MinMaxObserver>>;
  q::eager::QuantStub<"in", March, MinMax> in;
  const std::vector<float> x{0.1f, 1.0f}, larger{0.1f, 10.0f};
  in.set_state(FakeQuantState::Calibration);
  CHECK(in(x).values() == x);
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
  in.set_state(FakeQuantState::Validation);
  CHECK(in(larger).values()[1] == 127 * (1 / 127.5f));
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
  in.set_state(FakeQuantState::Qat);
  CHECK(in(larger).values()[1] == 127 * (10 / 127.5f));
  CHECK(in.fake_quantize().qparams().scales[0] == 10 / 127.5f);
}

TEST_CASE("the QAT form starts where the calibration form ends") {
  const std::vector<float> small{0.1f, -0.1f}, large{9, -9};
  const auto calibrate = [&](auto& handle) {
    handle.set_state(FakeQuantState::Calibration);
    for (const auto& x : {small, large, small}) handle(x);
    handle.set_state(FakeQuantState::Qat);
  };
  q::eager::QuantStub<"fixed", March, q::qconfig::Int8FixedActivation> fixed;
  calibrate(fixed);
  const float scale = fixed.fake_quantize().qparams().scales[0];
  CHECK(scale > 1 / 127.5f);  // not that of the first batch
  CHECK(scale < 10 / 127.5f);
  fixed(small);
  CHECK(fixed.fake_quantize().qparams().scales[0] == scale);
  q::eager::QuantStub<"learned", March, q::qconfig::LearnedInt8> learned;
  calibrate(learned);
  CHECK(learned.fake_quantize().qparams().scales[0] == doctest::Approx(scale));
  using Channels = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-2>>;
  struct TwoForms {
    using Calibration = q::QConfig<Channels, Channels>;
    using Qat = q::QConfig<q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-2>>, Channels>;
  };
  q::eager::QuantStub<"channels", March, TwoForms> channels;
  channels.set_state(FakeQuantState::Calibration);
  channels(xt::xtensor<float, 3>{{{1, 2}, {3, 4}, {5, 6}}});
  channels.set_state(FakeQuantState::Validation);
  const std::vector<float> scales = channels.fake_quantize().qparams().scales;
  REQUIRE(scales.size() == 3);
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(scales[c] == doctest::Approx((2.0f + 2.0f * static_cast<float>(c)) / 127.5f));
  // Without a batch there is nothing to take over.
  q::eager::QuantStub<"idle", March, Int8> idle;
  idle.set_state(FakeQuantState::Calibration);
  idle.set_state(FakeQuantState::Validation);
  CHECK(slug_of([&] { idle(small); }) == "nothing-observed");
}

TEST_CASE("the QAT form starts at the scale of the calibration form to the bit, whatever the observer") {
  const auto check = [](auto handle, auto calibration) {
    for (int i = 1; i <= 200; ++i) {
      const std::vector<float> x{static_cast<float>(i) * 0.00317f, -0.1f};
      calibration.reset();
      calibration.observe(x);
      handle.reset();
      handle.set_state(FakeQuantState::Calibration);
      handle(x);
      handle.set_state(FakeQuantState::Validation);
      REQUIRE(handle.fake_quantize().qparams().scales == calibration.qparams().scales);
    }
  };
  using q::eager::QuantStub;
  using Calibration = q::qconfig::Int8::Calibration::Activation;
  check(QuantStub<"in", March, q::qconfig::Int8>(), Calibration());
  check(QuantStub<"in", March, q::qconfig::Int8FixedActivation>(), Calibration());
  check(QuantStub<"in", March, q::qconfig::LearnedInt8>(), Calibration());
  check(QuantStub<"in", March, q::qconfig::PactInt8>(), Calibration());
}

TEST_CASE("an error in training has the cure of training") {
  q::eager::FakeQuantizedWeight<"w", March, Int8> weight;
  const auto text_in = [&](FakeQuantState state) -> std::string {
    try {
      weight.set_state(state);
      weight(xt::xtensor<float, 2>{{0, 0}});
      weight.set_state(FakeQuantState::Validation);
      weight(xt::xtensor<float, 2>{{0, 0}});
    } catch (const q::Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(text_in(FakeQuantState::Qat).find("lower the learning rate") != std::string::npos);
  CHECK(text_in(FakeQuantState::Calibration).find("calibrate with other data") != std::string::npos);
}

TEST_CASE("a reset handle is a new one") {
  q::eager::QuantStub<"in", March, Int8> in;
  const std::vector<float> x{1, -1};
  in(x);
  in.set_state(FakeQuantState::Calibration);
  in(std::vector<float>{100});
  in.reset();
  CHECK(in.state() == FakeQuantState::Qat);
  CHECK(slug_of([&] { in.backward(x); }) == "backward-before-forward");
  CHECK(slug_of([&] { in.fake_quantize().qparams(); }) == "nothing-observed");
  in.set_state(FakeQuantState::Calibration);
  in.set_state(FakeQuantState::Qat);  // without a batch nothing is taken over
  in(x);
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
}

TEST_CASE("the scale of a weight is that of the weight as it is, unless it is learned") {
  const xt::xtensor<float, 2> wide{{2, -4}, {1, 1}}, narrow{{0.5f, 0}, {0, -0.25f}};
  const std::vector<float> of_wide{4 / 127.5f, 1 / 127.5f}, of_narrow{0.5f / 127.5f, 0.25f / 127.5f};
  q::eager::FakeQuantizedWeight<"w", March, Int8> weight;
  for (const FakeQuantState state : {FakeQuantState::Qat, FakeQuantState::Calibration}) {
    weight.set_state(state);
    weight(wide);
    weight(narrow);
    CHECK(weight.fake_quantize().qparams().scales == of_narrow);
    weight.observe(wide);
    CHECK(weight.fake_quantize().qparams().scales == of_wide);
  }
  q::eager::FakeQuantizedWeight<"w", March, q::qconfig::LearnedInt8> learned;
  learned(wide);
  learned(narrow);
  CHECK(learned.fake_quantize().qparams().scales == of_wide);
  q::eager::QuantStub<"in", March, q::QConfig<q::FakeQuantize<q::MinMaxObserver>, q::FakeQuantize<>>> activation;
  activation(wide);
  activation(narrow);
  CHECK(activation.fake_quantize().qparams().scales[0] == 4 / 127.5f);  // an activation's range is that of all batches
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

TEST_CASE("a batch that is refused leaves the scale as it was") {
  q::eager::QuantStub<"in", March, Int8> in;
  CHECK(slug_of([&] { in(std::vector<float>(4, 0.0f)); }) == "only-zeros-observed");
  in(std::vector<float>{1, -1});
  CHECK(in.fake_quantize().qparams().scales[0] == 1 / 127.5f);
  q::FakeQuantize<> quantizer;
  CHECK(slug_of([&] { quantizer.observe_and_quantize(std::vector<float>(4, 0.0f)); }) == "only-zeros-observed");
  quantizer.observe(std::vector<float>{1, -1});
  CHECK(quantizer.qparams().scales[0] == 1 / 127.5f);
}

TEST_CASE("a failed call leaves the gradient of the call before") {
  q::eager::QuantStub<"in", March, Int8> in;
  in(std::vector<float>{1, 2});
  CHECK(slug_of([&] { in(std::vector<float>{1, std::nanf("")}); }) == "value-not-finite");
  CHECK(in.backward(std::vector<float>{3, 4}) == std::vector<float>{3, 4});
}
