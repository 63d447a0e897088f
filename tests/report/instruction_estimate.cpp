// SPDX-License-Identifier: Apache-2.0
#include <quench/report/instruction_estimate.hpp>

#include <doctest/doctest.h>

#include "../examples/fashion_resnet.hpp"
#include "networks/operators.hpp"
#include "networks/small.hpp"
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

namespace q = quench;

namespace {

template <class Net, class Setter = q::setter::DefaultQat>
auto estimates() {
  const auto batches = q::random_batches<Net>(q::Seed{3}, 1, 2);
  const auto quantized =
      q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<Net>{q::Seed{11}}), batches));
  return q::detail::instruction_estimates(q::graph<Net>, quantized.core().constants());
}

}  // namespace

TEST_CASE("the residual network of the examples is estimated within an eighth of its measured instructions") {
  double m4 = 0, m55 = 0;
  for (const q::InstructionEstimate& estimate : estimates<FashionResNet>()) {
    REQUIRE(estimate.cortex_m4);
    m4 += *estimate.cortex_m4, m55 += *estimate.cortex_m55;
  }
  CHECK(m4 / 16.1e6 == doctest::Approx(1.06).epsilon(0.01));  // the whole network, measured at -O2
  CHECK(m55 / 3.3e6 == doctest::Approx(1.13).epsilon(0.01));
}

TEST_CASE("a step whose kernel was not measured has no estimate, and the text says so") {
  const auto attention = estimates<small::Attention>();
  bool has_unknown = false;
  for (const q::InstructionEstimate& estimate : attention)
    if (q::family_of(estimate.op) == q::Family::MatMul || q::family_of(estimate.op) == q::Family::Softmax) {
      CHECK(!estimate.cortex_m4);
      CHECK(!estimate.cortex_m55);
      has_unknown = true;
    }
  CHECK(has_unknown);
  CHECK(q::detail::text_of(attention).find("total without ?") != std::string::npos);
  bool has_int8_linear = false, has_wide_linear = false;
  for (const q::InstructionEstimate& estimate : attention)
    has_int8_linear |= estimate.op == q::Operator::Linear && estimate.cortex_m4;
  for (const q::InstructionEstimate& estimate : estimates<small::Attention, q::setter::Int16WhereSupported>())
    has_wide_linear |= estimate.op == q::Operator::Linear && !estimate.cortex_m4;
  CHECK(has_int8_linear);
  CHECK(has_wide_linear);
}
