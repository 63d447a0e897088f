// SPDX-License-Identifier: Apache-2.0
// A state of another network, march or fake-quantizer is refused, and the model stays as it was.
#include <quench/interop/origin.hpp>

#include "flow/flow.hpp"

#include <quench/interop/state.hpp>
#include <quench/network.hpp>
#include <quench/tensors/error.hpp>

namespace i = quench::interop;
namespace q = quench;

namespace {

template <int Stride = 1>
struct Net {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1, .stride = Stride};
  q::Conv2d head{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(conv(quant(x)))); }
};

using Weight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
template <class Activation, class QatWeight = Weight>
struct Config {
  using Calibration = q::QConfig<q::FakeQuantize<q::MinMaxObserver, typename Activation::Type>, Weight>;
  using Qat = q::QConfig<typename Activation::Form, QatWeight>;
};
template <class T>
struct Lsq {
  using Type = T;
  using Form = q::LearnedFakeQuantize<q::MinMaxObserver, T>;
};
struct MinMax {
  using Type = q::QInt8;
  using Form = q::FakeQuantize<q::MinMaxObserver, q::QInt8>;
};
struct Moving {
  using Type = q::QInt8;
  using Form = q::FakeQuantize<q::MovingAverageMinMaxObserver<>, q::QInt8>;
};
template <class Activation, class QatWeight = Weight>
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Config<Activation, QatWeight>>>;

template <class S, class March = q::march::NashE, int Stride = 1>
auto calibrated() {
  const auto batches = q::random_batches<Net<Stride>>(q::Seed{1}, 2, 3);
  return q::calibrate(q::prepare<March, S>(q::FloatModel<Net<Stride>>{q::Seed{2}}), batches);
}
template <class S, class March = q::march::NashE, int Stride = 1>
auto in_training() {
  return q::start_qat(calibrated<S, March, Stride>());
}

void check_refused(const auto& from, auto to, const std::string& module, const std::vector<std::string>& words) {
  const auto before = i::arrays_of(to);
  try {
    i::load_arrays(to, i::arrays_of(from));
    FAIL("loaded");
  } catch (const q::Error& error) {
    CHECK(error.slug() == q::TextView("state-not-valid"));
    const std::string text = error.module() + ": " + error.evidence();
    CAPTURE(text);
    CHECK(text.find(module) != std::string::npos);
    for (const std::string& word : words) CHECK(text.find(word) != std::string::npos);
  }
  CHECK(i::arrays_of(to) == before);
}

}  // namespace

TEST_CASE("a state of another kind of fake-quantizer is refused, with the module and both kinds") {
  const auto lsq = in_training<Setter<Lsq<q::QInt8>>>();
  check_refused(in_training<Setter<Lsq<q::QInt16>>>(), lsq, "conv",
                {"LearnedFakeQuantize<MinMaxObserver> int16", "LearnedFakeQuantize<MinMaxObserver> int8"});
  check_refused(in_training<Setter<MinMax>>(), lsq, "conv", {"FakeQuantize<MinMaxObserver> int8"});
  check_refused(lsq, in_training<Setter<MinMax>>(), "conv", {"FakeQuantize<MinMaxObserver> int8"});
  check_refused(in_training<Setter<Moving>>(), in_training<Setter<MinMax>>(), "quant",
                {"FakeQuantize<MovingAverageMinMaxObserver> int8"});
  using LearnedWeight = q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
  check_refused(in_training<Setter<Lsq<q::QInt8>, LearnedWeight>>(), lsq, "conv", {"its weight needs"});
}

TEST_CASE("a state of another march or network is refused in every phase") {
  using S = Setter<MinMax>;
  const auto check = [](const auto& model, const auto& of_march, const auto& of_network) {
    check_refused(of_march, model, "march", {"NashE", "NashP"});
    check_refused(of_network, model, "network", {"another network"});
  };
  const auto e = calibrated<S>();
  const auto p = calibrated<S, q::march::NashP>();
  const auto n = calibrated<S, q::march::NashE, 2>();
  check(e, p, n);
  check(q::start_qat(e), q::start_qat(p), q::start_qat(n));
  check(q::convert(e), q::convert(p), q::convert(n));
  const auto prepared = []<class March, int Stride>() {
    return q::prepare<March, S>(q::FloatModel<Net<Stride>>{q::Seed{2}});
  };
  check(prepared.template operator()<q::march::NashE, 1>(), prepared.template operator()<q::march::NashP, 1>(),
        prepared.template operator()<q::march::NashE, 2>());
}

TEST_CASE("a file that does not say where it is from is loaded by names and shapes") {
  auto model = in_training<Setter<MinMax>>();
  auto arrays = i::arrays_of(model);
  std::erase_if(arrays, [](const auto& named) { return named.first.find("_kind") != std::string::npos; });
  auto lacks_kinds = arrays;
  CHECK_THROWS_WITH_AS(i::load_arrays(model, lacks_kinds), doctest::Contains("activation_kind"), q::Error);
  arrays.erase("quench.network");
  arrays.erase("quench.march");
  CHECK_NOTHROW(i::load_arrays(model, arrays));
}

TEST_CASE("the file of a FloatModel is a plain state_dict") {
  for (const auto& [name, array] : i::arrays_of(q::FloatModel<Net<>>{}))
    CHECK((name.ends_with(".weight") || name.ends_with(".bias")));
}
