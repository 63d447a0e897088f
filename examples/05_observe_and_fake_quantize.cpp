// SPDX-License-Identifier: Apache-2.0
// The primitives alone, without a network: observers find scales, FakeQuantize rounds values like integers.
#include <cstdio>
#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>

#include <quench/fake_quantize/fake_quantize.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/least_error.hpp>
#include <quench/observers/percentile.hpp>
#include <quench/tensors/quantize.hpp>

namespace q = quench;

namespace {

/// The root mean square error of quantization at an observer's scale.
template <class Observer>
void compare(const char* name, const xt::xtensor<float, 2>& x) {
  q::FakeQuantize<Observer> quantizer;
  quantizer.observe(x);
  const double error = std::sqrt(xt::mean(xt::square(quantizer(x) - x))());
  std::printf("%-22s scale %.5f, error %.5f\n", name, static_cast<double>(quantizer.qparams().scales[0]), error);
}

// region observer
/// Your own observer needs two functions.
class HalfOfMaximum {
 public:
  void observe(std::span<const float> x) { magnitude_ = std::max(magnitude_, q::finite_range(x).magnitude()); }
  float scale(q::DType dtype) const { return q::scale_from_magnitude(magnitude_ / 2, dtype); }

 private:
  float magnitude_ = 0;
};
// end region

}  // namespace

int main() {
  xt::random::seed(7);
  xt::xtensor<float, 2> x = xt::random::randn<float>({64, 1024});
  x(0, 0) = 30;  // an outlier

  // region tour
  q::FakeQuantize<q::MovingAverageMinMaxObserver<>, q::QInt8> activation;
  activation.observe(x);                // a span, a vector or any xtensor expression
  const auto y = activation(x * 2.0f);  // clamp(round_half_even(x * (1 / scale)), -128, 127) * scale

  const xt::xtensor<float, 2> grad_y = xt::ones_like(x);
  xt::xtensor<float, 2> grad_x = xt::empty_like(x);
  activation.backward(x * 2.0f, grad_y, grad_x);  // straight-through: zero where the code saturates

  const xt::xtensor<std::int8_t, 2> codes = q::quantize<q::QInt8>(x, activation.qparams());
  // end region
  std::printf("%g of %g gradients pass; x(0, 0) = 30 has code %d, y(0, 0) is %.4f\n",
              static_cast<double>(xt::sum(grad_x)()), static_cast<double>(x.size()), codes(0, 0),
              static_cast<double>(y(0, 0)));

  compare<q::MinMaxObserver>("MinMaxObserver", x);
  compare<q::PercentileObserver<>>("PercentileObserver", x);
  compare<q::KLObserver>("KLObserver", x);
  compare<q::MSEObserver>("MSEObserver", x);
  compare<HalfOfMaximum>("an observer of your own", x);

  // A mistake that only data can show throws an error that names it and changes nothing.
  try {
    activation.observe(x / 0.0f);
  } catch (const q::Error& error) {
    std::printf("%s\n", error.what());
  }
}
