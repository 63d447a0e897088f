// SPDX-License-Identifier: Apache-2.0
// Models come back from files bit for bit in every phase; PyTorch's layout is understood; what does not fit is refused.
#include <quench/interop/state.hpp>
#include <quench/tensors/error.hpp>

#include "flow/flow.hpp"
#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/small.hpp"
#include "temporary_folder.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

using Net = small::ResNet;

}  // namespace

TEST_CASE("a model in every phase comes back from a file, and its outputs are the same bits") {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 3, 4);
  const TemporaryFolder folder;
  q::FloatModel<Net> model{q::Seed{2}}, other{q::Seed{3}};
  for (const auto& batch : batches) model.forward(batch.images);
  auto prepared = q::prepare<q::march::NashE>(model), other_prepared = q::prepare<q::march::NashE>(other);
  prepared.observe(batches[0].images);
  const auto check = [&](auto& from, auto& to, const char* name) {
    CHECK_FALSE(flow::same_bits(flow::outputs(from, batches[1]), flow::outputs(to, batches[1])));
    for (const char* extension : {".npz", ".safetensors"}) {
      const auto path = folder / (std::string("quench_state_test_") + name + extension);
      i::save(from, path);
      i::load(to, path);
      std::filesystem::remove(path);
      CHECK(flow::same_bits(flow::outputs(from, batches[1]), flow::outputs(to, batches[1])));
      CHECK(i::arrays_of(from) == i::arrays_of(to));
    }
  };
  check(model, other, "float");
  check(prepared, other_prepared, "prepared");
  auto calibrated = q::calibrate(prepared, batches), same = q::calibrate(other_prepared, batches);
  CHECK(calibrated.activation_scales() == same.activation_scales());
  auto unlike = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{9}}), batches);
  auto qat = q::start_qat(calibrated), other_qat = q::start_qat(unlike);
  auto quantized = q::convert(calibrated), other_quantized = q::convert(unlike);
  check(calibrated, unlike, "calibrated");
  check(quantized, other_quantized, "quantized");
  q::Adam adam;
  flow::step_towards(qat, batches[0], std::vector<float>(20), adam);
  check(qat, other_qat, "qat");
}

TEST_CASE("norms of rows come back from files of each phase, also those without parameters") {
  using Norms = operators::RowNorms;
  const auto batches = q::random_batches<Norms>(q::Seed{1}, 2, 4);
  const TemporaryFolder folder;
  const auto path = folder / "quench_state_test_norms.npz";
  q::FloatModel<Norms> model{q::Seed{2}}, other{q::Seed{3}};
  q::training::Random random(q::Seed{4});
  for (auto& parameter : model.core().parameters().list())
    for (float& value : parameter.values) value = random.uniform(-2, 2);
  i::save(model, path);
  i::load(other, path);
  CHECK(flow::same_bits(flow::outputs(model, batches[0]), flow::outputs(other, batches[0])));
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  auto loaded = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Norms>{}), batches));
  i::save(quantized, path);
  i::load(loaded, path);
  CHECK(flow::same_bits(flow::outputs(quantized, batches[0]), flow::outputs(loaded, batches[0])));
  CHECK(i::arrays_of(model).at("map_norm.bias").shape == std::vector<std::size_t>{8, 4, 5});  // C, H, W
}

TEST_CASE("tables come back from files of each phase, in PyTorch's shape") {
  using Text = embeddings::TextClassifier;
  const auto batches = q::random_batches<Text>(q::Seed{1}, 2, 4);
  const TemporaryFolder folder;
  const auto path = folder / "quench_state_test_table.safetensors";
  const q::FloatModel<Text> model{q::Seed{2}};
  q::FloatModel<Text> other{q::Seed{3}};
  i::save(model, path);
  i::load(other, path);
  CHECK(flow::same_bits(flow::outputs(model, batches[0]), flow::outputs(other, batches[0])));
  const auto arrays = i::arrays_of(model);
  CHECK(arrays.at("embedding.weight").shape == std::vector<std::size_t>{20, 8});
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  i::save(quantized, path);
  const auto loaded = i::load_quantized<Text, q::march::NashE>(path);
  CHECK(flow::same_bits(flow::outputs(quantized, batches[0]), flow::outputs(loaded, batches[0])));
}

TEST_CASE("training goes on from a saved model and optimizer as if it had not stopped") {
  const auto batch = q::random_batches<Net>(q::Seed{1}, 1, 4)[0];
  const std::vector<float> target(20, 0.5f);
  const auto check = [&](auto optimizer) {
    q::FloatModel<Net> model{q::Seed{2}}, resumed{q::Seed{3}};
    auto other = optimizer;
    for (int step = 0; step < 3; ++step) flow::step_towards(model, batch, target, optimizer);
    i::load_arrays(resumed, i::arrays_of(model));
    i::load_arrays(other, resumed, i::arrays_of(optimizer, model));
    for (int step = 0; step < 2; ++step)
      CHECK(flow::step_towards(model, batch, target, optimizer) == flow::step_towards(resumed, batch, target, other));
  };
  check(q::Sgd{.learning_rate = 0.01f, .momentum = 0.9f});
  check(q::Adam{});
}

TEST_CASE("a quantized model is made of a file alone") {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const TemporaryFolder folder;
  const auto path = folder / "quantized.safetensors";
  i::save(model, path);
  auto loaded = i::load_quantized<Net, q::march::NashE>(path);
  std::filesystem::remove(path);
  CHECK(flow::same_bits(flow::outputs(model, batches[1]), flow::outputs(loaded, batches[1])));
}

TEST_CASE("scales of another dtype are refused") {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  const q::FloatModel<Net> model{q::Seed{2}};
  const auto wide = q::calibrate(q::prepare<q::march::NashP, q::setter::Int16WhereSupported>(model), batches);
  auto narrow = q::calibrate(q::prepare<q::march::NashP>(model), batches);
  const auto before = narrow.activation_scales();
  CHECK(slug_of([&] { i::load_arrays(narrow, i::arrays_of(wide)); }) == "state-not-valid");
  CHECK(narrow.activation_scales() == before);
  auto quantized = q::convert(narrow);
  CHECK(slug_of([&] { i::load_arrays(quantized, i::arrays_of(q::convert(wide))); }) == "state-not-valid");
}

TEST_CASE("learned scales are saved and loaded") {
  using Learned = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::LearnedInt8>>;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  auto calibrated = q::calibrate(q::prepare<q::march::NashE, Learned>(q::FloatModel<Net>{q::Seed{2}}), batches);
  auto qat = q::start_qat(calibrated), other = q::start_qat(calibrated);
  q::Sgd sgd{.learning_rate = 0.01f};
  for (int step = 0; step < 3; ++step) flow::step_towards(qat, batches[0], std::vector<float>(20, 0.5f), sgd);
  CHECK_FALSE(flow::same_bits(flow::outputs(qat, batches[1]), flow::outputs(other, batches[1])));
  i::load_arrays(other, i::arrays_of(qat));
  CHECK(flow::same_bits(flow::outputs(qat, batches[1]), flow::outputs(other, batches[1])));

  const auto before = i::arrays_of(other);
  for (const char* name : {"stem.activation_state", "stem.weight_state"})
    for (const std::size_t size : {0u, 9u}) {
      auto changed = before;
      changed[name] = i::NamedArray::of<double>({size}, std::vector<double>(size, 1.0));
      CHECK(slug_of([&] { i::load_arrays(other, changed); }) == "state-not-valid");
    }
  auto lacking = before;
  lacking.erase("stem.weight_state");
  CHECK_THROWS_WITH_AS(i::load_arrays(other, lacking), doctest::Contains("]: stem.weight_state: "), q::Error);
  CHECK(i::arrays_of(other) == before);
}

TEST_CASE("weights are in PyTorch's layout, also after a flatten of a map and in transposed convolutions") {
  q::FloatModel<small::MobileNet> model{q::Seed{2}};
  const auto arrays = i::arrays_of(model);
  CHECK(arrays.at("stem.weight").shape == std::vector<std::size_t>{4, 3, 3, 3});
  CHECK(arrays.at("block1.depthwise.weight").shape == std::vector<std::size_t>{12, 1, 3, 3});
  CHECK(arrays.at("classifier.weight").shape == std::vector<std::size_t>{5, 36});
  std::vector<float> stem, classifier;
  for (const auto& parameter : model.parameters()) {
    if (parameter.name == "stem.weight") stem.assign(parameter.values.begin(), parameter.values.end());
    if (parameter.name == "classifier.weight") classifier.assign(parameter.values.begin(), parameter.values.end());
  }
  const auto torch_stem = arrays.at("stem.weight").values<float>();
  const auto torch_classifier = arrays.at("classifier.weight").values<float>();
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t y = 0; y < 3; ++y)
        for (std::size_t x = 0; x < 3; ++x)
          CHECK(torch_stem[((k * 3 + c) * 3 + y) * 3 + x] == stem[((k * 3 + y) * 3 + x) * 3 + c]);
  for (std::size_t k = 0; k < 5; ++k)  // flatten of [3, 3, 4]
    for (std::size_t c = 0; c < 4; ++c)
      for (std::size_t pixel = 0; pixel < 9; ++pixel)
        CHECK(torch_classifier[k * 36 + c * 9 + pixel] == classifier[k * 36 + pixel * 4 + c]);

  q::FloatModel<small::UNet> unet{q::Seed{2}};
  const auto up = i::arrays_of(unet).at("up.weight");
  CHECK(up.shape == std::vector<std::size_t>{6, 4, 2, 2});
  for (const auto& parameter : unet.parameters())
    if (parameter.name == "up.weight")
      for (std::size_t c = 0; c < 6; ++c)
        for (std::size_t k = 0; k < 4; ++k)
          for (std::size_t tap = 0; tap < 4; ++tap)
            CHECK(up.values<float>()[(c * 4 + k) * 4 + tap] == parameter.values[(k * 4 + tap) * 6 + c]);
}

TEST_CASE("a scale to start at that does not fit is told with everything else, and as what it is") {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  auto model = q::start_qat(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const auto arrays = i::arrays_of(model);
  REQUIRE(arrays.count("quant.activation_start") == 0);
  REQUIRE(arrays.count("stem.activation_start") == 1);
  const auto evidence_with = [&](const std::vector<float>& start, bool lacks_another) {
    auto changed = arrays;
    changed["stem.activation_start"] = i::NamedArray::of<float>({start.size()}, start);
    if (lacks_another) changed.erase("stem.weight");
    try {
      i::load_arrays(model, changed);
    } catch (const q::Error& error) {
      return error.module() + ": " + error.evidence();
    }
    return std::string();
  };
  CHECK(evidence_with({1, 2}, false) == "stem.activation_start: needed [1], given [2]");
  CHECK(evidence_with({std::nanf("")}, false) == "stem.activation_start: element 0 is nan");
  CHECK(evidence_with({-1}, true) == ": the file lacks stem.weight; stem (the scale is -1)");
  CHECK(i::arrays_of(model) == arrays);
}

TEST_CASE("everything that does not fit is told at once, with the nearest name of the file") {
  q::FloatModel<Net> model{q::Seed{2}};
  const auto arrays = i::arrays_of(model);
  const auto evidence_with = [&](auto change) {
    auto changed = arrays;
    change(changed);
    try {
      i::load_arrays(model, changed);
    } catch (const q::Error& error) {
      CHECK(error.slug() == q::TextView("state-not-valid"));
      return error.module() + ": " + error.evidence();
    }
    return std::string();
  };
  const auto rename = [](auto& a, const char* from, const char* to) { a[to] = a.extract(from).mapped(); };
  CHECK(evidence_with([&](auto& a) { a.erase("stem.weight"); }) == "stem.weight: the file lacks it");
  CHECK(evidence_with([&](auto& a) { a["more"] = {}; }) == "more: the model has no such parameter");
  CHECK(evidence_with([&](auto& a) { rename(a, "classifier.bias", "clasifier.bias"); }) ==
        ": the file lacks classifier.bias (the file has clasifier.bias); the model does not have clasifier.bias");
  CHECK(evidence_with([&](auto& a) {
          rename(a, "block1.conv1.weight", "layer1.conv1.weight");
          a.erase("classifier.bias");
          a["zzz"] = {};
          a["stem.weight"].shape = {36};
          a["classifier.weight"] = {i::ArrayType::Other, {5, 8}, {}, "U16"};
        }) ==
        ": the file lacks block1.conv1.weight (the file has layer1.conv1.weight), classifier.bias; the model does "
        "not have layer1.conv1.weight, zzz; stem.weight (needed [4, 1, 3, 3], given [36]), classifier.weight (an array "
        "is \"U16\", needed Float32)");
  // What wraps a network puts a word before each name.
  CHECK(evidence_with([&](auto& a) { rename(a, "stem.weight", "module.stem.weight"); }) ==
        ": the file lacks stem.weight (the file has module.stem.weight); the model does not have module.stem.weight");
  // Of long lists, a few and how many more.
  const std::string many = evidence_with([&](auto& a) {
    for (int k = 0; k < 100'000; ++k) a[std::string(300, 'x') + std::to_string(k)] = {};
    rename(a, "classifier.bias", "head.bias");
  });
  CHECK(many.find(" and 99993 more") != std::string::npos);
  CHECK(many.size() < 1500);
  CHECK(i::arrays_of(model) == arrays);

  auto adam = q::Adam{};
  CHECK(slug_of([&] {
          i::load_arrays(adam, model, {{"steps", i::NamedArray::of<float>({1}, std::vector{1.0f})}});
        }) == "file-not-readable");
  CHECK_THROWS_WITH_AS(i::load_arrays(adam, model, {{"step", {}}}), doctest::Contains("steps (the file has step)"),
                       q::Error);
}

TEST_CASE("what a file of another phase lacks is told at once") {
  q::FloatModel<Net> model{q::Seed{2}};
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  const auto before = i::arrays_of(quantized);
  auto changed = before;
  changed.erase("stem.weight_scale.int8");
  changed.erase("stem.activation_scale.int8");
  changed["classifier.weight_scale.int8"].bytes.assign(20, std::byte{0});
  try {
    i::load_arrays(quantized, changed);
    FAIL("loaded");
  } catch (const q::Error& error) {
    for (const char* name : {"stem.weight_scale.int8", "stem.activation_scale.int8", "classifier"})
      CHECK(error.evidence().find(name) != std::string::npos);
  }
  CHECK(i::arrays_of(quantized) == before);
}

TEST_CASE("scales that no requantization joins are refused when a quantized model is loaded, and change nothing") {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 4);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const auto before = i::arrays_of(model);
  const auto slug_with = [&](const char* name, float scale) {
    auto changed = before;
    changed.at(name) = i::NamedArray::of<float>({1}, std::span(&scale, 1));
    return slug_of([&] { i::load_arrays(model, changed); });
  };
  CHECK(slug_with("stem.activation_scale.int8", 1e20f) == "scales-too-far-apart");
  CHECK(slug_with("stem.activation_scale.int8", 1e-30f) == "scale-out-of-range");
  CHECK(i::arrays_of(model) == before);
}

TEST_CASE("a state that does not fit is refused and changes nothing") {
  q::FloatModel<Net> model{q::Seed{2}};
  const auto arrays = i::arrays_of(model);
  const auto before = arrays;
  const auto slug_with = [&](auto change) {
    auto changed = arrays;
    for (auto& [name, array] : changed)
      if (array.type == i::ArrayType::Float32) array.bytes[0] ^= std::byte{1};
    change(changed);
    return slug_of([&] { i::load_arrays(model, changed); });
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(slug_with([](auto& a) { a.erase("classifier.bias"); }) == "state-not-valid");
  CHECK(slug_with([](auto& a) { a["more"] = a["classifier.bias"]; }) == "state-not-valid");
  CHECK(slug_with([](auto& a) { a["classifier.bias"].shape = {5, 1}; }) == "state-not-valid");
  CHECK(slug_with([](auto& a) { a["classifier.bias"].type = i::ArrayType::Int32; }) == "file-not-readable");
  CHECK(slug_with([&](auto& a) { std::memcpy(a["classifier.bias"].bytes.data(), &nan, 4); }) == "value-not-finite");
  CHECK(slug_with([](auto& a) { a["stem_bn.running_var"].bytes[3] = std::byte{0xbf}; }) == "state-not-valid");
  CHECK(i::arrays_of(model) == before);
  CHECK(slug_with([](auto& a) { a["stem_bn.num_batches_tracked"] = {}; }) == "");
  CHECK(slug_of([&] { i::save(model, "model.pt"); }) == "file-not-writable");
  CHECK(slug_of([&] { i::load(model, "model.pt"); }) == "file-not-readable");
}
