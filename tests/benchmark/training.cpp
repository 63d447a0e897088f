// SPDX-License-Identifier: Apache-2.0
// Times training steps (forward, loss, backward, SGD) of a small residual network, 28 x 28, batch 64. See the script beside it.
//   training float|qat WORKERS STEPS   prints the milliseconds of each step
#include <quench/quench.hpp>

#include <chrono>
#include <cstdio>
#include <string>

#include "benchmark/small_network.hpp"

namespace q = quench;

namespace {

template <class Model>
void time_steps(Model model, int workers, int steps) {
  using Net = typename Model::Network;
  q::DataParallel shared{std::move(model), q::Workers{workers}};
  const auto batch = q::random_labelled_batches<Net>(q::Seed{2}, 1, 64)[0];
  q::Sgd sgd{.learning_rate = 0.01f};
  for (int i = -3; i < steps; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto loss = q::cross_entropy(shared.forward(batch.images), batch.labels);
    shared.backward(loss.gradient);
    sgd.step(shared);
    const auto taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    if (i >= 0) std::printf("%.4f\n", taken);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  const int workers = argc > 2 ? std::stoi(argv[2]) : 1, steps = argc > 3 ? std::stoi(argv[3]) : 50;
  using Net = SmallNetwork;
  const q::FloatModel<Net> model{q::Seed{1}};
  if (kind == "float") return time_steps(model, workers, steps), 0;
  if (kind == "qat")
    return time_steps(q::start_qat(
                          q::calibrate(q::prepare<q::march::NashE>(model), q::random_batches<Net>(q::Seed{3}, 2, 64))),
                      workers, steps),
           0;
  std::fprintf(stderr, "training float|qat [WORKERS] [STEPS]\n");
  return 2;
}
