// SPDX-License-Identifier: Apache-2.0
// Learned scales that die are named by the reports, and a lower rate for scales keeps them alive.
#include <quench/report/held_scales.hpp>

#include <doctest/doctest.h>

#include <sstream>

#include <quench/network.hpp>
#include <quench/report/compare.hpp>
#include <quench/report/summary.hpp>
#include <quench/training/losses.hpp>
#include <quench/training/optimizers.hpp>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

namespace q = quench;

namespace {

struct TwoLayers {
  using Inputs = q::Inputs<q::Features<16>>;
  q::QuantStub quant;
  q::Linear hidden{.in_features = 16, .out_features = 20};
  q::ReLU relu;
  q::Linear head{.in_features = 20, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(relu(hidden(quant(x))))); }
};

template <class Q>
using Everywhere = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Q>>;
using Learned = Everywhere<q::qconfig::LearnedInt8>;

struct Trained {
  q::FloatModel<TwoLayers> model{q::Seed{3}};
  std::vector<q::Batch<TwoLayers>> batches = q::random_labelled_batches<TwoLayers>(q::Seed{1}, 4, 32);

  template <class Setter, class Optimizer>
  auto train(Optimizer optimizer, int steps = 100) const {
    auto qat = q::start_qat(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
    for (int step = 0; step < steps; ++step) {
      const auto& batch = batches[static_cast<std::size_t>(step % 4)];
      qat.backward(q::cross_entropy(qat.forward(batch.images), batch.labels).gradient);
      optimizer.step(qat);
    }
    return qat;
  }
};

std::string text_of(const auto& report) {
  std::ostringstream out;
  out << report;
  return out.str();
}

}  // namespace

TEST_CASE("channels whose learned scale dies are named with their number and the cure, in training and after it") {
  const Trained trained;
  const auto qat = trained.train<Learned>(q::Adam{.learning_rate = 0.01f});
  auto copy = qat;
  std::size_t held = 0;
  for (const q::ParameterView& parameter : copy.parameters())
    if (parameter.name == "hidden.weight_scale")
      for (const float scale : parameter.values) held += scale == q::smallest_scale;
  REQUIRE(held > 0);
  const auto quantized = q::convert(qat);
  const std::string line = "\n  hidden: " + std::to_string(held) + " of 20 channels of the weight\n";
  for (const std::string& text : {text_of(q::summary(qat)), text_of(q::summary(quantized)),
                                  text_of(q::compare(trained.model, quantized, trained.batches))}) {
    CHECK(text.find("driven to the smallest one") != std::string::npos);
    CHECK(text.find(line) != std::string::npos);
    CHECK(text.find(".scales = {.learning_rate") != std::string::npos);
  }
}

TEST_CASE("a lower rate for scales keeps them alive") {
  const Trained trained;
  const auto qat = trained.train<Learned>(q::Adam{.learning_rate = 0.01f, .scales = {.learning_rate = 0.0001f}});
  const auto quantized = q::convert(qat);
  CHECK(q::summary(qat).held_scales.empty());
  CHECK(q::summary(quantized).held_scales.empty());
  CHECK(q::compare(trained.model, quantized, trained.batches).held_scales.empty());
  CHECK(text_of(q::summary(qat)).find("driven") == std::string::npos);
}

TEST_CASE("an output whose learned scale, or clip, is held is named") {
  const Trained trained;
  for (const bool is_clip : {false, true}) {
    const auto check = [&](auto qat) {
      for (q::ParameterView& parameter : qat.parameters())
        if (parameter.name == (is_clip ? "hidden.activation_clip" : "hidden.activation_scale"))
          parameter.values[0] = -1;
      const std::vector<q::HeldScales> held = q::summary(qat).held_scales;
      REQUIRE(held.size() == 1);
      CHECK(held[0].module == "hidden");
      CHECK_FALSE(held[0].is_weight);
      CHECK(text_of(q::summary(qat)).find("\n  hidden: the output\n") != std::string::npos);
    };
    if (is_clip)
      check(trained.train<Everywhere<q::qconfig::PactInt8>>(q::Sgd{}, 0));
    else
      check(trained.train<Learned>(q::Sgd{}, 0));
  }
}

TEST_CASE("a channel of zeros has the smallest scale by right") {
  const std::vector<float> weight{0, 0, 0.5f, -0.25f, 1e-6f, -1e-6f};
  const std::vector<float> all(3, q::smallest_scale);
  CHECK(q::detail::held_channels(weight, all, q::DType::Int8) == 1);
  CHECK(q::detail::held_channels({127 * q::smallest_scale}, {q::smallest_scale}, q::DType::Int8) == 1);  // as converted
  CHECK(q::detail::held_channels(weight, {1, 1, 1}, q::DType::Int8) == 0);
  CHECK(q::detail::held_channels(weight, all, q::DType::Int4) == 2);  // 1e-6 is 8.4 steps of int4
}
