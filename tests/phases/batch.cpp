// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/batch.hpp>
#include <quench/phases/float_model.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "networks/embeddings.hpp"
#include "networks/toy.hpp"

namespace q = quench;

namespace {

struct TwoInputs {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub quant_a, quant_b;
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const { return dequant(add.add(quant_a(a), quant_b(b))); }
};

}  // namespace

TEST_CASE("random batches follow from their seed and are inside their range") {
  const auto a = q::random_labelled_batches<toy::Net>(q::Seed{1}, 2, 5),
             b = q::random_labelled_batches<toy::Net>(q::Seed{1}, 2, 5);
  CHECK(a.size() == 2);
  CHECK(a[1].images == b[1].images);
  CHECK(a[1].labels == b[1].labels);
  CHECK(a[0].images != a[1].images);
  CHECK(a[0].images.shape(0) == 5);
  CHECK(a[0].labels.size() == 5);
  for (const float value : a[0].images) CHECK(std::abs(value) <= 1);
  for (const int label : a[0].labels) CHECK((label >= 0 && label < 4));
}

TEST_CASE("inputs are checked against the shape of the network, and looked at where they lie") {
  const q::Graph& graph = q::graph<toy::Net>;
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 3)[0];
  const auto inputs = q::phases::check_inputs(graph, batch.images);
  CHECK(inputs.samples == 3);
  CHECK(inputs.of[0].values.size() == 96);
  CHECK(inputs.of[0].values.data() == batch.images.data());
  const auto columns = xt::xtensor<float, 4, xt::layout_type::column_major>(batch.images);
  CHECK(q::phases::check_inputs(graph, columns).of[0].values[7] == batch.images.data()[7]);
  CHECK_THROWS_WITH_AS(q::phases::check_inputs(graph, xt::xtensor<float, 4>(xt::ones<float>({1, 4, 4, 3}))),
                       doctest::Contains("needed [N, 4, 4, 2], given [1, 4, 4, 3]"), q::Error);
}

TEST_CASE("all inputs have the same number of samples") {
  const xt::xtensor<float, 2> three = xt::ones<float>({3, 4}), two = xt::ones<float>({2, 4});
  CHECK(q::phases::check_inputs(q::graph<TwoInputs>, three, three).samples == 3);
  CHECK_THROWS_WITH_AS(
      q::phases::check_inputs(q::graph<TwoInputs>, three, two),
      doctest::Contains("input 1: a shape, a size or an index does not fit (needed 3 samples, given 2)"), q::Error);
}

namespace {

struct OfImages {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 4, 6>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};

std::string refusal_of(const std::vector<float>& pixels) {
  auto x = xt::xtensor<float, 4>::from_shape({1, 4, 6, 3});
  std::copy(pixels.begin(), pixels.end(), x.data());
  try {
    q::phases::check_inputs(q::graph<OfImages>, x);
  } catch (const q::Error& error) {
    return std::string(error.slug().begin(), error.slug().end()) + " " + error.module() + " " + error.evidence();
  }
  return "";
}

}  // namespace

TEST_CASE("real values of a centred image are its codes / 128") {
  std::vector<float> pixels(72, -1.0f);
  pixels[71] = 127 / 128.0f;
  CHECK(refusal_of(pixels) == "");
  pixels[70] = 1;
  CHECK(refusal_of(pixels) == "value-out-of-range input 0 given -1 to 1");
  pixels[70] = 0;
  pixels[3] = -1.5f;
  CHECK(refusal_of(pixels) == "value-out-of-range input 0 given -1.5 to 0.9921875");
  pixels[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refusal_of(pixels) == "value-not-finite input 0 element 3 is nan");
}

TEST_CASE("images of every colour count as inputs, so that another colour can be reported") {
  using Images = q::Inputs<q::Image<q::color::CenteredGray, 4, 4>>;
  static_assert(q::phases::are_inputs<Images, q::ImageBatch<q::color::CenteredGray>>);
  static_assert(q::phases::are_inputs<Images, q::ImageBatch<q::color::Gray>>);  // so that it can be reported
  static_assert(q::phases::are_inputs<Images, std::vector<float>>);
  static_assert(!q::phases::are_inputs<Images>);
}

namespace {

template <class Net>
void check_empty_batches() {
  std::vector<q::Batch<Net>> batches(4);
  CHECK(batches[3].labels.empty());
  batches[3] = q::random_batches<Net>(q::Seed{1}, 1, 2)[0];
  const auto slug_of = [](const q::Batch<Net>& batch) -> std::string {
    try {
      q::phases::with_inputs(batch, [](const auto&... x) { q::phases::check_inputs(q::graph<Net>, x...); });
    } catch (const q::Error& error) {
      return std::string(error.slug().begin(), error.slug().end()) + " " + error.module();
    }
    return "";
  };
  CHECK(slug_of(batches[0]) == "empty-input input 0");
  CHECK(slug_of(q::Batch<Net>{}) == "empty-input input 0");
  CHECK(slug_of(batches[3]) == "");
}

}  // namespace

TEST_CASE("a batch of nothing can be made, is refused, and can be assigned to") {
  check_empty_batches<OfImages>();
  check_empty_batches<toy::Net>();
  check_empty_batches<TwoInputs>();
}

namespace {

using Indices = q::Batch<embeddings::TextClassifier>;
static_assert(std::is_same_v<decltype(Indices{}.images), xt::xtensor<std::int32_t, 2, xt::layout_type::row_major>>);
static_assert(q::phases::InputsFor<embeddings::TextClassifier, xt::xtensor<std::int32_t, 2>>);
static_assert(q::phases::InputsFor<embeddings::TextClassifier, xt::xarray<std::int32_t>>);
static_assert(!q::phases::IndexTensor<xt::xtensor<float, 2>>);
static_assert(!q::phases::IndexTensor<xt::xtensor<std::int64_t, 2>>);  // would be cut
static_assert(!q::phases::InputsFor<embeddings::TextClassifier, q::ImageBatch<q::color::CenteredGray>>);

std::string refused_indices(const xt::xtensor<std::int32_t, 2>& words) {
  const xt::xtensor<float, 3> features = xt::zeros<float>({2, 6, 5});
  const xt::xtensor<std::int32_t, 3> grid = xt::zeros<std::int32_t>({2, 2, 3});
  try {
    q::phases::check_inputs(q::graph<embeddings::Lookups>, words, features, grid);
  } catch (const q::Error& error) {
    return std::string(error.slug().begin(), error.slug().end()) + " " + error.module() + " " + error.evidence();
  }
  return "";
}

}  // namespace

TEST_CASE("indices are whole numbers, which name a row of each table that looks them up") {
  xt::xtensor<std::int32_t, 2> words = xt::zeros<std::int32_t>({2, 6});
  words(1, 4) = 6;
  CHECK(refused_indices(words) == "");
  words(1, 4) = 7;  // a row of the larger table only
  CHECK(refused_indices(words) == "index-out-of-range small input 0 is 7 at [1, 4], needed 0 to 6");
  words(0, 5) = -1;
  CHECK(refused_indices(words) == "index-out-of-range small input 0 is -1 at [0, 5], needed 0 to 6");
  CHECK(refused_indices(xt::zeros<std::int32_t>({2, 5})) == "shape-mismatch input 0 needed [N, 6], given [2, 5]");
  CHECK(refused_indices(xt::zeros<std::int32_t>({3, 6})) == "shape-mismatch input 1 needed 3 samples, given 2");
  CHECK(refused_indices(xt::zeros<std::int32_t>({0, 6})) == "empty-input input 0 ");
}

TEST_CASE("indices are read where they lie, or evaluated") {
  const q::Graph& graph = q::graph<embeddings::TextClassifier>;
  const auto batch = q::random_batches<embeddings::TextClassifier>(q::Seed{1}, 1, 3)[0];
  const auto inputs = q::phases::check_inputs(graph, batch.images);
  CHECK(inputs.of[0].indices.data() == batch.images.data());
  CHECK(inputs.of[0].values.empty());
  const auto columns = xt::xtensor<std::int32_t, 2, xt::layout_type::column_major>(batch.images);
  const auto evaluated = q::phases::check_inputs(graph, columns);
  for (std::size_t i = 0; i < 36; ++i) CHECK(evaluated.of[0].indices[i] == batch.images.data()[i]);
}

TEST_CASE("random indices name the rows of the smallest table") {
  int largest[2]{};
  for (const auto& batch : q::random_batches<embeddings::Lookups>(q::Seed{1}, 3, 50)) {
    for (const std::int32_t row : std::get<0>(batch.inputs)) largest[0] = std::max(largest[0], row);
    for (const std::int32_t row : std::get<2>(batch.inputs)) largest[1] = std::max(largest[1], row);
    q::phases::check_batch(batch);
  }
  CHECK(largest[0] == 6);
  CHECK((largest[1] > 290 && largest[1] < 300));
}

TEST_CASE("a batch of indices that do not fit changes no model") {
  q::FloatModel<embeddings::TextClassifier> model{q::Seed{1}};
  auto batch = q::random_batches<embeddings::TextClassifier>(q::Seed{1}, 1, 3)[0];
  const auto before = model.predict(batch.images);
  auto wrong = batch.images;
  wrong(2, 11) = 20;
  CHECK_THROWS_WITH_AS(
      model.forward(wrong),
      "quench[index-out-of-range]: embedding: an index names no row of an Embedding (input 0 is 20 at "
      "[2, 11], needed 0 to 19). There is nothing to look up, and a device would take the nearest row. "
      "Indices count from 0 to `num_embeddings` - 1: check the vocabulary that made them, or enlarge "
      "the table.",
      q::Error);
  try {
    model.predict(wrong);
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == "index-out-of-range");
  }
  CHECK(model.predict(batch.images) == before);
}
