// SPDX-License-Identifier: Apache-2.0
// The header was exported, then the operands of a subtraction were exchanged.
#ifdef DEVICE
#include <quench/embedded.hpp>
#else
#include <quench/quench.hpp>

#include "expect_error.hpp"
#endif

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub a, b;
  q::FloatFunctional difference;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto first = a(x), second = b(y);
#ifdef DEVICE
    return dequant(difference.sub(second, first));
#else
    return dequant(difference.sub(first, second));
#endif
  }
};

#ifdef DEVICE
#include "weights.hpp"
quench::embedded::Model<weights> model;
#else
int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 2, 4);
  q::export_cpp(q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches))),
                "weights.hpp");
  return attack::device_refused(__FILE__, "weights-of-another-network");
}
#endif
