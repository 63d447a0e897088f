// SPDX-License-Identifier: Apache-2.0
// Your own training loop, in plain xtensor, with fake-quantization that refuses misuse; then the same on integers.
#include <cstdio>
#include <random>
#include <vector>
#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>

#include <quench/eager.hpp>

namespace q = quench;
using Matrix = xt::xtensor<float, 2>;

namespace {
// region handles
using March = q::march::NashE;
using Weight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<1>>;  // of [inputs, outputs]
using Int8 = q::QConfig<q::FakeQuantize<>, Weight>;
using Output = q::QConfig<q::NoFakeQuantize<>, Weight>;  // high precision

struct Classifier {
  q::eager::QuantStub<"in", March, Int8> in;
  q::eager::FakeQuantizedWeight<"weight1", March, Int8> weight1;
  q::eager::FakeQuantizedWeight<"weight2", March, Int8> weight2;
  q::eager::FloatFunctional<"hidden", March, Int8> hidden;
  q::eager::FloatFunctional<"logits", March, Output> logits;
  q::eager::DeQuantStub out;
  Matrix w1, w2, h;  // h: before the ReLU, for the backward pass

  Matrix forward(const Matrix& x) {
    auto sums = hidden.matmul(in(x), weight1(w1));
    h = sums.values();
    auto relu = sums.with_values(xt::maximum(h, 0.0f));  // keeps the scale, so it needs no handle
    return out(logits.matmul(relu, weight2(w2)));        // hidden.matmul(relu, ...) would not compile
  }
  void train(const Matrix& x, const std::vector<int>& labels, float rate) {
    auto loss = q::cross_entropy(forward(x), labels);
    auto [grad_relu, grad_w2] = logits.backward(loss.gradient);
    Matrix grad_h = grad_relu * xt::cast<float>(h > 0.0f);
    auto [grad_x, grad_w1] = hidden.backward(grad_h);
    w1 -= rate * weight1.backward(grad_w1);
    w2 -= rate * weight2.backward(grad_w2);
  }
};
// end region
/// Integer product of codes [N, K] and [K, M].
xt::xtensor<std::int32_t, 2> multiply(const xt::xtensor<std::int8_t, 2>& x, const xt::xtensor<std::int8_t, 2>& w) {
  xt::xtensor<std::int32_t, 2> acc = xt::zeros<std::int32_t>({x.shape(0), w.shape(1)});
  for (std::size_t n = 0; n < x.shape(0); ++n)
    for (std::size_t k = 0; k < x.shape(1); ++k)
      for (std::size_t m = 0; m < w.shape(1); ++m) acc(n, m) += x(n, k) * w(k, m);
  return acc;
}

double accuracy(const Matrix& logits, const std::vector<int>& labels) {
  double right = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) right += (logits(n, 1) > logits(n, 0)) == (labels[n] == 1);
  return 100 * right / static_cast<double>(labels.size());
}

}  // namespace

int main() {
  // Two rings. The third feature is a constant and serves as a bias.
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  Matrix x = xt::ones<float>({400, 3});
  std::vector<int> labels;
  for (std::size_t n = 0; n < 400; ++n) {
    labels.push_back(static_cast<int>(n % 2));
    const float radius = (labels[n] == 0 ? 0.5f : 1.2f) + 0.1f * normal(random), angle = static_cast<float>(n);
    x(n, 0) = radius * std::cos(angle);
    x(n, 1) = radius * std::sin(angle);
  }
  Classifier net;
  net.w1 = xt::random::randn<float>({3, 16}, 0.0f, 1.0f, random);
  net.w2 = xt::random::randn<float>({16, 2}, 0.0f, 0.3f, random);

  q::eager::set_fake_quantize(net, q::FakeQuantState::Calibration);  // observes, passes values through
  std::printf("before training           %5.1f %%\n", accuracy(net.forward(x), labels));
  q::eager::set_fake_quantize(net, q::FakeQuantState::Qat);
  for (int step = 0; step < 300; ++step) net.train(x, labels, 0.5f);
  q::eager::set_fake_quantize(net, q::FakeQuantState::Validation);
  const Matrix simulated = net.forward(x);
  std::printf("fake-quantized            %5.1f %%\n", accuracy(simulated, labels));

  // The same with integers: codes, int32 sums at the product of two scales, requantization.
  const q::QParams w1 = net.weight1.fake_quantize().qparams(), w2 = net.weight2.fake_quantize().qparams();
  const float in = net.in.fake_quantize().qparams().scales[0], hidden = net.hidden.fake_quantize().qparams().scales[0];
  const auto products = [](q::QParams weight, float scale) {
    for (float& s : weight.scales) s *= scale;
    return weight;
  };
  auto h = q::requantize<q::QInt8>(multiply(q::quantize<q::QInt8>(x, in), q::quantize<q::QInt8>(net.w1, w1)),
                                   products(w1, in), hidden);
  h = xt::maximum(h, std::int8_t{0});
  const Matrix integers = q::dequantize(multiply(h, q::quantize<q::QInt8>(net.w2, w2)), products(w2, hidden));
  std::printf("integers                  %5.1f %%\n", accuracy(integers, labels));
  std::printf("largest difference of logits %.4f\n", xt::amax(xt::abs(integers - simulated))() * 1.0);
}
