// SPDX-License-Identifier: Apache-2.0
// A march is a type with its capabilities. You can query them, or have the compiler check a network: `verified<Net,
// March>` does not compile if an operator is missing.
#include <cstdio>

#include "fashion_net.hpp"
#include "print_graph.hpp"

// region checks
static_assert(quench::verified<FashionNet, quench::march::Bernoulli2>());  // needs no GELU and no softmax
static_assert(quench::verified_processor<quench::march::NashM, quench::processor::J6M>());
// end region

template <quench::march::March March>
void print_march(const char* name) {
  std::printf("%-12s %-16s %-5s %-8s %s\n", name, March::has_integer_backend ? "yes" : "no",
              March::supports(quench::Operator::GELU) ? "yes" : "no",
              March::takes_int16_input(quench::Operator::Conv2d) ? "yes" : "no",
              March::takes_int16_input(quench::Operator::MaxPool2d) ? "yes" : "no");
}

int main() {
  std::printf("%-12s %-16s %-5s %-8s %s\n", "march", "integer backend", "GELU", "int16", "int16 max pool");
  print_march<quench::march::NashE>("NashE");
  print_march<quench::march::NashM>("NashM");
  print_march<quench::march::NashP>("NashP");
  print_march<quench::march::NashB>("NashB");
  print_march<quench::march::Bayes>("Bayes");
  print_march<quench::march::Bernoulli2>("Bernoulli2");
}
