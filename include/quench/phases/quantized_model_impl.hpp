// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/quantized_model.hpp>

#include <algorithm>
#include <mutex>

namespace quench::phases {

template <class F>
void QuantizedCore::for_each_layer(training::Parameters& parameters, F f) const {
  for (int n = 0; n < graph().node_count; ++n) {
    const int m = graph().nodes[n].module;
    if (!device::is_step(graph(), n) || !has_integer_weights(graph().nodes[n].op)) continue;
    bool is_tied = false;
    for (int other = 0; other < graph().module_count; ++other)
      is_tied |= other != m && parameters_.of(other).weight == parameters_.of(m).weight;
    if (!is_tied) f(constants().layer(n), parameters[parameters_.of(m).weight].values);
  }
}

QUENCH_INLINE QuantizedCore::QuantizedCore(IntegerProgram program, training::Parameters parameters, ModelScales scales)
    : Core(*program.graph, training::Form::Quantized, program.dtypes, std::move(parameters)),
      dtypes_(program.dtypes),
      scales_(std::move(scales)),
      network_(std::make_shared<const IntegerNetwork>(*program.graph, program.run_step,
                                                      derive_constants(program, parameters_, scales_))) {
  for (training::Parameter& parameter : parameters_.list())
    parameter.gradients = std::vector<float>();  // nothing is trained here
  for_each_layer(parameters_, [&](const IntegerLayer&, std::vector<float>& weight) { weight = std::vector<float>(); });
}

QUENCH_INLINE const IntegerNetwork& QuantizedCore::network() const {
  pool_.require();
  return *network_;
}

QUENCH_INLINE void QuantizedCore::predict(const CheckedInputs& inputs, std::span<float* const> to,
                                          std::vector<InputSaturation>& found) const {
  std::vector<int> stubs, kept = training::output_nodes(graph());
  std::vector<InputSaturation> counts;
  for (int n = 0; n < graph().node_count; ++n) {
    if (graph().nodes[n].op != Operator::QuantStub || is_image_stub(graph(), graph().nodes[n])) continue;
    stubs.push_back(n);
    kept.push_back(graph().operand(graph().nodes[n], 0));
    counts.push_back({execution::name_of(graph(), n)});
  }
  std::mutex counting;
  const auto done = [&](const Pass& pass, Shard samples) {
    copy_outputs(pass, samples, to);
    for (std::size_t i = 0; i < stubs.size(); ++i) {
      const std::span<const float> values = pass.all_reals(graph().operand(graph().nodes[stubs[i]], 0));
      const tensors::CodedRange coded =
          tensors::coded_range(constants().scales(stubs[i])[0], constants().dtype(stubs[i]));
      std::size_t outside = 0;
      for (const float value : values) outside += coded.contains(value) ? 0u : 1u;
      const std::lock_guard lock(counting);
      counts[i].outside += outside;
      counts[i].total += values.size();
    }
  };
  Passes(passes_.plan()->keeping(kept)).run(weights(), pool(), inputs, done);
  for (const InputSaturation& count : counts) {
    const auto same = [&](const InputSaturation& earlier) { return earlier.module == count.module; };
    const auto earlier = std::ranges::find_if(found, same);
    if (earlier == found.end()) {
      found.push_back(count);
    } else {
      earlier->outside += count.outside;
      earlier->total += count.total;
    }
  }
}

QUENCH_INLINE std::shared_ptr<const IntegerNetwork> QuantizedCore::integers() const {
  pool_.require();
  return network_;
}

QUENCH_INLINE training::Parameters QuantizedCore::parameters() const {
  pool_.require();
  training::Parameters all = parameters_;
  for_each_layer(all, [&](const IntegerLayer& layer, std::vector<float>& weight) {
    weight.resize(layer.weight.size());
    const std::size_t channels = layer.weight_scales.size();
    host::dequantize(ChannelLayout{1, channels, weight.size() / channels}, layer.weight_scales, layer.weight.data(),
                     weight.data());
  });
  return all;
}

}  // namespace quench::phases
