// SPDX-License-Identifier: Apache-2.0
// Loss functions: a value to minimize, and its gradient. They run in float, in training only, and take no qconfig.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <quench/network/symbol.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

/// The value of a loss and its gradient with respect to the predictions, in a container of their type.
template <class Gradient>
struct Loss {
  double value = 0;
  Gradient gradient;
};

/// The mean over the batch of -log softmax(logits)[label].
/// Shapes   logits [N, classes] (or [..., classes], flattened to that); labels: N class indices
/// Errors   empty-input; value-not-finite; shape-mismatch: the number of labels; label-out-of-range
/// Equals   torch.nn.functional.cross_entropy(logits, labels), computed in double
struct CrossEntropyLoss {
  struct IsLossFunction {};

  template <FloatTensor X, class Labels>
  Loss<ResultFor<X>> operator()(const X& logits, const Labels& labels) const {
    static_assert(std::is_integral_v<std::remove_cvref_t<decltype(*labels.begin())>>, "labels are class indices");
    const FloatInput x(logits);
    finite_range(x);
    const Extents& extents = x.extents();
    if (extents.rank == 0) throw Error(diagnosis::shape_mismatch, "needed [N, classes], given one number");
    const std::size_t classes = extents[extents.rank - 1], samples = x.size() / classes;
    if (static_cast<std::size_t>(labels.size()) != samples)
      throw Error(diagnosis::shape_mismatch,
                  "needed " + std::to_string(samples) + " labels, given " + std::to_string(labels.size()));
    Loss<ResultFor<X>> loss{0, make_result<X>(extents)};
    auto label = labels.begin();
    for (std::size_t n = 0; n < samples; ++n, ++label) {
      const auto index = static_cast<std::size_t>(*label);
      if (*label < 0 || index >= classes)
        throw Error(diagnosis::label_out_of_range, "label " + std::to_string(n) + " is " + std::to_string(*label) +
                                                       ", needed one in [0, " + std::to_string(classes) + ")");
      const float* logit = x.data() + n * classes;
      float* gradient = loss.gradient.data() + n * classes;
      const double largest = static_cast<double>(*std::max_element(logit, logit + classes));
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(logit[c]) - largest);
      const auto count = static_cast<double>(samples);
      loss.value += (std::log(sum) + largest - static_cast<double>(logit[index])) / count;
      for (std::size_t c = 0; c < classes; ++c) {
        const double probability = std::exp(static_cast<double>(logit[c]) - largest) / sum;
        gradient[c] = static_cast<float>((probability - (c == index ? 1.0 : 0.0)) / count);
      }
    }
    return loss;
  }
};

/// The mean of (prediction - target)^2 over all values.
/// Shapes   predictions and targets: the same
/// Errors   empty-input; value-not-finite; shape-mismatch
/// Equals   torch.nn.functional.mse_loss(predictions, targets), computed in double
struct MeanSquaredLoss {
  struct IsLossFunction {};

  template <FloatTensor X>
  Loss<ResultFor<X>> operator()(const X& predictions, const FloatInput& targets) const {
    const FloatInput x(predictions);
    finite_range(x);
    finite_range(targets);
    if (!(x.extents() == targets.extents()))
      throw Error(diagnosis::shape_mismatch, "needed " + x.extents().text() + ", given " + targets.extents().text());
    Loss<ResultFor<X>> loss{0, make_result<X>(x.extents())};
    const auto count = static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double difference = static_cast<double>(x.data()[i]) - static_cast<double>(targets.data()[i]);
      loss.value += difference * difference / count;
      loss.gradient.data()[i] = static_cast<float>(2 * difference / count);
    }
    return loss;
  }
};

/// CrossEntropyLoss as a function. An object, so that compilers print one step less of a mistake.
inline constexpr CrossEntropyLoss cross_entropy{};

}  // namespace quench
