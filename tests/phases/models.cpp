// SPDX-License-Identifier: Apache-2.0
// What models refuse, and that they are left as they were.
#include <quench/quench.hpp>

#include <doctest/doctest.h>

#include "networks/small.hpp"

namespace q = quench;

namespace {

using Net = small::ResNet;

struct Wide {
  using Inputs = q::Inputs<q::Features<131071>>;
  q::QuantStub quant;
  q::Linear head{.in_features = 131071, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(quant(x))); }
};

template <class F>
void check_refused(F&& f, q::TextView slug, const std::string& module) {
  try {
    f();
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == slug);
    CHECK(error.module() == module);
  }
}

std::vector<float> all_values(std::vector<q::ParameterView> parameters) {
  std::vector<float> values;
  for (const q::ParameterView& parameter : parameters)
    values.insert(values.end(), parameter.values.begin(), parameter.values.end());
  return values;
}

}  // namespace

TEST_CASE("the same seed gives the same weights, another seed others") {
  q::FloatModel<Net> model{q::Seed{4}}, same{q::Seed{4}}, other{q::Seed{5}};
  CHECK(all_values(model.parameters()) == all_values(same.parameters()));
  CHECK(all_values(model.parameters()) != all_values(other.parameters()));
}

TEST_CASE("parameters bear PyTorch's names") {
  q::FloatModel<Net> model;
  std::vector<std::string> names;
  for (const auto& parameter : model.parameters()) names.push_back(parameter.name);
  CHECK(names[0] == "stem.weight");
  CHECK(names[1] == "stem_bn.weight");
  CHECK(names[2] == "stem_bn.bias");
  CHECK(names[3] == "stem_bn.running_mean");
  CHECK(names[4] == "stem_bn.running_var");
  CHECK(names.back() == "classifier.bias");
}

TEST_CASE("training with one worker and with several gives the same bits") {
  const auto batches = q::random_labelled_batches<Net>(q::Seed{1}, 3, 13);
  q::FloatModel<Net> one{q::Seed{2}};
  q::DataParallel several{q::FloatModel<Net>{q::Seed{2}}, q::Workers{4}};
  q::Adam adam, parallel_adam;
  for (const auto& batch : batches) {
    const auto a = q::cross_entropy(one.forward(batch.images), batch.labels);
    const auto b = q::cross_entropy(several.forward(batch.images), batch.labels);
    CHECK(a.value == b.value);
    one.backward(a.gradient);
    several.backward(b.gradient);
    adam.step(one);
    parallel_adam.step(several);
  }
  CHECK(all_values(one.parameters()) == all_values(several.parameters()));
  auto alone = several.model();
  CHECK(all_values(one.parameters()) == all_values(alone.parameters()));
}

TEST_CASE("backward accumulates: two half batches give the gradient of the whole") {
  const auto whole = q::random_labelled_batches<small::UNet>(q::Seed{1}, 1, 16)[0];
  q::FloatModel<small::UNet> model{q::Seed{2}};
  const auto gradient = xt::xtensor<float, 4>(xt::ones<float>({8, 8, 8, 3}));
  for (const std::size_t begin : {0u, 8u}) {
    xt::xtensor<float, 4> half = xt::ones<float>({8, 8, 8, 2});
    std::copy_n(whole.images.data() + begin * 128, half.size(), half.data());
    model.forward(half);
    model.backward(gradient);
  }
  std::vector<float> halves;
  for (const auto& p : model.parameters()) halves.insert(halves.end(), p.gradients.begin(), p.gradients.end());
  model.zero_gradients();
  model.forward(whole.images);
  model.backward(xt::xtensor<float, 4>(xt::ones<float>({16, 8, 8, 3})));
  std::size_t at = 0;
  for (const auto& p : model.parameters())
    for (const float g : p.gradients)
      CHECK(static_cast<double>(g) == doctest::Approx(static_cast<double>(halves[at++])).epsilon(1e-3));
}

TEST_CASE("bad inputs are refused and change nothing") {
  q::FloatModel<small::UNet> model{q::Seed{2}};
  const std::vector<float> before = all_values(model.parameters());
  const auto tensor = [](std::size_t n, std::size_t c) {
    return xt::xtensor<float, 4>(xt::ones<float>({n, std::size_t{8}, std::size_t{8}, c}));
  };
  check_refused([&] { model.forward(tensor(2, 3)); }, "shape-mismatch", "input 0");
  check_refused([&] { model.forward(tensor(0, 2)); }, "empty-input", "input 0");
  check_refused([&] { model.forward(std::vector<float>(128)); }, "shape-mismatch", "input 0");
  auto nan = tensor(2, 2);
  nan(1, 3, 3, 1) = std::numeric_limits<float>::quiet_NaN();
  check_refused([&] { model.forward(nan); }, "value-not-finite", "input 0");
  check_refused([&] { model.backward(tensor(2, 3)); }, "backward-before-forward", "");
  model.forward(tensor(2, 2));
  check_refused([&] { model.backward(tensor(3, 3)); }, "shape-mismatch", "gradient of output 0");
  check_refused([&] { model.backward(nan); }, "shape-mismatch", "gradient of output 0");
  CHECK(all_values(model.parameters()) == before);
  model.predict(tensor(1, 2));
  model.backward(tensor(2, 3));  // through the last forward
  check_refused([&] { model.backward(tensor(2, 3)); }, "backward-before-forward", "");
  q::FloatModel<small::Siamese> two;
  const auto side = [](std::size_t n) {
    return xt::xtensor<float, 4>(xt::ones<float>({n, std::size_t{5}, std::size_t{5}, std::size_t{2}}));
  };
  check_refused([&] { two.forward(side(2), side(3)); }, "shape-mismatch", "input 1");
}

namespace {

struct NormOfOnePixel {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 4, .out_features = 2};
  q::BatchNorm2d fc_bn{.channels = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc_bn(fc(quant(x)))); }
};

}  // namespace

TEST_CASE("a batch norm does not train on one value for each channel, and nothing changes") {
  q::FloatModel<NormOfOnePixel> model{q::Seed{1}};
  const auto one = q::random_batches<NormOfOnePixel>(q::Seed{1}, 1, 1)[0].images;
  const auto two = q::random_batches<NormOfOnePixel>(q::Seed{1}, 1, 2)[0].images;
  const auto y = model.forward(two);
  const std::vector<float> before = all_values(model.parameters());
  check_refused([&] { model.forward(one); }, "too-few-values", "fc_bn");
  CHECK(all_values(model.parameters()) == before);
  model.backward(y);  // the batch of two is still there
  CHECK(model.predict(one).shape(0) == 1);
  q::FloatModel<small::ResNet> map{q::Seed{1}};  // one sample of many pixels has a variance
  CHECK_NOTHROW(map.forward(q::random_batches<small::ResNet>(q::Seed{1}, 1, 1)[0].images));
}

TEST_CASE("calibration refuses what it can learn nothing from, and names the module") {
  q::FloatModel<small::UNet> model{q::Seed{2}};
  std::vector<q::Batch<small::UNet>> none;
  check_refused([&] { q::calibrate(q::prepare<q::march::NashE>(model), none); }, "empty-input", "");
  auto zeros = q::random_batches<small::UNet>(q::Seed{1}, 1, 2);
  for (float& value : zeros[0].images) value = 0;
  check_refused([&] { q::calibrate(q::prepare<q::march::NashE>(model), zeros); }, "only-zeros-observed", "quant");
  for (auto& parameter : model.parameters())
    if (parameter.name == "down2.weight") parameter.values[0] = std::numeric_limits<float>::infinity();
  const auto batches = q::random_batches<small::UNet>(q::Seed{1}, 1, 2);
  check_refused([&] { q::calibrate(q::prepare<q::march::NashE>(model), batches); }, "value-not-finite", "down2");
}

TEST_CASE("layers whose channels are dead or tiny convert") {
  q::FloatModel<small::UNet> model{q::Seed{2}};
  for (auto& parameter : model.parameters())
    if (parameter.name == "down2.weight")
      for (std::size_t i = 0; i < parameter.values.size() / 3; ++i) parameter.values[i] = i % 2 == 0 ? 0.0f : 1e-30f;
  const auto batches = q::random_batches<small::UNet>(q::Seed{1}, 2, 4);
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto quantized = q::convert(calibrated);
  const auto expected = calibrated.predict(batches[0].images), given = quantized.predict(batches[0].images);
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected.data()[i])));
    error = std::max(error, std::abs(static_cast<double>(expected.data()[i] - given.data()[i])));
  }
  CHECK(error < 0.1 * largest);
}

TEST_CASE("weights that can overflow an accumulator are refused, and the channel named") {
  q::FloatModel<Wide> model;
  for (auto& parameter : model.parameters()) {
    const std::size_t from = parameter.values.size() / 2;
    for (std::size_t i = from; i < parameter.values.size(); ++i)
      parameter.values[i] = parameter.name == "head.bias" ? 1000.0f : -0.5f;
  }
  const auto batches = q::random_batches<Wide>(q::Seed{1}, 1, 2);
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  try {
    q::convert(calibrated);
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == q::TextView("accumulator-may-overflow"));
    CHECK(error.module() == "head");
    CHECK(error.evidence().find("channel 1") != std::string::npos);
  }
}
