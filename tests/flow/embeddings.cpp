// SPDX-License-Identifier: Apache-2.0
// Inputs of indices through the whole flow.
#include "flow/flow.hpp"
#include "networks/embeddings.hpp"
#include "networks/setters.hpp"

namespace {

// The first code of a table that is not its value in steps of the scale, rounded and clamped; -1 if there is none.
template <class Setter>
int wrong_code(double limit) {
  namespace q = quench;
  using Net = embeddings::Lookups;
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<Net>(q::Seed{5})),
                                       q::random_batches<Net>(q::Seed{3}, 1, 9));
  const auto quantized = q::convert(calibrated);
  const auto& parameters = calibrated.core().parameters();
  int clamped = 0;
  for (int n = 0; n < q::graph<Net>.node_count; ++n) {
    const q::Node& node = q::graph<Net>.nodes[n];
    if (family_of(node.op) != q::Family::Lookup) continue;
    const q::device::StepConstants& step = quantized.core().constants().step(n);
    const std::vector<float>& values = parameters[parameters.of(node.module).weight].values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double rounded = std::nearbyint(static_cast<double>(values[i] / step.scales[0]));
      clamped += rounded >= limit || rounded < -limit;
      const int code = limit == 128 ? step.int8_table[i] : step.int16_table[i];
      if (code != static_cast<int>(std::clamp(rounded, -limit, limit - 1))) return static_cast<int>(i);
    }
  }
  REQUIRE(clamped > 0);  // rows that calibration did not see
  return -1;
}

}  // namespace

TEST_CASE("a table is rounded at the scale of its output, and saturates") {
  CHECK(wrong_code<networks::Int8Outputs>(128) == -1);
  CHECK(wrong_code<quench::setter::Int16WhereSupported>(32768) == -1);
}

TEST_CASE("embeddings go through the flow, int8 and int16: QAT, host and device give the same integers") {
  flow::check<embeddings::TextClassifier>({.signal_to_noise = 25, .loss_factor = 0.7});
  flow::check<embeddings::TextClassifier, quench::setter::Int16WhereSupported>(
      {.signal_to_noise = 40, .loss_factor = 0.7});
  // A row gets the gradient of its few places only.
  flow::check<embeddings::Lookups, networks::Int8Outputs>(
      {.signal_to_noise = 25, .loss_factor = 0.7, .learning_rate = 8});
  flow::check<embeddings::Lookups, quench::setter::Int16WhereSupported>(
      {.signal_to_noise = 40, .loss_factor = 0.7, .learning_rate = 8});
  flow::check<embeddings::Tied>({.signal_to_noise = 25, .loss_factor = 0.7});
}
