// SPDX-License-Identifier: Apache-2.0
// Float tensors: arguments and results of functions. The only header that includes xtensor.
//
// xtensor is the array library of quench's interface. Internally, plain loops run over contiguous values. `FloatInput`
// is the parameter type of every function that reads a tensor: a span, a vector, an xtensor container or any xtensor
// expression converts to it. Contiguous row-major values are read in place; everything else is evaluated once.
// `ResultFor<X>` is the type of a result for an argument X: the same kind of container. xtensor moved its headers in
// 0.26.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <quench/misuse/catalogue.hpp>
#include <quench/tensors/error.hpp>
#include <quench/types/shape.hpp>

namespace quench {

/// The most dimensions of a tensor, including the batch.
inline constexpr std::size_t max_tensor_rank = 8;

/// The extents of a tensor, including the batch. The last one varies fastest.
struct Extents {
  std::size_t rank = 0;
  std::array<std::size_t, max_tensor_rank> extents{};

  Extents() = default;
  /// Errors   shape-mismatch for more than `max_tensor_rank` extents
  template <class Range>
    requires requires(const Range& range) { range.begin() != range.end(); }
  explicit Extents(const Range& range) {
    for (const auto extent : range) {
      if (std::is_signed_v<decltype(extent)> && extent < 0)
        throw Error(diagnosis::shape_mismatch, "needed extents of 0 or more, given " + std::to_string(extent));
      if (rank == max_tensor_rank)
        throw Error(diagnosis::shape_mismatch, "more than " + std::to_string(max_tensor_rank) + " dimensions");
      extents[rank++] = static_cast<std::size_t>(extent);
    }
  }

  std::size_t operator[](std::size_t axis) const { return extents[axis]; }
  /// Errors   shape-mismatch if there are more than a size can count
  std::size_t elements() const {
    std::size_t product = 1;
    for (std::size_t axis = 0; axis < rank; ++axis)
      if (__builtin_mul_overflow(product, extents[axis], &product))
        throw Error(diagnosis::shape_mismatch, text() + " has more elements than memory");
    return product;
  }
  /// "[8, 28, 28, 1]"
  std::string text() const {
    std::string text = "[";
    for (std::size_t axis = 0; axis < rank; ++axis) text += (axis > 0 ? ", " : "") + std::to_string(extents[axis]);
    return text + "]";
  }
  friend bool operator==(const Extents&, const Extents&) = default;
};

namespace tensors {

inline Extents batch_extents(const Shape& shape, int samples) {
  Extents extents;
  extents.rank = static_cast<std::size_t>(shape.rank) + 1;
  extents.extents[0] = static_cast<std::size_t>(samples);
  std::copy_n(shape.extents, shape.rank, extents.extents.begin() + 1);
  return extents;
}

/// An axis counted from the front. Negative axes count from the end.
/// Errors   shape-mismatch if there is no such axis
inline std::size_t front_axis(const Extents& extents, int axis) {
  const int rank = static_cast<int>(extents.rank);
  if (axis < -rank || axis >= rank)
    throw Error(diagnosis::shape_mismatch, "needed axis " + std::to_string(axis) + ", given " + extents.text());
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

/// Reports a broken rule. Separate, because clang refuses the second call of a function with an error in its body.
template <class Rule>
void report() {
  static_cast<void>(Rule{});
}

}  // namespace tensors

/// An xtensor container, a view, or an expression that is not evaluated yet.
template <class T>
concept XtensorExpression = xt::is_xexpression<std::remove_cvref_t<T>>::value;

namespace detail {

// An xtensor container or view with its elements in memory.
template <class X, class T>
concept InMemory = XtensorExpression<X> && requires(const X& x) {
  { x.data() } -> std::convertible_to<const T*>;
  x.strides();
  x.data_offset();
};

template <class X, class T>
concept ContiguousRange = !XtensorExpression<X> && std::is_convertible_v<const X&, std::span<const T>>;

// True for strides of a row-major array. Axes of extent 1 may have any stride.
template <class X>
bool is_row_major(const X& x) {
  std::size_t expected = 1;
  for (std::size_t axis = x.dimension(); axis-- > 0;) {
    if (x.shape(axis) != 1 && static_cast<std::size_t>(x.strides()[axis]) != expected) return false;
    expected *= static_cast<std::size_t>(x.shape(axis));
  }
  return true;
}

// Integers must have the exact type; a float tensor accepts any real numbers.
template <class X, class T>
concept ConvertibleExpression =
    XtensorExpression<X> && (std::is_same_v<typename X::value_type, T> ||
                             (std::is_same_v<T, float> && std::is_arithmetic_v<typename X::value_type>));

}  // namespace detail

/// A readable tensor: contiguous elements and their extents. A parameter type: it is a view of its argument.
template <class T>
class TensorInput {
 public:
  using value_type = T;

  /// One dimension, from std::span<const T>, std::vector<T>, std::array<T, N>.
  template <detail::ContiguousRange<T> Range>
  TensorInput(const Range& range)  // implicit, a parameter type
      : values_(range), extents_(std::array{values_.size()}) {}

  /// Errors   shape-mismatch if the extents need another number of values
  TensorInput(std::span<const T> values, const Extents& extents) : values_(values), extents_(extents) {
    if (extents.elements() != values.size())
      throw Error(diagnosis::shape_mismatch,
                  "needed " + extents.text() + ", given " + std::to_string(values.size()) + " values");
  }

  /// From an xtensor expression. Read in place if possible, otherwise evaluated.
  template <class Expression>
    requires detail::ConvertibleExpression<Expression, T>
  TensorInput(const Expression& expression) : extents_(expression.shape()) {  // implicit, a parameter type
    if constexpr (detail::InMemory<Expression, T>) {
      if (detail::is_row_major(expression)) {
        values_ = {expression.data() + expression.data_offset(), extents_.elements()};
        return;
      }
    }
    evaluated_.resize(extents_.elements());
    auto value = expression.template begin<xt::layout_type::row_major>();
    for (T& element : evaluated_) {
      element = static_cast<T>(*value);
      ++value;
    }
    values_ = evaluated_;
  }

  /// From an eager tensor: does not compile.
  /// Errors   missing-dequant-stub (compile time)
  template <class Quantized>
    requires requires { typename Quantized::TakenAsFloat; }
  TensorInput(const Quantized&) {  // implicit, so that the mistake is found wherever a tensor is read
    tensors::report<typename Quantized::TakenAsFloat>();
  }

  TensorInput(const TensorInput&) = delete;
  TensorInput& operator=(const TensorInput&) = delete;

  std::span<const T> values() const& { return values_; }
  std::span<const T> values() const&& = delete;
  operator std::span<const T>() const& { return values_; }  // implicit, for functions that need no shape
  operator std::span<const T>() const&& = delete;
  const Extents& extents() const& { return extents_; }
  const Extents& extents() const&& = delete;
  std::size_t size() const { return values_.size(); }
  const T* data() const& { return values_.data(); }
  const T* data() const&& = delete;
  /// True if the elements are those of the argument itself, not evaluated from it.
  bool is_in_place() const { return evaluated_.empty(); }

 private:
  std::span<const T> values_;
  Extents extents_;
  std::vector<T> evaluated_;
};

/// A readable float tensor. Other real numbers are converted to float.
using FloatInput = TensorInput<float>;

namespace tensors {

/// The number of dimensions if the type tells it, else SIZE_MAX.
template <class X>
constexpr std::size_t rank_of() {
  if constexpr (requires { std::tuple_size<typename X::shape_type>::value; })
    return std::tuple_size<typename X::shape_type>::value;
  else
    return xt::get_rank<X>::value;
}

}  // namespace tensors

namespace detail {

/// True if the type of a container says that it is column-major. No result is.
template <class X>
concept ColumnMajor = XtensorExpression<X> && std::remove_cvref_t<X>::static_layout == xt::layout_type::column_major &&
                      tensors::rank_of<std::remove_cvref_t<X>>() > 1;

template <class X>
struct RowMajorResult {};
template <ColumnMajor X>
struct RowMajorResult<X> : misuse::result_not_row_major<std::remove_cvref_t<X>> {};

}  // namespace detail

/// A writable tensor: contiguous elements in memory that the caller owns. A parameter type, made of a std::span<T>, a
/// std::vector<T> or an xtensor container or view that is row-major and contiguous.
template <class T>
class TensorOutput {
 public:
  template <class Range>
    requires(!XtensorExpression<Range> && std::is_convertible_v<Range&, std::span<T>>)
  TensorOutput(Range&& range) : values_(range) {}  // implicit, a parameter type

  /// Errors   result-not-row-major if its type says so (compile time); shape-mismatch if it is not contiguous
  template <XtensorExpression Container>
    requires requires(Container& c) {
      { c.data() + c.data_offset() } -> std::convertible_to<T*>;
    }
  TensorOutput(Container&& container)  // implicit, a parameter type
      : values_(container.data() + container.data_offset(), container.size()) {
    tensors::report<detail::RowMajorResult<Container>>();
    if (!detail::is_row_major(container))
      throw Error(diagnosis::shape_mismatch,
                  "needed contiguous row-major memory for the result, given a view with gaps or another order of axes");
  }

  TensorOutput(const TensorOutput&) = delete;
  TensorOutput& operator=(const TensorOutput&) = delete;

  std::span<T> values() const { return values_; }
  T* data() const { return values_.data(); }
  std::size_t size() const { return values_.size(); }

 private:
  std::span<T> values_;
};

/// A writable float tensor.
using FloatOutput = TensorOutput<float>;

namespace detail {

template <class X, class Element>
struct ContainerFor {
  using type = std::vector<Element>;
  static type make(const Extents& extents) { return type(extents.elements()); }
};

template <XtensorExpression X, class Element>
struct ContainerFor<X, Element> {
  static constexpr std::size_t rank = tensors::rank_of<X>();
  using type = typename std::conditional_t<
      rank == SIZE_MAX, std::type_identity<xt::xarray<Element, xt::layout_type::row_major>>,
      std::type_identity<xt::xtensor<Element, rank == SIZE_MAX ? 1 : rank, xt::layout_type::row_major>>>::type;
  static type make(const Extents& extents) {
    return type::from_shape(std::vector<std::size_t>(
        extents.extents.begin(), extents.extents.begin() + static_cast<std::ptrdiff_t>(extents.rank)));
  }
};

}  // namespace detail

/// The result type for an argument X: std::vector for spans and vectors, xt::xtensor for xtensor expressions with a
/// rank known at compile time, xt::xarray for others. Its elements are `Element`.
template <class X, class Element = float>
using ResultFor = typename detail::ContainerFor<std::remove_cvref_t<X>, Element>::type;

/// A new tensor for the result of an argument X. Its elements are unspecified.
template <class X, class Element = float>
ResultFor<X, Element> make_result(const Extents& extents) {
  return detail::ContainerFor<std::remove_cvref_t<X>, Element>::make(extents);
}

/// What can be passed as a FloatInput.
template <class X>
concept FloatTensor = std::is_constructible_v<FloatInput, const X&>;

}  // namespace quench
