// SPDX-License-Identifier: Apache-2.0
// Several threads ask one const model of each phase at once. Built with ThreadSanitizer, which fails the program where two
// threads touch the same memory and one of them writes.
#include <quench/flow/attach.hpp>
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/evaluate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/report/compare.hpp>

#include <cstdio>
#include <cstring>
#include <thread>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

using Batches = std::vector<q::Batch<toy::Net>>;

/// Calls ask(i) from four threads at once, each with a number of its own.
template <class Ask>
void at_once(const Ask& ask) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&ask, i] { ask(i); });
  for (std::thread& thread : threads) thread.join();
}

int faults = 0;

/// `model` has not been asked before; `same` is an equal model, which one thread asks.
template <class Model, class Same>
void check(const char* phase, const Model& model, const Same& same, const Batches& batches) {
  std::vector<xt::xtensor<float, 2>> expected, found(batches.size());
  for (const auto& batch : batches) expected.push_back(same.predict(batch.images));
  for (int round = 0; round < 5; ++round) {
    at_once([&](int i) {
      const auto at = static_cast<std::size_t>(i);
      found[at] = model.predict(batches[at].images);
    });
    for (std::size_t i = 0; i < found.size(); ++i)
      if (std::memcmp(found[i].data(), expected[i].data(), expected[i].size() * sizeof(float)) != 0) {
        std::printf("%s: thread %zu has other outputs\n", phase, i);
        ++faults;
      }
  }
}

}  // namespace

int main() {
  Batches batches;
  for (const int size : {1, 3, 40, 700})  // one row of threads, and several blocks
    batches.push_back(q::random_labelled_batches<toy::Net>(q::Seed{1}, 1, size)[0]);
  for (const int workers : {1, 3}) {
    q::FloatModel<toy::Net> float_model{q::Seed{2}};
    float_model.set_workers(q::Workers{workers});
    check("FloatModel", float_model, q::FloatModel<toy::Net>{q::Seed{2}}, batches);
    const auto prepared = q::prepare<q::march::NashE>(float_model);
    check("PreparedModel", prepared, q::PreparedModel(prepared), batches);
    const auto calibrated = q::calibrate(prepared, batches);
    check("CalibratedModel", calibrated, q::CalibratedModel(calibrated), batches);
    auto qat = q::start_qat(calibrated);
    qat.set_workers(q::Workers{workers});
    auto quantized = q::convert(qat);
    check("QatModel", qat, quantized, batches);
    const auto other = q::convert(calibrated);
    quantized.set_workers(q::Workers{workers});
    check("QuantizedModel", quantized, other, batches);
    const auto attached = q::append<q::ArgMax>(quantized);
    at_once([&](int i) {  // everything else that asks a const model
      const Batches one{batches[static_cast<std::size_t>(i)]};
      attached.predict(one[0].images);
      q::evaluate(quantized, one);
      q::monitor(qat, one);
      q::monitor(float_model, one);
      q::compare(float_model, quantized, one);
      q::convert(qat);
    });
  }
  std::printf("%d faults\n", faults);
  return faults == 0 ? 0 : 1;
}
