// SPDX-License-Identifier: Apache-2.0
// Runs a network of many operators and prints its outputs. The same program runs on the host and on bare metal.
#include <quench/embedded.hpp>

#include "device/platform.hpp"
#include "device/weights.hpp"

namespace {

quench::embedded::Model<many_operators::Weights> model;
using Table = decltype(quench::device::step_table<many_operators::Weights>);
static_assert(sizeof(void*) > 4 || sizeof(Table) <= 64 * quench::graph<many_operators::Net>.node_count);

void print(int number) {
  char digits[12];
  int count = 0;
  unsigned rest = number < 0 ? 0u - static_cast<unsigned>(number) : static_cast<unsigned>(number);
  do digits[count++] = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0) put('-');
  while (count > 0) put(digits[--count]);
  put(' ');
}

template <class T>
void print(const quench::embedded::Output<T>& output) {
  for (int i = 0; i < output.size(); ++i) print(static_cast<int>(output[i]));
  print(quench::embedded::argmax(output));
  put('\n');
}

}  // namespace

int main() {
  model.run(many_operators::pixels.values, many_operators::features.values);
  print(model.output<0>());
  print(model.output<1>());
  print(model.output<2>());
  print(model.output<3>());
  // What a board alone can know, which run.py reads.
  if (stack_used() > 0) print("stack ", stack_used());
  return 0;
}
