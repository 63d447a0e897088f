// SPDX-License-Identifier: Apache-2.0
// That the text computes what the kernels do is tested in tests/exported.
#include <quench/flow/c_text/elementwise.hpp>

#include "flow/c_text/steps.hpp"

namespace q = quench;

namespace c_elementwise {

template <int Rows>
struct Larger {
  using Inputs = q::Inputs<q::Features<2, 3>, q::Features<Rows, 3>>;
  q::QuantStub quant, other;
  q::FloatFunctional choice;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const { return dequant(choice.maximum(quant(a), other(b))); }
};

}  // namespace c_elementwise

TEST_CASE("operands of one shape are one loop in C, and a repeated axis counts nothing") {
  using q::detail::c_text::write_comparison;
  const std::string equal = c_steps::text_of<c_elementwise::Larger<2>>(write_comparison);
  CHECK(c_steps::has(equal, "for (int32_t i = 0; i < 6; ++i) y[i] = (int8_t)clamp(larger((int32_t)x0[i], "));
  const std::string repeated = c_steps::text_of<c_elementwise::Larger<1>>(write_comparison);
  CHECK(c_steps::has(repeated, "larger((int32_t)x0[i0 * 3 + i1], (int32_t)x1[i1])"));
}
