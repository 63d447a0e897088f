// SPDX-License-Identifier: Apache-2.0
// The batch norms of a file that belong to the ChannelAffine layers of a network. PyTorch has the weight, the bias and
// the statistics; a ChannelAffine has one weight and one bias that do the same.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <quench/interop/array_reader.hpp>
#include <quench/interop/torch_layout.hpp>
#include <quench/observers/observer.hpp>
#include <quench/training/parameters.hpp>

namespace quench::interop::detail {

/// The factors and offsets of a batch norm with its statistics.
/// Equals   gamma / sqrt(variance + eps), beta - mean * gamma / sqrt(variance + eps), in double
struct NormFactors {
  std::vector<float> weight, bias;

  /// `eps` is that of the description: PyTorch's files do not have it.
  NormFactors(const std::vector<float>& gamma, const std::vector<float>& beta, const std::vector<float>& mean,
              const std::vector<float>& variance, float eps) {
    for (std::size_t c = 0; c < gamma.size(); ++c) {
      const double factor =
          static_cast<double>(gamma[c]) / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(eps));
      weight.push_back(static_cast<float>(factor));
      bias.push_back(static_cast<float>(static_cast<double>(beta[c]) - static_cast<double>(mean[c]) * factor));
    }
  }
};

/// Reads the ChannelAffine layers for which the file has the statistics of a batch norm. `layouts` has one entry for each
/// parameter. Returns a mark for each parameter: true if it is read.
/// Errors   noted in the reader: state-not-valid if a variance is negative, value-not-finite if a result is
inline std::vector<bool> read_batch_norms(const Graph& graph, training::Parameters& parameters,
                                          const std::vector<TorchLayout>& layouts, Reader& reader) {
  std::vector<bool> is_read(parameters.list().size());
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    const std::string name = tensors::text(module.name);
    if (family_of(module.op) != Family::ChannelAffine || module.node < 0 || !reader.has(name + ".running_var"))
      continue;
    const training::ParametersOfModule& p = parameters.of(m);
    if (parameters[p.weight].name != name + ".weight") continue;  // that of a Tie
    const TorchLayout& layout = layouts[static_cast<std::size_t>(p.weight)];
    const auto read = [&](const char* what) {
      const std::vector<float> given = reader.floats(name + what, layout.shape);
      return given.empty() ? given : from_torch(layout, given);
    };
    const std::vector<float> gamma = read(".weight"), beta = read(".bias"), mean = read(".running_mean"),
                             variance = read(".running_var");
    for (const int parameter : {p.weight, p.bias}) is_read[static_cast<std::size_t>(parameter)] = true;
    if (gamma.empty() || beta.empty() || mean.empty() || variance.empty()) continue;
    if (std::any_of(variance.begin(), variance.end(), [](float v) { return v < 0; })) {
      reader.note(Error(diagnosis::state_not_valid, "a variance is negative", name + ".running_var"));
      continue;
    }
    reader.try_to(name, [&] {
      NormFactors factors(gamma, beta, mean, variance, graph.nodes[module.node].settings.epsilon);
      finite_range(factors.weight);
      finite_range(factors.bias);
      parameters[p.weight].values = std::move(factors.weight);
      parameters[p.bias].values = std::move(factors.bias);
      for (const int parameter : {p.weight, p.bias})
        std::fill(parameters[parameter].gradients.begin(), parameters[parameter].gradients.end(), 0.0f);
    });
  }
  return is_read;
}

}  // namespace quench::interop::detail
