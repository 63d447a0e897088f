// SPDX-License-Identifier: Apache-2.0
// An accuracy given to printf. It converts to a number, but not there.
// errors: g++ 1, clang 1
// of quench: g++ 0, clang 0
#define QUENCH_SEPARATE_COMPILATION  // nothing is linked
#include <quench/flow/evaluate.hpp>

#include <cstdio>

#pragma GCC diagnostic error "-Wformat"

int main() {
  const quench::Accuracy accuracy{9216, 10000};
#ifdef WRONG
  std::printf("%.4f\n", accuracy);
#else
  std::printf("%.4f\n", accuracy.value());
#endif
}
