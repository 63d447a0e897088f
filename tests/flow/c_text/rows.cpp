// SPDX-License-Identifier: Apache-2.0
// That the text computes what the kernels do is tested in tests/exported.
#include <quench/flow/c_text/rows.hpp>

#include "flow/c_text/steps.hpp"

namespace q = quench;

namespace c_rows {

struct Moved {
  using Inputs = q::Inputs<q::Features<2, 3, 4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(q::permute(quant(x), {2, 0, 1})); }
};
struct Part {
  using Inputs = q::Inputs<q::Features<2, 3, 4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(q::slice(quant(x), 1, 1, 3)); }
};

}  // namespace c_rows

TEST_CASE("values move in C by their strides as literals") {
  using q::detail::c_text::write_move;
  CHECK(c_steps::has(c_steps::text_of<c_rows::Moved>(write_move), "*y++ = x[i0 + i1 * 12 + i2 * 4];"));
  CHECK(c_steps::has(c_steps::text_of<c_rows::Part>(write_move), "*y++ = x[i0 * 12 + i1 * 4 + i2 + 4];"));
}
