// SPDX-License-Identifier: Apache-2.0
// A quantized network on a device: no heap, no float arithmetic, no operating system. The same program runs on the
// host. `test_images.hpp` contains the weights, some images and the host's integers for them; 08_train_and_convert and
// 09_fashion_mnist write it.
#include <quench/embedded.hpp>

#include "device/platform.hpp"
#include "test_images.hpp"

// region device
static quench::embedded::Model<weights> model;  // its arena is planned at compile time

int main() {
  int right = 0, equal = 0;
  for (int i = 0; i < image_count; ++i) {
    const auto logits = model.run(images[i]);                // int32, with a scale for each channel
    right += quench::embedded::argmax(logits) == labels[i];  // never compare the raw values of two channels
    bool is_equal = true;
    for (int c = 0; c < logits.size(); ++c) is_equal &= logits[c] == answers[i][c];
    equal += is_equal;
  }
  // end region
  print("images               ", image_count);
  print("classified rightly   ", right);
  print("outputs as on host   ", equal);
  print("arena, bytes         ", model.arena_bytes);
  return equal == image_count ? 0 : 1;
}
