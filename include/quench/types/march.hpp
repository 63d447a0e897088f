// SPDX-License-Identifier: Apache-2.0
// Marches: the architectures of the BPU, as tags with their capabilities.
//
// A march is always a template argument, so it cannot be forgotten, changed later or mixed. The row of an operator
// (operator.hpp) says what the operator takes and gives, as in nash.md section 5. Only the Nash marches have an integer
// backend. Of Bayes and Bernoulli2, only the lists here are claimed. Freestanding.
#pragma once

#include <concepts>

#include <quench/types/dtype.hpp>
#include <quench/types/operator.hpp>

namespace quench::march {

namespace detail {

/// What the four Nash marches share.
struct AnyNash {
  static constexpr bool has_integer_backend = true;

  /// True if the march has the operator.
  static constexpr bool supports(Operator) { return true; }
  /// True if the operator takes an int16 input; for a matmul, see `int16_matmul_operands`.
  static constexpr bool takes_int16_input(Operator op) { return row_of(op).takes_int16; }
  /// True if the operator gives an int16 output.
  static constexpr bool gives_int16_output(Operator op) { return row_of(op).gives_int16; }
};

}  // namespace detail

/// Nash, J6E. High-precision output: int32.
struct NashE : detail::AnyNash {
  static constexpr DType high_precision_output = DType::Int32;
  static constexpr int int16_matmul_operands = 1;
};

/// Nash, J6M. High-precision output: int32.
struct NashM : detail::AnyNash {
  static constexpr DType high_precision_output = DType::Int32;
  static constexpr int int16_matmul_operands = 1;
};

/// Nash, J6P. High-precision output: the same integers, documented as float on the chip.
struct NashP : detail::AnyNash {
  static constexpr DType high_precision_output = DType::Int32;
  static constexpr int int16_matmul_operands = 2;
};

/// Nash, J6B. High-precision output: the same integers, documented as float on the chip.
struct NashB : detail::AnyNash {
  static constexpr DType high_precision_output = DType::Int32;
  static constexpr int int16_matmul_operands = 2;
};

/// Bayes, J5. Calibration only: no integer backend here.
struct Bayes {
  static constexpr bool has_integer_backend = false;
  static constexpr bool supports(Operator) { return true; }
  static constexpr bool takes_int16_input(Operator) { return true; }
  static constexpr bool gives_int16_output(Operator) { return true; }
  static constexpr int int16_matmul_operands = 2;
};

/// Bernoulli2, J3. Calibration only: no integer backend here. int8 only; no GELU, no softmax, no LayerNorm.
struct Bernoulli2 {
  static constexpr bool has_integer_backend = false;
  static constexpr bool supports(Operator op) { return row_of(op).is_in_bernoulli2; }
  static constexpr bool takes_int16_input(Operator) { return false; }
  static constexpr bool gives_int16_output(Operator) { return false; }
  static constexpr int int16_matmul_operands = 0;
};

/// A tag with the functions above.
template <class M>
concept March = requires(Operator op) {
  { M::has_integer_backend } -> std::convertible_to<bool>;
  { M::supports(op) } -> std::same_as<bool>;
  { M::takes_int16_input(op) } -> std::same_as<bool>;
  { M::gives_int16_output(op) } -> std::same_as<bool>;
  { M::int16_matmul_operands } -> std::convertible_to<int>;
};

/// A march with the integer arithmetic of nash.md.
template <class M>
concept Nash = March<M> && M::has_integer_backend;

}  // namespace quench::march
