// SPDX-License-Identifier: Apache-2.0
// Type-erased fake-quantizers, and their construction from the decisions of a setter.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/ground/compiler.hpp>
#include <quench/phases/remembered.hpp>
#include <quench/qconfig/setter.hpp>

namespace quench::phases {

/// The name of a template and, if it is a type, of its first argument, without namespaces.
std::string kind_of_type(TextView type);

class AnyFakeQuantizer {
 public:
  virtual ~AnyFakeQuantizer() = default;
  virtual std::unique_ptr<AnyFakeQuantizer> clone() const = 0;

  virtual DType dtype() const = 0;
  /// "LearnedFakeQuantize<MinMaxObserver> int8": the same text from every compiler.
  virtual std::string kind() const = 0;
  virtual void observe(const FloatInput& x) = 0;
  /// True if its state after a batch does not depend on the order of the batch's blocks.
  virtual bool observes_in_blocks() const = 0;
  /// Observes a weight. Forgets the range of earlier weights but keeps learned scales.
  virtual void observe_weight(const FloatInput& weight) = 0;
  /// The scales. The call changes nothing, and several threads may call it.
  virtual std::vector<float> scales() const = 0;
  /// The axis of the scales, if there is one for each channel.
  virtual std::optional<int> axis() const = 0;
  /// The scales and their axis that `observe_weight(weight)` would give.
  virtual QParams qparams_of(const FloatInput& weight) const = 0;
  /// Starts the learning of learned scales, unless it has started.
  virtual void begin() = 0;
  /// True if training adjusts its scales or other parameters.
  virtual bool learns() const = 0;
  /// Starts at known scales, to the bit.
  virtual void start_at(const std::vector<float>& scales) = 0;
  /// The scales of `start_at` while they are in use.
  virtual std::vector<float> started_at() const = 0;
  /// True if `backward` is host::straight_through alone: no scale is learned.
  virtual bool is_straight_through() const = 0;
  /// The straight-through gradient of values that were quantized with these scales.
  virtual void backward(const FloatInput& x, const QParams& used, const FloatInput& grad_y,
                        const FloatOutput& grad_x) = 0;
  virtual std::span<float> parameters() = 0;
  /// The name of its parameters: "scale", "clip", or the name that a type of the user's gives.
  virtual const char* parameter_name() const = 0;
  virtual std::span<float> gradients() = 0;
  virtual void zero_gradients() = 0;
  /// Its learned or observed state as numbers, and back.
  /// Errors   state-not-valid; loading changes nothing then
  virtual std::vector<double> state() const = 0;
  virtual void load(std::span<const double> state) = 0;
};

template <FakeQuantizer F>
class ErasedFakeQuantizer final : public AnyFakeQuantizer {
  static constexpr bool has_states = requires(const F& f) { f.observer().states(); };
  static constexpr bool has_observer = requires(F f) { f.observer(); };
  static constexpr bool has_parameters = LearningFakeQuantizer<F>;

 public:
  std::unique_ptr<AnyFakeQuantizer> clone() const override { return std::make_unique<ErasedFakeQuantizer>(*this); }

  DType dtype() const override { return F::dtype; }
  std::string kind() const override {
    return kind_of_type(type_name<F>()) + " int" + std::to_string(bits_of(F::dtype));
  }
  void observe(const FloatInput& x) override {
    scales_.forget();
    quantizer_.observe(x);
  }

  bool observes_in_blocks() const override {
    if constexpr (has_observer)
      return requires(std::remove_cvref_t<decltype(quantizer_.observer())> observer) { observer.merge(observer); };
    else
      return F::dtype == DType::Int32;  // which has no scale
  }

  void observe_weight(const FloatInput& weight) override {
    scales_.forget();
    fake_quantize::observe_weight(quantizer_, weight);
  }

  std::vector<float> scales() const override {
    if constexpr (has_parameters)  // an optimizer may change it at any time
      return ask(quantizer_);
    else
      return *scales_.get([](const auto&) { return true; }, [&] { return ask(quantizer_); });
  }
  std::optional<int> axis() const override {
    F copy = quantizer_;
    return QParams(copy.qparams()).axis;
  }
  QParams qparams_of(const FloatInput& weight) const override {
    F copy = quantizer_;
    fake_quantize::observe_weight(copy, weight);
    return copy.qparams();
  }
  void begin() override {
    if constexpr (has_parameters) static_cast<void>(quantizer_.qparams());
  }
  bool learns() const override {
    if constexpr (has_parameters) {
      F copy = quantizer_;
      return !copy.parameters().empty();
    } else {
      return false;
    }
  }

  void start_at(const std::vector<float>& scales) override {
    scales_.forget();
    if constexpr (StartableFakeQuantizer<F>) {
      QParams found{F::dtype, scales, std::nullopt};
      if constexpr (requires { F::axis; }) found.axis = F::axis;
      quantizer_.start_at(found);
    }  // else a high-precision output, which has no scale, or a weight, which is observed again: see make_quantizers
  }
  std::vector<float> started_at() const override {
    if constexpr (requires { quantizer_.started_at(); }) return quantizer_.started_at();
    return {};
  }

  bool is_straight_through() const override { return has_observer; }

  void backward(const FloatInput& x, const QParams& used, const FloatInput& grad_y,
                const FloatOutput& grad_x) override {
    if constexpr (has_observer) {
      const CodeRange codes = code_range(F::dtype);
      fake_quantize::backward_pass(x, used, {static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)}, grad_y,
                                   grad_x.values());
    } else {
      quantizer_.backward(x, grad_y, grad_x);
    }
  }

  std::span<float> parameters() override {
    if constexpr (has_parameters) return quantizer_.parameters();
    return {};
  }
  const char* parameter_name() const override {
    if constexpr (requires { F::parameter_name; }) return F::parameter_name;
    return "scale";
  }
  std::span<float> gradients() override {
    if constexpr (has_parameters) return quantizer_.gradients();
    return {};
  }
  void zero_gradients() override {
    if constexpr (has_parameters) quantizer_.zero_gradients();
  }

  std::vector<double> state() const override {
    if constexpr (has_parameters) {
      F copy = quantizer_;
      const std::span<float> values = copy.parameters();
      return {values.begin(), values.end()};
    } else if constexpr (has_states) {
      const auto states = quantizer_.observer().states();
      return states.size() == 1 ? states[0]
                                : throw Error(diagnosis::state_not_valid, "it has a state for each channel");
    } else if constexpr (F::dtype == DType::Int32) {
      return {};
    } else {
      throw Error(diagnosis::state_not_valid, "its observer has no state() to be saved");
    }
  }

  void load(std::span<const double> state) override {
    scales_.forget();
    if constexpr (requires(std::vector<float> scales) { quantizer_.set_scales(scales); }) {
      if (state.empty()) return;
      std::vector<float> scales;
      for (const double scale : state) scales.push_back(observers::loaded_float(scale));
      quantizer_.set_scales(std::move(scales));
    } else if constexpr (has_parameters) {
      observers::check_state_size(state, quantizer_.parameters().size());
      for (const double value : state) checked_scale(observers::loaded_float(value));
      if constexpr (requires { quantizer_.reset(); }) quantizer_.reset();
      const std::span<float> values = quantizer_.parameters();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = observers::loaded_float(state[i]);
    } else if constexpr (has_states) {
      auto observer = quantizer_.observer();
      observer.load({std::vector<double>(state.begin(), state.end())});
      quantizer_.set_observer(std::move(observer));
    } else {
      observers::check_state_size(state, 0);
    }
  }

 private:
  // Asks a copy, because a fake-quantizer may find its scales when it is first asked.
  static std::vector<float> ask(F quantizer) { return QParams(quantizer.qparams()).scales; }

  F quantizer_;
  Remembered<std::vector<float>> scales_;
};

/// A copyable fake-quantizer, or none.
class FakeQuantizerHandle {
 public:
  FakeQuantizerHandle() = default;
  explicit FakeQuantizerHandle(std::unique_ptr<AnyFakeQuantizer> quantizer) : quantizer_(std::move(quantizer)) {}
  FakeQuantizerHandle(const FakeQuantizerHandle& other) : quantizer_(other ? other->clone() : nullptr) {}
  FakeQuantizerHandle(FakeQuantizerHandle&&) noexcept = default;
  FakeQuantizerHandle& operator=(const FakeQuantizerHandle& other) { return *this = FakeQuantizerHandle(other); }
  FakeQuantizerHandle& operator=(FakeQuantizerHandle&&) noexcept = default;

  explicit operator bool() const { return quantizer_ != nullptr; }
  AnyFakeQuantizer* operator->() const { return quantizer_.get(); }

 private:
  std::unique_ptr<AnyFakeQuantizer> quantizer_;
};

template <FakeQuantizer F>
FakeQuantizerHandle erase() {
  return FakeQuantizerHandle(std::make_unique<ErasedFakeQuantizer<F>>());
}

template <FakeQuantizer... F>
struct FakeQuantizers {
  static FakeQuantizerHandle make(int position) {
    FakeQuantizerHandle (*const make_type[])() = {&erase<F>...};
    return make_type[position]();
  }
  /// The position of a type; -1 if it is not in the list.
  template <class Sought>
  static constexpr int position_of() {
    constexpr bool is_sought[] = {std::is_same_v<F, Sought>...};
    for (int i = 0; i < static_cast<int>(sizeof...(F)); ++i)
      if (is_sought[i]) return i;
    return -1;
  }
};

/// The fake-quantizers of all ready qconfigs. A library contains their code, so that the files of a user need not.
using ReadyQuantizers = FakeQuantizers<
    qconfig::Int8::Calibration::Activation, qconfig::Int8::Qat::Activation, qconfig::Int8::Qat::Weight,
    qconfig::Int8WeightInt16Activation::Calibration::Activation, qconfig::Int8WeightInt16Activation::Qat::Activation,
    qconfig::Int8WeightHighPrecisionOutput::Qat::Activation, qconfig::Int8FixedActivation::Qat::Activation,
    qconfig::Int8WeightInt16FixedActivation::Qat::Activation, qconfig::LearnedInt8::Qat::Activation,
    qconfig::LearnedInt8::Qat::Weight, qconfig::PactInt8::Qat::Activation>;

/// Makes the fake-quantizer at a position of ReadyQuantizers.
FakeQuantizerHandle make_ready_quantizer(int position);

/// Makes a fake-quantizer of a type. If the type is ready, the library's function makes it.
template <FakeQuantizer F>
FakeQuantizerHandle make_quantizer() {
  if constexpr (constexpr int position = ReadyQuantizers::position_of<F>(); position >= 0 && !QUENCH_HEADER_ONLY)
    return make_ready_quantizer(position);
  else
    return erase<F>();
}

/// The fake-quantizers of each module: one for its output, and one for its weight if it has one. Modules of one scale
/// have one for their outputs, at `scale_owner`.
struct ModuleQuantizers {
  std::vector<FakeQuantizerHandle> activation, weight;
};

template <class Q>
struct CalibrationForm {
  using type = typename Q::Calibration;
};
template <class Q>
struct QatForm {
  using type = typename Q::Qat;
};

/// True if a rule gives a fake-quantizer to the output of a module, or with `to_weight` to its weight.
template <class Net, class Decisions>
constexpr bool gives_quantizer(int rule, bool to_weight) {
  const Graph& network = graph<Net>;
  for (int m = 0; m < network.module_count; ++m) {
    if (Decisions::table.of_module[m].rule != rule) continue;
    const int n = network.modules[m].node;
    if (to_weight ? rounds_weights(network.nodes[n].op) : execution::has_observed_scale(network, n)) return true;
  }
  return false;
}

/// Makes the fake-quantizers that a setter gives to each module. Types that no module needs are not compiled. `Stage` selects a part of a qconfig.
template <class Net, march::March March, Setter S, template <class> class Stage>
ModuleQuantizers make_quantizers() {
  constexpr const Graph& network = graph<Net>;
  using Decisions = SetterDecisions<Net, March, S>;
  ModuleQuantizers quantizers;
  quantizers.activation.resize(index(network.module_count));
  quantizers.weight.resize(index(network.module_count));
  const auto make = [&]<int Rule>(std::integral_constant<int, Rule>) {
    using Q = typename S::template QConfigOfRule<static_cast<std::size_t>(Rule)>;
    if constexpr (!std::is_void_v<Q>) {
      using Form = typename Stage<Q>::type;
      static_assert(!std::is_same_v<Stage<Q>, QatForm<Q>> || Form::Activation::dtype == DType::Int32 ||
                        StartableFakeQuantizer<typename Form::Activation>,
                    "training begins at the scales that calibration found: give your fake-quantizer of activations "
                    "`void start_at(const quench::QParams& found)`");
      for (int m = 0; m < network.module_count; ++m) {
        if (Decisions::table.of_module[m].rule != Rule) continue;
        const int n = network.modules[m].node;
        if constexpr (gives_quantizer<Net, Decisions>(Rule, false))
          if (execution::has_observed_scale(network, n) && scale_owner(network, m) == m)
            quantizers.activation[index(m)] = make_quantizer<typename Form::Activation>();
        if constexpr (gives_quantizer<Net, Decisions>(Rule, true))
          if (rounds_weights(network.nodes[n].op))
            quantizers.weight[index(m)] = make_quantizer<typename Form::Weight>();
      }
    }
  };
  [&]<int... Rule>(std::integer_sequence<int, Rule...>) {
    (make(std::integral_constant<int, Rule>{}), ...);
  }(std::make_integer_sequence<int, S::rule_count>{});
  return quantizers;
}

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/fake_quantizers_impl.hpp>
#endif
