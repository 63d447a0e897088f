// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/error.hpp>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace quench {

QUENCH_INLINE Error::Error(const Diagnosis& diagnosis, std::string evidence, std::string module)
    : Error(diagnosis, std::move(evidence), std::move(module), false) {}

QUENCH_INLINE Error Error::with_evidence(const std::string& more) const {
  return {*diagnosis_, evidence_.empty() ? more : evidence_ + "; " + more, module_, is_in_training_};
}

QUENCH_INLINE Error Error::in_module(const std::string& outer) const {
  return {*diagnosis_, evidence_, module_.empty() ? outer : outer + "." + module_, is_in_training_};
}

QUENCH_INLINE Error::Error(const Diagnosis& diagnosis, std::string evidence, std::string module, bool is_in_training)
    : std::runtime_error(message(diagnosis, evidence, module, is_in_training)),
      diagnosis_(&diagnosis),
      evidence_(std::move(evidence)),
      module_(std::move(module)),
      is_in_training_(is_in_training) {}

QUENCH_INLINE std::string Error::message(const Diagnosis& diagnosis, const std::string& evidence,
                                         const std::string& module, bool is_in_training) {
  const bool has_other_cure = is_in_training && diagnosis.cure_in_training.size > 0;
  return "quench[" + tensors::text(diagnosis.slug) + "]: " + (module.empty() ? "" : module + ": ") +
         tensors::text(diagnosis.what) + (evidence.empty() ? "" : " (" + evidence + ")") + ". " +
         tensors::text(diagnosis.why) + " " +
         tensors::text(has_other_cure ? diagnosis.cure_in_training : diagnosis.cure);
}

}  // namespace quench
