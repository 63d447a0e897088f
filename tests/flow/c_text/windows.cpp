// SPDX-License-Identifier: Apache-2.0
// That the text computes what the kernels do is tested in tests/exported.
#include <quench/flow/c_text/windows.hpp>

#include "flow/c_text/steps.hpp"

namespace q = quench;

namespace c_windows {

template <int Padding>
struct Largest {
  using Inputs = q::Inputs<q::Features<6, 6, 2>>;
  q::QuantStub quant;
  q::MaxPool2d pool{.kernel_size = 2, .stride = 2, .padding = Padding};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(pool(quant(x))); }
};

}  // namespace c_windows

TEST_CASE("a pool in C skips pixels before the map only if it is padded") {
  using q::detail::c_text::write_max_pool;
  const std::string plain = c_steps::text_of<c_windows::Largest<0>>(write_max_pool);
  CHECK(c_steps::has(plain, "const int32_t top = oy * 2, bottom = smaller(top + 2, 6);"));
  CHECK_FALSE(c_steps::has(plain, "continue"));
  const std::string padded = c_steps::text_of<c_windows::Largest<1>>(write_max_pool);
  CHECK(c_steps::has(padded, "const int32_t top = oy * 2 - 1, bottom = smaller(top + 2, 6);"));
  CHECK(c_steps::has(padded, "if (iy < 0) continue;"));
}
