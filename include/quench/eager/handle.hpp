// SPDX-License-Identifier: Apache-2.0
// What all eager handles have in common: a name, a fake-quantizer and its state; and `set_fake_quantize`, which sets the
// state of every handle of a struct.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

#include <quench/eager/arithmetic.hpp>
#include <quench/eager/tensor.hpp>
#include <quench/ground/reflect.hpp>
#include <quench/qconfig/qconfig.hpp>

namespace quench::eager {

namespace detail {

// The container of an array's kind whose rank may be another: xtensor containers become xt::xarray.
template <class X>
using AnyRank = std::conditional_t<quench::detail::XtensorExpression<X>, xt::xarray<float>, std::vector<float>>;

template <class Container>
Container to_container(const Array& array) {
  Container result = make_result<Container>(array.extents);
  std::copy(array.values.begin(), array.values.end(), result.data());
  return result;
}

}  // namespace detail

/// The base of eager handles: fake-quantizes the result of one operation and takes the gradient back through it.
template <Text Name, FakeQuantizer FakeQuantizerType>
class Handle {
 public:
  /// What this handle does with values; FakeQuantState::Qat at first.
  void set_state(FakeQuantState state) { state_ = state; }
  FakeQuantState state() const { return state_; }

  /// The fake-quantizer of the result: its scales, and its parameters if they are learned.
  FakeQuantizerType& fake_quantize() { return fake_quantize_; }
  const FakeQuantizerType& fake_quantize() const { return fake_quantize_; }

  /// The name, as run-time errors give it.
  static std::string name() {
    constexpr TextView view = Name;
    return {view.data, static_cast<std::size_t>(view.size)};
  }

  /// Shows values to the observer, whatever the state.
  void observe(const FloatInput& x) {
    in_module(name(), [&] { fake_quantize_.observe(x); });
  }

 protected:
  // The result of the operation as the state wants it; keeps what the gradient needs.
  detail::Array quantized(detail::Array result) {
    return in_module(name(), [&] {
      const FloatInput x(result.values, result.extents);
      if (state_ != FakeQuantState::Validation) fake_quantize_.observe(x);
      detail::Array y(result.extents);
      if (state_ == FakeQuantState::Calibration)
        y.values = result.values;
      else
        fake_quantize_.forward(x, y.values);
      passed_through_ = state_ == FakeQuantState::Calibration;
      result_ = std::move(result);
      return y;
    });
  }

  // The gradient before the fake-quantization.
  detail::Array gradient_of_result(const FloatInput& grad_y) {
    if (!result_) throw Error(diagnosis::backward_before_forward, "", name());
    if (grad_y.size() != result_->values.size())
      throw Error(diagnosis::shape_mismatch, "needed " + result_->extents.text() + ", given " + grad_y.extents().text(),
                  name());
    detail::Array gradient(result_->extents);
    if (passed_through_)
      std::copy(grad_y.values().begin(), grad_y.values().end(), gradient.values.begin());
    else
      in_module(name(), [&] {
        fake_quantize_.backward(FloatInput(result_->values, result_->extents),
                                FloatInput(grad_y.values(), result_->extents), gradient.values);
      });
    return gradient;
  }

 private:
  FakeQuantizerType fake_quantize_;
  FakeQuantState state_ = FakeQuantState::Qat;
  std::optional<detail::Array> result_;
  bool passed_through_ = false;
};

namespace detail {

template <class T>
concept HasState = requires(T& handle) { handle.set_state(FakeQuantState::Qat); };

template <class T>
concept RangeOfMembers = requires(T& range) {
  range.begin();
  range.end();
} && !quench::detail::XtensorExpression<T> && !FloatTensor<T>;

template <class Member>
void set_state_of(Member& member, FakeQuantState state) {
  if constexpr (HasState<Member>) {
    member.set_state(state);
  } else if constexpr (
      requires { std::tuple_size<Member>::value; } && !requires { member.begin(); }) {
    std::apply([state](auto&... element) { (set_state_of(element, state), ...); }, member);
  } else if constexpr (RangeOfMembers<Member>) {
    for (auto& element : member) set_state_of(element, state);
  } else if constexpr (std::is_class_v<Member> && std::is_aggregate_v<Member>) {
    if constexpr (illegible<Member> == Illegible::No)
      quench::detail::bind_members(member, quench::detail::MemberCount<member_count<Member>>{},
                                   [state](auto&... inner) {
                                     (set_state_of(inner, state), ...);
                                     return true;
                                   });
  }
}

}  // namespace detail

/// Sets the state of every handle that is a member of a struct, of a block in it, or of an array, vector or tuple of
/// them. The struct is a plain one (no constructor, no base class); of another, set the handles one by one.
template <class Net>
void set_fake_quantize(Net& net, FakeQuantState state) {
  static_assert(detail::HasState<Net> || illegible<Net> == Illegible::No,
                "set_fake_quantize reads the public data members of a plain struct: no constructor, no base class, at "
                "most 128 members. Call set_state(state) on the handles of another class.");
  detail::set_state_of(net, state);
}

}  // namespace quench::eager
