// SPDX-License-Identifier: Apache-2.0
// Runs the exported headers as a device does, and prints what comes out.
#include "exported/networks.hpp"
#include "exported/print.hpp"
// The headers include what they need, but for the networks.
#include "adaptive_pools_weights.hpp"
#include "affines_weights.hpp"
#include "arithmetic_weights.hpp"
#include "choices_weights.hpp"
#include "joins_weights.hpp"
#include "corners_weights.hpp"
#include "functions16_weights.hpp"
#include "functions_weights.hpp"
#include "hard_functions_weights.hpp"
#include "partly_defined_weights.hpp"
#include "resizes_weights.hpp"
#include "row_norms16_weights.hpp"
#include "row_norms_weights.hpp"
#include "slopes_weights.hpp"
#include "smooth_functions_weights.hpp"
#include "layers_weights.hpp"
#include "many_classes_weights.hpp"
#include "outputs_weights.hpp"
#include "resnet_weights.hpp"
#include "siamese_weights.hpp"
#include "sequence_layers_weights.hpp"
#include "sequence_pools_weights.hpp"
#include "windows_weights.hpp"
#include "words16_weights.hpp"
#include "words_weights.hpp"

namespace {

template <class Weights>
quench::embedded::Model<Weights> model;

template <class Weights, int... Output>
void print_outputs(std::integer_sequence<int, Output...>) {
  (exported::print(model<Weights>.template output<Output>()), ...);
}

template <class Weights, class Code, int... Size>
void run() {
  std::uint32_t state = 1;
  static Code codes[2][4096];
  int input = 0;
  ((exported::fill(codes[input++], Size, state)), ...);
  if constexpr (sizeof...(Size) == 1)
    model<Weights>.run(codes[0]);
  else
    model<Weights>.run(codes[0], codes[1]);
  print_outputs<Weights>(std::make_integer_sequence<int, quench::embedded::Model<Weights>::output_count>{});
}

}  // namespace

int main() {
  run<layers_weights, std::int8_t, 7 * 9 * 4>();
  run<functions_weights, std::int8_t, 5 * 3 * 8>();
  run<functions16_weights, std::int16_t, 5 * 3 * 8>();
  run<hard_functions_weights, std::int8_t, 5 * 3 * 8>();
  run<smooth_functions_weights, std::int8_t, 5 * 3 * 8>();
  run<partly_defined_weights, std::int8_t, 5 * 3 * 8>();
  run<many_classes_weights, std::int8_t, 2 * 1100>();
  run<row_norms_weights, std::int8_t, 4 * 5 * 8>();
  run<row_norms16_weights, std::int16_t, 4 * 5 * 8>();
  run<corners_weights, std::int8_t, 6 * 6 * 3>();
  run<arithmetic_weights, std::int16_t, 4 * 3 * 5, 4 * 1 * 5>();
  run<choices_weights, std::int8_t, 4 * 3 * 5, 4 * 1 * 5>();
  run<joins_weights, std::int8_t, 4 * 3 * 5, 2 * 3 * 5>();
  run<affines_weights, std::int8_t, 3 * 5 * 7>();
  run<slopes_weights, std::int8_t, 3 * 5 * 7>();
  run<words_weights, std::int32_t, 12>();
  run<words16_weights, std::int32_t, 12>();
  run<windows_weights, std::int8_t, 8 * 9 * 4>();
  run<adaptive_pools_weights, std::int8_t, 6 * 7 * 5>();
  run<resizes_weights, std::int8_t, 6 * 8 * 3>();
  run<sequence_layers_weights, std::int16_t, 13 * 4>();
  run<sequence_pools_weights, std::int8_t, 13 * 5>();
  run<outputs_weights, std::int8_t, 8 * 8 * 3>();
  run<resnet_weights, std::int8_t, 12 * 12>();
  run<siamese_weights, std::int8_t, 5 * 5 * 2, 5 * 5 * 2>();
}
