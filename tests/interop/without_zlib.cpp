// SPDX-License-Identifier: Apache-2.0
// A program that is built without zlib refuses compressed files, says why, and reads the others.
#include <quench/interop/idx.hpp>
#include <quench/tensors/error.hpp>

#include <cstdio>

#include "interop/files.hpp"

int main() {
  if (quench::interop::parse_idx(files::idx_bytes).shape.empty()) return 1;
  try {
    quench::interop::parse_idx(files::idx_gzip);
  } catch (const quench::Error& error) {
    std::puts(error.what());
    return 0;
  }
  return 1;
}
