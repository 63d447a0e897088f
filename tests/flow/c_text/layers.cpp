// SPDX-License-Identifier: Apache-2.0
// That the text computes what the kernels do is tested in tests/exported.
#include <quench/flow/c_text/layers.hpp>

#include "flow/c_text/steps.hpp"

namespace q = quench;

namespace c_layers {

struct Attention {
  using Inputs = q::Inputs<q::Features<3, 4>>;
  q::QuantStub quant;
  q::FloatFunctional product;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    return dequant(product.matmul(x, q::permute(x, {1, 0})));
  }
};

}  // namespace c_layers

TEST_CASE("a matmul in C has its extents as literals") {
  const std::string text = c_steps::text_of<c_layers::Attention>(q::detail::c_text::write_matmul);
  CHECK(c_steps::has(text, "for (int32_t column = 0; column < 3; ++column)"));
  CHECK(c_steps::has(text, "for (int32_t c = 0; c < 4; ++c) sum += (int32_t)x0[c] * (int32_t)x1[c * 3 + column];"));
}
