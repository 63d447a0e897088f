// SPDX-License-Identifier: Apache-2.0
// The operations of eager handles: the operators of training, on arrays of any rank that include the batch and
// broadcast as in NumPy. Each operation is a struct with a forward and a backward function. Reductions, and
// gradients of broadcast operands, are summed in double, because a sum may run over a whole batch. Those of a matmul
// are summed by its products, in float.
#pragma once

#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/training/broadcast.hpp>
#include <quench/training/functional.hpp>

namespace quench::eager::detail {

struct Array {
  Extents extents;
  std::vector<float> values;

  Array() = default;
  explicit Array(const Extents& shape) : extents(shape), values(shape.elements()) {}
  explicit Array(const FloatInput& x) : extents(x.extents()), values(x.values().begin(), x.values().end()) {}
};

using Arrays = std::vector<Array>;

/// The broadcast extents of an elementwise operation: aligned at the end.
Extents broadcast(const Extents& a, const Extents& b);

/// The gradient of a broadcast array: the sum over its repetitions.
Array sum_to(const Extents& extents, const Array& x);

struct Elementwise {
  using Function = void (*)(const training::Call&);

  Operator op;
  Function forward_function, backward_function;
  float scalar = 0;

  Array forward(const Arrays& x) const;

  Arrays backward(const Arrays& x, Array& y, const Array& gradient) const;

 private:
  // Calls the function piece by piece, because a Shape has at most `max_elements`.
  void call(Function function, const Arrays& x, Array& y, const float* gradient, std::span<Array> gradients) const;
};

/// [..., M, K] x [..., K, N] -> [..., M, N].
struct MatMul {
  Array forward(const Arrays& x) const;

  Arrays backward(const Arrays& x, const Array& y, const Array& gradient) const;

 private:
  static Extents leading(const Extents& extents) { return Extents(std::span(extents.extents).first(extents.rank - 2)); }

  // Calls visit(product, offset in a, offset in b, offset in y) for each pair of matrices.
  template <class Visit>
  static void for_each_product(const Arrays& x, const Extents& y, Visit visit);
};

struct Cat {
  int axis;

  Array forward(const Arrays& x) const;

  Arrays backward(const Arrays& x, const Array&, const Array& gradient) const;

 private:
  template <class Visit>
  void for_each_run(const Arrays& x, Visit visit) const;
};

struct Reduce {
  Operator op;
  std::vector<int> axes;
  bool keepdim;

  Array forward(const Arrays& x) const;

  Arrays backward(const Arrays& x, const Array&, Array gradient) const;

 private:
  // The extents without the reduced axes, or with 1 in their place.
  Extents reduced(const Extents& extents, bool keeps) const;

  // In double, so that a mean is rounded once, as a quotient.
  Array weighted(Array y, const Extents& summands) const;
};

}  // namespace quench::eager::detail

#if QUENCH_HEADER_ONLY
#include <quench/eager/arithmetic_impl.hpp>
#endif
