// SPDX-License-Identifier: Apache-2.0
// Batch normalization against PyTorch 1.13: values, gradients and running statistics of torch.nn.BatchNorm2d.
#include <quench/training/batch_norm.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>
#include <quench/training/tape.hpp>

namespace q = quench;
namespace t = quench::training;

namespace {

struct Net {
  using Inputs = q::Inputs<q::Features<1, 2, 2>>;
  q::BatchNorm2d norm{.channels = 2, .momentum = 0.3f};
  constexpr auto forward(auto x) const { return norm(x); }
};

constexpr float images[] = {1, -1, 2, 0.5f, 0, 3, 4, -2}, weights[] = {0, 2, 1, 3, 4, 6, 5, 7};

void check_near(std::span<const float> given, const std::vector<double>& expected) {
  REQUIRE(given.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(given[i]) == doctest::Approx(expected[i]).epsilon(1e-5));
}

}  // namespace

TEST_CASE("batch norm does what torch.nn.BatchNorm2d does, forward, backward and to its running statistics") {
  const q::Graph& graph = q::graph<Net>;
  q::training::Parameters parameters(graph, q::Seed{});
  q::WorkerPool pool(q::Workers{2});
  parameters[0].values = {1.5f, -0.5f};
  parameters[1].values = {0.25f, 1.0f};
  q::training::Tape tape(graph, q::training::Form::Float, {true, true});
  tape.resize(2);
  std::copy(std::begin(images), std::end(images), tape.values(0));

  tape.train(parameters, pool);
  check_near(tape.all_values(1), {-0.5106370449066162, 1.2986750602722168, 0.5035457611083984, 0.900441586971283,
                                  -1.5248198509216309, 0.23671922087669373, 2.5319113731384277, 1.5641639232635498});
  check_near(parameters[2].values, {0.5250000357627869, 0.03750000149011612});
  check_near(parameters[3].values, {1.5750000476837158, 2.1187500953674316});

  tape.clear_gradients(pool);
  std::copy(std::begin(weights), std::end(weights), tape.gradients(1).begin());
  tape.backward_all(parameters, pool);
  check_near(tape.gradients(0), {-2.1442739963531494, 0.6374074816703796, -1.6516683101654053, 0.40700507164001465,
                                 2.4340343475341797, -0.3309842050075531, 1.3619080781936646, -0.7134283185005188});
  check_near(parameters[0].gradients, {3.042548179626465, 0.6637223958969116});
  check_near(parameters[1].gradients, {10.0, 18.0});

  // As in use: by the running statistics.
  const q::Node& norm = graph.nodes[1];
  const t::Operand operand{tape.values(0), nullptr, graph.nodes[0].shape};
  std::vector<float> y(8);
  const t::Call call{&norm, 2, &operand, {y.data(), nullptr, norm.shape}};
  t::batch_norm_forward(call, parameters.layer(norm.module),
                        {parameters[2].values, parameters[3].values, norm.settings.epsilon});
  check_near(y, {0.8177317380905151, 1.356383204460144, 2.012956380844116, 0.8411303162574768, -0.3774930536746979,
                 -0.01762440800666809, 4.403406143188477, 1.6998851299285889});
}

TEST_CASE("a batch norm with its statistics folded in multiplies and adds, and its gradients are those of that") {
  const q::Node node{};
  const std::vector<float> x{1, 2, -3, 4}, weight{2, -1}, bias{0.5f, 3}, gy{1, 10, 100, 1000};
  std::vector<float> y(4), gx(4, 1.0f), weight_gradient(2, 1.0f), bias_gradient(2, 1.0f);
  const t::Operand operand{x.data(), gx.data(), q::Shape(2)};
  const t::Call call{&node, 2, &operand, {y.data(), gy.data(), q::Shape(2)}};
  const t::LayerParameters parameters{weight.data(), bias.data(), weight_gradient.data(), bias_gradient.data()};
  t::affine_forward(call, parameters);
  CHECK(y == std::vector<float>{2.5f, 1, -5.5f, -1});
  t::affine_backward(call, parameters);
  CHECK(gx == std::vector<float>{3, -9, 201, -999});
  CHECK(weight_gradient == std::vector<float>{-298, 4021});
  CHECK(bias_gradient == std::vector<float>{102, 1011});
}
