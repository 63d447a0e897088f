// SPDX-License-Identifier: Apache-2.0
// `QuantizedModel`: the integers that ship, run on the host. Its outputs equal those of embedded::Model byte for byte.
#pragma once

#include <algorithm>

#include <quench/execution/codes.hpp>
#include <quench/phases/float_model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

namespace phases {

/// A network of integers between parts in float, for batches.
class QuantizedCore {
 public:
  QuantizedCore(IntegerProgram program, training::Parameters parameters, ModelScales scales)
      : program_(std::move(program)),
        parameters_(std::move(parameters)),
        scales_(std::move(scales)),
        network_(std::make_shared<const IntegerNetwork>(*program_.graph, program_.run_step,
                                                        derive_constants(program_, parameters_, scales_))),
        passes_(PassPlan(*program_.graph, training::Form::Quantized, program_.dtypes, output_nodes(*program_.graph))) {
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
  std::shared_ptr<const IntegerNetwork> integers() const {
    pool_.require();
    return network_;
  }
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

  /// Computes a batch in blocks: see Passes::run.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    passes_.run(weights(), *pool_, inputs, done);
  }
  /// A plan that keeps the values of these nodes.
  std::shared_ptr<const PassPlan> plan_for(const std::vector<int>& kept) const {
    pool_.require();
    return std::make_shared<const PassPlan>(graph(), training::Form::Quantized, program_.dtypes, kept);
  }
  PassWeights weights() const { return {parameters_, &network()}; }
  WorkerPool& pool() const& { return *pool_; }
  WorkerPool& pool() const&& = delete;
  const Passes& passes() const& { return passes_; }
  const Passes& passes() const&& = delete;

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

  IntegerProgram program_;
  training::Parameters parameters_;
  ModelScales scales_;
  std::shared_ptr<const IntegerNetwork> network_;
  Passes passes_;
  SharedPool pool_;
};

}  // namespace phases

/// A network of integers. `convert` makes it.
template <class Net, march::March M, Setter S>
class QuantizedModel {
 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;
  using DTypes = SetterDecisions<Net, M, S>;

  explicit QuantizedModel(phases::QuantizedCore core) : core_(std::move(core)) {}

  /// The outputs for a batch: integers between the stubs, float before and behind them. Several threads may ask.
  /// Shapes   each input an ImageBatch of its colour, or a float tensor [N, ...] -> a tensor [N, ...], or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite
  /// Equals   the outputs of the QatModel that it was converted from, bit for bit
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return phases::predict_outputs<Net>(core_, inputs...);
  }

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  phases::QuantizedCore& core() & { return core_; }
  const phases::QuantizedCore& core() const& { return core_; }
  const phases::QuantizedCore& core() const&& = delete;

 private:
  phases::QuantizedCore core_;
};

}  // namespace quench
