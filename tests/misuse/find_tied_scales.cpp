// SPDX-License-Identifier: Apache-2.0
// Which modules can have one scale, and which qconfigs they then have.
#include <quench/misuse/find_tied_scales.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>

namespace q = quench;

namespace {

struct TiedCell {
  q::FloatFunctional state;
  q::ReLU relu;
  constexpr auto forward(auto x, auto h) const { return relu(state.add(x, h)); }
};
struct GatedCell {
  q::FloatFunctional state;
  q::Sigmoid gate;
  constexpr auto forward(auto x, auto h) const { return state.add(x, gate(h)); }
};

template <class TiesOfNet>
struct Chained {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = TiesOfNet;
  q::QuantStub a, b;
  std::array<TiedCell, 3> steps;
  GatedCell gated;
  q::MaxPool2d never{.kernel_size = 2};
  q::DeQuantStub dequant;
  q::Sigmoid last;
  constexpr auto forward(auto x, auto h) const {
    auto input = a(x);
    h = b(h);
    for (const TiedCell& step : steps) h = step.forward(input, h);
    return last(dequant(gated.forward(input, h)));
  }
};

// 320 modules, of which 160 have tied scales.
struct TiedCells {
  std::array<TiedCell, 16> cells;
  constexpr auto forward(auto x, auto h) const {
    for (const TiedCell& cell : cells) h = cell.forward(x, h);
    return h;
  }
};
struct Long {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = q::TiedScale<"steps.0", "steps.1", "steps.2", "steps.3", "steps.4", "steps.5", "steps.6", "steps.7",
                            "steps.8", "steps.9">;
  q::QuantStub a, b;
  std::array<TiedCells, 10> steps;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const {
    auto input = a(x);
    h = b(h);
    for (const TiedCells& step : steps) h = step.forward(input, h);
    return dequant(h);
  }
};

using Texts = std::vector<std::string>;

std::string text(q::TextView view) { return {view.begin(), view.end()}; }

template <class... Tied>
Texts mistakes() {
  static constexpr const char* why[] = {"no such member", "no scale of its own", "named twice", "other block lacks it"};
  q::misuse::Finding found[8];
  q::misuse::Findings findings{found, 0};
  q::misuse::find_tied_scale_mistakes(q::graph<Chained<q::Ties<Tied...>>>, findings);
  Texts texts;
  for (int f = 0; f < findings.count; ++f) {
    CHECK(found[f].mistake == q::misuse::Mistake::TiedScaleDoesNotMatch);
    texts.push_back(text(found[f].name) + ", " + text(found[f].other) + ": " +
                    why[static_cast<int>(found[f].no_scale)]);
  }
  return texts;
}

/// The first module with the scale of each module.
template <class... Tied>
Texts owners() {
  constexpr const q::Graph& graph = q::graph<Chained<q::Ties<Tied...>>>;
  Texts texts;
  for (int m = 0; m < graph.module_count; ++m)
    if (const int owner = q::scale_owner(graph, m); graph.modules[m].tied_scale >= 0)
      texts.push_back(text(graph.modules[m].name) + " " + text(graph.modules[owner].name));
  return texts;
}

template <class Setter>
Texts mixed() {
  using TiedNet = Chained<q::TiedScale<"b", "steps.0.state", "gated.state">>;
  q::misuse::Finding found[32];
  q::misuse::Findings findings{found, 0};
  q::SetterDecisions<TiedNet, q::march::NashE, Setter>::find(findings);
  Texts texts;
  for (int f = 0; f < findings.count; ++f)
    if (found[f].mistake == q::misuse::Mistake::TiedScaleNeedsOneQConfig)
      texts.push_back(text(found[f].name) + " " + text(found[f].other));
  return texts;
}

using q::TiedScale;
using Int16Activation = q::qconfig::Int8WeightInt16Activation;

struct OtherWeights {
  using Calibration = q::QConfig<q::qconfig::Int8::Calibration::Activation,
                                 q::FakeQuantize<q::MinMaxObserver, q::QInt4, q::PerChannel<0>>>;
  using Qat = q::QConfig<q::qconfig::Int8::Qat::Activation, Calibration::Weight>;
};
template <class Q>
using StateThenInt8 = q::QConfigSetter<q::rule::ByName<"steps.0.state", Q>, q::rule::Everything<q::qconfig::Int8>>;

}  // namespace

TEST_CASE("modules with a scale between the stubs share it, one by one or block by block") {
  CHECK(mistakes<TiedScale<"b", "steps.0.state">>().empty());
  CHECK(owners<TiedScale<"steps.0.state", "b">>() == Texts{"b b", "steps.0.state b"});
  CHECK(mistakes<TiedScale<"steps.0", "steps.1", "steps.2">, TiedScale<"steps.2.state", "gated.gate">>().empty());
  CHECK(owners<TiedScale<"steps.0", "steps.1">, TiedScale<"steps.2.state", "gated.gate">>() ==
        Texts{"steps.0.state steps.0.state", "steps.1.state steps.0.state", "steps.2.state steps.2.state",
              "gated.gate steps.2.state"});
  CHECK(owners<TiedScale<"steps.1.state", "steps.2">>().empty());  // a module and a block
  // Two groups that meet become one.
  CHECK(owners<TiedScale<"steps.1", "steps.2">, TiedScale<"a", "b">, TiedScale<"steps.2.state", "b">>() ==
        Texts{"a a", "b a", "steps.1.state a", "steps.2.state a"});
  CHECK(owners<q::Tie<"steps.1", "steps.2">>().empty());
}

TEST_CASE("a tie of scales that cannot be is found, with its culprit first") {
  CHECK(mistakes<TiedScale<"step", "b">>() == Texts{"step, b: no such member"});
  CHECK(mistakes<TiedScale<"b", "steps.0.states">>() == Texts{"steps.0.states, b: no such member"});
  CHECK(mistakes<TiedScale<"b", "b">>() == Texts{"b, b: named twice"});
  CHECK(mistakes<TiedScale<"b", "a", "a">>() == Texts{"a, b: named twice"});
  CHECK(mistakes<TiedScale<"steps.0.relu", "b">>() == Texts{"steps.0.relu, b: no scale of its own"});
  CHECK(mistakes<TiedScale<"b", "last">>() == Texts{"last, b: no scale of its own"});  // in float
  CHECK(mistakes<TiedScale<"b", "dequant">>() == Texts{"dequant, b: no scale of its own"});
  CHECK(mistakes<TiedScale<"steps.0", "gated">>() == Texts{"gated.gate, steps.0: other block lacks it"});
  CHECK(mistakes<TiedScale<"gated", "steps.0">>() == Texts{"gated.gate, steps.0: other block lacks it"});
  CHECK(mistakes<TiedScale<"b", "steps.0">>() == Texts{"b, steps.0: other block lacks it"});
  CHECK(mistakes<TiedScale<"steps", "steps.0">>() == Texts{"steps.0.state, steps.0: other block lacks it"});
  CHECK(mistakes<TiedScale<"b", "never">>().empty());  // module-never-called is reported
  CHECK(mistakes<q::Tie<"b", "b">>().empty());         // a tie of weights, with a rule of its own
}

TEST_CASE("modules with one scale have one fake-quantizer") {
  CHECK(mixed<q::setter::DefaultQat>().empty());
  CHECK(mixed<q::setter::Int16WhereSupported>().empty());
  CHECK(mixed<StateThenInt8<q::qconfig::Int8>>().empty());
  CHECK(mixed<StateThenInt8<OtherWeights>>().empty());
  CHECK(mixed<StateThenInt8<Int16Activation>>() == Texts{"b steps.0.state"});
  CHECK(mixed<StateThenInt8<q::qconfig::LearnedInt8>>() == Texts{"b steps.0.state"});  // another form in training
  CHECK(mixed<StateThenInt8<q::qconfig::Int8FixedActivation>>() == Texts{"b steps.0.state"});
  CHECK(mixed<q::QConfigSetter<q::rule::Everything<q::qconfig::Int8WeightHighPrecisionOutput>>>() ==
        Texts{"b steps.0.state", "b gated.state"});
  CHECK(
      mixed<q::QConfigSetter<q::rule::ByName<"b", Int16Activation>>>().empty());  // module-without-qconfig is reported
}

TEST_CASE("long networks of tied scales stay within the steps that a compiler takes for a constant") {
  static_assert(q::verified_setter<Long, q::march::NashE, q::setter::Int16WhereSupported>());
  constexpr const q::Graph& graph = q::graph<Long>;
  CHECK(graph.modules[graph.find_module("steps.9.cells.15.state")].tied_scale ==
        graph.find_module("steps.0.cells.15.state"));
}
