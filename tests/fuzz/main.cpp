// SPDX-License-Identifier: Apache-2.0
// PROGRAM TARGET [OPTIONS OF LIBFUZZER] [FOLDER...]: one program for several targets, which takes less time to build.
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.hpp"

namespace {

const fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (const fuzz::Target* target = fuzz::Target::first; target != nullptr && *count > 1; target = target->next)
    if (target->name == (*arguments)[1]) chosen = target;
  if (chosen == nullptr) {
    std::fputs("usage: PROGRAM TARGET [OPTIONS OF LIBFUZZER] [FOLDER...]\n", stderr);
    std::exit(2);
  }
  for (int i = 1; i < *count; ++i) (*arguments)[i] = (*arguments)[i + 1];  // ends with a null
  --*count;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run(std::as_bytes(std::span(data, size)));
  return 0;
}
