// SPDX-License-Identifier: Apache-2.0
// Two random operands of an operation element by element, with repeated axes, and which of their elements meet.
#pragma once

#include "kernels/definitions.hpp"

namespace definitions {

template <class A, class B>
struct Operands {
  quench::Shape a_shape, b_shape, y_shape;
  std::vector<A> a;
  std::vector<B> b;

  explicit Operands(Random& random) : y_shape(shape(random, uniform(random, 1, 4), 4)) {
    a_shape = b_shape = y_shape;
    for (int axis = 0; axis < y_shape.rank; ++axis) {
      const int repeated = uniform(random, 0, 5);
      if (repeated == 0) a_shape[axis] = 1;
      if (repeated == 1) b_shape[axis] = 1;
    }
    a = codes<A>(random, a_shape.elements());
    b = codes<B>(random, b_shape.elements());
  }

  std::size_t elements() const { return static_cast<std::size_t>(y_shape.elements()); }
  A at_a(std::size_t i) const { return a[place_of(index_of(static_cast<int>(i), y_shape), a_shape)]; }
  B at_b(std::size_t i) const { return b[place_of(index_of(static_cast<int>(i), y_shape), b_shape)]; }
};

/// All pairs of int8 codes, as two operands of 65 536 elements.
struct AllPairs {
  std::vector<std::int8_t> a, b;
  quench::Shape shape{65536};

  AllPairs() {
    for (int i = -128; i < 128; ++i)
      for (int j = -128; j < 128; ++j) {
        a.push_back(static_cast<std::int8_t>(i));
        b.push_back(static_cast<std::int8_t>(j));
      }
  }
};

}  // namespace definitions
