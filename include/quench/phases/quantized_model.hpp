// SPDX-License-Identifier: Apache-2.0
// `QuantizedModel`: the integers that ship, run on the host. Its outputs equal those of embedded::Model byte for byte.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/phases/model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

/// How many values of a float input were outside the range of its codes, and so were clamped.
struct InputSaturation {
  std::string module;  // the QuantStub
  std::size_t outside = 0, total = 0;
};

namespace phases {

/// A network of integers between float parts, for batches.
class QuantizedCore : public Core {
 public:
  QuantizedCore(IntegerProgram program, training::Parameters parameters, ModelScales scales);

  const IntegerNetwork& network() const;
  std::shared_ptr<const IntegerNetwork> integers() const;
  const IntegerConstants& constants() const { return network().constants(); }
  const std::vector<DType>& dtypes() const { return dtypes_; }
  /// The folded parameters. Weights of integer layers are dequantized codes.
  training::Parameters parameters() const;
  const ModelScales& scales() const { return scales_; }

  /// Computes a batch in blocks: see Passes::run.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    passes_.run(weights(), pool(), inputs, done);
  }
  /// The same. Adds what each QuantStub of floats clamps to its entry in `found`. Makes the entry if there is none.
  void predict(const CheckedInputs& inputs, std::span<float* const> to, std::vector<InputSaturation>& found) const;
  PassWeights weights() const { return {parameters_, &network()}; }

 private:
  // Calls f(layer, weight) for each layer that keeps only codes. Tied layers may have different codes.
  template <class F>
  void for_each_layer(training::Parameters& parameters, F f) const;

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

  using Model<Net, phases::QuantizedCore>::predict;
  /// The same, and counts the values of float inputs that are outside the range of the codes. Counts of several calls
  /// add up by module. Many mean that the inputs differ from those of calibration.
  /// Errors   as predict; nothing is counted then
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(std::vector<InputSaturation>& found, const Given&... given) const {
    const phases::CheckedInputs inputs = phases::inputs_of<Net>(given...);
    return phases::make_outputs<Net>(inputs.samples,
                                     [&](std::span<float* const> to) { this->core_.predict(inputs, to, found); });
  }

  void parameters() = delete;  // codes are not trained

  explicit QuantizedModel(phases::QuantizedCore core) : Model<Net, phases::QuantizedCore>(std::move(core)) {}
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/phases/quantized_model_impl.hpp>
#endif
