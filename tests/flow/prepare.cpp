// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/prepare.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "flow.hpp"
#include "networks/toy.hpp"

namespace q = quench;

namespace {

// Batch norms that no layer takes up: the input is normalized before the QuantStub, and what a layer after the
// DeQuantStub gives is used beside its batch norm.
struct FloatNorms {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::BatchNorm2d before{.channels = 3};
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  q::Conv2d last{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d behind{.channels = 4};
  constexpr auto forward(auto x) const {
    auto y = last(dequant(conv(quant(before(x)))));
    return std::tuple(y, behind(y));
  }
};

}  // namespace

TEST_CASE("prepare leaves the float model as it was, and folds its batch norms") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  model.forward(batch.images);
  const auto before = model.predict(batch.images);
  auto prepared = q::prepare<q::march::NashE>(model);
  CHECK(prepared.parameters().size() == 4);  // conv.weight, conv.bias, head.weight, head.bias
  CHECK(model.predict(batch.images) == before);
  CHECK(model.parameters().size() == 7);
  using Int16 = decltype(q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(model));
  static_assert(std::is_same_v<Int16::QConfigSetter, q::setter::Int16WhereSupported>);
}

TEST_CASE("batch norms in float that no layer takes up stay, at their running statistics, and go on learning") {
  auto batches = q::random_batches<FloatNorms>(q::Seed{1}, 4, 6);
  for (auto& batch : batches) batch.images = 3.0f * batch.images + 2.0f;
  q::FloatModel<FloatNorms> model{q::Seed{2}};
  for (int i = 0; i < 40; ++i) model.forward(batches[static_cast<std::size_t>(i) % 4].images);
  auto prepared = q::prepare<q::march::NashE>(model);
  const auto expected = flow::outputs(model, batches[0]);
  CHECK(flow::signal_to_noise(expected, flow::outputs(prepared, batches[0])) > 100);

  auto calibrated = q::calibrate(prepared, batches);
  CHECK(flow::signal_to_noise(expected, flow::outputs(calibrated, batches[0])) > 100);
  auto qat = q::start_qat(calibrated);
  const std::vector<float> target(expected.size(), 0.5f);
  q::Sgd sgd{.learning_rate = 0.2f};
  const double first = flow::step_towards(qat, batches[0], target, sgd);
  double last = first;
  for (int i = 0; i < 10; ++i) last = flow::step_towards(qat, batches[0], target, sgd);
  CHECK(last < 0.7 * first);
  for (const auto& parameter : qat.parameters())
    if (parameter.name == "before.bias") CHECK(parameter.values[0] != calibrated.parameters()[1].values[0]);
  auto quantized = q::convert(qat);
  CHECK(flow::same_bits(flow::outputs(qat, batches[0]), flow::outputs(quantized, batches[0])));
}

namespace {

struct WithoutEps {
  using Inputs = q::Inputs<q::Features<4, 4, 1>>;
  q::QuantStub quant;
  q::Conv2d first{.in_channels = 1, .out_channels = 2, .kernel_size = 1};
  q::BatchNorm2d first_bn{.channels = 2};
  q::Conv2d conv{.in_channels = 2, .out_channels = 3, .kernel_size = 1};
  q::BatchNorm2d bn{.channels = 3, .eps = 0};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(bn(conv(first_bn(first(quant(x)))))); }
};

}  // namespace

TEST_CASE("a batch norm without eps whose channel does not vary is named, and nothing is changed") {
  const auto batch = q::random_batches<WithoutEps>(q::Seed{1}, 1, 4)[0];
  q::FloatModel<WithoutEps> model{q::Seed{2}};
  const auto set = [&](const char* name, std::size_t begin, std::size_t count, float value) {
    for (q::ParameterView& parameter : model.parameters())
      if (parameter.name == name)
        std::fill_n(parameter.values.begin() + static_cast<std::ptrdiff_t>(begin), count, value);
  };
  const auto all_values = [&] {
    std::vector<float> all;
    for (const q::ParameterView& parameter : model.parameters())
      all.insert(all.end(), parameter.values.begin(), parameter.values.end());
    return all;
  };
  const auto check_named = [&](const char* slug, auto&& f) {
    const std::vector<float> before = all_values();
    try {
      f();
      FAIL("nothing was thrown");
    } catch (const q::Error& error) {
      CHECK(q::tensors::text(error.slug()) == slug);
      CHECK(error.module() == "bn");
      if (std::string(slug) == "value-out-of-range") CHECK(error.evidence().find("channel 1") != std::string::npos);
    }
    CHECK(all_values() == before);
  };
  model.forward(batch.images);
  q::prepare<q::march::NashE>(model);
  set("conv.weight", 2, 2, 0);  // the second channel is its bias everywhere
  set("conv.bias", 1, 1, 0);
  check_named("value-out-of-range", [&] { model.forward(batch.images); });
  set("bn.running_var", 1, 1, 0);
  check_named("value-out-of-range", [&] { model.predict(batch.images); });
  check_named("value-out-of-range", [&] { q::prepare<q::march::NashE>(model); });
  set("bn.running_var", 1, 1, 1e-38f);
  set("conv.weight", 2, 2, 1e30f);
  check_named("value-not-finite", [&] { q::prepare<q::march::NashE>(model); });
}
