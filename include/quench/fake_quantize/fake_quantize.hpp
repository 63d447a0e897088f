// SPDX-License-Identifier: Apache-2.0
// `FakeQuantize`: real values that behave as if they had been quantized, at a scale that an observer finds.
//
//   quench::FakeQuantize<quench::MovingAverageMinMaxObserver<>, quench::QInt8> activation;
//   activation.observe(x);                        // a span, a vector, any xtensor expression
//   auto y = activation(x);                       // clamp(round_half_even(x * (1 / scale)), qmin, qmax) * scale
//   activation.backward(x, grad_y, grad_x);       // straight-through, zero outside the codes
//
// Weights usually have a scale for each output channel: FakeQuantize<MinMaxObserver, QInt8, PerChannel<0>>.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <quench/fake_quantize/passes.hpp>
#include <quench/observers/granularity.hpp>
#include <quench/observers/min_max.hpp>

namespace quench {

/// What fake-quantizers do at a stage of training: Calibration observes and passes values through, Qat observes and
/// fake-quantizes, Validation fake-quantizes at scales that stay as they are.
enum class FakeQuantState : unsigned char { Calibration, Qat, Validation };

namespace detail {

template <class Granularity>
inline constexpr bool is_granularity = false;
template <>
inline constexpr bool is_granularity<PerTensor> = true;
template <int Axis>
inline constexpr bool is_granularity<PerChannel<Axis>> = true;

template <class Granularity>
inline constexpr std::optional<int> axis_of = std::nullopt;
template <int Axis>
inline constexpr std::optional<int> axis_of<PerChannel<Axis>> = Axis;

}  // namespace detail

/// What a QConfig takes for activations and weights: observes, fake-quantizes, has quantization parameters.
template <class F>
concept FakeQuantizer = std::copyable<F> && requires(F quantizer, const FloatInput& x, std::span<float> y) {
  { F::dtype } -> std::convertible_to<DType>;
  quantizer.observe(x);
  quantizer.forward(x, y);
  quantizer.backward(x, x, y);
  { quantizer.qparams() } -> std::convertible_to<QParams>;
};

/// Fake-quantization at scales found by an observer.
/// `Type` is QInt4, QInt8 or QInt16; `Granularity` is PerTensor or PerChannel<Axis>.
/// Errors   value-not-finite: observing refuses NaN and infinity, the passes refuse NaN (infinity saturates);
///          empty-input; shape-mismatch; those of the observer when a scale is needed. Nothing is changed by an error,
///          except that a result may have been written in part.
/// Source   nash.md section 1; torch.fake_quantize_per_tensor_affine, ..._per_channel_affine with zero point 0
template <Observer O = MovingAverageMinMaxObserver<>, detail::FloatExactDType Type = QInt8,
          class Granularity = PerTensor>
class FakeQuantize {
  static_assert(detail::is_granularity<Granularity>,
                "the granularity is quench::PerTensor or quench::PerChannel<Axis>");

 public:
  static constexpr DType dtype = Type::dtype;

  /// Shows a tensor to the observer.
  void observe(const FloatInput& x) {
    observer_.observe(x);
    qparams_.scales.clear();
  }

  /// Fake-quantized x, as a container of its kind.
  template <FloatTensor X>
  ResultFor<X> operator()(const X& x) {
    return detail::apply(*this, x);
  }

  /// Observes x and fake-quantizes it at the scale found.
  template <FloatTensor X>
  ResultFor<X> observe_and_quantize(const X& x) {
    FakeQuantize updated = *this;  // so that an error in either step changes nothing
    updated.observe(x);
    auto y = detail::apply(updated, x);
    *this = std::move(updated);
    return y;
  }

  /// y = fake-quantized x. They may be the same.
  void forward(const FloatInput& x, const FloatOutput& y) {
    detail::forward_pass(x, qparams(), detail::limits_of<Type>(), y.values());
  }
  /// The same, and a bit for each value, the lowest of a byte first: 1 where x is inside the codes.
  /// `mask` has (size + 7) / 8 bytes.
  void forward(const FloatInput& x, const FloatOutput& y, std::span<std::uint8_t> mask) {
    detail::forward_pass(x, qparams(), detail::limits_of<Type>(), y.values(), mask);
  }

  /// grad_x = grad_y where the code of x is inside the codes before it saturates, 0 elsewhere.
  void backward(const FloatInput& x, const FloatInput& grad_y, const FloatOutput& grad_x) {
    detail::backward_pass(x, qparams(), detail::limits_of<Type>(), grad_y, grad_x.values());
  }
  /// The same from a mask that forward wrote.
  void backward(std::span<const std::uint8_t> mask, const FloatInput& grad_y, const FloatOutput& grad_x) {
    detail::backward_pass(mask, grad_y, grad_x.values());
  }

  /// The scales, one or one for each channel; found when first asked after an observation.
  const QParams& qparams() {
    if (qparams_.scales.empty()) qparams_.scales = observer_.scales(dtype);
    return qparams_;
  }

  /// The observers, for their states.
  const GranularObserver<O, Granularity>& observer() const { return observer_; }
  /// Takes other observers: loaded ones, or merged ones.
  void set_observer(GranularObserver<O, Granularity> observer) {
    observer_ = std::move(observer);
    qparams_.scales.clear();
  }

 private:
  GranularObserver<O, Granularity> observer_;
  QParams qparams_{dtype, {}, detail::axis_of<Granularity>};
};

}  // namespace quench
