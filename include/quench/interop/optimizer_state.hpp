// SPDX-License-Identifier: Apache-2.0
// The state of optimizers as named arrays, so that training can resume.
#pragma once

#include <quench/interop/array_reader.hpp>
#include <quench/training/optimizers.hpp>

namespace quench::interop {

template <class Model>
NamedArrays arrays_of(const Sgd& sgd, Model& model) {
  NamedArrays arrays;
  std::size_t i = 0;
  for (const ParameterView& parameter : model.parameters())
    if (!parameter.gradients.empty() && i < sgd.velocity.size())
      arrays["velocity." + parameter.name] = NamedArray::of<float>(parameter.shape, sgd.velocity[i++]);
  return arrays;
}
template <class Model>
NamedArrays arrays_of(const Adam& adam, Model& model) {
  NamedArrays arrays;
  std::size_t i = 0;
  for (const ParameterView& parameter : model.parameters())
    if (!parameter.gradients.empty() && i < adam.mean.size()) {
      arrays["mean." + parameter.name] = NamedArray::of<float>(parameter.shape, adam.mean[i]);
      arrays["square." + parameter.name] = NamedArray::of<float>(parameter.shape, adam.square[i++]);
    }
  const std::int64_t steps = adam.steps;
  arrays["steps"] = NamedArray::of<std::int64_t>({1}, std::span(&steps, 1));
  return arrays;
}

namespace detail {

template <class Model>
OptimizerState read_optimizer(const char* what, Model& model, Reader& reader) {
  OptimizerState state;
  for (const ParameterView& parameter : model.parameters())
    if (!parameter.gradients.empty()) state.push_back(reader.floats(what + parameter.name, parameter.shape));
  return state;
}

}  // namespace detail

/// Restores the state of an optimizer.
/// Errors   state-not-valid, value-not-finite; file-not-readable and shape-mismatch of an array; the optimizer is
///          unchanged then
template <class Model>
void load_arrays(Sgd& sgd, Model& model, const NamedArrays& arrays) {
  detail::Reader reader(arrays);
  OptimizerState velocity;
  if (!arrays.empty()) velocity = detail::read_optimizer("velocity.", model, reader);
  reader.finish();
  sgd.velocity = std::move(velocity);
}
template <class Model>
void load_arrays(Adam& adam, Model& model, const NamedArrays& arrays) {
  detail::Reader reader(arrays);
  OptimizerState mean, square;
  if (arrays.size() > 1) {
    mean = detail::read_optimizer("mean.", model, reader);
    square = detail::read_optimizer("square.", model, reader);
  }
  const std::int64_t steps = reader.count("steps");
  reader.finish();
  adam.mean = std::move(mean);
  adam.square = std::move(square);
  adam.steps = static_cast<long>(steps);
}

}  // namespace quench::interop
