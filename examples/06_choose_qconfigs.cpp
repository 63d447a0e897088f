// SPDX-License-Identifier: Apache-2.0
// A setter says which module gets which qconfig. Setters are types, checked for the network at compile time.
#include <cstdio>

#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>

#include "fashion_net.hpp"

namespace q = quench;
using q::march::NashE;

// region setter
using Setter = q::QConfigSetter<q::rule::ByName<"body", q::qconfig::Int8WeightInt16Activation>,  // the first match wins
                                q::rule::HighPrecisionOutput<>,  // outputs of int32 or int16
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<FashionNet, NashE, Setter>());
static_assert(q::verified_setter<FashionNet, NashE, q::setter::DefaultQat>());
// end region

namespace {

template <class TheSetter>
void print(const char* name) {
  using Decisions = q::SetterDecisions<FashionNet, NashE, TheSetter>;
  constexpr const char* dtypes[] = {"float32", "int4", "int8", "int16", "int32"};
  std::printf("%s\n", name);
  for (int m = 0; m < Decisions::graph.module_count; ++m) {
    const q::Module& module = Decisions::graph.modules[m];
    const bool has_rule = Decisions::table.of_module[m].rule >= 0;
    std::printf("  %-12.*s%s\n", module.name.size, module.name.data,
                has_rule ? dtypes[static_cast<int>(Decisions::of(m))] : "-");
  }
}

}  // namespace

int main() {
  print<Setter>("the setter above");
  print<q::setter::DefaultQat>("setter::DefaultQat");
  print<q::setter::Int16WhereSupported>("setter::Int16WhereSupported");
}
