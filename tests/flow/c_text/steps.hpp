// SPDX-License-Identifier: Apache-2.0
// The C text of one step of a network.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include <quench/execution/constants.hpp>
#include <quench/flow/c_text/step.hpp>
#include <quench/network.hpp>

namespace c_steps {

/// Of the last step of a network without weights, whose scales are all 1/8: its constants, and its function.
template <class Net, class Write>
std::string text_of(Write write) {
  const auto& graph = quench::graph<Net>;
  std::vector<quench::DType> dtypes(static_cast<std::size_t>(graph.node_count));
  quench::write_dtypes<quench::Int8Everywhere>(graph, dtypes.data());
  const auto modules = static_cast<std::size_t>(graph.module_count);
  const quench::QuantizationState state{std::vector<float>(modules, 0.125f),
                                        std::vector<quench::LayerWeights>(modules)};
  const quench::IntegerConstants constants(graph, dtypes, state);
  int last = 0;
  for (int n = 0; n < graph.node_count; ++n)
    if (quench::device::is_step(graph, n)) last = n;
  quench::detail::c_text::Step step(graph, constants, last);
  write(step);
  std::string text;
  for (const quench::detail::c_text::Constant& constant : step.data()) text += constant.definition();
  return text + step.text();
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace c_steps
