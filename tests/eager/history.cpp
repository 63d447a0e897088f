// SPDX-License-Identifier: Apache-2.0
// A handle serves one call: what types cannot see is refused at run time, and loops over batches are not.
#include <quench/eager/history.hpp>

#include <array>
#include <doctest/doctest.h>
#include <memory>
#include <quench/eager/float_functional.hpp>
#include <quench/eager/stubs.hpp>
#include <utility>

#include "tensors/throws.hpp"

namespace q = quench;
using March = q::march::NashE;
using Int8 = q::qconfig::Int8;
using q::FakeQuantState;
using Floats = std::vector<float>;

namespace {

template <q::Text Name>
using Stub = q::eager::QuantStub<Name, March, Int8>;
template <q::Text Name>
using Functional = q::eager::FloatFunctional<Name, March, Int8>;

// "module: evidence" of the functional-called-once that `f` throws.
template <class F>
std::string called_once(F&& f) {
  try {
    f();
  } catch (const q::Error& error) {
    return error.slug() == "functional-called-once" ? error.module() + ": " + error.evidence() : error.what();
  }
  return "";
}

struct Net {
  Stub<"in"> in;
  q::eager::FakeQuantizedWeight<"w", March, Int8> w;
  Functional<"product"> product;
  Functional<"scaled"> scaled[2];
  Functional<"sum"> sum;
  xt::xtensor<float, 2> weight{{1, 2}, {3, -4}};

  xt::xtensor<float, 2> forward(const xt::xtensor<float, 2>& x) {
    const auto y = product.matmul(in(x), w(weight));
    return sum.add(scaled[0].mul_scalar(y, 0.5f), scaled[1].mul_scalar(y, 2)).values();
  }
  void backward(const xt::xtensor<float, 2>& grad) {
    const auto [first, second] = sum.backward(grad);
    const xt::xarray<float> grad_y = scaled[0].backward<1>(first)[0] + scaled[1].backward<1>(second)[0];
    weight -= 0.01f * w.backward(xt::xtensor<float, 2>(product.backward(grad_y)[1]));
  }
};

struct Block {
  q::eager::FakeQuantizedWeight<".w", March, Int8> w;
  Functional<".product"> product;
  Functional<".add"> add;
  xt::xtensor<float, 2> weight{{1, 2}, {3, -4}};

  template <class X>
  auto forward(const X& x) {
    return add.add(product.matmul(x, w(weight)), x);
  }
};

struct Blocks {
  Stub<"in"> in;
  Block first, second;
  std::vector<Block> more = std::vector<Block>(3);
  Functional<".scale"> scales[2];
  Functional<"last"> last;

  xt::xtensor<float, 2> forward(const xt::xtensor<float, 2>& batch) {
    auto x = second.forward(first.forward(in(batch)));
    for (auto& block : more) x = block.forward(x);
    for (auto& scale : scales) x = scale.mul_scalar(x, 0.5f);
    return last.add(x, x).values();
  }
};

const xt::xtensor<float, 2> batch{{0.5f, -1}, {0.25f, 2}};

}  // namespace

TEST_CASE("a handle serves one operation on the results of the same handles") {
  Stub<"a"> a;
  Stub<"b"> b, other;
  Functional<"f"> f;
  const auto x = a(Floats{1, 2});
  const auto y = b(Floats{3, 4}), z = other(Floats{300, 400});
  f.add(x, y);
  const auto scales = f.fake_quantize().qparams().scales;
  CHECK(called_once([&] { f.mul(x, y); }) == "f: first add of a and b, then mul of a and b");
  CHECK(called_once([&] { f.add(y, x); }) == "f: first add of a and b, then add of b and a");
  CHECK(called_once([&] { f.add(x, x); }) == "f: first add of a and b, then add of a and a");
  CHECK(called_once([&] { f.add(x, z); }) == "f: first add of a and b, then add of a and b, which are other objects");
  CHECK(called_once([&] { f.cat(x, y, y); }) == "f: first add of a and b, then cat of a and b and b");
  CHECK(f.fake_quantize().qparams().scales == scales);  // nothing is changed
  CHECK(f.backward(Floats{5, 0})[0] == Floats{5, 0});
  f.add(a(Floats{5, 6}), b(Floats{7, 8}));
}

TEST_CASE("a call that fails is not the call that a handle serves") {
  Stub<"a"> a;
  Functional<"f"> f;
  const auto x = a(Floats{1, 2});
  CHECK(slug_of([&] { f.matmul(x, x); }) == "shape-mismatch");
  CHECK(slug_of([&] { f.mul_scalar(x, 0); }) == "only-zeros-observed");
  f.add(x, x);
}

TEST_CASE("an operator of the user's own serves one call for the same tensors") {
  Stub<"in"> in;
  q::eager::Activation<"conv", March, Int8> conv;
  auto x = in(Floats{1, 2});
  conv(Floats{3, 4}, x);
  conv(Floats{3, 4}, x);  // equal values say nothing new
  CHECK(called_once([&] { conv(Floats{300, 400}, x); }) == "conv: the same tensors again, with other values");
  CHECK(called_once([&] { conv(Floats{3, 4, 5}, x); }) == "conv: the same tensors again, with other values");
  CHECK(called_once([&] { conv(Floats{5, 6}, x.with_values(Floats{3, 4})); }).size() > 0);  // still that of x
  x = in(Floats{1, 2});
  conv(Floats{5, 6}, x);
  conv.backward(Floats{1, 1});  // a step of training that leaves x as it is
  conv(Floats{4, 5}, x);
  conv.set_state(FakeQuantState::Validation);
  conv(Floats{3, 4}, x);
}

TEST_CASE("two calls of one handle do not meet") {
  Stub<"in"> in;
  Functional<"f"> f;
  Functional<"sum"> sum;
  const auto x = in(Floats{1, 2}), same = in(Floats{1, 2}), other = in(Floats{3, 4});
  sum.add(x, same);
  CHECK(called_once([&] { sum.add(x, other); }) == "in: results of two calls meet in sum");
  // One handle on operands of equal history.
  Functional<"join"> join;
  const auto first = f.mul_scalar(x, 2), second = f.mul_scalar(other, 2);
  CHECK(called_once([&] { join.add(first, second); }).size() > 0);
  Stub<"level"> levels[2];
  Functional<"g"> g[2];
  CHECK(called_once([&] {
          join.add(g[0].mul_scalar(levels[0](Floats{1}), 2), g[1].mul_scalar(levels[1](Floats{2}), 2));
        }) == "");
}

TEST_CASE("passes over batches are the same call, in each state and in training") {
  Net net;
  for (const FakeQuantState state : {FakeQuantState::Calibration, FakeQuantState::Qat, FakeQuantState::Validation}) {
    q::eager::set_fake_quantize(net, state);
    for (int step = 0; step < 3; ++step) {
      net.forward(batch);
      net.forward(batch * static_cast<float>(step + 1));
      if (state == FakeQuantState::Qat) net.backward(batch);
      net.forward(batch);
    }
  }
  // Weights and constants that are quantized once.
  Functional<"product"> product;
  const auto w = net.w(net.weight);
  for (int step = 0; step < 3; ++step) product.matmul(net.in(batch * static_cast<float>(step + 1)), w);
  // An empty batch is refused, and the next one is not.
  const auto empty = net.in(batch).with_values(xt::xtensor<float, 2>::from_shape({0, 2}));
  net.product.set_state(FakeQuantState::Validation);
  CHECK(slug_of([&] { net.product.matmul(empty, w); }) == "empty-input");
  CHECK(slug_of([&] { net.product.matmul(net.in(batch), w); }) == "");
}

TEST_CASE("training and validation may call a handle differently if the state is set between them") {
  Stub<"in"> in;
  Functional<"noise"> noise;
  Functional<"f"> f;
  const auto x = in(Floats{1, 2});
  f.mul_scalar(noise.add_scalar(x, 0.1f), 2);
  CHECK(called_once([&] { f.mul_scalar(x, 2); }).size() > 0);
  f.set_state(FakeQuantState::Validation);
  CHECK(called_once([&] { f.mul_scalar(x, 2); }) == "");
  f.reset();
  CHECK(called_once([&] { f.add_scalar(x, 2); }) == "");
}

TEST_CASE("models may be copied, moved, assigned, exchanged and replaced") {
  Net net;
  net.forward(batch);
  Net copy = net;
  copy.forward(batch * 2.0f);
  net.forward(batch * 3.0f);
  net = copy;
  net.forward(batch * 4.0f);
  net.in = Stub<"in">();
  net.scaled[1] = copy.scaled[1];
  net.forward(batch * 5.0f);
  Net moved = std::move(net);
  moved.forward(batch * 6.0f);
  std::swap(moved, copy);
  moved.forward(batch);
  copy.forward(batch * 2.0f);
  std::vector<Net> nets(1);
  nets[0].forward(batch);
  nets.resize(5);
  nets[0].forward(batch * 2.0f);
  nets.erase(nets.begin());
  nets[0].forward(batch * 3.0f);
  // A handle that is gone has been replaced.
  auto body = std::make_unique<Stub<"body">>();
  Functional<"head"> head;
  head.mul_scalar((*body)(Floats{1, 2}), 2);
  body = std::make_unique<Stub<"body">>();
  head.mul_scalar((*body)(Floats{3, 4}), 2);
  // One that is there is another one.
  Stub<"body"> second = *body;
  CHECK(called_once([&] { head.mul_scalar(second(Floats{3, 4}), 2); }).size() > 0);
  // A handle that was moved from serves a new call.
  Functional<"head"> taken = std::move(head);
  head = {};
  CHECK(called_once([&] { head.add_scalar(second(Floats{3, 4}), 2); }) == "");
  CHECK(called_once([&] { taken.mul_scalar(second(Floats{3, 4}), 2); }).size() > 0);
}

TEST_CASE("a network has several blocks of one type, and loops over blocks and handles") {
  Blocks net;
  for (const FakeQuantState state : {FakeQuantState::Calibration, FakeQuantState::Qat, FakeQuantState::Validation}) {
    q::eager::set_fake_quantize(net, state);
    for (int step = 1; step < 4; ++step) CHECK(net.forward(batch * static_cast<float>(step)).shape(0) == 2);
  }
  // Each object serves one call.
  const auto x = net.in(batch);
  CHECK(called_once([&] { net.first.forward(net.first.forward(x)); }) ==
        "first.product: on what comes from its own result");
  CHECK(called_once([&] { net.more[2].forward(x); }) ==
        "more.2.product: first matmul of more.1.add and more.2.w, then matmul of in and more.2.w");
  CHECK(called_once([&] { net.scales[1].add(x, x); }) ==
        "scales.1: first mul_scalar of scales.0, then add of in and in");
  Functional<".own"> own;
  CHECK(called_once([&] { own.add(own.add(x, x), x); }) == ".own: on what comes from its own result");
}

TEST_CASE("a handle of several keeps the longest path, and its copies do") {
  Blocks net;
  CHECK(net.more[1].add.name() == ".add");
  q::eager::set_fake_quantize(net.more[1], FakeQuantState::Qat);  // alone, so that its path is the declared name
  CHECK(net.more[1].add.name() == ".add");
  q::eager::set_fake_quantize(net, FakeQuantState::Qat);
  q::eager::set_fake_quantize(net.more[1], FakeQuantState::Qat);
  CHECK(net.more[1].add.name() == "more.1.add");
  const Block copy = net.more[1];
  CHECK(copy.add.name() == "more.1.add");
  CHECK(net.scales[0].name() == "scales.0");
  CHECK(net.last.name() == "last");
}

TEST_CASE("tensors that were made by hand have no history and may go anywhere") {
  using Tensor = decltype(std::declval<Stub<"in">&>()(Floats{}));
  Functional<"f"> f;
  Stub<"in"> in;
  const Tensor x(Floats{1, 2});
  CHECK(x.history() == nullptr);
  f.add(x, x);
  f.add(x, in(Floats{3, 4}));
  CHECK(called_once([&] { f.mul(x, x); }) == "f: first add of a tensor and in, then mul of a tensor and a tensor");
  q::eager::Activation<"conv", March, Int8> conv;
  conv(Floats{3, 4}, x);
  conv(Floats{5, 6}, x);  // they may be those of another batch
}
