// SPDX-License-Identifier: Apache-2.0
// `QuantizedModel`: the integers that ship, run on the host. Its outputs equal those of embedded::Model byte for byte.
#pragma once

#include <algorithm>

#include <quench/execution/codes.hpp>
#include <quench/phases/float_model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

namespace detail {

/// A network of integers between parts in float, for batches.
class QuantizedCore {
 public:
  QuantizedCore(IntegerProgram program, training::Parameters parameters, ModelScales scales)
      : program_(std::move(program)),
        parameters_(std::move(parameters)),
        scales_(std::move(scales)),
        network_(std::make_shared<const IntegerNetwork>(*program_.graph, program_.run_step,
                                                        derive_constants(program_, parameters_, scales_))),
        tape_(*program_.graph, training::Form::Quantized) {
    for (training::Parameter& parameter : parameters_.list())
      parameter.gradients = std::vector<float>();  // nothing is trained here
    for_each_layer(parameters_,
                   [&](const IntegerLayer&, std::vector<float>& weight) { weight = std::vector<float>(); });
  }

  const Graph& graph() const& { return *program_.graph; }
  const Graph& graph() const&& = delete;
  const IntegerNetwork& network() const& {
    pool_.require();
    return *network_;
  }
  const IntegerNetwork& network() const&& = delete;
  const IntegerConstants& constants() const& { return network().constants(); }
  const IntegerConstants& constants() const&& = delete;
  const std::vector<DType>& dtypes() const& { return program_.dtypes; }
  const std::vector<DType>& dtypes() const&& = delete;
  /// The folded parameters, the weights of integer layers as their codes stand for them.
  training::Parameters parameters() const {
    training::Parameters all = parameters_;
    for_each_layer(all, [&](const IntegerLayer& layer, std::vector<float>& weight) {
      weight.resize(layer.weight.size());
      const std::size_t channels = layer.weight_scales.size();
      host::dequantize(ChannelLayout{1, channels, weight.size() / channels}, layer.weight_scales, layer.weight.data(),
                       weight.data());
    });
    return all;
  }
  const ModelScales& scales() const& { return scales_; }
  const ModelScales& scales() const&& = delete;
  void set_workers(Workers workers) { pool_ = SharedPool(workers); }
  int samples() const { return tape_.samples(); }
  std::span<const float> output(int i) & { return tape_.all_values(graph().outputs[i]); }
  std::span<const float> output(int i) && = delete;
  IntegerTensors& integers() & { return integers_; }
  IntegerTensors& integers() && = delete;

  void run(const CheckedInputs& inputs) {
    pool_.require();
    if (inputs.samples != tape_.samples()) {
      integers_.resize(graph(), program_.dtypes, inputs.samples);
      tape_.resize(
          inputs.samples, [this](int n) { return graph().nodes[n].domain != Domain::Quantized || is_dequantized(n); },
          [](int) { return false; });
    }
    if (2 * inputs.samples <= pool_->count())
      run_nodes_by_rows(inputs);
    else if (inputs.samples == 1)
      run_nodes(inputs, {0, 1});  // nothing to share
    else
      pool_->run(batch_shards, [&](int i) { run_nodes(inputs, shard_of(inputs.samples, i)); });
  }

 private:
  // Calls f(layer, weight) for each layer whose codes alone are kept; tied ones may have other codes each.
  template <class F>
  void for_each_layer(training::Parameters& parameters, F f) const {
    for (int n = 0; n < graph().node_count; ++n) {
      const int m = graph().nodes[n].module;
      if (!device::is_step(graph(), n) || !has_integer_weights(graph().nodes[n].op)) continue;
      bool is_tied = false;
      for (int other = 0; other < graph().module_count; ++other)
        is_tied |= other != m && graph().modules[other].parameters_from == graph().modules[m].parameters_from;
      if (!is_tied) f(constants().layer(n), parameters[parameters_.of(m).weight].values);
    }
  }

  // Whether a DeQuantStub uses the values of a step.
  bool is_dequantized(int step) const {
    for (int n = 0; n < graph().node_count; ++n)
      if (graph().nodes[n].op == Operator::DeQuantStub && tape_.root(n) == step) return true;
    return false;
  }

  void copy_inputs(const CheckedInputs& inputs, Shard shard) {
    for (int i = 0; i < graph().input_count; ++i) {
      const std::size_t size = tape_.sample_size(graph().inputs[i]);
      std::copy_n(inputs.values[index(i)].data() + size * index(shard.begin), size * index(shard.count()),
                  tape_.values(graph().inputs[i], shard.begin));
    }
  }

  void run_nodes(const CheckedInputs& inputs, Shard shard) {
    if (shard.count() == 0) return;
    copy_inputs(inputs, shard);
    for (int n = 0; n < graph().node_count; ++n) run_node(n, shard);
  }

  // Several threads for each sample: these share the rows of large layers.
  void run_nodes_by_rows(const CheckedInputs& inputs) {
    const Shard all{0, inputs.samples};
    copy_inputs(inputs, all);
    for (int n = 0; n < graph().node_count; ++n) {
      const int parts = std::min(network_->parts(n), 2 * pool_->count());
      if (parts > 1) pool_->run(parts, [&](int part) { network_->run_part(n, integers_, all, part, parts); });
      run_node(n, all, parts > 1);
    }
  }

  // `has_integers`: they are computed already.
  void run_node(int n, Shard shard, bool has_integers = false) {
    const Node& node = graph().nodes[n];
    if (tape_.root(n) != n || node.op == Operator::Input) return;
    if (node.domain != Domain::Quantized) return tape_.forward_node(n, parameters_, shard);
    if (node.op == Operator::QuantStub) {
      const float* x = tape_.values(graph().operand(node, 0), shard.begin);
      in_module(name_of(graph(), n), [&] {
        quantize_codes(constants(), n, {x, tape_.sample_size(n) * index(shard.count())}, integers_, shard.begin);
      });
    } else if (!has_integers) {
      network_->run_step(n, integers_, shard);
    }
    if (!tape_.all_values(n).empty())
      dequantize_codes(graph(), constants(), n, integers_, shard, tape_.values(n, shard.begin));
  }

  IntegerProgram program_;
  training::Parameters parameters_;
  ModelScales scales_;
  std::shared_ptr<const IntegerNetwork> network_;
  training::Tape tape_;
  SharedPool pool_;
  IntegerTensors integers_;
};

}  // namespace detail

/// A network of integers. `convert` makes it.
template <class Net, march::March M, Setter S>
class QuantizedModel {
 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;
  using DTypes = SetterDecisions<Net, M, S>;

  explicit QuantizedModel(detail::QuantizedCore core) : core_(std::move(core)) {}

  /// The outputs for a batch: integers between the stubs, float before and behind them.
  /// Shapes   each input an ImageBatch of its colour, or a float tensor [N, ...] -> a tensor [N, ...], or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite
  /// Equals   the outputs of the QatModel that it was converted from, bit for bit
  template <class... Given>
    requires detail::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) {
    detail::check_inputs(graph<Net>, inputs_, inputs...);
    core_.run(inputs_);
    return detail::make_outputs<Net>(core_.samples(), [this](int i) { return core_.output(i); });
  }

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  detail::QuantizedCore& core() & { return core_; }
  const detail::QuantizedCore& core() const& { return core_; }
  const detail::QuantizedCore& core() const&& = delete;

 private:
  detail::QuantizedCore core_;
  detail::CheckedInputs inputs_;  // of the last pass
};

}  // namespace quench
