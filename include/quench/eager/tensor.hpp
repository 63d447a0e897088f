// SPDX-License-Identifier: Apache-2.0
// `eager::Tensor`: an array of hand-written training code. Its type carries its march and the calls that lead to it, and
// its history the objects that were called.
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <quench/eager/arithmetic.hpp>
#include <quench/eager/calls.hpp>
#include <quench/eager/history.hpp>
#include <quench/tensors/float_tensor.hpp>
#include <quench/types/march.hpp>

namespace quench::eager {

namespace detail {

template <class Container>
Container to_container(const FloatInput& x) {
  Container container = make_result<Container>(x.extents());
  std::copy(x.values().begin(), x.values().end(), container.data());
  return container;
}

template <class... Calls>
inline constexpr auto newest_handle = Text("tensor");
template <class Newest, class... Calls>
inline constexpr auto newest_handle<Newest, Calls...> = Newest::handle;

}  // namespace detail

/// A value between an eager::QuantStub and the eager::DeQuantStub. It owns its array, of any FloatInput type.
template <FloatTensor Array, march::March TheMarch, class... Calls>
class Tensor {
 public:
  using March = TheMarch;
  using CallsSoFar = CallList<Calls...>;
  using ArrayType = Array;
  /// The rule that a function of float arrays reports for this tensor.
  using TakenAsFloat = misuse::eager::missing_dequant_stub<detail::newest_handle<Calls...>>;

  explicit Tensor(Array values, detail::History history = {})
      : values_(std::move(values)), history_(std::move(history)) {}
  explicit Tensor(std::pair<Array, detail::History> made)
      : values_(std::move(made.first)), history_(std::move(made.second)) {}

  /// In place of this tensor another one of the same march and calls. A tensor of other calls does not compile, because
  /// in a loop its handle would be called twice.
  /// Errors   functional-called-once, march-mixed (compile time); shape-mismatch
  template <class OtherArray, class OtherMarch, class... OtherCalls>
  Tensor& operator=(const Tensor<OtherArray, OtherMarch, OtherCalls...>& other) {
    if constexpr (!std::is_same_v<March, OtherMarch>) {
      tensors::report<misuse::march_mixed<detail::newest_handle<OtherCalls...>, March, OtherMarch>>();
    } else if constexpr (!std::is_same_v<CallsSoFar, CallList<OtherCalls...>>) {
      tensors::report<misuse::eager::functional_called_once<detail::newest_handle<OtherCalls...>>>();
    } else {
      values_ = detail::to_container<Array>(other.values());
      history_ = other.history();
    }
    return *this;
  }

  /// Conversion to an array of floats, in a return statement for example: does not compile.
  /// Errors   missing-dequant-stub (compile time)
  template <class Other>
    requires FloatTensor<Other> && std::is_same_v<ResultFor<Other>, Other>
  operator Other() const {  // implicit, so that the mistake is found wherever an array is made
    tensors::report<TakenAsFloat>();
    return {};
  }

  /// The array, for your own operators. Give their result to an eager::Activation.
  const Array& values() const& { return values_; }
  Array values() && { return std::move(values_); }
  const Array& values() const&& = delete;

  /// A tensor of other values that depend only on this one and keep its scale: a ReLU, a reshape, a permutation.
  template <FloatTensor Other>
  Tensor<ResultFor<Other>, March, Calls...> with_values(const Other& values) const {
    return Tensor<ResultFor<Other>, March, Calls...>(detail::to_container<ResultFor<Other>>(values), history_);
  }

  /// What handles compare at run time.
  const detail::History& history() const& { return history_; }
  const detail::History& history() const&& = delete;

 private:
  Array values_;
  detail::History history_;
};

namespace detail {

template <class T>
inline constexpr bool is_tensor = false;
template <class Array, class March, class... Calls>
inline constexpr bool is_tensor<Tensor<Array, March, Calls...>> = true;

template <class Array, class March, class List>
struct TensorWith;
template <class Array, class March, class... Calls>
struct TensorWith<Array, March, CallList<Calls...>> {
  using type = Tensor<Array, March, Calls...>;
};

// An operand of handle `Handle` for `March`: its array, its calls, and the rule that it breaks.
template <Text Handle, class March, class Operand>
struct OperandOf {
  using Array = Operand;
  using Calls = CallList<>;
  using Rule = misuse::eager::missing_quant_stub<Handle>;
};
template <Text Handle, class March, class A, class OtherMarch, class... C>
struct OperandOf<Handle, March, Tensor<A, OtherMarch, C...>> {
  using Array = A;
  using Calls = CallList<C...>;
  using Rule = std::conditional_t<std::is_same_v<March, OtherMarch>, NothingToReport,
                                  misuse::march_mixed<Handle, March, OtherMarch>>;
};

// Several rules that one operation breaks.
template <class... Rule>
struct Several : Rule... {};

template <class List>
struct RuleToReport;
template <class... Rule>
struct RuleToReport<RuleList<Rule...>> {
  using type = Several<Rule...>;
};
template <class Rule>
struct RuleToReport<RuleList<Rule>> {
  using type = Rule;
};

template <class OfCalls, class... OfOperands>
struct RulesOfOperation;
template <class... OfCalls, class... OfOperands>
struct RulesOfOperation<RuleList<OfCalls...>, OfOperands...>
    : RuleToReport<typename BrokenRules<RuleList<>, OfCalls..., OfOperands...>::type> {};

// The array of an operand. OperandOf refuses an operand that is no tensor; here it causes no second error.
template <class Operand>
const auto& array_of(const Operand& operand) {
  if constexpr (is_tensor<Operand>) {
    return operand.values();
  } else if constexpr (FloatTensor<Operand>) {
    return operand;
  } else {
    static const std::vector<float> nothing;
    return nothing;
  }
}

// The history of an operand, none if it is no tensor.
template <class Operand>
History history_of(const Operand& operand) {
  if constexpr (is_tensor<Operand>)
    return operand.history();
  else
    return {};
}

}  // namespace detail

/// The result type of an operation of a handle.
template <class Array, Text Handle, class March, Text Operation, class... Operands>
using ResultTensor = typename detail::TensorWith<
    Array, March,
    typename CallsOfResult<Handle, Operation,
                           typename detail::OperandOf<Handle, March, Operands>::Calls...>::type>::type;

/// Does not compile if an operation of a handle breaks a rule.
/// Errors   functional-called-once, march-mixed, missing-quant-stub (compile time)
template <Text Handle, class March, Text Operation, class... Operands>
using CheckedOperation = typename detail::RulesOfOperation<
    typename CallsOfResult<Handle, Operation, typename detail::OperandOf<Handle, March, Operands>::Calls...>::Rules,
    typename detail::OperandOf<Handle, March, Operands>::Rule...>::type;

}  // namespace quench::eager
