// SPDX-License-Identifier: Apache-2.0
// The borders of the quantized region in hand-written training code, its weights, and results of other operators.
#pragma once

#include <quench/eager/handle.hpp>

namespace quench::eager {

namespace detail {

// A handle that makes a tensor from an array and starts a list of calls.
template <Text Name, march::March TheMarch, Text Operation, class CalibrationForm, class QatForm,
          Values Kind = Values::Activation>
class Entry : public Handle<Name, CalibrationForm, QatForm, Kind> {
 public:
  using March = TheMarch;

  template <FloatTensor X>
    requires(!is_tensor<X>)
  auto operator()(const X& x) {
    using Result = typename TensorWith<ResultFor<X>, TheMarch, typename CallsOfResult<Name, Operation>::type>::type;
    return Result(this->template quantized<ResultFor<X>>(Array(FloatInput(x)), Operation));
  }

  /// For a tensor that is already quantized: does not compile.
  template <class X>
    requires is_tensor<X>
  X operator()(const X& x) {
    tensors::report<misuse::eager::already_quantized<Name>>();
    return x;
  }

  /// The gradient of the argument of the last call.
  template <FloatTensor G>
  ResultFor<G> backward(const G& gradient) {
    return this->gradient_of_argument(gradient);
  }
};

}  // namespace detail

/// Entry of the quantized region: fake-quantizes an array.
/// Errors   already-quantized (compile time); those of the fake-quantizer, with the handle's name
template <Text Name, march::March March, QuantizationConfig Q>
class QuantStub
    : public detail::Entry<Name, March, "quant", typename Q::Calibration::Activation, typename Q::Qat::Activation> {};

/// Exit of the quantized region: returns the array.
/// Errors   missing-quant-stub (compile time)
class DeQuantStub {
  template <class X>  // a dependent name: looked up only for a float array
  struct OfFloat {
    static constexpr auto name = Text("DeQuantStub");
  };

 public:
  template <class Array, march::March March, class... Calls>
  Array operator()(const Tensor<Array, March, Calls...>& x) const {
    return x.values();
  }
  /// For a float array: does not compile.
  template <FloatTensor X>
    requires(!detail::is_tensor<X>)
  X operator()(const X& x) const {
    tensors::report<misuse::eager::missing_quant_stub<OfFloat<X>::name>>();
    return x;
  }
  template <FloatTensor G>
  ResultFor<G> backward(const G& grad_y) const {
    return detail::to_container<ResultFor<G>>(grad_y);
  }
};

/// A fake-quantized weight. Ready-made qconfigs use a scale for each output channel, which is axis 0.
/// Errors   those of the fake-quantizer, with the handle's name
template <Text Name, march::March March, QuantizationConfig Q>
class FakeQuantizedWeight : public detail::Entry<Name, March, "weight", typename Q::Calibration::Weight,
                                                 typename Q::Qat::Weight, Values::Weight> {};

/// Fake-quantizes the result of your own operator (a convolution, say): `conv0(values, x, w)`, where you compute
/// `values` from the arrays of the tensors x and w.
/// Errors   functional-called-once, march-mixed, missing-quant-stub (compile time); functional-called-once, also for other
///          values on the same tensors, and those of the fake-quantizer (run time)
template <Text Name, march::March TheMarch, QuantizationConfig Q>
class Activation : public Handle<Name, typename Q::Calibration::Activation, typename Q::Qat::Activation> {
 public:
  using March = TheMarch;

  template <FloatTensor X, class... Operands>
  auto operator()(const X& values, const Operands&... operands) {
    static_assert(sizeof...(Operands) >= 1, "name the tensors that the values are computed from");
    tensors::report<CheckedOperation<Name, TheMarch, "activation", Operands...>>();
    using Result = ResultTensor<ResultFor<X>, Name, TheMarch, "activation", Operands...>;
    return Result(this->template quantized<ResultFor<X>>(detail::Array(FloatInput(values)), "activation", operands...));
  }

  template <FloatTensor G>
  ResultFor<G> backward(const G& grad_y) {
    return this->gradient_of_argument(grad_y);
  }
};

}  // namespace quench::eager
