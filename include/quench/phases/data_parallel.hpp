// SPDX-License-Identifier: Apache-2.0
// `DataParallel`: a model whose batches are divided among several threads.
//
//   quench::DataParallel model{quench::FloatModel<Net>{}, quench::Workers{2}};   // used as the model itself
#pragma once

#include <quench/phases/calibrated_model.hpp>

namespace quench {

/// A model with several threads. Batches are divided into a fixed number of parts and gradients added in a fixed order,
/// so the number of workers changes no bit of any result.
/// Errors   calibration-on-several-devices (compile time)
template <class Model>
class DataParallel : public Model {
 public:
  DataParallel(Model model, Workers workers) : Model(std::move(model)) { this->set_workers(workers); }

  /// The model with one thread.
  Model model() const {
    Model model = *this;
    model.set_workers({});
    return model;
  }
};

namespace phases {

template <class Model>
struct RuleForParallelCalibration {
  using type = misuse::calibration_on_several_devices<phase::PreparedModel>;
};

}  // namespace phases

template <class Net, march::March M, Setter S>
class DataParallel<PreparedModel<Net, M, S>> : phases::RuleForParallelCalibration<Net>::type {
 public:
  DataParallel(PreparedModel<Net, M, S>, Workers) {}
};

}  // namespace quench
