// SPDX-License-Identifier: Apache-2.0
// Processors, each with the march of its BPU. Freestanding.
#pragma once

#include <type_traits>

#include <quench/types/march.hpp>

namespace quench::processor {

/// The processor J6E. Its march is NashE.
struct J6E {
  using March = march::NashE;
};
/// The processor J6M. Its march is NashM.
struct J6M {
  using March = march::NashM;
};
/// The processor J6P. Its march is NashP.
struct J6P {
  using March = march::NashP;
};
/// The processor J6B. Its march is NashB.
struct J6B {
  using March = march::NashB;
};
/// The processor J5. Its march is Bayes.
struct J5 {
  using March = march::Bayes;
};
/// The processor J3. Its march is Bernoulli2.
struct J3 {
  using March = march::Bernoulli2;
};

/// True if a model made for `March` runs on `Processor`.
template <march::March March, class Processor>
inline constexpr bool runs = std::is_same_v<March, typename Processor::March>;

}  // namespace quench::processor
