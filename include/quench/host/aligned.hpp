// SPDX-License-Identifier: Apache-2.0
// Memory aligned to cache lines, so that no aligned vector lies in two lines.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include <quench/ground/prerequisites.hpp>

namespace quench::host {

template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <class U>
  constexpr LineAllocator(const LineAllocator<U>&) {}  // implicit, as allocators are

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), line)); }
  void deallocate(T* data, std::size_t) { ::operator delete(data, line); }

  template <class U>
  friend constexpr bool operator==(const LineAllocator&, const LineAllocator<U>&) {
    return true;
  }
};

template <class T>
using AlignedVector = std::vector<T, LineAllocator<T>>;

}  // namespace quench::host
