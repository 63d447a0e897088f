// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/float_model.hpp>

#include <doctest/doctest.h>

#include <quench/phases/data_parallel.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("predict uses running statistics, forward those of the batch") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto before = model.predict(batch.images);
  CHECK(model.predict(batch.images) == before);
  CHECK(model.forward(batch.images) != before);
  CHECK(model.predict(batch.images) != before);
}

TEST_CASE("a copy of a model is another model") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}}, copy = model;
  const auto before = model.predict(batch.images);
  for (auto& parameter : copy.parameters())
    for (float& value : parameter.values) value = 1;
  CHECK(model.predict(batch.images) == before);
  CHECK(copy.predict(batch.images) != before);
}

TEST_CASE("backward needs a forward pass, once for each, and gradients of its shape") {
  q::FloatModel<toy::Net> model;
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 3)[0];
  const auto gradient = model.predict(batch.images);
  CHECK_THROWS_WITH_AS(model.backward(gradient), doctest::Contains("backward-before-forward"), q::Error);
  model.forward(batch.images);
  CHECK_THROWS_WITH_AS(model.backward(xt::xtensor<float, 2>(xt::ones<float>({2, 4}))),
                       doctest::Contains("needed [3, 4], given [2, 4]"), q::Error);
  model.backward(gradient);
  CHECK_THROWS_WITH_AS(model.backward(gradient), doctest::Contains("backward-before-forward"), q::Error);
}

namespace {

struct NormAfterConv {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::BatchNorm2d norm{.channels = 2};
  q::Conv2d head{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::BatchNorm2d head_norm{.channels = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head_norm(head(norm(conv(quant(x)))))); }
};

std::vector<std::vector<float>> values_of(auto& model) {
  std::vector<std::vector<float>> values;
  for (const auto& parameter : model.parameters())
    values.emplace_back(parameter.values.begin(), parameter.values.end());
  return values;
}

}  // namespace

TEST_CASE("a batch that overflows in a batch norm is refused, and the statistics stay") {
  const auto batch = q::random_batches<NormAfterConv>(q::Seed{2}, 1, 3)[0];
  const auto check = [&](auto model) {
    for (const float factor : {1e25f, 1e38f}) {
      xt::xtensor<float, 4> images = batch.images * factor;
      const auto before = values_of(model);
      try {
        model.forward(images);
        FAIL("not refused");
      } catch (const q::Error& error) {
        CHECK(error.slug() == "value-not-finite");
        CHECK(error.module() == "norm");
      }
      CHECK(values_of(model) == before);
    }
    CHECK_NOTHROW(model.forward(batch.images));
  };
  check(q::FloatModel<NormAfterConv>{q::Seed{1}});
  check(q::DataParallel{q::FloatModel<NormAfterConv>{q::Seed{1}}, q::Workers{2}});
}
