// SPDX-License-Identifier: Apache-2.0
// What an attached model takes and gives, before any operator changes it.
#include <quench/flow/attached_model.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "flow/attached_networks.hpp"
#include "networks/embeddings.hpp"

namespace q = quench;
using namespace q::color;

namespace {

using Segmenter = q::AttachedModel<decltype(attached::quantized<attached::Segmenter>())>;
static_assert(std::is_same_v<Segmenter::Input<0>, q::ImageBatch<CenteredYuv444>>);

template <class Model, class... Given>
concept Takes = requires(Model& model, const Given&... given) { model.predict(given...); };
static_assert(Takes<Segmenter, q::ImageBatch<CenteredYuv444>>);
static_assert(!Takes<Segmenter, q::ImageBatch<Rgb>> && !Takes<Segmenter, q::Nv12Batch> && !Takes<Segmenter>);
static_assert(!Takes<Segmenter, xt::xtensor<float, 4>>);

template <int Input, class Operator>
using At = q::detail::AtInput<Input, Operator>;
using Chain = q::AttachedModel<decltype(attached::quantized<attached::Segmenter>()),
                               std::tuple<At<0, q::Crop>, At<0, q::Nv12ToCenteredYuv444>>>;
static_assert(std::is_same_v<Chain::Input<0>, q::Nv12Batch>);
static_assert(Takes<Chain, q::Nv12Batch> && !Takes<Chain, q::ImageBatch<CenteredYuv444>>);

using TwoHeads =
    q::AttachedModel<decltype(attached::quantized<attached::TwoHeads>()), std::tuple<At<1, q::GrayToCentered>>>;
static_assert(Takes<TwoHeads, xt::xtensor<float, 4>, q::ImageBatch<Gray>>);
static_assert(Takes<TwoHeads, xt::xarray<double>, q::ImageBatch<Gray>>);
static_assert(!Takes<TwoHeads, xt::xtensor<float, 4>, q::ImageBatch<CenteredGray>>);
static_assert(!Takes<TwoHeads, q::ImageBatch<Gray>, q::ImageBatch<Gray>>);

}  // namespace

TEST_CASE("a model without operators gives what the model gives, all of its outputs") {
  auto model = attached::quantized<attached::TwoHeads>();
  q::AttachedModel same(model);
  const auto batch = attached::random_batch<attached::TwoHeads>(3);
  const auto& [features, images] = batch.inputs;
  CHECK(same.predict(features, images) == model.predict(features, images));
  same.set_workers(q::Workers{3});
  CHECK(same.predict(features, images) == model.predict(features, images));
}

TEST_CASE("a model of indices takes them") {
  auto model = attached::quantized<embeddings::TextClassifier>();
  const q::AttachedModel same(model);
  const auto batch = attached::random_batch<embeddings::TextClassifier>(3);
  CHECK(same.predict(batch.images) == model.predict(batch.images));
  static_assert(Takes<decltype(same), xt::xarray<std::int32_t>> && !Takes<decltype(same), xt::xtensor<float, 2>>);
}

TEST_CASE("images of another size are refused by the model itself") {
  q::AttachedModel model(attached::quantized<attached::Segmenter>());
  CHECK_THROWS_AS(model.predict(q::ImageBatch<CenteredYuv444>(1, 4, 5)), q::Error);
}
