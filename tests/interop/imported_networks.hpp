// SPDX-License-Identifier: Apache-2.0
// Imported networks that description.hpp writes for the tests: of each shape one.
#pragma once

#include <utility>

#include <quench/interop/centered_images.hpp>

#include "interop/imported.hpp"

namespace imported {

/// Names without scopes.
inline i::ImportedNetwork flat() {
  Maker net({8, 8, 3});
  int x = net.layer("stem_relu", "ReLU", net.bn("stem_bn", net.conv("stem", 0, 3, 4, 3, 1, 1, false), 4));
  x = net.add("", x, net.conv("body", x, 4, 4, 3));
  net.output("y", net.linear("classifier", net.flatten(net.layer("", "HardSwish", x)), 256, 10));
  return std::move(net.network);
}

/// A backbone whose stages feed heads, and heads that are called in turn, so that no block of theirs has a forward.
inline i::ImportedNetwork pyramid() {
  Maker net({16, 16, 3});
  int x = 0, maps[3] = {};
  for (int stage = 0; stage < 3; ++stage) {
    const std::string scope = "backbone.stage" + std::to_string(stage + 1);
    x = net.layer("", "ReLU", net.conv(scope + ".down", x, stage == 0 ? 3 : 4, 4, 3, 2));
    for (int block = 0; block < 2; ++block) {
      const std::string in_block = scope + ".blocks." + std::to_string(block);
      const int y = net.layer(in_block + ".act", "SiLU", net.conv(in_block + ".conv1", x, 4, 4, 3));
      x = net.layer("", "ReLU", net.add("", net.conv(in_block + ".conv2", y, 4, 4, 3), x));
    }
    maps[stage] = x;
  }
  int outputs[2] = {};
  for (int level = 0; level < 2; ++level) {
    const std::string place = std::to_string(level);
    const int classes = net.conv("heads.classes." + place, maps[level + 1], 4, 2, 1);
    const int boxes = net.conv("heads.boxes." + place + ".conv", maps[level + 1], 4, 4, 3);
    outputs[level] = net.step("heads.join." + place, "FloatFunctional", "", "$m.cat($0, $1)", {classes, boxes},
                              {net.shape_of(boxes)[0], net.shape_of(boxes)[1], 6});
  }
  const int pooled = net.step("", "MaxPool2d", "{.kernel_size = 2, .stride = 2}", "$m($0)", {outputs[0]}, {2, 2, 6});
  const int up = net.step("neck.up", "Upsample", "{.scale_factor = 2, .mode = InterpolationMode::Bilinear}", "$m($0)",
                          {maps[2]}, {4, 4, 4});
  const int gate = net.layer("neck.gate", "Sigmoid", up);
  net.output("large", pooled);
  net.output("small", outputs[1]);
  net.output("gate", net.step("", "FloatFunctional", "", "$m.mul($0, $1)", {gate, maps[1]}, {4, 4, 4}));
  return std::move(net.network);
}

/// Names that C++ does not take, or that something else has.
inline i::ImportedNetwork hostile() {
  Maker net({8});
  net.network.file = "a\n#error \\";
  net.network.producer = "\xc3\xa4*/\r";
  net.network.inputs[0].name = "x";
  net.add_input("class", {8});
  net.add_input("12", {8});
  int x = 0, y = 1;
  for (const char* name : {"int",        "x",      "y",        "quant",      "dequant",
                           "forward",    "Inputs", "std",      "EOF",        "_A__b",
                           "quench.int", "1x",     "a-b",      "a_b",        "\xc3\xa4.\xc3\xb6",
                           "..",         "a.b.c",  "a",        "a.b",        "Net.net.Net",
                           "a.0",        "s.0.a",  "s.0",      "s.1",        "t.1",
                           "t.1",        "t.0",    "s.x\" \n", "linux.unix", "conv",
                           "conv",       "F.F"})
    x = net.linear(name, x, 8, 8);
  x = net.linear(std::string(3000, 'z'), x, 8, 8);
  std::string deep = "d";
  for (int i = 0; i < 50; ++i) deep += ".d";
  x = net.linear(deep + "1", net.linear(deep, x, 8, 8), 8, 8);
  y = net.add("", net.layer("", "ReLU", net.add("", x, y)), 2);
  net.output("y", y);
  net.output("y", x);
  net.output("y", y);
  return std::move(net.network);
}

/// Blocks with a gate and other activations, without a name; and a layer called twice, whose weights are tied.
inline i::ImportedNetwork gated() {
  Maker net({16, 16, 3});
  int x = net.layer("", "HardSwish", net.conv("", 0, 3, 8, 3, 2));
  for (int block = 0; block < 5; ++block) {
    const int hidden = 16 + 8 * block, before = x;
    x = net.layer("", "HardSwish", net.conv("", x, 8, hidden, 1));
    x = net.layer("", "HardSwish", net.conv("", x, hidden, hidden, block % 2 == 0 ? 3 : 5, 1, hidden));
    int gate = net.layer("", "ReLU", net.conv("", net.pool("", x), hidden, 8, 1));
    gate = net.step("", "HardSigmoid", "{.alpha = 0.2f}", "$m($0)", {net.conv("", gate, 8, hidden, 1)}, {1, 1, hidden});
    x = net.step("", "FloatFunctional", "", "$m.mul($0, $1)", {x, gate}, net.shape_of(x));
    x = net.add("", before, net.conv("", x, hidden, 8, 1));
  }
  const int first = net.conv("shared", x, 8, 8, 1), step = static_cast<int>(net.network.steps.size()) - 1;
  const int second = net.conv("shared", net.layer("", "ReLU", first), 8, 8, 1);
  net.network.steps.back().tied_to = step;
  net.network.steps.back().parameters = net.network.steps[static_cast<std::size_t>(step)].parameters;
  const int row = net.step("", "", "", "slice($0, 0, 1, 2)", {second}, {1, 8, 8});
  const int mean = net.step("", "FloatFunctional", "", "$m.mean($0, {0, 1}, true)", {row}, {1, 1, 8});
  net.output("y", net.step("", "", "", "reshape($0, {2, 4})", {mean}, {2, 4}));
  return std::move(net.network);
}

/// With the outputs of the two networks of examples/12_pretrained.cpp: two classes, or scores and boxes on two grids.
inline i::ImportedNetwork two_classes() {
  Maker net({8, 8, 3});
  net.output("classes", net.linear("fc", net.flatten(net.pool("pool", net.conv("conv", 0, 3, 4, 3))), 4, 2));
  return std::move(net.network);
}
inline i::ImportedNetwork scores_and_boxes() {
  Maker net({8, 8, 3});
  const int small = net.conv("small", 0, 3, 4, 3), large = net.conv("large", small, 4, 4, 3, 2);
  net.output("scores_of_small", net.conv("scores.0", small, 4, 1, 1));
  net.output("scores_of_large", net.conv("scores.1", large, 4, 1, 1));
  net.output("boxes_of_small", net.conv("boxes.0", small, 4, 16, 1));
  net.output("boxes_of_large", net.conv("boxes.1", large, 4, 16, 1));
  return std::move(net.network);
}

/// A network of the pictures that it was trained on. A convolution without padding reads one of them, a Linear the other.
inline i::ImportedNetwork trained_on_pictures() {
  Maker net({8, 8, 3});
  net.add_input("depth", {4, 4, 1});
  int x = net.layer("relu", "ReLU", net.bn("stem_bn", net.conv("stem", 0, 3, 4, 1, 1, 1, false), 4));
  const int y = net.linear("depth_fc", net.flatten(1), 16, 6);
  x = net.linear("fc", net.flatten(x), 256, 6);
  net.output("y", net.add("", x, y));
  return std::move(net.network);
}

/// The pictures of its training.
inline std::vector<i::TrainedImages> trained_pictures() {
  return {{"image", quench::ColorFormat::Bgr, {0.406, 0.456, 0.485}, {0.225, 0.224, 0.229}},
          {"depth", quench::ColorFormat::None, {127.5}, {64}, 255}};
}

inline i::ImportedNetwork takes_centered_images() {
  i::ImportedNetwork network = trained_on_pictures();
  i::take_centered_images(network, trained_pictures());
  return network;
}

/// Words and a category beside a real input.
inline i::ImportedNetwork text() {
  Maker net({4});
  net.add_input("words", {6});
  net.add_input("category", {1});
  net.network.inputs[1].is_indices = net.network.inputs[2].is_indices = true;
  const int words = net.embedding("words", 1, 30, 4), category = net.embedding("category", 2, 5, 4);
  const int all = net.step("", "FloatFunctional", "", "$m.cat<0>($0, $1)", {words, category}, {7, 4});
  const int mean = net.step("", "FloatFunctional", "", "$m.mean($0, 0)", {all}, {4});
  net.output("y", net.linear("head", net.add("", mean, 0), 4, 3));
  return std::move(net.network);
}

/// All of them by the names of their structs.
inline std::vector<std::pair<std::string, i::ImportedNetwork>> networks() {
  std::vector<std::pair<std::string, i::ImportedNetwork>> all;
  all.emplace_back("Flat", flat());
  all.emplace_back("Pyramid", pyramid());
  all.emplace_back("Hostile", hostile());
  all.emplace_back("Gated", gated());
  all.emplace_back("TrainedOnPictures", trained_on_pictures());
  all.emplace_back("TakesCenteredImages", takes_centered_images());
  all.emplace_back("Text", text());
  all.emplace_back("MobileNet", mobilenet_v2(true));
  all.emplace_back("NamelessMobileNet", mobilenet_v2(false));
  all.emplace_back("TextDirection", two_classes());
  all.emplace_back("BlazeFace", scores_and_boxes());
  return all;
}

}  // namespace imported
