// SPDX-License-Identifier: Apache-2.0
// What all eager handles share: a name, a fake-quantizer and its state. `set_fake_quantize` sets the state of all
// handles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <quench/eager/arithmetic.hpp>
#include <quench/eager/history.hpp>
#include <quench/eager/tensor.hpp>
#include <quench/ground/apply.hpp>
#include <quench/ground/reflect.hpp>
#include <quench/qconfig/qconfig.hpp>

namespace quench::eager {

namespace detail {

// The container type for the same array with another rank: xtensor containers become xt::xarray.
template <class X>
using AnyRank = std::conditional_t<XtensorExpression<X>, xt::xarray<float>, std::vector<float>>;

}  // namespace detail

/// What a handle quantizes.
enum class Values : unsigned char { Activation, Weight };

/// The base of eager handles: fake-quantizes the result of one operation, and takes the gradient back through it. In
/// calibration the calibration form of the qconfig observes. After it the QAT form starts at the scale found. A weight
/// is observed as it is: an observer forgets earlier values.
template <Text Name, FakeQuantizer CalibrationForm, FakeQuantizer QatForm, Values Kind = Values::Activation>
class Handle {
 public:
  /// The state of this handle; FakeQuantState::Qat at first. After it the handle may serve another call.
  /// Errors   those of the calibration's observer at the end of a calibration; then the state stays
  void set_state(FakeQuantState state) {
    if (state_ == FakeQuantState::Calibration && state != state_) take_calibrated_scale();
    state_ = state;
    service_.forget();
  }
  FakeQuantState state() const { return state_; }

  /// The QAT form, which fake-quantizes the result. It has the scales, and the parameters if they are learned.
  QatForm& fake_quantize() & { return fake_quantize_; }
  const QatForm& fake_quantize() const& { return fake_quantize_; }
  const QatForm& fake_quantize() const&& = delete;

  /// As at construction: nothing observed, nothing learned, FakeQuantState::Qat, no gradient.
  void reset() {
    calibration_ = {};
    fake_quantize_ = {};
    state_ = FakeQuantState::Qat;
    result_.reset();
    passed_through_ = has_calibrated_ = false;
    service_.forget();
  }

  /// The name in errors. If the declared name begins with a dot, it is the path that set_fake_quantize has found.
  std::string name() const { return service_.name(Name); }

  /// Takes the path of a member as the name, if the declared name begins with a dot.
  void set_path(const std::string& path) {
    if (is_one_of_several(Name) && !name().ends_with("." + path)) service_.set_name(path);
  }

  /// Shows values to the observer of the handle's state.
  void observe(const FloatInput& x) {
    in_module(name(), [&] {
      if (state_ == FakeQuantState::Calibration)
        calibrate(x);
      else
        show(fake_quantize_, x);
    });
  }

 protected:
  // The result of the operation, fake-quantized as the state says, and its history. Keeps what the gradient needs.
  template <class Container, class... Operands>
  std::pair<Container, detail::History> quantized(detail::Array result, TextView operation,
                                                  const Operands&... operands) {
    const std::array<detail::History, sizeof...(operands)> histories{detail::history_of(operands)...};
    const bool repeats = result_ && result_->extents == result.extents && result_->values == result.values;
    const detail::ServedCall call{operation, histories, repeats};
    detail::History history = service_.history(name(), call);
    Container values = values_of_result<Container>(std::move(result));
    service_.remember(call);
    return {std::move(values), std::move(history)};
  }

  // The result of the last call before fake-quantization.
  detail::Array& last_result() {
    const bool is_moved_from = result_ && result_->values.size() != result_->extents.elements();
    if (!result_ || is_moved_from) throw Error(diagnosis::backward_before_forward, "", name());
    return *result_;
  }

  // The gradient before the fake-quantization.
  detail::Array gradient_of_result(const FloatInput& grad_y) {
    const detail::Array& result = last_result();
    detail::Array gradient(result.extents);
    in_module(name(), [&] {
      const FloatInput x(result.values, result.extents);
      fake_quantize::check_shape(x, grad_y);
      if (passed_through_)
        std::copy(grad_y.values().begin(), grad_y.values().end(), gradient.values.begin());
      else
        fake_quantize_.backward(x, grad_y, gradient.values);
    });
    service_.forget_tensors();  // training may go on with the same tensors
    return gradient;
  }

  // The same in a container with the type and shape of the gradient.
  template <FloatTensor G>
  ResultFor<G> gradient_of_argument(const G& grad_y) {
    const FloatInput given(grad_y);
    return detail::to_container<ResultFor<G>>({gradient_of_result(given).values, given.extents()});
  }

 private:
  static constexpr bool one_form = std::is_same_v<CalibrationForm, QatForm>;

  static_assert(one_form || QatForm::dtype == DType::Int32 || StartableFakeQuantizer<QatForm>,
                "training begins at the scales that calibration found: give your fake-quantizer "
                "`void start_at(const quench::QParams& found)`");

  // The result of a call, fake-quantized as the state says, in a container. Keeps what the gradient needs.
  template <class Container>
  Container values_of_result(detail::Array result) {
    return in_module(name(), [&] {
      const FloatInput x(result.values, result.extents);
      Container container = make_result<Container>(result.extents);
      const std::span<float> y = FloatOutput(container).values();
      if (state_ == FakeQuantState::Calibration) {
        calibrate(x);
        std::copy(result.values.begin(), result.values.end(), y.begin());
      } else if (state_ == FakeQuantState::Validation) {
        fake_quantize_.forward(x, y);
      } else {
        in_training([&] {
          QatForm updated = fake_quantize_;  // so that an error in either step changes nothing
          show(updated, x);
          updated.forward(x, y);
          fake_quantize_ = std::move(updated);
        });
      }
      passed_through_ = state_ == FakeQuantState::Calibration;
      result_ = std::move(result);
      return container;
    });
  }

  template <FakeQuantizer F>
  static void show(F& quantizer, const FloatInput& x) {
    if constexpr (Kind == Values::Weight)
      fake_quantize::observe_weight(quantizer, x);
    else
      quantizer.observe(x);
  }

  void calibrate(const FloatInput& x) {
    if constexpr (one_form)
      show(fake_quantize_, x);
    else
      show(calibration_, x);
    has_calibrated_ = true;
  }

  // Makes a new QAT form that starts at the scales of the calibration.
  void take_calibrated_scale() {
    if constexpr (!one_form) {
      if (!has_calibrated_) return;
      in_module(name(), [&] {
        QatForm calibrated;
        if constexpr (StartableFakeQuantizer<QatForm>) calibrated.start_at(calibration_.qparams());
        fake_quantize_ = std::move(calibrated);
      });
    }
    has_calibrated_ = false;
  }

  struct Nothing {};
  [[no_unique_address]] std::conditional_t<one_form, Nothing, CalibrationForm> calibration_;
  QatForm fake_quantize_;
  FakeQuantState state_ = FakeQuantState::Qat;
  std::optional<detail::Array> result_;
  bool passed_through_ = false;
  bool has_calibrated_ = false;
  detail::Service service_;
};

namespace detail {

template <class T>
concept HasState = requires(T& handle) { handle.set_state(FakeQuantState::Qat); };

template <class T>
concept RangeOfMembers = requires(T& range) {
  range.begin();
  range.end();
  requires std::is_lvalue_reference_v<decltype(*range.begin())>;
} && !XtensorExpression<T> && !FloatTensor<T>;

template <class T>
concept PointsToMember = requires(T& pointer) {
  static_cast<bool>(pointer);
  requires std::is_lvalue_reference_v<decltype(*pointer)>;
};

template <class Key>
std::string path_of(const std::string& outer, const Key& key) {
  return outer.empty() ? key : outer + "." + key;
}

// Path: that of the member, as in descriptions: "blocks.1.add".
template <class Member>
void set_state_of(Member& member, FakeQuantState state, const std::string& path) {
  if constexpr (HasState<Member>) {
    member.set_state(state);
    if constexpr (requires { member.set_path(path); }) member.set_path(path);
  } else if constexpr (
      requires { std::tuple_size<Member>::value; } && !requires { member.begin(); }) {
    std::size_t i = 0;
    ground::apply([&](auto&... element) { (set_state_of(element, state, path_of(path, std::to_string(i++))), ...); },
                  member);
  } else if constexpr (std::is_array_v<Member> || RangeOfMembers<Member>) {
    if constexpr (!std::is_arithmetic_v<std::remove_cvref_t<decltype(*std::begin(member))>>) {
      std::size_t i = 0;
      for (auto& element : member) set_state_of(element, state, path_of(path, std::to_string(i++)));
    }
  } else if constexpr (PointsToMember<Member>) {
    if (member) set_state_of(*member, state, path);
  } else if constexpr (std::is_class_v<Member> && std::is_aggregate_v<Member>) {
    static_assert(illegible<Member> != Illegible::HasBaseClass && illegible<Member> != Illegible::MoreThan128Members,
                  "set_fake_quantize cannot read the members of this block: it has a base class, or more than 128 "
                  "members. Give it a function set_state(FakeQuantState) that sets its handles.");
    if constexpr (illegible<Member> == Illegible::No)
      ground::bind_members(member, ground::MemberCount<member_count<Member>>{}, [&](auto&... inner) {
        [[maybe_unused]] const TextView* name = ground::member_names_of_any<Member>.name;
        (set_state_of(inner, state, path_of(path, tensors::text(*name++))), ...);
        return true;
      });
  }
}

}  // namespace detail

/// Sets the state of every handle that is a member of a struct or of a block in it. Also inside arrays, vectors,
/// tuples, optionals and pointers of them. Structs and blocks must be plain. quench cannot see into a block with a
/// constructor: give it a function `set_state(FakeQuantState)` that sets its handles.
/// Handles whose declared name begins with a dot are named by their paths: "blocks.1.add".
template <class Net>
void set_fake_quantize(Net& net, FakeQuantState state) {
  static_assert(detail::HasState<Net> || illegible<Net> == Illegible::No,
                "set_fake_quantize reads the public data members of a plain struct: no constructor, no base class, at "
                "most 128 members. Call set_state(state) on the handles of another class.");
  detail::set_state_of(net, state, std::string());
}

}  // namespace quench::eager
