// SPDX-License-Identifier: Apache-2.0
// Folded networks against those of the training, computed in double from their definition. written_descriptions.cpp and
// imported_models.py run them as models of quench.
#include <quench/interop/centered_images.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <random>

#include <quench/interop/cpp_text.hpp>
#include <quench/interop/import_onnx.hpp>

#include "interop/onnx_graph.hpp"
#include "tensors/throws.hpp"

namespace centered_images {

namespace i = quench::interop;
using Shape = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using quench::ColorFormat;

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

class Numbers {
 public:
  explicit Numbers(unsigned seed) : engine_(seed) {}
  double between(double low, double high) { return low + (high - low) * static_cast<double>(engine_()) / 4294967296.0; }
  i::NamedArray array(std::vector<std::size_t> shape) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(between(-1, 1));
    return i::NamedArray::of<float>(std::move(shape), values);
  }

 private:
  std::mt19937 engine_;
};

/// A picture of [pixels, channels], as the network had it in training and as it has it now.
struct Picture {
  Reals trained{}, centered{};

  Picture(Numbers& numbers, std::int64_t pixels, std::size_t channels, const i::TrainedImages& images) {
    for (std::int64_t p = 0; p < pixels; ++p) {
      Reals pixel(channels);
      for (double& value : pixel) value = numbers.between(0, 255);
      for (std::size_t c = 0; c < channels; ++c)
        trained.push_back((pixel[c] / 255 * images.white - images.mean[c % images.mean.size()]) /
                          images.deviation[c % images.deviation.size()]);
      if (images.color == ColorFormat::None) {
        for (const double value : pixel) centered.push_back((value - 128) / 128);
        continue;
      }
      const double red = pixel[images.color == ColorFormat::Bgr ? 2 : 0], green = pixel[1],
                   blue = pixel[images.color == ColorFormat::Bgr ? 0 : 2];
      const double y = 0.299 * red + 0.587 * green + 0.114 * blue;
      for (const double code : {y - 128, 0.5 * (blue - y) / 0.886, 0.5 * (red - y) / 0.701})
        centered.push_back(code / 128);
    }
  }
};

struct Window {
  std::int64_t height = 7, width = 9, in = 3, out = 4, groups = 1;
  std::int64_t kernel_height = 3, kernel_width = 3, stride = 1, dilation = 1;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool has_bias = true, is_same = false, is_sequence = false;

  std::int64_t count(int axis) const {
    const std::int64_t room = axis == 0 ? height + top + bottom : width + left + right;
    return (room - dilation * ((axis == 0 ? kernel_height : kernel_width) - 1) - 1) / stride + 1;
  }
  Shape shape(std::int64_t channels, bool is_output) const {
    Shape result{is_output ? count(0) : height, is_output ? count(1) : width, channels};
    if (is_sequence) result.erase(result.begin());
    return result;
  }
  std::string settings() const {
    i::detail::CppSettings text;
    const auto pair = [&](std::int64_t rows, std::int64_t columns) {
      return is_sequence ? std::to_string(columns) : i::detail::text_of_list({rows, columns});
    };
    text.add("in_channels", in);
    text.add("out_channels", out);
    text.add("kernel_size", pair(kernel_height, kernel_width));
    if (stride != 1) text.add("stride", stride);
    if (is_same)
      text.add("padding", "Padding::Same");
    else if (is_sequence)
      text.add("padding", i::detail::text_of_list({left, right}));
    else if (top == bottom && left == right)
      text.add("padding", top == left ? std::to_string(top) : i::detail::text_of_list({top, left}));
    else
      text.add("padding", i::detail::text_of_list({top, bottom, left, right}));
    if (dilation != 1) text.add("dilation", dilation);
    if (groups != 1) text.add("groups", groups);
    if (!has_bias) text.add("bias", "false");
    return text.text();
  }
  i::ImportedStep step(Numbers& numbers) const {
    i::ImportedStep made{.type = is_sequence ? "Conv1d" : "Conv2d", .settings = settings(), .call = "$m($0)"};
    made.inputs = {0};
    made.shape = shape(out, true);
    made.name = "stem";
    made.node = "Conv 'stem'";
    std::vector<std::size_t> filters{size(out), size(in / groups), size(kernel_height), size(kernel_width)};
    if (is_sequence) filters.erase(filters.begin() + 2);
    made.parameters["weight"] = numbers.array(filters);
    if (has_bias) made.parameters["bias"] = numbers.array({size(out)});
    return made;
  }

  /// Calls visit(output, whether the window reaches the padding, channel).
  template <class F>
  void compute(const i::ImportedStep& step, const Reals& x, F&& visit) const {
    const auto weight = step.parameters.at("weight").values<float>();
    const std::int64_t depth = in / groups;
    for (std::int64_t y = 0; y < count(0); ++y)
      for (std::int64_t z = 0; z < count(1); ++z)
        for (std::int64_t o = 0; o < out; ++o) {
          double sum = step.parameters.contains("bias") ? step.parameters.at("bias").values<float>()[size(o)] : 0;
          bool reaches_padding = false;
          for (std::int64_t i = 0; i < kernel_height; ++i)
            for (std::int64_t j = 0; j < kernel_width; ++j) {
              const std::int64_t row = y * stride - top + i * dilation, column = z * stride - left + j * dilation;
              const bool is_inside = row >= 0 && row < height && column >= 0 && column < width;
              reaches_padding |= !is_inside;
              for (std::int64_t c = 0; is_inside && c < depth; ++c)
                sum += weight[size(((o * depth + c) * kernel_height + i) * kernel_width + j)] *
                       x[size((row * width + column) * in + o / (out / groups) * depth + c)];
            }
          visit(sum, reaches_padding, o);
        }
  }
};

i::ImportedNetwork network_of(const Shape& shape, std::vector<i::ImportedStep> steps) {
  i::ImportedNetwork network;
  network.file = "net.onnx";
  network.inputs.push_back({.name = "image", .shape = shape});
  network.steps = std::move(steps);
  network.outputs.push_back({.name = "y", .value = static_cast<int>(network.steps.size())});
  return network;
}

i::TrainedImages imagenet(ColorFormat color = ColorFormat::Rgb) {
  return {.color = color, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}};
}

void check_window(const Window& window, const i::TrainedImages& images, unsigned seed) {
  CAPTURE(window.settings());
  CAPTURE(seed);
  Numbers numbers(seed);
  const i::ImportedNetwork before = network_of(window.shape(window.in, false), {window.step(numbers)});
  i::ImportedNetwork after = before;
  const auto borders = i::take_centered_images(after, {images});
  const Picture picture(numbers, window.height * window.width, size(window.in), images);
  Reals wanted;
  window.compute(before.steps[0], picture.trained, [&](double y, bool, std::int64_t) { wanted.push_back(y); });
  double most_inside = 0, most_at_border = 0, largest = 0;
  std::int64_t border = 0;
  std::size_t n = 0;
  window.compute(after.steps[0], picture.centered, [&](double y, bool reaches_padding, std::int64_t channel) {
    const double change = std::abs(y - wanted[n++]);
    double& most = reaches_padding ? most_at_border : most_inside;
    most = std::max(most, change);
    if (!reaches_padding) largest = std::max(largest, std::abs(y));
    if (channel == 0) border += reaches_padding;
  });
  // A parameter is a float near 10, so 27 of them or more add up to some millionths.
  CHECK(most_inside < 1e-4);
  CHECK(after.steps[0].shape == before.steps[0].shape);
  if (border == 0) {
    CHECK(borders.empty());
    CHECK(largest > 1);
    return;
  }
  REQUIRE(borders.size() == 1);
  CHECK(borders[0].most == doctest::Approx(most_at_border).epsilon(1e-4));
  CHECK(borders[0].most > 0.01);
  CHECK(borders[0].changed == border);
  CHECK(borders[0].pixels == window.count(0) * window.count(1));
  CHECK(borders[0].bound > largest);
  double bound = 0;
  const auto weight = after.steps[0].parameters.at("weight").values<float>();
  const auto bias = after.steps[0].parameters.at("bias").values<float>();
  const std::size_t filter = weight.size() / bias.size();
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double reach = std::abs(bias[o]);
    for (std::size_t w = 0; w < filter; ++w) reach += std::abs(weight[o * filter + w]);
    bound = std::max(bound, reach);
  }
  CHECK(borders[0].bound == doctest::Approx(bound).epsilon(1e-5));
  CHECK(borders[0].module == "stem");
}

std::string refusal(const i::ImportedNetwork& network, const std::vector<i::TrainedImages>& images,
                    const std::string& slug) {
  i::ImportedNetwork changed = network;
  std::string evidence = "not refused";
  CHECK(slug_of([&] {
          try {
            i::take_centered_images(changed, images);
          } catch (const quench::Error& error) {
            evidence = error.evidence();
            throw;
          }
        }) == slug);
  CHECK(changed == network);
  return evidence;
}

/// Images through a network of ONNX nodes that begins with `graph`.
i::ImportedNetwork imported(onnx_graph::Graph& graph, const std::vector<i::TrainedImages>& images) {
  return graph.output("y").import({.images = images});
}

TEST_CASE("a first convolution takes centred images: equal inside, and the report says what changes at the border") {
  unsigned seed = 1;
  for (const ColorFormat color : {ColorFormat::Rgb, ColorFormat::Bgr, ColorFormat::None})
    for (const Window& window :
         {Window{.kernel_height = 1, .kernel_width = 1}, Window{}, Window{.has_bias = false},
          Window{.top = 1, .bottom = 1, .left = 1, .right = 1}, Window{.kernel_width = 5, .left = 2, .right = 2},
          Window{.stride = 2, .bottom = 1, .right = 1}, Window{.stride = 3, .top = 2, .bottom = 1, .left = 1},
          Window{.dilation = 2, .top = 2, .bottom = 2, .left = 2, .right = 2},
          Window{.width = 8, .stride = 2, .top = 1, .bottom = 1, .right = 1, .is_same = true},
          Window{.height = 2,
          .width = 3,
          .kernel_height = 5,
          .kernel_width = 7,
          .top = 3,
          .bottom = 3,
          .left = 4,
          .right = 3}})
      check_window(window, imagenet(color), seed++);
}

TEST_CASE("a normalization alone keeps the channels: depthwise, grouped and 1-d convolutions, and pixels up to 255") {
  check_window({.out = 3, .groups = 3, .top = 1, .bottom = 1}, imagenet(ColorFormat::None), 31);
  check_window({.out = 6, .groups = 3, .left = 1}, imagenet(ColorFormat::None), 32);
  const i::TrainedImages four{.mean = {0.1, 0.5, 0.3, 0.2}, .deviation = {0.5}};
  check_window({.in = 4, .out = 6, .groups = 2, .left = 1}, four, 33);
  const i::TrainedImages bytes{.mean = {123.675, 116.28, 103.53}, .deviation = {58.395, 57.12, 57.375}, .white = 255};
  check_window({.left = 1}, bytes, 34);
  check_window({.in = 1, .left = 1}, {.mean = {0.1307}, .deviation = {0.3081}}, 35);
  const Window sequence{.height = 1, .kernel_height = 1, .stride = 2, .left = 1, .right = 2, .is_sequence = true};
  check_window(sequence, imagenet(ColorFormat::None), 36);
}

TEST_CASE("inputs get the colours of the hardware, and notes say what has been done") {
  Numbers numbers(41);
  const Window window{.in = 3, .left = 1, .has_bias = false};
  i::ImportedNetwork network = network_of(window.shape(3, false), {window.step(numbers)});
  i::ImportedNetwork plain = network, gray = network_of({7, 9, 1}, {Window{.in = 1}.step(numbers)});
  i::take_centered_images(network, {imagenet(ColorFormat::Bgr)});
  CHECK(network.inputs[0].color == ColorFormat::CenteredYuv444);
  CHECK(network.steps[0].parameters.contains("bias"));
  CHECK(network.steps[0].settings.find("bias") == std::string::npos);
  REQUIRE(network.notes.size() == 2);
  CHECK(
      network.notes[0] ==
      "The input \"image\" is centred YUV444. The network was trained on (BGR / 255 - {0.485, 0.456, 0.406}) / {0.229, "
      "0.224, 0.225}, which is part of the first layers now.");
  CHECK(
      network.notes[1].starts_with("The border of Conv 'stem' changes, because padding is middle gray here, and in the "
                                   "file 0 after the normalization: 5 of 40 pixels by up to "));
  i::take_centered_images(plain, {{.mean = {116.5}, .deviation = {57}, .white = 255}});
  CHECK(plain.inputs[0].color == ColorFormat::None);
  CHECK(plain.notes[0].starts_with(
      "The input \"image\" is (pixel - 128) / 128. The network was trained on (pixel - 116.5) "
      "/ 57, "));
  i::take_centered_images(gray, {{.mean = {0.5}, .deviation = {0.5}}});
  CHECK(gray.inputs[0].color == ColorFormat::CenteredGray);
  CHECK(gray.notes[0].starts_with("The input \"image\" is centred gray. "));
}

TEST_CASE("without a bias the shift goes into the running mean of the batch norm after the layer") {
  Numbers numbers(42);
  const Window window{.has_bias = false};
  i::ImportedStep norm{.type = "BatchNorm2d", .call = "$m($0)"};
  norm.inputs = {1};
  norm.shape = window.shape(4, true);
  norm.parameters["running_mean"] = numbers.array({4});
  const i::ImportedNetwork before = network_of(window.shape(3, false), {window.step(numbers), norm});
  i::ImportedNetwork after = before;
  i::take_centered_images(after, {imagenet()});
  CHECK(after.steps[0].settings == before.steps[0].settings);
  CHECK_FALSE(after.steps[0].parameters.contains("bias"));
  const Picture picture(numbers, 63, 3, imagenet());
  const auto means_before = before.steps[1].parameters.at("running_mean").values<float>();
  const auto means_after = after.steps[1].parameters.at("running_mean").values<float>();
  Reals wanted;
  window.compute(before.steps[0], picture.trained,
                 [&](double y, bool, std::int64_t o) { wanted.push_back(y - means_before[size(o)]); });
  double most = 0;
  std::size_t n = 0;
  window.compute(after.steps[0], picture.centered, [&](double y, bool, std::int64_t o) {
    most = std::max(most, std::abs(y - means_after[size(o)] - wanted[n++]));
  });
  CHECK(most < 1e-4);
  // If something else takes the result as well, the layer gets a bias.
  i::ImportedNetwork shared = before;
  shared.outputs.push_back({.name = "z", .value = 1});
  i::take_centered_images(shared, {imagenet()});
  CHECK(shared.steps[0].parameters.contains("bias"));
  CHECK(shared.steps[1] == before.steps[1]);
  i::ImportedNetwork two_norms = network_of(window.shape(3, false), {before.steps[0], norm, norm});
  i::take_centered_images(two_norms, {imagenet()});
  CHECK(two_norms.steps[0].parameters.contains("bias"));
  CHECK(two_norms.steps[2] == norm);
}

TEST_CASE("a Linear takes centred images, also after a flatten") {
  Numbers numbers(43);
  i::ImportedStep flatten{.call = "flatten($0)", .inputs = {0}, .shape = {24}};
  i::ImportedStep linear{.type = "Linear", .settings = "{.in_features = 24, .out_features = 5}", .call = "$m($0)"};
  linear.inputs = {1};
  linear.shape = {5};
  linear.parameters["weight"] = numbers.array({5, 24});
  linear.parameters["bias"] = numbers.array({5});
  const auto outputs = [](const i::ImportedStep& step, const Reals& x) {
    const auto weight = step.parameters.at("weight").values<float>(), bias = step.parameters.at("bias").values<float>();
    Reals y(bias.begin(), bias.end());
    for (std::size_t n = 0; n < weight.size(); ++n) y[n / x.size()] += weight[n] * x[n % x.size()];
    return y;
  };
  for (const auto& [shape, images] :
       {std::pair(Shape{4, 2, 3}, imagenet()), std::pair(Shape{2, 3, 4}, i::TrainedImages{.mean = {0.4}})}) {
    const i::ImportedNetwork before = network_of(shape, {flatten, linear});
    i::ImportedNetwork after = before;
    CHECK(i::take_centered_images(after, {images}).empty());
    const Picture picture(numbers, 24 / shape[2], size(shape[2]), images);
    const Reals wanted = outputs(before.steps[1], picture.trained), given = outputs(after.steps[1], picture.centered);
    for (std::size_t n = 0; n < wanted.size(); ++n) CHECK(given[n] == doctest::Approx(wanted[n]).epsilon(1e-4));
  }
  // Without a flatten, along the channels of each pixel.
  linear.settings = "{.in_features = 3, .out_features = 5}";
  linear.parameters["weight"] = numbers.array({5, 3});
  linear.inputs = {0};
  linear.shape = {4, 2, 5};
  i::ImportedNetwork pixels = network_of({4, 2, 3}, {linear});
  i::take_centered_images(pixels, {imagenet()});
  const Picture pixel(numbers, 1, 3, imagenet());
  const Reals wanted = outputs(linear, pixel.trained), given = outputs(pixels.steps[0], pixel.centered);
  for (std::size_t n = 0; n < wanted.size(); ++n) CHECK(given[n] == doctest::Approx(wanted[n]).epsilon(1e-4));
}

TEST_CASE("a normalization of the network itself becomes part of the first layer as well") {
  const auto model = [] {
    onnx_graph::Graph graph;
    graph.input("x", {1, 3, 5, 5}).weight("s", {1, 3, 1, 1}, 0.5f, 0.25f).weight("t", {3, 1, 1}, -0.5f, 0.125f);
    graph.number("n", 2).weight("w", {2, 3, 3, 3}, -0.7f, 0.03f).weight("b", {2}, 0.5f, 1);
    graph.node("Mul", {"x", "s"}, "p").node("Add", {"p", "t"}, "q").node("Mul", {"q", "n"}, "r");
    graph.node("Conv", {"r", "w", "b"}, "c", onnx_graph::integers("pads", {1, 1, 1, 1})).node("Relu", {"c"}, "y");
    return graph.output("y");
  };
  const i::ImportedNetwork before = model().import(), after = model().import({.images = {imagenet()}});
  REQUIRE(before.steps.size() > 2);
  REQUIRE(after.steps.size() == 2);
  CHECK(after.steps[0].inputs == std::vector<int>{0});
  CHECK(after.steps[1].inputs == std::vector<int>{1});
  CHECK(after.outputs[0].value == 2);
  const Window window{.height = 5, .width = 5, .out = 2, .top = 1, .bottom = 1, .left = 1, .right = 1};
  Numbers numbers(44);
  const Picture picture(numbers, 25, 3, imagenet());
  Reals trained = picture.trained, wanted;
  for (std::size_t n = 0; n < trained.size(); ++n) {
    const double c = static_cast<double>(n % 3);
    trained[n] = 2 * (trained[n] * (0.5 + 0.25 * c) - 0.5 + 0.125 * c);
  }
  const auto is_conv = [](const i::ImportedStep& step) { return step.type == "Conv2d"; };
  const i::ImportedStep& conv = *std::find_if(before.steps.begin(), before.steps.end(), is_conv);
  window.compute(conv, trained, [&](double y, bool, std::int64_t) { wanted.push_back(y); });
  std::size_t n = 0;
  window.compute(after.steps[0], picture.centered, [&](double y, bool reaches_padding, std::int64_t) {
    const double expected = wanted[n++];
    if (!reaches_padding) CHECK(y == doctest::Approx(expected).epsilon(1e-4));
  });
  CHECK(after.notes.back().find("The border of Conv") == 0);
  CHECK(after.notes[1].ends_with(" is part of the first layers too."));
}

TEST_CASE("so do a division and a difference by numbers, and a batch norm at the beginning") {
  for (const bool is_norm : {false, true}) {
    CAPTURE(is_norm);
    const auto model = [&] {
      onnx_graph::Graph graph;
      graph.input("x", {1, 3, 5, 5}).weight("w", {2, 3, 3, 3}, -0.7f, 0.03f).weight("b", {2}, 0.5f, 1);
      if (is_norm) {
        graph.weight("g", {3}, 0.5f, 0.25f)
            .weight("h", {3}, -1, 0.5f)
            .weight("m", {3}, 0.1f, 0.2f)
            .weight("v", {3}, 1, 2);
        graph.node("BatchNormalization", {"x", "g", "h", "m", "v"}, "q", onnx_graph::real("epsilon", 0.5f));
      } else {
        graph.number("d", 0.25f).number("m", 3).node("Div", {"x", "d"}, "p").node("Sub", {"p", "m"}, "q");
      }
      graph.node("Conv", {"q", "w", "b"}, "y");
      return graph.output("y");
    };
    const i::ImportedNetwork before = model().import(), after = model().import({.images = {imagenet()}});
    REQUIRE(before.steps.size() > 1);
    REQUIRE(after.steps.size() == 1);
    const Window window{.height = 5, .width = 5, .out = 2};
    Numbers numbers(45);
    const Picture picture(numbers, 25, 3, imagenet());
    Reals normalized = picture.trained, wanted;
    for (std::size_t n = 0; n < normalized.size(); ++n) {
      const double c = static_cast<double>(n % 3), x = normalized[n];
      normalized[n] =
          is_norm ? (x - 0.1 - 0.2 * c) / std::sqrt(1.5 + 2 * c) * (0.5 + 0.25 * c) - 1 + 0.5 * c : 4 * x - 3;
    }
    window.compute(before.steps.back(), normalized, [&](double y, bool, std::int64_t) { wanted.push_back(y); });
    std::size_t n = 0;
    window.compute(after.steps[0], picture.centered,
                   [&](double y, bool, std::int64_t) { CHECK(y == doctest::Approx(wanted[n++]).epsilon(1e-4)); });
  }
}

TEST_CASE("zeros that are padded apart from the layer are its border too, and slices cut them") {
  onnx_graph::Graph graph, inside, sliced;
  const auto begin = [](onnx_graph::Graph& g, const Shape& pads) {
    g.input("x", {1, 3, 6, 6}).list("pads", pads).weight("w", {2, 3, 3, 3}, -0.7f, 0.03f);
    g.node("Pad", {"x", "pads"}, "p");
  };
  begin(graph, {0, 0, 1, 1, 0, 0, 1, 1});
  graph.node("Conv", {"p", "w"}, "y");
  inside.input("x", {1, 3, 6, 6}).weight("w", {2, 3, 3, 3}, -0.7f, 0.03f);
  inside.node("Conv", {"x", "w"}, "y", onnx_graph::integers("pads", {1, 1, 1, 1}));
  const auto outside_of = [](const i::ImportedNetwork& network) { return network.notes.back(); };
  const std::string note = outside_of(imported(graph, {imagenet()}));
  CHECK(note.find("20 of 36 pixels") != std::string::npos);
  CHECK(note == outside_of(imported(inside, {imagenet()})));
  // Without the rows of the pad only its columns remain.
  begin(sliced, {0, 0, 1, 1, 0, 0, 1, 1});
  sliced.list("from", {1}).list("to", {7}).list("axis", {2});
  sliced.node("Slice", {"p", "from", "to", "axis"}, "s").node("Conv", {"s", "w"}, "y");
  CHECK(outside_of(imported(sliced, {imagenet()})).find("8 of 24 pixels") != std::string::npos);
}

TEST_CASE("several layers that read an input change, and tied ones if all of them do") {
  Numbers numbers(45);
  const Window window{};
  i::ImportedStep first = window.step(numbers), second = window.step(numbers), tied = first;
  tied.inputs = {1};
  tied.tied_to = 0;
  i::ImportedNetwork network = network_of(window.shape(3, false), {first, second});
  i::take_centered_images(network, {imagenet()});
  CHECK(network.steps[0].parameters != first.parameters);
  CHECK(network.steps[1].parameters != second.parameters);
  // Two images, one set of weights.
  i::ImportedNetwork siamese = network_of(window.shape(3, false), {first, tied});
  siamese.inputs.push_back({.name = "other", .shape = window.shape(3, false)});
  const auto about = [](const char* name, i::TrainedImages images) {
    images.input = name;
    return images;
  };
  i::ImportedNetwork both = siamese;
  i::take_centered_images(both, {about("other", imagenet()), about("image", imagenet())});
  CHECK(both.inputs[1].color == ColorFormat::CenteredYuv444);
  CHECK(both.steps[1].parameters == both.steps[0].parameters);
  CHECK(refusal(siamese, {about("image", imagenet())}, "model-not-understood").find("has the weights of Conv 'stem'") !=
        std::string::npos);
  const auto differ = {about("other", imagenet()), about("image", imagenet(ColorFormat::Bgr))};
  refusal(siamese, differ, "model-not-understood");
  CHECK(refusal(siamese, {imagenet()}, "value-out-of-range") ==
        "the images name no input; the inputs are \"image\", \"other\"");
}

TEST_CASE("what cannot take centred images is refused by name, and nothing changes") {
  Numbers numbers(46);
  const Window window{};
  const i::ImportedStep conv = window.step(numbers);
  const auto refused_step = [&](i::ImportedStep step, const Shape& shape = {7, 9, 3}) {
    step.inputs.resize(std::max<std::size_t>(step.inputs.size(), 1));
    if (step.shape.empty()) step.shape = shape;
    step.node = "node 'n'";
    step.name = "module";
    return refusal(network_of(shape, {conv, step}), {imagenet()}, "model-not-understood");
  };
  CHECK(refused_step({.type = "ReLU", .call = "$m($0)"}) ==
        "net.onnx: node 'n' takes the image. Only Conv2d, Conv1d and Linear take up a normalization and colours: begin "
        "the network with one of them, or import it without these options and train it on centred images");
  const auto is_refused = [&](i::ImportedStep step, const char* why) {
    const std::string text = refused_step(std::move(step));
    CHECK_MESSAGE(text.find(why) != std::string::npos, text);
  };
  is_refused({.type = "FloatFunctional", .call = "$m.add($0, $1)", .inputs = {0, 1}}, "together with another tensor");
  is_refused({.type = "FloatFunctional", .call = "$m.gather($0, {2, 1, 0}, 2)"}, "takes the image");
  is_refused({.call = "space_to_depth($0, 2)"}, "takes the image");
  is_refused({.call = "slice($0, -1, 0, 1)", .shape = {7, 9, 1}}, "takes some of the channels");
  is_refused({.call = "permute($0, {2, 0, 1})", .shape = {3, 7, 9}}, "moves the axes");
  is_refused({.call = "reshape($0, {27, 7})", .shape = {27, 7}}, "divides pixels");
  is_refused({.call = "pad($0, {{0, 0}, {0, 0}, {0, 1}})", .shape = {7, 9, 4}}, "pads the channels");
  is_refused(Window{.out = 3, .groups = 3}.step(numbers),
             "groups of 1 channels, which have only a part of the colours");
  i::ImportedStep affine{.type = "ChannelAffine", .call = "$m($0)", .shape = {189}};
  affine.parameters["weight"] = affine.parameters["bias"] = numbers.array({189});
  i::ImportedStep flat{.call = "flatten($0)", .inputs = {0}, .shape = {189}};
  affine.inputs = {1};
  CHECK(refusal(network_of({7, 9, 3}, {flat, affine}), {imagenet()}, "model-not-understood")
            .find("has other channels than the image") != std::string::npos);
  i::ImportedStep padded{.call = "pad($0, {{1, 0}, {0, 0}, {0, 0}})", .inputs = {0}, .shape = {8, 9, 3}};
  flat.inputs = {1};
  flat.shape = {216};
  CHECK(refusal(network_of({7, 9, 3}, {padded, flat}), {imagenet()}, "model-not-understood")
            .find("takes the image with zeros around it") != std::string::npos);
  i::ImportedNetwork passed = network_of({7, 9, 3}, {conv});
  passed.outputs.push_back({.name = "z", .value = 0});
  CHECK(refusal(passed, {imagenet()}, "model-not-understood").find("the output \"z\" is the image itself") !=
        std::string::npos);
}

TEST_CASE("settings out of their range are refused, and nothing changes") {
  Numbers numbers(47);
  const i::ImportedNetwork network = network_of({7, 9, 3}, {Window{}.step(numbers)});
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto refused = [&](const i::TrainedImages& images) { return refusal(network, {images}, "value-out-of-range"); };
  CHECK(refused({.mean = {0.5}, .deviation = {0}}) == "a deviation is 0, and has to be a finite number above 0");
  for (const double wrong : {-1.0, nan, inf}) refused({.deviation = {wrong}});
  CHECK(refused({.mean = {123.675}, .deviation = {58}}) ==
        "a mean is 123.675, and the pixels go from 0 to 1; for pixels from 0 to 255 let white be 255 (--normalize "
        "MEAN,STD,255)");
  for (const double wrong : {-0.5, nan, inf}) refused({.mean = {wrong}});
  for (const double wrong : {-1.0, 0.0, nan, inf}) refused({.white = wrong});
  CHECK(refused({.mean = {0.5, 0.5}}) ==
        "the mean has 2 numbers; needed one, or one for each of the channels of {7, 9, 3}");
  refused({.mean = {}});
  refused({.deviation = {1, 1, 1, 1}});
  refused({.color = ColorFormat::CenteredYuv444});
  CHECK(refused({.input = "x"}) == "there is no input named \"x\"; the inputs are \"image\"");
  CHECK(refusal(network, {imagenet(), imagenet()}, "value-out-of-range") ==
        "the images of one input are given twice; name the input in all of them, or in none");
  quench::interop::ImportedNetwork folded = network;
  quench::interop::take_centered_images(folded, {imagenet()});
  CHECK(refusal(folded, {imagenet()}, "value-out-of-range") == "the input takes centred images already");
  CHECK(refusal(network_of({7, 9, 1}, {Window{.in = 1}.step(numbers)}), {{.color = ColorFormat::Rgb}},
                "value-out-of-range") == "colours need an input [H, W, 3], given {7, 9, 1}");
  refusal(network, {{.deviation = {1e-300}}}, "value-not-finite");
  i::ImportedNetwork indices = network;
  indices.inputs[0].is_indices = true;
  CHECK(refusal(indices, {imagenet()}, "value-out-of-range") == "the input has indices, and no pixels");
}

}  // namespace centered_images
