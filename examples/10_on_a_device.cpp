// SPDX-License-Identifier: Apache-2.0
// A quantized network on a device: no heap, no float arithmetic, no operating system. The same program runs on the
// host. `test_images.hpp` contains the weights, some images and the host's integers for them; 08_train_and_convert and
// 09_fashion_mnist write it.
#include <quench/embedded.hpp>

#include "device/platform.hpp"
#include "test_images.hpp"

// region device
static quench::embedded::Model<weights> model;  // its arena is planned at compile time

/// The class of an image, given as its codes.
static int class_of(const std::int8_t (&image)[image_size]) {
  const auto logits = model.run(image);     // integers, with a scale for each channel
  return quench::embedded::argmax(logits);  // never compare the raw values of two channels
}
// end region

int main() {
  int right = 0, equal = 0;
  for (int i = 0; i < image_count; ++i) {
    right += class_of(images[i]) == labels[i];
    const auto logits = model.output<0>();  // of the last run
    bool is_equal = true;
    for (int c = 0; c < logits.size(); ++c) is_equal &= logits[c] == answers[i][c];
    equal += is_equal;
  }
  print("images               ", image_count);
  print("classified rightly   ", right);
  print("outputs as on host   ", equal);
  print("arena, bytes         ", model.arena_bytes);
  if (stack_used() > 0) print("stack, bytes         ", stack_used());
  return equal == image_count ? 0 : 1;
}
