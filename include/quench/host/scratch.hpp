// SPDX-License-Identifier: Apache-2.0
// Memory that a thread reuses from call to call.
#pragma once

#include <quench/host/aligned.hpp>

namespace quench::host::detail {

/// The purposes. A new request for a purpose and a type ends the last one.
enum class Scratch : unsigned char {
  Columns,
  Bias,
  Source,
  Gradient,
  Rows,
  ResultRows,
  Offsets,
  ColumnOffsets,
  Map,
  Pixels,
  Weights,
  Accumulators,
  Phase
};

/// Returns at least `size` elements, cache-line aligned. Their contents are unspecified.
template <Scratch purpose, class T>
T* scratch(std::size_t size) {
  thread_local AlignedVector<T> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

}  // namespace quench::host::detail
