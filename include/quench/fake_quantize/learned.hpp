// SPDX-License-Identifier: Apache-2.0
// `LearnedFakeQuantize`: the scale is a parameter that training adjusts (LSQ).
//
//   quench::LearnedFakeQuantize<> activation;
//   activation.observe(first_batch);                    // its observer gives the scale to start from
//   auto y = activation(x);                             // from here on the scale is learned
//   activation.backward(x, grad_y, grad_x);             // adds to activation.gradients()
//   for (auto i : ...) activation.parameters()[i] -= rate * activation.gradients()[i];
//   activation.zero_gradients();
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <quench/fake_quantize/fake_quantize.hpp>
#include <quench/host/fake_quantize/learned.hpp>

namespace quench {

/// Fake-quantization with a learned scale, or one for each channel. The observer gives the initial scale at the first
/// pass; later observations only check the tensor. A scale that an optimizer moves below `smallest_scale` is raised to
/// it before anything reads it, also the optimizer's next step. So a saved state is exact.
/// Errors   as FakeQuantize; scale-out-of-range if a learned scale is not finite
/// Source   Esser et al., Learned Step Size Quantization, 2020; torch's _fake_quantize_learnable_per_tensor_affine
template <Observer O = MovingAverageMinMaxObserver<>, FloatExactDType Type = QInt8, class Granularity = PerTensor>
class LearnedFakeQuantize {
  static_assert(fake_quantize::is_granularity<Granularity>,
                "the granularity is quench::PerTensor or quench::PerChannel<Axis>");

 public:
  static constexpr DType dtype = Type::dtype;
  static constexpr std::optional<int> axis = fake_quantize::axis_of<Granularity>;
  static constexpr const char* parameter_name = "scale";

  /// Before the first pass: shows a tensor to the observer. Later: only checks it.
  void observe(const FloatInput& x) {
    if (qparams_.scales.empty())
      observer_.observe(x);
    else
      finite_range(x);
  }

  /// Fake-quantized x, in a container like x.
  template <FloatTensor X>
  ResultFor<X> operator()(const X& x) {
    return fake_quantize::apply(*this, x);
  }

  /// y = fake-quantized x. They may be the same.
  void forward(const FloatInput& x, const FloatOutput& y) {
    const bool was_learning = !qparams_.scales.empty();
    try {
      fake_quantize::forward_pass(x, qparams(), tensors::limits_of<Type>(), y.values());
    } catch (...) {
      if (!was_learning) qparams_.scales.clear();  // the first pass has failed
      throw;
    }
  }

  /// grad_x = grad_y where x is inside the codes, 0 elsewhere. Gradient of each scale: adds 1 / sqrt(n * qmax) * sum of
  /// grad_y * (qmin below the codes, qmax above, code - x / scale between), for n values of x.
  void backward(const FloatInput& x, const FloatInput& grad_y, const FloatOutput& grad_x) {
    tensors::check_not_empty(x);
    fake_quantize::check_shape(x, grad_y);
    fake_quantize::check_size(x.size(), grad_x.size(), "values of the result");
    const ChannelLayout layout = qparams().layout(x.extents());
    std::vector<double> sums(layout.channels);
    fake_quantize::write_apart(grad_x.values(), {x.values(), grad_y.values()}, [&](float* result) {
      if (!host::learned_backward(layout, qparams_.scales, tensors::limits_of<Type>(), x.data(), grad_y.data(), result,
                                  sums.data()))
        tensors::throw_nan(x);
    });
    const double factor = 1 / std::sqrt(static_cast<double>(x.size()) * Type::qmax);
    for (std::size_t c = 0; c < sums.size(); ++c) gradients_[c] += static_cast<float>(factor * sums[c]);
  }

  /// The scales for an optimizer, at least `smallest_scale`. Empty before the first pass.
  std::span<float> parameters() & {
    for (float& scale : qparams_.scales)
      if (std::isfinite(scale)) scale = std::max(scale, smallest_scale);
    return qparams_.scales;
  }
  std::span<float> parameters() && = delete;
  std::span<float> gradients() & { return gradients_; }
  std::span<float> gradients() && = delete;
  /// Continues from saved scales.
  /// Errors   scale-out-of-range
  void set_scales(std::vector<float> scales) {
    for (const float scale : scales) checked_scale(scale);
    gradients_.assign(scales.size(), 0.0f);
    qparams_.scales = std::move(scales);
  }
  /// Starts to learn at known scales.
  /// Errors   scale-out-of-range; shape-mismatch if they are those of another granularity
  void start_at(const QParams& found) {
    fake_quantize::check_start(found, axis);
    set_scales(found.scales);
  }
  void reset() { *this = {}; }
  void zero_gradients() { std::fill(gradients_.begin(), gradients_.end(), 0.0f); }

  /// The scales, at least `smallest_scale`.
  const QParams& qparams() & {
    if (qparams_.scales.empty()) {
      qparams_.scales = observer_.scales(dtype);
      gradients_.assign(qparams_.scales.size(), 0.0f);
    }
    for (const float scale : parameters()) checked_scale(scale);
    return qparams_;
  }
  const QParams& qparams() && = delete;

 private:
  GranularObserver<O, Granularity> observer_;
  QParams qparams_{dtype, {}, axis};
  std::vector<float> gradients_;
};

}  // namespace quench
