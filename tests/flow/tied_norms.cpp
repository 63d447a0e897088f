// SPDX-License-Identifier: Apache-2.0
// Tied layers, each with a batch norm of its own: one set of weights while the batch norms learn, a copy for each batch norm after.
#include <quench/flow/prepare.hpp>

#include <cmath>
#include <tuple>

#include <quench/interop/state.hpp>
#include <quench/network.hpp>

#include "flow/flow.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

struct Level {
  q::Conv2d conv{.in_channels = 2, .out_channels = 3, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d bn{.channels = 3};
  q::ReLU relu{};
  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }
};

// One head for three maps. `TiesOfNet` decides what the levels share.
template <class TiesOfNet>
struct Levels {
  using Inputs = q::Inputs<q::Features<8, 8, 2>>;
  using Ties = TiesOfNet;
  q::QuantStub quant;
  q::AvgPool2d half{.kernel_size = 2}, quarter{.kernel_size = 2};
  Level fine, middle, coarse;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    auto y = half(x);
    return std::tuple(dequant(fine.forward(x)), dequant(middle.forward(y)), dequant(coarse.forward(quarter(y))));
  }
};

using Convs = q::Ties<q::Tie<"fine.conv", "middle.conv">, q::Tie<"fine.conv", "coarse.conv">>;
// The owner is the last module, and two levels also share their batch norm.
using ConvsAndANorm =
    q::Ties<q::Tie<"coarse.conv", "middle.conv">, q::Tie<"coarse.conv", "fine.conv">, q::Tie<"middle.bn", "fine.bn">>;

// A batch norm that becomes part of a conv, and in float one that has none.
struct FloatNorm {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  using Ties = q::Ties<q::Tie<"bn", "again">>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::BatchNorm2d bn{.channels = 2};
  q::DeQuantStub dequant;
  q::BatchNorm2d again{.channels = 2};
  constexpr auto forward(auto x) const { return again(dequant(bn(conv(quant(x))))); }
};

template <class Model>
q::ParameterView view_of(Model& model, const std::string& name) {
  for (const q::ParameterView& parameter : model.parameters())
    if (parameter.name == name) return parameter;
  FAIL("no parameter " << name);
  return {};
}

/// A model whose batch norms have learned different values.
template <class Net>
q::FloatModel<Net> learned() {
  q::FloatModel<Net> model{q::Seed{7}};
  float value = 1;
  for (const q::ParameterView& parameter : model.parameters())
    if (parameter.name.find("bn") != std::string::npos || parameter.name.find("again") != std::string::npos)
      for (float& each : parameter.values) each = 0.5f + std::fmod(value *= 1.37f, 1.0f);
  return model;
}

template <class Net>
void check_folds(double signal_to_noise) {
  const auto model = learned<Net>();
  const auto batch = q::random_batches<Net>(q::Seed{1}, 1, 4)[0];
  CHECK(flow::signal_to_noise(flow::outputs(model, batch), flow::outputs(q::prepare<q::march::NashE>(model), batch)) >
        signal_to_noise);
}

}  // namespace

TEST_CASE("the gradients of all levels are summed in the weight that they share") {
  auto shared = learned<Levels<Convs>>();
  auto apart = learned<Levels<q::Ties<>>>();
  const auto weight = view_of(shared, "fine.conv.weight");
  for (const char* level : {"fine", "middle", "coarse"}) {
    const auto to = view_of(apart, std::string(level) + ".conv.weight");
    std::copy(weight.values.begin(), weight.values.end(), to.values.begin());
    for (const char* what : {".bn.weight", ".bn.bias"}) {
      const auto from = view_of(shared, level + std::string(what)), other = view_of(apart, level + std::string(what));
      std::copy(from.values.begin(), from.values.end(), other.values.begin());
    }
  }
  const auto images = q::random_batches<Levels<Convs>>(q::Seed{1}, 1, 4)[0].images;
  const auto train = [&](auto& model) {
    const auto outputs = model.forward(images);
    model.backward(outputs);
  };
  train(shared);
  train(apart);
  for (std::size_t w = 0; w < weight.values.size(); ++w) {
    double sum = 0;
    for (const char* level : {"fine", "middle", "coarse"})
      sum += static_cast<double>(view_of(apart, std::string(level) + ".conv.weight").gradients[w]);
    CHECK(static_cast<double>(view_of(shared, "fine.conv.weight").gradients[w]) == doctest::Approx(sum).epsilon(1e-4));
  }
}

TEST_CASE("prepare makes each batch norm part of a copy of the weight") {
  auto model = learned<Levels<Convs>>();
  const auto prepared = q::prepare<q::march::NashE>(model);
  const auto& folded = prepared.core().parameters();
  const auto weight = view_of(model, "fine.conv.weight");
  CHECK(folded.list().size() == 6);
  for (const char* level : {"fine", "middle", "coarse"}) {
    const std::string conv = level + std::string(".conv");
    const auto& of = folded.of(q::graph<Levels<Convs>>.find_module({conv.data(), static_cast<int>(conv.size())}));
    CHECK(folded[of.weight].name == conv + ".weight");
    CHECK(folded[of.bias].name == conv + ".bias");
    const double gamma = static_cast<double>(view_of(model, level + std::string(".bn.weight")).values[1]);
    const double variance = static_cast<double>(view_of(model, level + std::string(".bn.running_var")).values[1]);
    CHECK(static_cast<double>(folded[of.weight].values[20]) ==
          doctest::Approx(static_cast<double>(weight.values[20]) * gamma / std::sqrt(variance + 1e-5)));
  }
}

TEST_CASE("levels that also share their batch norm share the copy") {
  using Net = Levels<ConvsAndANorm>;
  const auto model = learned<Net>();
  const auto folded = model.core().parameters().folded(q::graph<Net>);
  const auto of = [&](q::TextView name) { return folded.of(q::graph<Net>.find_module(name)); };
  CHECK(folded.list().size() == 4);
  CHECK(of("fine.conv").weight == of("middle.conv").weight);
  CHECK(of("fine.conv").bias == of("middle.conv").bias);
  CHECK(of("fine.conv").weight != of("coarse.conv").weight);
  CHECK(folded[of("middle.conv").weight].name == "fine.conv.weight");
  CHECK(folded[of("coarse.conv").weight].name == "coarse.conv.weight");
}

TEST_CASE("folding changes no output, whatever is tied") {
  check_folds<Levels<Convs>>(100);
  check_folds<Levels<ConvsAndANorm>>(100);
  check_folds<Levels<q::Ties<>>>(100);
  check_folds<FloatNorm>(100);
}

TEST_CASE("models with copies are saved and loaded in every phase") {
  using Net = Levels<ConvsAndANorm>;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(learned<Net>()), batches);
  const auto qat = q::start_qat(calibrated);
  const auto quantized = q::convert(qat);
  const auto other = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{9}}), batches);
  const auto check_same = [&](const auto& model, auto loaded) {
    CHECK(!flow::same_bits(flow::outputs(model, batches[0]), flow::outputs(loaded, batches[0])));
    i::load_arrays(loaded, i::arrays_of(model));
    CHECK(flow::same_bits(flow::outputs(model, batches[0]), flow::outputs(loaded, batches[0])));
  };
  check_same(learned<Net>(), q::FloatModel<Net>{q::Seed{9}});
  check_same(calibrated, other);
  check_same(qat, q::start_qat(other));
  check_same(quantized, q::convert(other));
  CHECK(i::arrays_of(quantized).contains("coarse.conv.weight"));
  CHECK(i::arrays_of(quantized).contains("fine.conv.weight"));
}
