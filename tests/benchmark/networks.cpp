// SPDX-License-Identifier: Apache-2.0
// Times integer inference of three networks, random weights, batch 1. See the script beside it.
//   networks save NAME FILE       makes a model of random weights
//   networks NAME FILE RUNS CALLS prints the mean milliseconds of each run of so many calls, then the resident memory of
//                                 the process in KiB
#include <quench/interop/state.hpp>
#include <quench/quench.hpp>

#include <malloc.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include "benchmark/small_network.hpp"
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
void time_runs(const std::string& path, int runs, int calls) {
  auto model = q::interop::load_quantized<Net, q::march::NashE>(path);
  const auto batch = q::random_batches<Net>(q::Seed{3}, 1, 1)[0];
  for (int i = 0; i < 3; ++i) model.predict(batch.images);
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) model.predict(batch.images);
    std::printf("%.5f\n",
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() / calls);
  }
  std::printf("%ld\n", resident_kib());
}

template <class Net>
void run(const std::vector<std::string>& arguments) {
  if (arguments[0] == "save")
    save<Net>(arguments[2]);
  else
    time_runs<Net>(arguments[1], std::stoi(arguments[2]), std::stoi(arguments[3]));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 3 && arguments.size() != 4)
    return std::fprintf(stderr, "networks save small|resnet18|mobilenet_v2 FILE, or NAME FILE RUNS CALLS\n"), 2;
  const std::string& network = arguments[arguments[0] == "save" ? 1 : 0];
  if (network == "small")
    run<SmallNetwork>(arguments);
  else if (network == "resnet18")
    run<networks::ResNet18>(arguments);
  else
    run<networks::MobileNetV2>(arguments);
}
