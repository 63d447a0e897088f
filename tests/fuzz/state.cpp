// SPDX-License-Identifier: Apache-2.0
// States of models and optimizers, as arrays. The first byte chooses what is loaded; the others change arrays of a state that
// was saved. A state that is refused changes nothing; one that is loaded is saved, and loads again as the same.
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/interop/safetensors.hpp>
#include <quench/interop/state.hpp>
#include <quench/network.hpp>
#include <quench/training/optimizers.hpp>

#include "fuzz/fuzz.hpp"

namespace {

namespace q = quench;
namespace i = quench::interop;

struct Net {
  using Inputs = q::Inputs<q::Features<2, 2, 1>>;
  q::QuantStub quant;
  q::Conv2d learned{.in_channels = 1, .out_channels = 2, .kernel_size = 1, .bias = false};
  q::BatchNorm2d bn{.channels = 2};
  q::Conv2d clipped{.in_channels = 2, .out_channels = 1, .kernel_size = 1};
  q::Linear last{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(last(q::flatten(clipped(bn(learned(quant(x))))))); }
};
using Setter =
    q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"learned", q::qconfig::LearnedInt8>,
                     q::rule::ByName<"clipped", q::qconfig::PactInt8>, q::rule::Everything<q::qconfig::Int8>>;

using Prepared = q::PreparedModel<Net, q::march::NashE, Setter>;
using Calibrated = q::CalibratedModel<Net, q::march::NashE, Setter>;
using Qat = q::QatModel<Net, q::march::NashE, Setter>;
using Quantized = q::QuantizedModel<Net, q::march::NashE, Setter>;

const std::vector<q::Batch<Net>>& batches() {
  static const auto some = q::random_batches<Net>(q::Seed{1}, 2, 3);
  return some;
}

/// A model of each phase, and the optimizers after a step.
struct Models {
  q::FloatModel<Net> floats;
  Prepared prepared;
  Calibrated calibrated;
  Qat qat;
  Quantized quantized;
  q::Sgd sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  q::Adam adam;

  explicit Models(q::Seed seed)
      : floats(seed),
        prepared(observed(floats)),
        calibrated(q::calibrate(prepared, batches())),
        qat(q::start_qat(calibrated)),
        quantized(q::convert(calibrated)) {
    q::phases::with_inputs<Net>(batches()[0], [&](const auto&... x) { qat.backward(qat.forward(x...)); });
    sgd.step(qat);
    adam.step(qat);
  }

 private:
  static Prepared observed(const q::FloatModel<Net>& model) {
    Prepared prepared = q::prepare<q::march::NashE, Setter>(model);
    q::phases::with_inputs<Net>(batches()[1], [&](const auto&... x) { prepared.observe(x...); });
    return prepared;
  }
};

constexpr const char* strange_names[] = {"",
                                         "steps",
                                         "bn.num_batches_tracked",
                                         "quench.network",
                                         "module.last.weight",
                                         "learned.activation_start",
                                         "clipped.activation_state"};

// Eleven bytes each: what to do, to which array, which other thing it takes, and a number.
void edit(i::NamedArrays& arrays, fuzz::Input& input) {
  while (!input.at_end() && !arrays.empty()) {
    const auto action = input.below(7);
    const auto at = [&] { return std::next(arrays.begin(), static_cast<std::ptrdiff_t>(input.below(arrays.size()))); };
    const auto named = at();
    i::NamedArray& array = named->second;
    const auto which = input.take<std::uint8_t>();
    const auto number = input.take<std::uint64_t>();
    switch (action) {
      case 0: arrays.erase(named); break;
      case 1: {
        auto node = arrays.extract(named);
        node.key() = strange_names[which % std::size(strange_names)];
        arrays.insert(std::move(node));
        break;
      }
      case 2: array.type = static_cast<i::ArrayType>(which % 8); break;  // perhaps of other bytes than its shape needs
      case 3:
        if (!array.shape.empty()) array.shape[which % array.shape.size()] = static_cast<std::size_t>(number);
        break;
      case 4:  // one number becomes another
        if (const std::size_t size = size_of(array.type); array.bytes.size() >= size && size > 0)
          std::memcpy(array.bytes.data() + which % (array.bytes.size() / size) * size, &number, size);
        break;
      case 5:  // a list of another length
        array.shape = {which};
        array.bytes.resize(which * size_of(array.type));
        break;
      case 6: arrays[strange_names[number % std::size(strange_names)]] = array; break;
    }
  }
}

/// `with` is the model of an optimizer.
template <class Model, class... With>
void load(Model& model, const Model& source, fuzz::Input& input, With&... with) {
  const i::NamedArrays before = i::arrays_of(model, with...);
  i::NamedArrays arrays = i::arrays_of(source, with...);
  edit(arrays, input);
  const bool is_loaded = fuzz::succeeds({"state-not-valid", "value-not-finite", "scale-out-of-range", "scale-underflow",
                                         "file-not-readable", "shape-mismatch", "scales-too-far-apart"},
                                        [&] { i::load_arrays(model, with..., arrays); });
  if (!is_loaded) return fuzz::require(i::arrays_of(model, with...) == before);
  const i::NamedArrays loaded = i::arrays_of(model, with...);
  Model other = source;
  i::load_arrays(other, with..., i::parse_safetensors(i::format_safetensors(loaded)));
  fuzz::require(i::arrays_of(other, with...) == loaded);
  if constexpr (requires { typename Model::Network; })
    fuzz::succeeds({},
                   [&] { q::phases::with_inputs<Net>(batches()[0], [&](const auto&... x) { model.predict(x...); }); });
  i::load_arrays(model, with..., before);
  fuzz::require(i::arrays_of(model, with...) == before);
}

}  // namespace

namespace fuzz {

const Target state("state", [](Bytes edits) {
  static const Models source(q::Seed{2});
  static Models models(q::Seed{3});
  Input input(edits);
  switch (input.below(7)) {
    case 0: return load(models.floats, source.floats, input);
    case 1: return load(models.prepared, source.prepared, input);
    case 2: return load(models.calibrated, source.calibrated, input);
    case 3: return load(models.qat, source.qat, input);
    case 4: return load(models.quantized, source.quantized, input);
    case 5: return load(models.sgd, source.sgd, input, models.qat);
    case 6: return load(models.adam, source.adam, input, models.qat);
  }
});

}  // namespace fuzz
