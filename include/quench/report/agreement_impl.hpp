// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/agreement.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <string>

#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>

namespace quench {

QUENCH_INLINE void Agreement::add(std::span<const float> x, std::span<const float> y) {
  if (x.size() != y.size())
    throw Error(diagnosis::shape_mismatch,
                "needed " + std::to_string(x.size()) + " values, given " + std::to_string(y.size()));
  if (x.empty()) return;
  finite_range(x);
  finite_range(y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
    signal_ += a * a;
    noise_ += (a - b) * (a - b);
    other_ += b * b;
    product_ += a * b;
  }
}

QUENCH_INLINE double Agreement::sqnr() const {
  if (noise_ == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal_ / noise_);
}

QUENCH_INLINE double Agreement::cosine() const {
  if (signal_ == 0 || other_ == 0) return signal_ == other_ ? 1 : 0;
  return product_ / (std::sqrt(signal_) * std::sqrt(other_));
}

}  // namespace quench
