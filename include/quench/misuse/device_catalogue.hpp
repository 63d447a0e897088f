// SPDX-License-Identifier: Apache-2.0
// The part of the catalogue about exported weights. The form of the rules is that of catalogue.hpp. Freestanding.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::misuse {

/// The network that the compiler sees, with its hash; the header has another one, or none.
template <class Network, unsigned long long Hash>
struct needed_network;
/// The processor that the program is built for.
template <class Processor>
struct needed_processor;

template <class Weights, class Made>
struct weights_of_another_network {
  static_assert(allowed<weights_of_another_network>,
                "quench[weights-of-another-network]: an exported header does not belong to this network or processor. "
                "The device would read past the weights, or compute with settings that nobody trained. "
                "Export it again: quench::export_cpp(quench::deploy<Processor>(quantized), path).");
};

}  // namespace quench::misuse
