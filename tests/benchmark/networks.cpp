// SPDX-License-Identifier: Apache-2.0
// Times integer inference of ResNet-18 and MobileNetV2 at 224 x 224, random weights, batch 1. See the script beside it.
//   networks save NAME FILE       makes a model of random weights
//   networks NAME FILE RUNS       prints the milliseconds of each run, then the resident memory of the process in KiB
#include <quench/interop/state.hpp>
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

template <class Net>
void save(const std::string& path) {
  q::FloatModel<Net> model{q::Seed{1}};
  for (const q::ParameterView& parameter : model.parameters())  // or values would vanish in as many layers
    if (parameter.shape.size() == 4)
      for (float& weight : parameter.values) weight *= std::sqrt(6.0f);
  q::interop::save(
      q::convert(q::calibrate(q::prepare<q::march::NashE>(model), q::random_batches<Net>(q::Seed{2}, 1, 1))), path);
}

long resident_kib() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
  return -1;
}

template <class Net>
void time_runs(const std::string& path, int runs) {
  auto model = q::interop::load_quantized<Net, q::march::NashE>(path);
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
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 3)
    return std::fprintf(stderr, "networks save resnet18|mobilenet_v2 FILE, or NAME FILE RUNS\n"), 2;
  using networks::MobileNetV2, networks::ResNet18;
  if (arguments[0] == "save")
    arguments[1] == "resnet18" ? save<ResNet18>(arguments[2]) : save<MobileNetV2>(arguments[2]);
  else if (arguments[0] == "resnet18")
    time_runs<ResNet18>(arguments[1], std::stoi(arguments[2]));
  else
    time_runs<MobileNetV2>(arguments[1], std::stoi(arguments[2]));
}
