// SPDX-License-Identifier: Apache-2.0
// Processors, each with the march of its BPU. Freestanding.
#pragma once

#include <type_traits>

#include <quench/types/march.hpp>

namespace quench::processor {

struct J6E {
  using March = march::NashE;
};
struct J6M {
  using March = march::NashM;
};
struct J6P {
  using March = march::NashP;
};
struct J6B {
  using March = march::NashB;
};
struct J5 {
  using March = march::Bayes;
};
struct J3 {
  using March = march::Bernoulli2;
};

/// True if a model made for `March` runs on `Processor`.
template <march::March March, class Processor>
inline constexpr bool runs = std::is_same_v<March, typename Processor::March>;

}  // namespace quench::processor
