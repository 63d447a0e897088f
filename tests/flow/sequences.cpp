// SPDX-License-Identifier: Apache-2.0
// 1-d layers equal the 2-d layers of a map of one row, bit for bit, and a network of them goes through the whole flow.
#include "networks/sequences.hpp"

#include "flow/flow.hpp"
#include "networks/setters.hpp"
#include "networks/tc_resnet8.hpp"

namespace q = quench;

namespace {

/// The outputs of a model for a batch, in float, then as integers after calibration on the batch.
template <class Net, class Setter>
std::pair<std::vector<float>, std::vector<float>> float_and_integers() {
  const auto batches = q::random_batches<Net>(q::Seed{3}, 1, 6);
  q::FloatModel<Net> model{q::Seed{11}};
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
  return {flow::outputs(model, batches[0]), flow::outputs(quantized, batches[0])};
}

template <class Net, class Maps, class Setter>
void check_that_maps_give_the_same() {
  const auto [reals, integers] = float_and_integers<Net, Setter>();
  const auto [map_reals, map_integers] = float_and_integers<Maps, Setter>();
  CHECK(!reals.empty());
  CHECK(flow::same_bits(reals, map_reals));
  CHECK(flow::same_bits(integers, map_integers));
  CHECK(!flow::same_bits(reals, integers));
}

}  // namespace

TEST_CASE("1-d layers give what 2-d layers give for a map of one row, in float and on integers") {
  check_that_maps_give_the_same<sequences::Layers, sequences::MapLayers, q::setter::DefaultQat>();
  check_that_maps_give_the_same<sequences::Layers, sequences::MapLayers, q::setter::Int16WhereSupported>();
  check_that_maps_give_the_same<sequences::Pools, sequences::MapPools, q::setter::DefaultQat>();
}
TEST_CASE("TC-ResNet8 goes through the flow: QAT, host and device give the same integers") {
  flow::check<networks::TcResNet8>({.signal_to_noise = 15, .loss_factor = 0.7});
}
