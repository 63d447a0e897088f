// SPDX-License-Identifier: Apache-2.0
// Operators after an output of a quantized model, and their results. `append` (attach.hpp) appends them.
//
// None of them has a scale, so none needs calibration: they select, move or compare values, or return the integers.
// Operators with a scale are declared here so that they are refused by name: they would need calibration.
#pragma once

#include <vector>

#include <quench/device/output.hpp>
#include <quench/flow/classes.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/shape_functions.hpp>

namespace quench {

/// The class of each row of the last axis: the index of its (first) largest value. Nothing can follow it.
/// Shapes   [N, ..., classes] -> std::vector<int>, one for each sample or position, as the labels of a Batch
/// Equals   the classes of `evaluate`: integers compared in 64 bits by the relative scale of their channel
/// Source   nash.md section 4
struct ArgMax {};

/// Elements [begin, end) of one axis; negative numbers count from the end, as in `slice`.
/// Errors   shape-mismatch
struct Slice {
  int axis = 0;
  int begin = 0;
  int end = 0;
};

/// The same elements with other extents, of which one may be -1: `.extents = {2, -1}`, as in `reshape`.
/// Errors   shape-mismatch
struct Reshape {
  Axes extents{};
};

/// Axis i of the result is axis order[i]: `.order = {1, 0, 2}`, as in `permute`.
/// Errors   shape-mismatch
struct Permute {
  Axes order{};
};

/// The integers before the DeQuantStub, as an IntegerOutput.
struct RemoveDequantize {};

/// The integers of an output for a batch, with their scales. Values of different channels are not comparable.
struct IntegerOutput {
  DType dtype = DType::Int8;
  Extents extents;                        // [N, ...]
  std::vector<std::int32_t> values;       // widened
  std::vector<float> scales;              // of each element of a sample
  std::vector<std::int64_t> multipliers;  // of each element of a sample: its scale relative to the largest, in 15 bits

  /// The real value of element i.
  /// Equals   element i of the output with its dequantize
  float real(std::size_t i) const { return static_cast<float>(values[i]) * scales[i % scales.size()]; }
  /// A number comparable with those of other channels, as nash.md defines it.
  std::int64_t ordered(std::size_t i) const { return values[i] * multipliers[i % multipliers.size()]; }
};

/// An operator that has a scale of its own. `append` refuses it: operator-needs-statistics. It refuses the layers of a
/// description too.
struct Cat {};
/// As Cat.
struct Add {};
/// As Cat.
struct Sub {};
/// As Cat.
struct Mul {};
/// As Cat.
struct MatMul {};
/// As Cat.
struct Mean {};
/// As Cat.
struct Sum {};
/// As Cat.
struct AvgPool {};
/// As Cat.
struct Conv {};
/// As Cat.
struct Lookup {};

namespace detail {

template <class T, class... Listed>
inline constexpr bool is_one_of = (std::is_same_v<T, Listed> || ...);

/// True if an operator has parameters or a scale that only data can give.
template <class T>
inline constexpr bool needs_statistics = is_one_of<T, Cat, Add, Sub, Mul, MatMul, Mean, Sum, AvgPool, Conv, Lookup>;
template <ModuleType Layer>
inline constexpr bool needs_statistics<Layer> = owns_output_scale(Layer::op) || is_trained(Layer::op);

template <class T>
inline constexpr bool is_shape_operator = is_one_of<T, Slice, Reshape, Permute>;
template <class T>
inline constexpr bool is_output_operator = is_shape_operator<T> || is_one_of<T, ArgMax, RemoveDequantize>;

enum class OutputForm : unsigned char {
  Tensor,      // unchanged
  Rearranged,  // a float tensor whose rank depends on the appended operators
  Integers,    // IntegerOutput
  Classes      // std::vector<int>
};

template <class Appended>
constexpr OutputForm form_after(OutputForm before) {
  if (is_one_of<Appended, ArgMax>) return OutputForm::Classes;
  if (is_one_of<Appended, RemoveDequantize> || before == OutputForm::Integers) return OutputForm::Integers;
  return OutputForm::Rearranged;
}

inline Symbol call_operator(const Slice& op, Symbol x) { return slice(x, op.axis, op.begin, op.end); }
inline Symbol call_operator(const Reshape& op, Symbol x) { return reshape(x, op.extents); }
inline Symbol call_operator(const Permute& op, Symbol x) { return permute(x, op.order); }

/// Slices, reshapes and permutations in order: maps each element of the result to its element of a tensor.
class Rearrangement {
 public:
  Rearrangement() = default;
  explicit Rearrangement(const Shape& shape);

  const Shape& shape() const& { return shape_; }
  const Shape& shape() const&& = delete;
  const std::vector<int>& from() const& { return from_; }
  const std::vector<int>& from() const&& = delete;

  /// Adds an operator. It calls the function of a description, so that settings have the same meaning and checks.
  /// Errors   shape-mismatch; nothing is changed
  template <class Appended>
  void append(const Appended& op) {
    Node nodes[2];
    int operands[1]{};
    nodes[0].shape = shape_;
    Recorder recorder{nodes, operands, nullptr, 1, 0};
    static_cast<void>(call_operator(op, Symbol(&recorder, 0)));
    const Node& node = nodes[1];
    check({nodes, 2, operands, 1, nullptr, 0, nullptr, 0, nullptr, 0}, node);
    std::vector<int> from(index(node.shape.elements()));
    for (int i = 0; i < node.shape.elements(); ++i)
      from[index(i)] = from_[index(node.op == Operator::Reshape ? i : embedded::source_element(node, shape_, i))];
    shape_ = node.shape;
    from_ = std::move(from);
  }

 private:
  void check(const Graph& graph, const Node& node) const;

  Shape shape_;
  std::vector<int> from_;
};

void write_rearranged(const phases::Pass& pass, const Rearrangement& rearrangement, int output, float* to);

void write_integers(phases::Pass& pass, const IntegerConstants& constants, const IntegerClasses& map, std::int32_t* to);

/// An output of integers for a batch, not yet written.
IntegerOutput make_integer_output(const IntegerConstants& constants, const IntegerClasses& map, int samples);

}  // namespace detail
}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/output_operators_impl.hpp>
#endif
