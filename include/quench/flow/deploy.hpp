// SPDX-License-Identifier: Apache-2.0
// `deploy<Processor, Limit>(quantized)`: checks that a processor runs the model and that its memory suffices.
#pragma once

#include <quench/flow/broken_rule.hpp>
#include <quench/phases/quantized_model.hpp>

namespace quench {

/// The bytes of RAM that a network's tensors need on a device, including inputs and outputs.
template <class Net, march::March M, Setter S = setter::DefaultQat>
inline constexpr int arena_bytes = device::memory_plan<Net, SetterDecisions<Net, M, S>>.arena_bytes;

/// The largest `arena_bytes` allowed.
template <int Bytes>
struct ArenaLimit {
  static constexpr int bytes = Bytes;
};
/// The arena may have any size. This is the default of `deploy`.
using NoArenaLimit = ArenaLimit<max_elements>;

/// A quantized model checked for a processor. `export_cpp` writes it.
template <class Net, march::March M, Setter S, class P>
class Deployment {
 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;
  using Processor = P;
  static constexpr int arena_bytes = quench::arena_bytes<Net, M, S>;

  explicit Deployment(QuantizedModel<Net, M, S> model) : model_(std::move(model)) {}
  const QuantizedModel<Net, M, S>& model() const& { return model_; }
  const QuantizedModel<Net, M, S>& model() const&& = delete;

 private:
  QuantizedModel<Net, M, S> model_;
};

/// Checks a model for a processor and a limit of its arena.
/// Errors   march-does-not-match-processor, arena-over-limit (compile time)
template <class Processor, class Limit = NoArenaLimit, class Net, march::March M, Setter S>
Deployment<Net, M, S, Processor> deploy(const QuantizedModel<Net, M, S>& model) {
  static_assert(verified_processor<M, Processor>());
  if constexpr (arena_bytes<Net, M, S> > Limit::bytes)
    static_cast<void>(misuse::arena_over_limit<arena_bytes<Net, M, S>, Limit::bytes>{});
  return Deployment<Net, M, S, Processor>(model);
}

}  // namespace quench
