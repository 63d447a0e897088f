// SPDX-License-Identifier: Apache-2.0
// The batch norms of a state_dict of PyTorch load into channel affines, and layers with parameters for each channel come
// back from files.
#include <quench/interop/batch_norms.hpp>

#include <quench/interop/state.hpp>
#include <quench/tensors/error.hpp>

#include "flow/flow.hpp"
#include "networks/per_channel.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

// The same names with batch norms, as PyTorch has them, and with channel affines.
template <class Norm>
struct NormNet {
  using Inputs = q::Inputs<q::Features<2, 3, 4>>;
  using Ties = q::Ties<q::Tie<"map", "tied">>;
  Norm map{.channels = 4, .eps = 1e-3f}, tied{.channels = 4, .eps = 1e-3f}, flat{.channels = 24};
  q::QuantStub first, second;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    return std::tuple(dequant(first(map(x))), dequant(second(flat(q::flatten(tied(x))))));
  }
};
using WithNorms = NormNet<q::BatchNorm2d>;
using WithAffines = NormNet<q::ChannelAffine>;

i::NamedArrays random_arrays() {
  q::training::Random random(q::Seed{7});
  i::NamedArrays arrays = i::arrays_of(q::FloatModel<WithNorms>());
  for (auto& [name, array] : arrays) {
    std::vector<float> values(array.elements());
    const bool is_variance = name.ends_with(".running_var");
    for (float& value : values) value = is_variance ? random.uniform(0, 2) : random.uniform(-3, 3);
    array = i::NamedArray::of<float>(array.shape, values);
  }
  return arrays;
}

template <class Model>
std::string refused(Model& model, const i::NamedArrays& arrays) {
  const i::NamedArrays before = i::arrays_of(model);
  std::string what;
  try {
    i::load_arrays(model, arrays);
  } catch (const q::Error& error) {
    what = q::tensors::text(error.slug()) + " " + error.module() + " " + error.evidence();
  }
  CHECK(i::arrays_of(model) == before);
  return what;
}

i::NamedArray filled(std::size_t size, float value) {
  return i::NamedArray::of<float>({size}, std::vector<float>(size, value));
}

}  // namespace

TEST_CASE("a channel affine computes what the batch norm of the file computes, also after a flatten and with a tie") {
  i::NamedArrays arrays = random_arrays();
  for (const char* what : {"weight", "bias", "running_mean", "running_var"})  // as PyTorch lists shared parameters
    arrays[std::string("tied.") + what] = arrays.at(std::string("map.") + what);
  const std::int64_t batches = 5;
  arrays["map.num_batches_tracked"] = i::NamedArray::of<std::int64_t>({1}, std::span(&batches, 1));
  q::FloatModel<WithNorms> norms;
  q::FloatModel<WithAffines> affines;
  i::load_arrays(norms, arrays);
  for (q::ParameterView& parameter : affines.parameters())
    for (float& gradient : parameter.gradients) gradient = 1;
  i::load_arrays(affines, arrays);
  for (const q::ParameterView& parameter : affines.parameters())
    for (const float gradient : parameter.gradients) CHECK(gradient == 0);
  const auto batch = q::random_batches<WithNorms>(q::Seed{3}, 1, 5)[0];
  const std::vector<float> needed = flow::outputs(norms, batch);
  const std::vector<float> found = flow::outputs(affines, q::random_batches<WithAffines>(q::Seed{3}, 1, 5)[0]);
  REQUIRE(found.size() == needed.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    CHECK(static_cast<double>(found[k]) == doctest::Approx(static_cast<double>(needed[k])).epsilon(1e-5));
}

TEST_CASE("a factor is gamma / sqrt(variance + eps), with the eps of the description") {
  const i::detail::NormFactors factors({3, -2}, {1, 0.5f}, {4, 8}, {0.75f, 3.75f}, 0.25f);
  CHECK(factors.weight == std::vector<float>{3, -1});
  CHECK(factors.bias == std::vector<float>{-11, 8.5f});
}

TEST_CASE("a batch norm that does not fit is refused and changes nothing") {
  q::FloatModel<WithAffines> model;
  i::NamedArrays arrays = random_arrays();
  arrays["flat.running_var"] = filled(24, -1);
  CHECK(refused(model, arrays) == "state-not-valid flat.running_var a variance is negative");
  arrays["flat.running_var"] = filled(24, 0);
  arrays["flat.weight"] = filled(24, 3e38f);
  CHECK(refused(model, arrays).starts_with("value-not-finite flat "));
  arrays = random_arrays();
  arrays["map.running_mean"] = filled(5, 0);
  CHECK(refused(model, arrays) == "state-not-valid map.running_mean needed [4], given [5]");
  arrays.erase("map.running_mean");
  CHECK(refused(model, arrays) == "state-not-valid map.running_mean the file lacks it");
}

TEST_CASE("layers with parameters for each channel come back from files bit for bit in every phase") {
  const auto check_phases = []<class Layers>(std::type_identity<Layers>, bool small_factors = false) {
    const auto batches = q::random_batches<Layers>(q::Seed{1}, 2, 4);
    const auto check = [&](const auto& from, auto to) {
      CHECK_FALSE(flow::same_bits(flow::outputs(from, batches[1]), flow::outputs(to, batches[1])));
      i::load_arrays(to, i::arrays_of(from));
      CHECK(flow::same_bits(flow::outputs(from, batches[1]), flow::outputs(to, batches[1])));
      CHECK(i::arrays_of(from) == i::arrays_of(to));
    };
    const auto calibrated_from = [&](std::uint64_t seed) {
      q::FloatModel<Layers> model{q::Seed{seed}};
      q::training::Random random(q::Seed{seed});
      for (q::ParameterView& parameter : model.parameters())
        for (float& value : parameter.values)
          value = random.uniform(-1, 2) * (small_factors && parameter.name.ends_with(".weight") ? 1e-7f : 1);
      return q::calibrate(q::prepare<q::march::NashE>(model), batches);
    };
    auto first = calibrated_from(2), second = calibrated_from(3);
    check(first, second);
    check(q::convert(first), q::convert(second));
    auto qat = q::start_qat(first);
    q::Adam adam;
    flow::step_towards(qat, batches[0], std::vector<float>(flow::outputs(qat, batches[0]).size()), adam);
    check(qat, q::start_qat(second));
    check(q::convert(qat), q::convert(second));
  };
  check_phases(std::type_identity<per_channel::DenseBlock>{});
  check_phases(std::type_identity<per_channel::Affines>{});
  check_phases(std::type_identity<per_channel::Affines>{}, true);
  check_phases(std::type_identity<per_channel::Slopes>{});
}
