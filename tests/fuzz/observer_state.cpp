// SPDX-License-Identifier: Apache-2.0
// States of observers. The first byte chooses an observer, the second what it does later; the others change numbers of a state that it gave. A state that
// is refused changes nothing, one that is loaded is given back, and the observer goes on with it.
#include <quench/observers/clip.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/observers/granularity.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/least_error.hpp>
#include <quench/observers/min_max.hpp>
#include <quench/observers/percentile.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <ratio>

#include "fuzz/fuzz.hpp"

namespace {

namespace q = quench;
using Fraction = std::ratio<9, 10>;

// Ten bytes each: the index, or beyond the state a new size; and the number, or which small or unusual one.
void edit(std::vector<double>& state, fuzz::Input& input) {
  using Float = std::numeric_limits<float>;
  using Double = std::numeric_limits<double>;
  constexpr double unusual[] = {-0.0,       Float::max(),  Float::min(),       Float::denorm_min(), 0x1p53,
                                0x1p53 - 1, Double::max(), Double::infinity(), Double::quiet_NaN(), 0x1p24};
  while (!input.at_end()) {
    const auto index = input.take<std::uint16_t>();
    const auto bits = input.take<std::uint64_t>();
    const double number = bits < 256                        ? static_cast<double>(bits)
                          : bits - 256 < std::size(unusual) ? unusual[bits - 256]
                                                            : std::bit_cast<double>(bits);
    if (index < state.size())
      state[index] = number;
    else
      state.resize(index % 4096);
  }
}

template <q::StatefulObserver O>
void load(fuzz::Input& input) {
  constexpr float values[] = {0.5f, -1.25f, 0, 3, 1e-9f, -3.5f, 2, 100};
  O source, target;
  const auto options = input.take<std::uint8_t>();
  if ((options & 1) == 0) source.observe(values);
  target.observe(std::span(values).first(3));
  std::vector<double> state = source.state();
  edit(state, input);
  const std::vector<double> before = target.state();
  const bool is_loaded = fuzz::succeeds({"state-not-valid", "scale-out-of-range"}, [&] { target.load(state); });
  if constexpr (std::is_same_v<O, q::ExactPercentileObserver<Fraction>>)  // gives them in ascending order
    if (is_loaded) std::sort(state.begin(), state.end());
  fuzz::require(target.state() == (is_loaded ? state : before));
  if ((options & 2) != 0) target.observe(std::span(values).last(4));
  if constexpr (requires { target.merge(source); })
    if ((options & 4) != 0) target.merge(source);
  fuzz::succeeds({"nothing-observed", "only-zeros-observed", "scale-underflow", "scale-out-of-range"}, [&] {
    const float scale = target.scale((options & 8) != 0 ? q::DType::Int16 : q::DType::Int8);
    fuzz::require(std::isfinite(scale) && scale > 0);
  });
}

constexpr void (*loads[])(fuzz::Input&) = {
    load<q::MinMaxObserver>,
    load<q::MovingAverageMinMaxObserver<>>,
    load<q::ClipObserver<std::ratio<-1>, std::ratio<2>>>,
    load<q::ClipStdObserver<>>,
    load<q::FixedScaleObserver<std::ratio<1, 64>>>,
    load<q::HistogramObserver<>>,
    load<q::HistogramObserver<q::TorchRange>>,
    load<q::HistogramObserver<q::FixedRange<std::ratio<-2>, std::ratio<2>>>>,
    load<q::KLObserver>,
    load<q::MSEObserver>,
    load<q::MixObserver>,
    load<q::PercentileObserver<Fraction>>,
    load<q::ExactPercentileObserver<Fraction>>,
};

}  // namespace

namespace fuzz {

const Target observer_state("observer_state", [](Bytes edits) {
  Input input(edits);
  loads[input.below(std::size(loads))](input);
});

}  // namespace fuzz
