// SPDX-License-Identifier: Apache-2.0
// Times integer inference of ResNet-18 and MobileNetV2 at 224 x 224, random weights, batch 1. See the script beside it.
//   networks NAME RUNS   prints "milliseconds of one run" RUNS times, then the resident memory of the process in KiB.
#include <quench/quench.hpp>

#include <malloc.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include "networks/mobilenet_v2.hpp"
#include "networks/resnet18.hpp"

namespace q = quench;

namespace {

// Float models and calibration are gone when it returns, as on a machine that only runs the integers.
template <class Net>
auto quantized() {
  q::FloatModel<Net> model{q::Seed{1}};
  for (const q::ParameterView& parameter : model.parameters())  // or values would vanish in as many layers
    if (parameter.shape.size() == 4)
      for (float& weight : parameter.values) weight *= std::sqrt(6.0f);
  return q::convert(q::calibrate(q::prepare<q::march::NashE>(model), q::random_batches<Net>(q::Seed{2}, 1, 1)));
}

long resident_kib() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
  return -1;
}

template <class Net>
void time_runs(int runs) {
  auto model = quantized<Net>();
  const auto batch = q::random_batches<Net>(q::Seed{3}, 1, 1)[0];
  for (int i = 0; i < 3; ++i) model.predict(batch.images);
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    model.predict(batch.images);
    std::printf("%.4f\n", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::printf("%ld\n", resident_kib());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const int runs = argc > 2 ? std::stoi(argv[2]) : 20;
  if (name == "resnet18") return time_runs<networks::ResNet18>(runs), 0;
  if (name == "mobilenet_v2") return time_runs<networks::MobileNetV2>(runs), 0;
  std::fprintf(stderr, "networks resnet18|mobilenet_v2 [RUNS]\n");
  return 2;
}
