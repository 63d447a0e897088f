// SPDX-License-Identifier: Apache-2.0
// PROGRAM TARGET FILE..., for compilers without libFuzzer: runs a target once with each file.
#include <quench/tensors/files.hpp>

#include <cstdio>

#include "fuzz/fuzz.hpp"

int main(int count, char** arguments) {
  for (const fuzz::Target* target = fuzz::Target::first; target != nullptr && count > 2; target = target->next) {
    if (target->name != arguments[1]) continue;
    for (int i = 2; i < count; ++i) {
      std::puts(arguments[i]);
      std::fflush(stdout);
      target->run(quench::tensors::read_file(arguments[i]));
    }
    return 0;
  }
  return 2;
}
