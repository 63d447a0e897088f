// SPDX-License-Identifier: Apache-2.0
#include <quench/training/pass.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/training/tape.hpp>

#include "execution/keep_all.hpp"
#include "networks/small.hpp"

namespace q = quench;
namespace t = quench::training;

TEST_CASE("backward reads nothing of the caller's") {
  const q::Graph& graph = q::graph<small::WithFloatEnds>;
  q::WorkerPool pool(q::Workers{2});
  auto given = q::random_batches<small::WithFloatEnds>(q::Seed{1}, 1, 5)[0].images;
  const std::vector<float> original(given.begin(), given.end());
  const auto gradients_of = [&](bool overwrites) {
    t::Parameters parameters(graph, q::Seed{2});
    t::Tape tape(graph, t::Form::Float);
    {
      const t::CheckedInputs inputs = q::phases::check_inputs(graph, given);
      tape.begin(inputs, {0, inputs.samples});
      tape.train(parameters, pool);
      tape.forget_inputs();
    }
    if (overwrites) given.fill(std::numeric_limits<float>::quiet_NaN());
    CHECK(std::equal(original.begin(), original.end(), tape.values(graph.inputs[0])));
    tape.clear_gradients(pool);
    float next = 0;
    for (float& gradient : tape.gradients(graph.outputs[0])) gradient = next += 0.5f;
    tape.backward_all(parameters, pool);
    std::vector<float> gradients;
    for (const t::Parameter& parameter : parameters.list())
      gradients.insert(gradients.end(), parameter.gradients.begin(), parameter.gradients.end());
    return gradients;
  };
  const std::vector<float> expected = gradients_of(false);
  CHECK(expected[0] != 0);
  CHECK(gradients_of(true) == expected);
}

TEST_CASE_TEMPLATE("a pass in training has the codes of the network, and the values that are rounded to them", Net,
                   small::ResNet, small::UNet, small::Attention) {
  const q::Graph& graph = q::graph<Net>;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 1, 4);
  const auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const q::IntegerConstants& constants = model.core().constants();
  t::Pass pass(
      std::make_shared<const t::PassPlan>(t::PassPlan::of_training(graph, t::Form::Quantized, model.core().dtypes())));
  const t::CheckedInputs inputs = q::phases::check_batch<Net>(batches[0]);
  pass.begin(inputs, {0, inputs.samples});
  for (int i = 0; i < q::batch_shards; ++i) pass.run(model.core().weights(), q::shard_of(inputs.samples, i));
  t::Pass expected = keep_all(model, batches[0]);
  int rounded = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    if (!q::device::is_step(graph, n)) continue;
    const std::size_t size = pass.sample_size(n) * q::index(inputs.samples);
    q::execution::with_integers(constants, n, pass.integers(), 0, [&]<class T>(const T* codes) {
      CHECK(std::equal(codes, codes + size, expected.integers().of<T>(n)));
      if (!pass.plan().has_unrounded(n)) return;
      ++rounded;
      const double scale = static_cast<double>(constants.scales(n)[0]);
      double farthest = 0;  // of a value inside the range from its code, in steps
      for (std::size_t i = 0; i < size; ++i) {
        const double steps = static_cast<double>(pass.all_unrounded(n)[i]) / scale;
        const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
        farthest = std::max(farthest, std::abs(std::min(std::max(steps, low), high) - codes[i]));
      }
      CAPTURE(n);
      CHECK(farthest < 1.5);
    });
  }
  CHECK(rounded > 3);
}

namespace {

// Inputs that `forward` returns, and that no float operator reads.
struct ReturnsInputs {
  using Inputs = q::Inputs<q::Features<4>, q::Image<q::color::CenteredGray, 2, 2>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 4, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return std::tuple(dequant(fc(quant(x))), x, y); }
};

template <class Model>
void check_returned_inputs(Model& model, const q::Batch<ReturnsInputs>& batch) {
  q::phases::with_inputs(batch, [&](const auto& x, const auto& y) {
    const auto predicted = model.predict(x, y), trained = model.forward(x, y);
    CHECK(std::get<1>(trained) == x);
    CHECK(std::get<1>(predicted) == x);
    CHECK(std::get<2>(trained) == std::get<2>(predicted));
    CHECK(xt::amax(std::get<2>(predicted))() != 0);
  });
}

}  // namespace

TEST_CASE("forward gives the inputs that a network returns") {
  const auto batches = q::random_batches<ReturnsInputs>(q::Seed{1}, 2, 3);
  q::FloatModel<ReturnsInputs> model{q::Seed{1}};
  check_returned_inputs(model, batches[0]);
  auto qat = q::start_qat(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  check_returned_inputs(qat, batches[1]);
}
