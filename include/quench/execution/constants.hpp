// SPDX-License-Identifier: Apache-2.0
// Derives the integer constants of every step of a network from scales and float weights.
//
// `IntegerConstants` owns what device::StepConstants points to. It is derived in the order of the graph, so the scales
// of a step's inputs are known when its turn comes. An Error names the module, and nothing is changed.
// Source: nash.md sections 1, 3 and 4.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include <quench/device/engine.hpp>
#include <quench/execution/layer.hpp>
#include <quench/tensors/layer_norm.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/tensors/records.hpp>

namespace quench {

/// Float scales and weights by module, from which a network's integers are derived.
struct QuantizationState {
  std::vector<float> activation_scales;  // of each module with an observed scale
  std::vector<LayerWeights> weights;     // of each module with parameters
};

/// The integer constants of all steps of a network.
class IntegerConstants {
 public:
  /// `dtypes` has the integers of each node (network/dtypes.hpp).
  /// Errors   scale-out-of-range, scales-too-far-apart, accumulator-may-overflow, value-not-finite, each with its
  ///          module
  IntegerConstants(const Graph& graph, std::vector<DType> dtypes, const QuantizationState& state);

  /// The constants of a step. They live as long as this object.
  const device::StepConstants& step(int node) const { return steps_[at(node)].constants; }
  /// The scales of a node's integers: one, or one for each channel of a high-precision output.
  std::span<const float> scales(int node) const { return scales_[at(node)]; }
  DType dtype(int node) const { return dtypes_[at(node)]; }
  const std::vector<DType>& dtypes() const { return dtypes_; }
  /// The integer weights of a layer, with the scales used.
  const IntegerLayer& layer(int node) const { return *steps_[at(node)].layer; }
  /// Other constants of a step, for export.
  const std::vector<Requantization>& requantizations(int node) const { return steps_[at(node)].records; }
  std::span<const int> counts(int node) const { return steps_[at(node)].counts; }
  std::span<const std::uint16_t> multipliers(int node) const { return steps_[at(node)].multipliers; }

 private:
  struct Step {
    device::StepConstants constants;
    std::unique_ptr<IntegerLayer> layer;
    std::vector<Requantization> records;
    std::vector<int> counts;  // of pixels, if an average pool has several records
    std::unique_ptr<kernels::Addition> addition;
    std::unique_ptr<kernels::ScalarAddition> scalar_addition;
    std::unique_ptr<std::array<std::int8_t, 256>> int8_table;
    std::unique_ptr<std::array<std::int16_t, 256>> int16_table;
    std::unique_ptr<kernels::PiecewiseTable> piecewise;
    std::unique_ptr<kernels::SoftmaxTables> softmax;
    std::unique_ptr<IntegerLayerNorm> layer_norm;
    std::vector<std::uint16_t> multipliers;
    std::vector<std::int8_t> int8_rows;  // of an Embedding, one of the two
    std::vector<std::int16_t> int16_rows;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  int operand(int n, int i = 0) const { return graph_->operand(graph_->nodes[n], i); }
  ScaledType scaled(int node) const { return {static_cast<double>(scales_[at(node)][0]), dtypes_[at(node)]}; }

  void derive(int n, const QuantizationState& state);

  const Shape& x_shape(int n) const { return graph_->nodes[operand(n)].shape; }

  void derive_layer(int n, const LayerWeights& weights, float y_scale);

  void derive_matmul(int n);

  void derive_row_norm(int n, const QuantizationState& state);

  // The table of an Embedding as codes: rounded half to even, then saturated.
  void derive_rows(int n, std::span<const float> table);

  void derive_record(int n, double ratio);
  double mean_ratio(int n, int count) const { return scaled(operand(n)).scale / (count * scaled(n).scale); }

  // A record for each number of pixels that a window of an average pool counts.
  void derive_means(int n);

  void derive_rescaling(int n);

  void derive_lookup(int n);

  // ReLU and ReLU6, fused or as a step.
  void derive_clamp(int n);

  void derive_multipliers(int n);

  // Points the constants to the data that the step owns.
  void connect(int n);

  const Graph* graph_;
  std::vector<DType> dtypes_;
  std::vector<Step> steps_;
  std::vector<std::vector<float>> scales_;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/execution/constants_impl.hpp>
#endif
