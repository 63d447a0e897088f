// SPDX-License-Identifier: Apache-2.0
// `QuantizedModel`: the integers that ship, run on the host. Its outputs equal those of embedded::Model byte for byte.
#pragma once

#include <algorithm>

#include <quench/execution/codes.hpp>
#include <quench/phases/model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

namespace phases {

/// A network of integers between float parts, for batches.
class QuantizedCore : public Core {
 public:
  QuantizedCore(IntegerProgram program, training::Parameters parameters, ModelScales scales)
      : Core(*program.graph, training::Form::Quantized, program.dtypes, std::move(parameters)),
        dtypes_(program.dtypes),
        scales_(std::move(scales)),
        network_(std::make_shared<const IntegerNetwork>(*program.graph, program.run_step,
                                                        derive_constants(program, parameters_, scales_))) {
    for (training::Parameter& parameter : parameters_.list())
      parameter.gradients = std::vector<float>();  // nothing is trained here
    for_each_layer(parameters_,
                   [&](const IntegerLayer&, std::vector<float>& weight) { weight = std::vector<float>(); });
  }

  const IntegerNetwork& network() const {
    pool_.require();
    return *network_;
  }
  std::shared_ptr<const IntegerNetwork> integers() const {
    pool_.require();
    return network_;
  }
  const IntegerConstants& constants() const { return network().constants(); }
  const std::vector<DType>& dtypes() const { return dtypes_; }
  /// The folded parameters. Weights of integer layers are dequantized codes.
  training::Parameters parameters() const {
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
  const ModelScales& scales() const { return scales_; }

  /// Computes a batch in blocks: see Passes::run.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    passes_.run(weights(), pool(), inputs, done);
  }
  PassWeights weights() const { return {parameters_, &network()}; }

 private:
  // Calls f(layer, weight) for each layer that keeps only codes. Tied layers may have different codes.
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

  std::vector<DType> dtypes_;
  ModelScales scales_;
  std::shared_ptr<const IntegerNetwork> network_;
};

}  // namespace phases

/// A network of integers between the stubs, and of floats before and after them. `convert` makes it.
/// Equals   in `predict` the outputs of the QatModel that it was converted from, bit for bit
template <class Net, march::March M, Setter S>
class QuantizedModel : public Model<Net, phases::QuantizedCore> {
 public:
  using March = M;
  using QConfigSetter = S;
  using DTypes = SetterDecisions<Net, M, S>;

  void parameters() = delete;  // codes are not trained

  explicit QuantizedModel(phases::QuantizedCore core) : Model<Net, phases::QuantizedCore>(std::move(core)) {}
};

}  // namespace quench
