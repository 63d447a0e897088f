// SPDX-License-Identifier: Apache-2.0
// `NoFakeQuantize`: leaves values unchanged.
#pragma once

#include <algorithm>
#include <span>

#include <quench/fake_quantize/fake_quantize.hpp>

namespace quench {

/// Passes values and gradients through. In a QConfig: a high-precision output, the int32 accumulator.
/// Errors   observing refuses empty tensors, NaN and infinity; shape-mismatch
template <class Type = QInt32>
class NoFakeQuantize {
 public:
  static constexpr DType dtype = Type::dtype;

  void observe(const FloatInput& x) { finite_range(x); }

  /// A copy of x, in a container like x.
  template <FloatTensor X>
  ResultFor<X> operator()(const X& x) {
    return fake_quantize::apply(*this, x);
  }

  void forward(const FloatInput& x, const FloatOutput& y) {
    fake_quantize::check_size(x.size(), y.size(), "values of the result");
    std::copy(x.values().begin(), x.values().end(), y.data());
  }
  void backward(const FloatInput& x, const FloatInput& grad_y, const FloatOutput& grad_x) {
    fake_quantize::check_size(x.size(), grad_y.size(), "values of the gradient");
    forward(grad_y, grad_x);
  }

  void reset() {}
  QParams qparams() const { return {dtype, {}, std::nullopt}; }
};

}  // namespace quench
