// SPDX-License-Identifier: Apache-2.0
// The parameters of a network, with PyTorch's names: "stem.weight", "stem.bias", "stem_bn.running_mean".
//
// Weights are [out, kh, kw, in/groups] and [out, in]. Tied modules share one set, under the name of the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/training/operand.hpp>

namespace quench {

/// The seed of random weights, inputs and orders. A seed gives the same bits on every machine.
struct Seed {
  std::uint64_t value = 0;
};

/// A parameter for optimizers and files.
struct ParameterView {
  std::string name;
  std::vector<std::size_t> shape;
  std::span<float> values;
  std::span<float> gradients;  // empty for running statistics, which are not trained
  bool is_scale = false;       // a learned scale or the clip of PACT: optimizers have separate settings for these
};

namespace training {

/// Random numbers in [0, 1), the same on every machine (the distributions of <random> are not).
class Random {
 public:
  explicit Random(Seed seed);
  Random(const Random& other);
  Random& operator=(const Random& other);
  ~Random();
  float uniform() { return static_cast<float>((*this)() >> 40) * 0x1p-24f; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  int below(int bound) { return static_cast<int>((*this)() % static_cast<std::uint64_t>(bound)); }
  /// Mean 0 and deviation 1: the sum of twelve uniform numbers, less 6.
  float normal();
  std::uint64_t operator()();

 private:
  struct Engine;  // <random> takes a sixth of the time that a user's file needs for the standard library
  std::unique_ptr<Engine> engine_;
};

struct Parameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;
  std::vector<float> gradients;  // empty if it is not trained

  ParameterView view() { return {name, shape, values, gradients}; }
};

namespace detail {

/// Refuses a zero deviation: eps is 0 and all values of a channel are equal.
/// Errors   value-out-of-range
void check_deviation(double variance, float epsilon, std::size_t channel);

}  // namespace detail

/// The parameters of one module: indices into the list, or -1.
struct ParametersOfModule {
  int weight = -1, bias = -1, running_mean = -1, running_variance = -1;
};

class Parameters {
 public:
  Parameters() = default;
  /// Random parameters as in PyTorch's layers: weights and biases uniform in ±1/sqrt(fan in); batch norms and
  /// channel affines at identity, PReLUs at `init`, embeddings normal with deviation 1.
  Parameters(const Graph& graph, Seed seed);

  const ParametersOfModule& of(int module) const { return of_module_[index(module)]; }
  Parameter& operator[](int i) { return list_[index(i)]; }
  const Parameter& operator[](int i) const { return list_[index(i)]; }
  std::vector<Parameter>& list() { return list_; }
  const std::vector<Parameter>& list() const { return list_; }

  std::vector<ParameterView> views();

  /// The parameters of a module for its operators, without gradients.
  LayerParameters layer(int module) const;

  std::span<const float> bias(int module) const;

  void zero_gradients();

  /// Batch norms become part of the layers before them. A batch norm without such a layer (in float, before a QuantStub
  /// for example) keeps a weight and a bias that include its statistics.
  /// Errors   value-out-of-range if a variance and eps are 0; value-not-finite if a resulting weight or bias is; each
  ///          with the name of the batch norm
  /// Equals   weight * (gamma / deviation), (bias - mean) * (gamma / deviation) + beta, in double
  Parameters folded(const Graph& graph) const;

 private:
  int take(const Parameter& parameter);

  int add_zeros(std::string name, std::vector<std::size_t> shape, bool is_trained);

  void add(const Graph& graph, int m, Random& random);

  static void fill(Parameter& parameter, float value);

  void fold(const Graph& graph, const Node& norm, Parameter& weight, Parameter& bias) const;
  void fold(const Node& norm, Parameter& weight, Parameter& bias) const;

  std::vector<Parameter> list_;
  std::vector<ParametersOfModule> of_module_;
};

}  // namespace training
}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/training/parameters_impl.hpp>
#endif
