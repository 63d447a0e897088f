// SPDX-License-Identifier: Apache-2.0
// Compares the fast kernels of a processor with their definitions, over random layers. tests/bare_metal/fast_kernels.py
// builds it with the tests of the processor's kernels, and runs it on an emulated board.
#include "device/platform.hpp"

#include "device/fast_cases.hpp"

// Of tests/device/mve, tests/device/dsp or tests/device/rvv.
bool codes_are_exact(fast_cases::Random&);
bool sums_are_exact(fast_cases::Random&);
bool convolutions_are_exact(fast_cases::Random&);
bool depthwise_convolutions_are_exact(fast_cases::Random&);
bool linear_layers_are_exact(fast_cases::Random&);
bool additions_are_exact(fast_cases::Random&);
bool products_are_exact(fast_cases::Random&);
bool maxima_are_exact(fast_cases::Random&);
bool pools_are_exact(fast_cases::Random&);
#if defined(__riscv)
bool short_filters_are_exact(fast_cases::Random&);
#endif

namespace {

struct Check {
  const char* name;
  bool (*is_exact)(fast_cases::Random&);
};
constexpr Check checks[] = {{"codes", codes_are_exact},
                            {"sums", sums_are_exact},
                            {"convolutions", convolutions_are_exact},
                            {"depthwise convolutions", depthwise_convolutions_are_exact},
                            {"linear layers", linear_layers_are_exact},
#if defined(__riscv)
                            {"short filters", short_filters_are_exact},
#endif
                            {"products", products_are_exact},
                            {"maxima", maxima_are_exact},
                            {"pools", pools_are_exact},
                            {"additions", additions_are_exact}};

}  // namespace

int main() {
  fast_cases::guard_memory_end();
  int failed = 0;
  for (const Check& check : checks)
    for (int seed = 0; seed < CASES; ++seed) {
      fast_cases::Random random(static_cast<std::uint32_t>(seed));
      if (check.is_exact(random)) continue;
      print("not exact with seed ", seed);
      print(check.name, ++failed);
      break;
    }
  print("kernels that are not exact: ", failed);
  return failed;
}
