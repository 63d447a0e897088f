// SPDX-License-Identifier: Apache-2.0
// What the tests of the flow do with every network: train, calibrate, convert, and compare bit for bit.
#pragma once

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/evaluate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/phases/data_parallel.hpp>
#include <quench/training/losses.hpp>
#include <quench/training/optimizers.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <set>
#include <tuple>
#include <vector>

#include "execution/keep_all.hpp"

namespace flow {

namespace q = quench;

/// All outputs of a model for a batch, as one row of floats.
template <class Model>
std::vector<float> outputs(const Model& model, const q::Batch<typename Model::Network>& batch) {
  std::vector<float> all;
  const auto append = [&](const auto& tensor) { all.insert(all.end(), tensor.begin(), tensor.end()); };
  q::phases::with_inputs<typename Model::Network>(batch, [&](const auto&... inputs) {
    const auto result = model.predict(inputs...);
    if constexpr (requires { std::tuple_size<std::remove_cvref_t<decltype(result)>>::value; })
      q::ground::apply([&](const auto&... each) { (append(each), ...); }, result);
    else
      append(result);
  });
  return all;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// 10 log10 of the energy of the signal over that of the difference.
inline double signal_to_noise(const std::vector<float>& signal, const std::vector<float>& other) {
  double energy = 0, noise = 0;
  for (std::size_t i = 0; i < signal.size(); ++i) {
    const double x = static_cast<double>(signal[i]), difference = x - static_cast<double>(other[i]);
    energy += x * x;
    noise += difference * difference;
  }
  return 10 * std::log10(energy / std::max(noise, 1e-30));
}

/// One step of training towards a fixed random target; gives the loss.
template <class Model, class Optimizer>
double step_towards(Model& model, const q::Batch<typename Model::Network>& batch, const std::vector<float>& target,
                    Optimizer& optimizer) {
  double loss = 0;
  std::size_t at = 0;
  const auto gradient_of = [&](const auto& tensor) {
    auto gradient = tensor;
    for (float& g : gradient) {
      const double difference = static_cast<double>(g) - static_cast<double>(target[at++]);
      loss += difference * difference / static_cast<double>(target.size());
      g = static_cast<float>(2 * difference / static_cast<double>(target.size()));
    }
    return gradient;
  };
  q::phases::with_inputs<typename Model::Network>(batch, [&](const auto&... inputs) {
    const auto result = model.forward(inputs...);
    if constexpr (requires { std::tuple_size<std::remove_cvref_t<decltype(result)>>::value; })
      model.backward(q::ground::apply([&](const auto&... each) { return std::tuple(gradient_of(each)...); }, result));
    else
      model.backward(gradient_of(result));
  });
  optimizer.step(model);
  return loss;
}

/// The integers before each DeQuantStub of one sample, run as a device runs them: in an arena, one sample, one step
/// after the other.
template <class Model>
std::vector<std::int32_t> run_as_device(const Model& model, q::phases::Pass& pass, int sample) {
  using Net = typename Model::Network;
  using DTypes = typename Model::DTypes;
  constexpr const q::Graph& graph = q::graph<Net>;
  constexpr const auto& plan = q::device::memory_plan<Net, DTypes>;
  std::vector<std::int64_t> memory(static_cast<std::size_t>(plan.arena_bytes) / 8 + 2);
  auto* bytes = reinterpret_cast<unsigned char*>(memory.data());
  std::vector<unsigned char*> addresses;  // of the tensor of each node, as the plan has it; none without integers
  for (int n = 0; n < graph.node_count; ++n)
    addresses.push_back(plan.buffer_of[n] < 0 ? nullptr : bytes + plan.offset_of(n));
  unsigned char* const* arena = addresses.data();
  q::IntegerTensors& integers = pass.integers();
  const auto& constants = model.core().constants();
  const auto bytes_of = [&](int n) {
    return static_cast<std::size_t>(graph.nodes[n].shape.elements() * q::device::bytes_of(constants.dtype(n)));
  };
  for (int n = 0; n < graph.node_count; ++n)
    if (q::device::is_given(graph.nodes[n])) std::memcpy(arena[n], integers.of(n, sample), bytes_of(n));
  for (int n = 0; n < graph.node_count; ++n)
    if (q::device::is_step(graph, n)) q::device::run_step<Net, DTypes>(arena, constants.step(n), n);
  std::vector<std::int32_t> result;
  for (int n = 0; n < graph.node_count; ++n) {
    if (graph.nodes[n].op != q::Operator::DeQuantStub) continue;
    const int from = graph.operand(graph.nodes[n], 0);
    for (int i = 0; i < graph.nodes[from].shape.elements(); ++i)
      result.push_back(constants.dtype(from) == q::DType::Int8    ? reinterpret_cast<std::int8_t*>(arena[from])[i]
                       : constants.dtype(from) == q::DType::Int16 ? reinterpret_cast<std::int16_t*>(arena[from])[i]
                                                                  : reinterpret_cast<std::int32_t*>(arena[from])[i]);
  }
  return result;
}

template <class Model>
std::vector<std::int32_t> integers_of(const Model& model, q::phases::Pass& pass, int sample) {
  constexpr const q::Graph& graph = q::graph<typename Model::Network>;
  std::vector<std::int32_t> result;
  for (int n = 0; n < graph.node_count; ++n) {
    if (graph.nodes[n].op != q::Operator::DeQuantStub) continue;
    const int from = graph.operand(graph.nodes[n], 0);
    q::execution::with_integers(model.core().constants(), from, pass.integers(), sample, [&](const auto* values) {
      result.insert(result.end(), values, values + graph.nodes[from].shape.elements());
    });
  }
  return result;
}

/// Operators with the dtype of an operand and that of their output, of all networks that `check` is called for.
inline std::set<std::tuple<q::Operator, q::DType, q::DType>>& checked_operators() {
  static std::set<std::tuple<q::Operator, q::DType, q::DType>> all;
  return all;
}

/// Enters the operators of a network before any test runs, for a test may run alone.
template <class Net, class DTypes>
const bool has_entered_operators = [] {
  constexpr const q::Graph& graph = q::graph<Net>;
  std::vector<q::DType> dtypes(static_cast<std::size_t>(graph.node_count));
  q::write_dtypes<DTypes>(graph, dtypes.data());
  const auto of = [&](int n) { return dtypes[static_cast<std::size_t>(n)]; };
  for (int n = 0; n < graph.node_count; ++n)
    for (int i = 0; i < graph.nodes[n].operand_count; ++i)
      checked_operators().emplace(graph.nodes[n].op, of(graph.operand(graph.nodes[n], i)), of(n));
  return true;
}();

/// What a network has to reach.
struct Expected {
  double signal_to_noise;    // dB, of the converted model after calibration alone, against the float model
  double loss_factor = 1e9;  // quantization-aware training brings the loss below this part of what it was
  int steps = 12;
  float learning_rate = 0.2f;
};

/// The whole flow: host and device agree, QAT and the converted model agree, workers change no bit, and training helps.
template <class Net, class Setter = q::setter::DefaultQat, class March = q::march::NashE>
void check(const Expected& expected, int size = 5) {
  REQUIRE(has_entered_operators<Net, q::SetterDecisions<Net, March, Setter>>);
  const auto batches = q::random_batches<Net>(q::Seed{3}, 3, size);
  q::FloatModel<Net> model{q::Seed{11}};
  for (const auto& batch : batches) {  // running statistics of batch norms
    q::phases::with_inputs<Net>(batch, [&](const auto&... inputs) { model.forward(inputs...); });
  }
  auto calibrated = q::calibrate(q::prepare<March, Setter>(model), batches);
  CHECK(signal_to_noise(outputs(model, batches[0]), outputs(calibrated, batches[0])) > 80);
  auto quantized = q::convert(calibrated);
  CHECK(signal_to_noise(outputs(calibrated, batches[0]), outputs(quantized, batches[0])) > expected.signal_to_noise);
  auto pass = keep_all(quantized, batches[0]);
  for (int sample = 0; sample < size; ++sample)
    CHECK(run_as_device(quantized, pass, sample) == integers_of(quantized, pass, sample));

  auto qat = q::start_qat(calibrated);
  q::DataParallel parallel{q::start_qat(calibrated), q::Workers{3}};
  q::Sgd sgd{.learning_rate = expected.learning_rate, .momentum = 0.5f}, parallel_sgd = sgd;
  std::vector<float> target = outputs(calibrated, batches[1]);
  for (float& value : target) value = value / 2 + 0.1f;
  double first = 0, last = 0;
  for (int step = 0; step < expected.steps; ++step) {
    const auto before = outputs(qat, batches[1]);
    auto converted = q::convert(qat);
    REQUIRE(same_bits(before, outputs(converted, batches[1])));
    last = step_towards(qat, batches[1], target, sgd);
    if (step == 0) first = last;
    REQUIRE(last == step_towards(parallel, batches[1], target, parallel_sgd));
  }
  CHECK(last < first * expected.loss_factor);
  auto trained = q::convert(qat), trained_in_parallel = q::convert(parallel);
  for (const auto& batch : batches) {
    CHECK(same_bits(outputs(qat, batch), outputs(trained, batch)));
    CHECK(same_bits(outputs(qat, batch), outputs(trained_in_parallel, batch)));
    auto trained_pass = keep_all(trained, batch);
    for (int sample = 0; sample < size; ++sample)
      CHECK(run_as_device(trained, trained_pass, sample) == integers_of(trained, trained_pass, sample));
  }
}

}  // namespace flow
