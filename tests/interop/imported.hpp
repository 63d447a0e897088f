// SPDX-License-Identifier: Apache-2.0
// Imported networks made by hand. Weights are filled with numbers that differ.
#pragma once

#include <string>
#include <vector>

#include <quench/interop/imported_network.hpp>

namespace imported {

namespace i = quench::interop;

/// Appends steps to a network. Values are their numbers.
class Maker {
 public:
  explicit Maker(std::vector<std::int64_t> shape) {
    network.file = "net.onnx";
    network.producer = "by hand 1.0";
    network.opset = 13;
    add_input("image", std::move(shape));
  }

  int add_input(const std::string& name, std::vector<std::int64_t> shape) {
    network.inputs.push_back({.name = name, .shape = std::move(shape)});
    return static_cast<int>(network.inputs.size()) - 1;
  }

  int step(const std::string& name, const std::string& type, const std::string& settings, const std::string& call,
           std::vector<int> inputs, std::vector<std::int64_t> shape) {
    i::ImportedStep made{.type = type, .settings = settings, .call = call};
    made.inputs = std::move(inputs);
    made.shape = std::move(shape);
    made.name = name;
    made.node = type + call + " '" + name + "'";
    network.steps.push_back(std::move(made));
    return static_cast<int>(network.inputs.size() + network.steps.size()) - 1;
  }

  int conv(const std::string& name, int x, int in, int out, int kernel, int stride = 1, int groups = 1,
           bool bias = true) {
    std::string settings = ".in_channels = " + std::to_string(in) + ", .out_channels = " + std::to_string(out) +
                           ", .kernel_size = " + std::to_string(kernel);
    if (stride != 1) settings += ", .stride = " + std::to_string(stride);
    if (kernel != 1) settings += ", .padding = " + std::to_string(kernel / 2);
    if (groups != 1) settings += ", .groups = " + std::to_string(groups);
    if (!bias) settings += ", .bias = false";
    std::vector<std::int64_t> shape = shape_of(x);
    for (int axis = 0; axis < 2; ++axis) {
      std::int64_t& extent = shape[static_cast<std::size_t>(axis)];
      extent = (extent + kernel / 2 * 2 - kernel) / stride + 1;
    }
    shape[2] = out;
    const int made = step(name, "Conv2d", "{" + settings + "}", "$m($0)", {x}, shape);
    const auto size = [](int extent) { return static_cast<std::size_t>(extent); };
    fill("weight", {size(out), size(in / groups), size(kernel), size(kernel)});
    if (bias) fill("bias", {size(out)});
    return made;
  }

  int bn(const std::string& name, int x, int channels) {
    const int made =
        step(name, "BatchNorm2d", "{.channels = " + std::to_string(channels) + "}", "$m($0)", {x}, shape_of(x));
    for (const char* what : {"weight", "bias", "running_mean", "running_var"})
      fill(what, {static_cast<std::size_t>(channels)});
    return made;
  }

  int linear(const std::string& name, int x, int in, int out) {
    const int made =
        step(name, "Linear", "{.in_features = " + std::to_string(in) + ", .out_features = " + std::to_string(out) + "}",
             "$m($0)", {x}, {out});
    fill("weight", {static_cast<std::size_t>(out), static_cast<std::size_t>(in)});
    fill("bias", {static_cast<std::size_t>(out)});
    return made;
  }

  int embedding(const std::string& name, int indices, int rows, int numbers) {
    std::vector<std::int64_t> shape = shape_of(indices);
    shape.push_back(numbers);
    const int made =
        step(name, "Embedding",
             "{.num_embeddings = " + std::to_string(rows) + ", .embedding_dim = " + std::to_string(numbers) + "}",
             "$m($0)", {indices}, shape);
    fill("weight", {static_cast<std::size_t>(rows), static_cast<std::size_t>(numbers)});
    return made;
  }

  /// A layer without parameters that keeps the shape.
  int layer(const std::string& name, const std::string& type, int x) {
    return step(name, type, "", "$m($0)", {x}, shape_of(x));
  }

  int pool(const std::string& name, int x) {
    return step(name, "GlobalAvgPool2d", "", "$m($0)", {x}, {1, 1, shape_of(x).back()});
  }

  int flatten(int x) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape_of(x)) count *= extent;
    return step("", "", "", "flatten($0)", {x}, {count});
  }

  int add(const std::string& name, int a, int b) {
    return step(name, "FloatFunctional", "", "$m.add($0, $1)", {a, b}, shape_of(a));
  }

  void output(const std::string& name, int value) { network.outputs.push_back({.name = name, .value = value}); }

  std::vector<std::int64_t> shape_of(int value) const {
    const std::size_t at = static_cast<std::size_t>(value), inputs = network.inputs.size();
    return at < inputs ? network.inputs[at].shape : network.steps[at - inputs].shape;
  }

  i::ImportedNetwork network{};

 private:
  void fill(const std::string& name, std::vector<std::size_t> shape) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(++filled_ % 97) / 97;
    network.steps.back().parameters[name] = i::NamedArray::of<float>(std::move(shape), values);
  }

  std::size_t filled_ = 0;
};

/// torchvision's MobileNetV2 with the names of its modules, or without any.
inline i::ImportedNetwork mobilenet_v2(bool has_names, bool has_norms = true) {
  Maker net({224, 224, 3});
  const auto named = [&](const std::string& name) { return has_names ? name : ""; };
  const auto conv_bn = [&](const std::string& scope, int x, int in, int out, int kernel, int stride, int groups) {
    x = net.conv(named(scope + ".0"), x, in, out, kernel, stride, groups, !has_norms);
    if (has_norms) x = net.bn(named(scope + ".1"), x, out);
    return net.layer(named(scope + ".2"), "ReLU6", x);
  };
  int x = conv_bn("features.0", 0, 3, 32, 3, 2, 1), in = 32, number = 1;
  const int rows[7][4] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                          {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  for (const auto& [expansion, out, repeats, first_stride] : rows)
    for (int r = 0; r < repeats; ++r) {
      const std::string scope = "features." + std::to_string(number++) + ".conv.";
      const int stride = r == 0 ? first_stride : 1, hidden = in * expansion, before = x;
      int place = 0;
      if (expansion != 1) x = conv_bn(scope + std::to_string(place++), x, in, hidden, 1, 1, 1);
      x = conv_bn(scope + std::to_string(place++), x, hidden, hidden, 3, stride, hidden);
      x = net.conv(named(scope + std::to_string(place++)), x, hidden, out, 1, 1, 1, !has_norms);
      if (has_norms) x = net.bn(named(scope + std::to_string(place++)), x, out);
      if (stride == 1 && in == out) x = net.add("", before, x);
      in = out;
    }
  x = conv_bn("features." + std::to_string(number), x, in, 1280, 1, 1, 1);
  x = net.linear(named("classifier.1"), net.flatten(net.pool("", x)), 1280, 1000);
  net.output("logits", x);
  return std::move(net.network);
}

}  // namespace imported
