// SPDX-License-Identifier: Apache-2.0
// `PactFakeQuantize`: training learns the magnitude at which activations are clipped (PACT).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <ratio>
#include <span>

#include <quench/fake_quantize/fake_quantize.hpp>

namespace quench {

/// Fake-quantization of values clipped to [-a, a], with the scale a / ((qmax - qmin) / 2). `a` starts at `Initial`. An
/// `a` whose scale would be below `smallest_scale` is raised to that limit before anything reads it, also the
/// optimizer's next step.
/// Errors   as FakeQuantize; scale-out-of-range if `a` is not finite
/// Source   Choi et al., PACT: Parameterized Clipping Activation, 2018, made symmetric
template <FloatExactDType Type = QInt8, class Initial = std::ratio<6>>
class PactFakeQuantize {
 public:
  static constexpr DType dtype = Type::dtype;
  static constexpr const char* parameter_name = "clip";

  /// Checks a tensor and learns nothing from it.
  void observe(const FloatInput& x) { finite_range(x); }

  /// Fake-quantized x, in a container like x.
  template <FloatTensor X>
  ResultFor<X> operator()(const X& x) {
    return fake_quantize::apply(*this, x);
  }

  /// y = fake-quantized x. They may be the same.
  void forward(const FloatInput& x, const FloatOutput& y) {
    fake_quantize::forward_pass(x, qparams(), tensors::limits_of<Type>(), y.values());
  }

  /// grad_x = grad_y where -a < x < a, 0 elsewhere. Gradient of `a`: adds grad_y where x >= a, -grad_y where x <= -a.
  void backward(const FloatInput& x, const FloatInput& grad_y, const FloatOutput& grad_x) {
    tensors::check_not_empty(x);
    fake_quantize::check_shape(x, grad_y);
    fake_quantize::check_size(x.size(), grad_x.size(), "values of the result");
    qparams();
    if (std::any_of(x.values().begin(), x.values().end(), [](float value) { return std::isnan(value); }))
      tensors::throw_nan(x);
    double sum = 0;
    fake_quantize::write_apart(grad_x.values(), {x.values(), grad_y.values()}, [&](float* result) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float value = x.data()[i], gradient = grad_y.data()[i];
        const bool above = value >= clip_, below = value <= -clip_;
        sum += above ? static_cast<double>(gradient) : below ? -static_cast<double>(gradient) : 0.0;
        result[i] = above || below ? 0.0f : gradient;
      }
    });
    gradient_ += static_cast<float>(sum);
  }

  /// `a` for an optimizer, at least at the limit of `smallest_scale`.
  std::span<float> parameters() & {
    if (std::isfinite(clip_)) clip_ = std::max(clip_, magnitude_of(smallest_scale, dtype));
    if (clip_ != start_clip_) start_clip_ = no_start;  // a moved clip determines the scale, even if it comes back
    return {&clip_, 1};
  }
  std::span<float> parameters() && = delete;
  std::span<float> gradients() & { return {&gradient_, 1}; }
  std::span<float> gradients() && = delete;
  void zero_gradients() { gradient_ = 0; }

  /// Starts at a known scale, to the bit; `a` is its magnitude.
  /// Errors   scale-out-of-range; shape-mismatch if it is not one scale
  void start_at(const QParams& found) {
    fake_quantize::check_start(found, std::nullopt);
    reset();
    start_scale_ = found.scales[0];
    start_clip_ = clip_ = magnitude_of(start_scale_, dtype);
  }
  /// The scale of `start_at` while `a` is unchanged and would give another one, else none.
  std::vector<float> started_at() const {
    const bool holds = clip_ == start_clip_ && start_scale_ != raw_scale(clip_, dtype);
    return holds ? std::vector<float>{start_scale_} : std::vector<float>();
  }
  void reset() { *this = {}; }

  const QParams& qparams() & {
    const float clip = parameters()[0];
    qparams_.scales = {checked_scale(clip == start_clip_ ? start_scale_ : raw_scale(clip, dtype))};
    return qparams_;
  }
  const QParams& qparams() && = delete;

 private:
  float clip_ = static_cast<float>(static_cast<double>(Initial::num) / Initial::den);
  float gradient_ = 0;
  static constexpr float no_start = std::numeric_limits<float>::quiet_NaN();  // equals no clip, not even 0
  float start_clip_ = no_start, start_scale_ = 0;
  QParams qparams_{dtype, {}, std::nullopt};
};

}  // namespace quench
