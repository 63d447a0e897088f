// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/batch.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

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
