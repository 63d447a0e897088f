// SPDX-License-Identifier: Apache-2.0
// A loss function runs in float, in training only.
// With WRONG defined this must not compile; expect: quench[qconfig-on-loss] CrossEntropyLoss
// Without, it must compile, run and return 0.
#include <quench/qconfig/qconfig.hpp>
#include <quench/training/losses.hpp>
namespace q = quench;

int main() {
#ifdef WRONG
  q::WithQConfig<q::CrossEntropyLoss, q::qconfig::Int8> loss;
#else
  q::CrossEntropyLoss loss;
#endif
  (void)loss;
  return 0;
}
