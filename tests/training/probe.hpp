// SPDX-License-Identifier: Apache-2.0
// Compares gradients with differences of the forward pass.
#pragma once

#include <quench/training/tape.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "networks/operators.hpp"

namespace probe {

namespace q = quench;

// The step of the difference quotients, and which share of them may be wrong: some cross a corner of a ReLU or max pool.
struct Tolerance {
  float step;
  double error;  // of the largest difference quotient
  double allowed;
};
inline constexpr Tolerance smooth{1.0f / 128, 0.01, 0}, with_corners{1.0f / 2048, 0.03, 0.08};

// Σ weight * output for fixed random weights, and its gradients with respect to inputs and parameters.
template <class Net>
class Probe {
  static constexpr const q::Graph& graph = q::graph<Net>;

 public:
  explicit Probe(std::uint64_t seed) : random_(q::Seed{seed}), parameters_(graph, q::Seed{seed}) {
    std::vector<bool> wanted(static_cast<std::size_t>(graph.node_count));
    for (int i = 0; i < graph.input_count; ++i) wanted[static_cast<std::size_t>(graph.inputs[i])] = !has_indices(i);
    tape_ = q::training::Tape(graph, q::training::Form::Float, wanted);
    tape_.resize(samples);
    for (int i = 0; i < graph.input_count; ++i)
      has_indices(i) ? fill_indices(graph.inputs[i]) : fill(tape_.all_values(graph.inputs[i]));
    for (int i = 0; i < graph.output_count; ++i) {
      weights_.emplace_back(tape_.sample_size(graph.outputs[i]) * samples);
      fill(weights_.back());
    }
    for (q::training::Parameter& parameter : parameters_.list())
      if (parameter.gradients.size() > 0 && begins_constant(parameter)) fill(parameter.values);
  }

  double value() {
    tape_.train(parameters_, pool_);
    double sum = 0;
    for (int i = 0; i < graph.output_count; ++i) {
      const auto y = tape_.all_values(graph.outputs[i]);
      for (std::size_t j = 0; j < y.size(); ++j)
        sum += static_cast<double>(y[j]) * static_cast<double>(weights_[static_cast<std::size_t>(i)][j]);
    }
    return sum;
  }

  void run_backward() {
    value();
    tape_.clear_gradients(pool_);
    for (int i = 0; i < graph.output_count; ++i) {
      const auto to = tape_.gradients(graph.outputs[i]);
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += weights_[static_cast<std::size_t>(i)][j];
    }
    tape_.backward_all(parameters_, pool_);
  }

  // The share of up to 150 elements whose gradient differs too much from a difference quotient.
  double share_of_wrong(std::span<float> values, std::span<const float> gradients, Tolerance t) {
    std::vector<double> expected, given;
    for (std::size_t n = 0; n < std::min<std::size_t>(values.size(), 150); ++n) {
      const std::size_t i = values.size() <= 150 ? n : random_() % values.size();
      const float before = values[i];
      values[i] = before + t.step;
      const double above = value();
      values[i] = before - t.step;
      const double below = value();
      values[i] = before;
      expected.push_back((above - below) / (2 * static_cast<double>(t.step)));
      given.push_back(static_cast<double>(gradients[i]));
    }
    double largest = 0, wrong = 0;
    for (const double g : expected) largest = std::max(largest, std::abs(g));
    REQUIRE(largest > 0);
    for (std::size_t i = 0; i < expected.size(); ++i)
      wrong += std::abs(expected[i] - given[i]) > t.error * largest ? 1 : 0;
    return wrong / static_cast<double>(expected.size());
  }

  void check(Tolerance t) {
    run_backward();
    for (int i = 0; i < graph.input_count; ++i) {
      if (has_indices(i)) continue;
      CAPTURE(i);
      const auto gradients = tape_.gradients(graph.inputs[i]);
      const std::vector<float> copy(gradients.begin(), gradients.end());
      CHECK(share_of_wrong(tape_.all_values(graph.inputs[i]), copy, t) <= t.allowed);
    }
    for (q::training::Parameter& parameter : parameters_.list()) {
      if (parameter.gradients.empty()) continue;
      CAPTURE(parameter.name);
      CHECK(share_of_wrong(parameter.values, parameter.gradients, t) <= t.allowed);
    }
  }

 private:
  static constexpr int samples = 11;

  // Those of norms and of channel affines, which begin at the identity.
  static bool begins_constant(const q::training::Parameter& parameter) {
    return std::count(parameter.values.begin(), parameter.values.end(), parameter.values[0]) ==
           std::ssize(parameter.values);
  }

  static bool has_indices(int i) { return graph.nodes[graph.inputs[i]].domain == q::Domain::Indices; }

  // With rows that each table has.
  void fill_indices(int n) {
    int rows = q::max_elements;
    for (int lookup = 0; lookup < graph.node_count; ++lookup)
      if (q::family_of(graph.nodes[lookup].op) == q::Family::Lookup)
        rows = std::min(rows, graph.nodes[lookup].settings.in_channels);
    auto* indices = tape_.integers().template of<std::int32_t>(n);
    for (std::size_t i = 0; i < tape_.sample_size(n) * samples; ++i) indices[i] = random_.below(rows);
  }

  void fill(std::span<float> values) {
    for (float& value : values) value = random_.uniform(-1.5f, 1.5f);
  }

  q::training::Random random_;
  q::training::Parameters parameters_;
  q::training::Tape tape_;
  q::WorkerPool pool_{q::Workers{2}};
  std::vector<std::vector<float>> weights_;
};

}  // namespace probe
