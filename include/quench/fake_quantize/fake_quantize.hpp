// SPDX-License-Identifier: Apache-2.0
// `FakeQuantize`: quantizes and dequantizes real values in training, at a scale that an observer finds.
//
//   quench::FakeQuantize<quench::MovingAverageMinMaxObserver<>, quench::QInt8> activation;
//   activation.observe(x);                        // a span, a vector, any xtensor expression
//   auto y = activation(x);                       // clamp(round_half_even(x * (1 / scale)), qmin, qmax) * scale
//   activation.backward(x, grad_y, grad_x);       // straight-through, zero outside the codes
//
// Weights usually have a scale for each output channel: FakeQuantize<MinMaxObserver, QInt8, PerChannel<0>>. A
// MinMaxObserver remembers the weight of every step. Call `reset()` before `observe(weight)` if the scale should be
// that of the current weight. Models in training and eager handles do so.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <quench/fake_quantize/passes.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/observers/granularity.hpp>
#include <quench/observers/min_max.hpp>

namespace quench {

/// What fake-quantizers do at a stage of training. Calibration observes and passes values through. Qat observes and
/// fake-quantizes. Validation fake-quantizes at fixed scales.
enum class FakeQuantState : unsigned char { Calibration, Qat, Validation };

namespace fake_quantize {

/// True for PerTensor and PerChannel<Axis>.
template <class Granularity>
inline constexpr bool is_granularity = false;
template <>
inline constexpr bool is_granularity<PerTensor> = true;
template <int Axis>
inline constexpr bool is_granularity<PerChannel<Axis>> = true;

/// The axis of the scales, if there is more than one.
template <class Granularity>
inline constexpr std::optional<int> axis_of = std::nullopt;
template <int Axis>
inline constexpr std::optional<int> axis_of<PerChannel<Axis>> = Axis;

void check_start(const QParams& found, std::optional<int> axis);

}  // namespace fake_quantize

/// The requirements of a QConfig for activations and weights: observes, fake-quantizes, has quantization parameters.
template <class F>
concept FakeQuantizer = std::copyable<F> && requires(F quantizer, const FloatInput& x, std::span<float> y) {
  { F::dtype } -> std::convertible_to<DType>;
  quantizer.observe(x);
  quantizer.forward(x, y);
  quantizer.backward(x, x, y);
  { quantizer.qparams() } -> std::convertible_to<QParams>;
};

/// A fake-quantizer that can start at the scales of calibration. Training requires this for activations.
template <class F>
concept StartableFakeQuantizer =
    FakeQuantizer<F> && requires(F quantizer, const QParams& found) { quantizer.start_at(found); };

/// A fake-quantizer with parameters that training adjusts.
template <class F>
concept LearningFakeQuantizer = FakeQuantizer<F> && requires(F quantizer) {
  quantizer.parameters();
  quantizer.gradients();
  quantizer.zero_gradients();
};

namespace fake_quantize {

/// Observes a weight. Forgets the range of earlier weights but keeps learned scales.
template <FakeQuantizer F>
void observe_weight(F& quantizer, const FloatInput& weight) {
  if constexpr (LearningFakeQuantizer<F>) {
    quantizer.observe(weight);
  } else {
    F fresh;
    fresh.observe(weight);
    quantizer = std::move(fresh);
  }
}

}  // namespace fake_quantize

/// Fake-quantization at scales found by an observer.
/// `Type` is QInt4, QInt8 or QInt16; `Granularity` is PerTensor or PerChannel<Axis>.
/// Errors   value-not-finite: observing refuses NaN and infinity, the passes refuse NaN (infinity saturates);
///          empty-input; shape-mismatch; those of the observer when a scale is needed. An error changes nothing, but a
///          result may be partly written.
/// Source   nash.md section 1; torch.fake_quantize_per_tensor_affine, ..._per_channel_affine with zero point 0
template <Observer O = MovingAverageMinMaxObserver<>, FloatExactDType Type = QInt8, class Granularity = PerTensor>
class FakeQuantize {
  static_assert(fake_quantize::is_granularity<Granularity>,
                "the granularity is quench::PerTensor or quench::PerChannel<Axis>");

 public:
  static constexpr DType dtype = Type::dtype;
  static constexpr std::optional<int> axis = fake_quantize::axis_of<Granularity>;

  void observe(const FloatInput& x) {
    observer_.observe(x);
    if constexpr (requires { requires O::keeps_start; })
      if (is_started_) return;
    forget_scales();
  }

  /// Starts at known scales, to the bit, with any observer. They apply until the next observation. Then a
  /// MinMaxObserver, a MovingAverageMinMaxObserver and a ClipObserver continue from the range of these scales. So does
  /// your own observer if it has `start_at(scale, dtype)`. Any other observer starts with the next tensor.
  /// MovingAverageMinMaxObserver<std::ratio<0>> keeps the scales.
  /// Errors   scale-out-of-range; shape-mismatch if they are those of another granularity
  void start_at(const QParams& found) {
    fake_quantize::check_start(found, axis);
    observer_.start_at(found.scales, dtype);
    qparams_.scales = found.scales;
    is_started_ = true;
  }
  /// The scales of `start_at` while they are in use, else none.
  std::vector<float> started_at() const { return is_started_ ? qparams_.scales : std::vector<float>(); }
  void reset() { *this = {}; }

  /// Fake-quantized x, in a container like x.
  template <FloatTensor X>
  ResultFor<X> operator()(const X& x) {
    return fake_quantize::apply(*this, x);
  }

  template <FloatTensor X>
  ResultFor<X> observe_and_quantize(const X& x) {
    FakeQuantize updated = *this;  // so that an error in either step changes nothing
    updated.observe(x);
    auto y = fake_quantize::apply(updated, x);
    *this = std::move(updated);
    return y;
  }

  /// y = fake-quantized x. They may be the same.
  void forward(const FloatInput& x, const FloatOutput& y) {
    fake_quantize::forward_pass(x, qparams(), tensors::limits_of<Type>(), y.values());
  }
  /// Also writes a bit for each value, lowest first: 1 if x is inside the codes. `mask` has (size + 7) / 8 bytes.
  void forward(const FloatInput& x, const FloatOutput& y, std::span<std::uint8_t> mask) {
    fake_quantize::forward_pass(x, qparams(), tensors::limits_of<Type>(), y.values(), mask);
  }

  /// grad_x = grad_y where the code of x is inside the codes before saturation, 0 elsewhere.
  void backward(const FloatInput& x, const FloatInput& grad_y, const FloatOutput& grad_x) {
    fake_quantize::backward_pass(x, qparams(), tensors::limits_of<Type>(), grad_y, grad_x.values());
  }
  /// The same with a mask that forward wrote.
  static void backward(std::span<const std::uint8_t> mask, const FloatInput& grad_y, const FloatOutput& grad_x) {
    fake_quantize::backward_pass(mask, grad_y, grad_x.values());
  }

  /// The scales: one, or one for each channel. Found at the first call after an observation.
  const QParams& qparams() & {
    if (qparams_.scales.empty()) qparams_.scales = observer_.scales(dtype);
    return qparams_;
  }
  const QParams& qparams() && = delete;

  const GranularObserver<O, Granularity>& observer() const& { return observer_; }
  const GranularObserver<O, Granularity>& observer() const&& = delete;
  /// Replaces the observers by loaded or merged ones.
  void set_observer(GranularObserver<O, Granularity> observer) {
    observer_ = std::move(observer);
    forget_scales();
  }

 private:
  void forget_scales() {
    qparams_.scales.clear();
    is_started_ = false;
  }

  GranularObserver<O, Granularity> observer_;
  bool is_started_ = false;
  QParams qparams_{dtype, {}, axis};
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/fake_quantize/fake_quantize_impl.hpp>
#endif
