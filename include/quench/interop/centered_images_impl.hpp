// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/centered_images.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <quench/interop/cpp_text.hpp>
#include <quench/interop/description/layout.hpp>
#include <quench/interop/description/names.hpp>
#include <quench/interop/description/paths.hpp>
#include <quench/interop/onnx/affine.hpp>
#include <quench/interop/padded_windows.hpp>

namespace quench::interop {

namespace detail {

using ColorMatrix = std::array<std::array<double, 3>, 3>;

/// From the real values of full-range BT.601 YUV to those of the channels.
inline ColorMatrix matrix_from_yuv(ColorFormat color) {
  constexpr double red = 0.299, green = 0.587, blue = 0.114;
  constexpr double of_u = 2 * (1 - blue), of_v = 2 * (1 - red);
  ColorMatrix rows{{{1, 0, of_v}, {1, -of_u * blue / green, -of_v * red / green}, {1, of_u, 0}}};
  if (color == ColorFormat::Bgr) std::swap(rows[0], rows[2]);
  return rows;
}

/// The channels of a pixel: factor * (matrix * (codes / 128)) + offset.
struct PixelLine {
  std::vector<double> factor{}, offset{};
  std::optional<ColorMatrix> matrix{};

  std::size_t channels() const { return factor.size(); }
};

/// A value of the network that depends on each pixel alone.
struct PixelValue {
  PixelLine line{};
  std::vector<std::int64_t> begin{}, end{};  // along each axis: around them are zeros
};

/// With so many digits; with 0 of them as many as the value needs.
inline std::string text_of_real(double value, int digits = 0) {
  char text[64], *const end = text + sizeof text;
  return {text, (digits == 0 ? std::to_chars(text, end, value)
                             : std::to_chars(text, end, value, std::chars_format::general, digits))
                    .ptr};
}

inline std::string text_of_reals(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + text_of_real(value);
  return values.size() == 1 ? text : "{" + text + "}";
}

class ImageFold {
 public:
  explicit ImageFold(ImportedNetwork& network) : network_(network) {}

  std::vector<ChangedBorder> fold(const std::vector<TrainedImages>& images) {
    for (const TrainedImages& each : images) begin_at(each);
    for (std::size_t k = 0; k < network_.steps.size(); ++k) follow(k);
    for (const ImportedOutput& output : network_.outputs)
      if (values_.contains(output.value))
        refuse_network("the output " + shown(output.name) + " is the image itself, so there is no layer to change");
    check_ties();
    commit();
    return std::move(borders_);
  }

 private:
  using Numbers = std::vector<std::int64_t>;

  [[noreturn]] void refuse_network(const std::string& why, const std::string& module = {}) const {
    throw Error(diagnosis::model_not_understood, (network_.file.empty() ? "" : network_.file + ": ") + why, module);
  }
  [[noreturn]] void refuse_step(const ImportedStep& step, const std::string& why) const {
    refuse_network(
        step.node + " " + why +
            ". Only Conv2d, Conv1d and Linear take up a normalization and colours: begin the network with one "
            "of them, or import it without these options and train it on centred images",
        step.name);
  }

  const Numbers& shape_of(int value) const {
    const auto at = static_cast<std::size_t>(value), inputs = network_.inputs.size();
    return at < inputs ? network_.inputs[at].shape : network_.steps[at - inputs].shape;
  }
  int value_of(std::size_t step) const { return static_cast<int>(network_.inputs.size() + step); }

  /// The step that will stand in the place of step k.
  ImportedStep& changed(std::size_t k) { return changed_.emplace(k, network_.steps[k]).first->second; }
  const ImportedStep& latest(std::size_t k) const {
    const auto found = changed_.find(k);
    return found == changed_.end() ? network_.steps[k] : found->second;
  }

  std::size_t find_input(const std::string& name) const {
    std::string names;
    for (std::size_t i = 0; i < network_.inputs.size(); ++i) {
      const std::string& each = network_.inputs[i].name;
      if (each == name || (name.empty() && network_.inputs.size() == 1)) return i;
      names += (names.empty() ? "" : ", ") + shown(each);
    }
    std::string why = name.empty() ? "the images name no input" : "there is no input named ";
    if (!name.empty()) why += shown(name);
    throw Error(diagnosis::value_out_of_range, why + "; the inputs are " + names, name);
  }

  void begin_at(const TrainedImages& images) {
    const std::size_t number = find_input(images.input);
    const ImportedInput& input = network_.inputs[number];
    const std::string &name = input.name, white = text_of_real(images.white);
    const auto refuse = [&](const std::string& why) { throw Error(diagnosis::value_out_of_range, why, name); };
    const bool has_colors = images.color != ColorFormat::None;
    if (values_.contains(static_cast<int>(number)))
      refuse("the images of one input are given twice; name the input in all of them, or in none");
    if (input.color != ColorFormat::None) refuse("the input takes centred images already");
    if (has_colors && images.color != ColorFormat::Rgb && images.color != ColorFormat::Bgr)
      refuse("the colours of the training are neither Rgb nor Bgr");
    if (input.is_indices) refuse("the input has indices, and no pixels");
    if (has_colors && (input.shape.size() != 3 || input.shape[2] != 3))
      refuse("colours need an input [H, W, 3], given " + text_of_list(input.shape));
    if (!(images.white > 0) || !std::isfinite(images.white)) refuse("white is no finite number above 0");
    const std::size_t channels = has_colors ? 3 : std::max(images.mean.size(), images.deviation.size());
    PixelValue value{.begin = Numbers(input.shape.size()), .end = input.shape};
    for (const auto& [numbers, what] :
         {std::pair(&images.mean, "the mean"), std::pair(&images.deviation, "the deviation")})
      if (numbers->size() != 1 && (numbers->size() != channels || std::cmp_not_equal(channels, input.shape.back())))
        refuse(std::string(what) + " has " + std::to_string(numbers->size()) +
               " numbers; needed one, or one for each of the channels of " + text_of_list(input.shape));
    for (std::size_t c = 0; c < channels; ++c) {
      const double mean = images.mean[c % images.mean.size()];
      const double deviation = images.deviation[c % images.deviation.size()];
      if (!(mean >= 0 && mean <= images.white))
        refuse("a mean is " + text_of_real(mean) + ", and the pixels go from 0 to " + white +
               "; for pixels from 0 to 255 let white be 255 (--normalize MEAN,STD,255)");
      if (!(deviation > 0) || !std::isfinite(deviation))
        refuse("a deviation is " + text_of_real(deviation) + ", and has to be a finite number above 0");
      const double middle = images.white * 128 / 255;
      value.line.factor.push_back(middle / deviation);
      value.line.offset.push_back((middle - mean) / deviation);
    }
    if (has_colors) value.line.matrix = matrix_from_yuv(images.color);
    const bool is_gray = input.shape.size() == 3 && input.shape[2] == 1;
    const ColorFormat alone = is_gray ? ColorFormat::CenteredGray : ColorFormat::None;
    colors_.emplace_back(number, has_colors ? ColorFormat::CenteredYuv444 : alone);
    std::string note = "The input " + shown(name);
    note += has_colors ? " is centred YUV444" : is_gray ? " is centred gray" : " is (pixel - 128) / 128";
    note += ". The network was trained on (";
    note += images.color == ColorFormat::Rgb ? "RGB" : images.color == ColorFormat::Bgr ? "BGR" : "pixel";
    if (images.white != 255) note += " / 255";
    if (images.white != 255 && images.white != 1) note += " * " + white;
    note += " - " + text_of_reals(images.mean) + ") / " + text_of_reals(images.deviation);
    notes_.push_back(note + ", which is part of the first layers now.");
    values_.emplace(static_cast<int>(number), std::move(value));
  }

  /// Folds into step k, or passes over it, if it takes an image.
  void follow(std::size_t k) {
    const ImportedStep& step = network_.steps[k];
    if (std::none_of(step.inputs.begin(), step.inputs.end(), [&](int value) { return values_.contains(value); }))
      return;
    if (step.inputs.size() != 1) refuse_step(step, "takes the image together with another tensor");
    const PixelValue& x = values_.at(step.inputs[0]);
    const OperatorRow* row = row_of_step(step);
    const Family family = row == nullptr ? Family::Handle : row->family;
    if (family == Family::Convolution || family == Family::Linear)
      fold_into(k, x);
    else if (family == Family::ChannelAffine || family == Family::ScalarProduct || family == Family::ScalarAddition)
      take_up(k, x, family);
    else if (family == Family::View || family == Family::Move)
      values_.emplace(value_of(k), moved(step, x, row->op));
    else
      refuse_step(step, "takes the image");
  }

  /// The image after a view or a move.
  PixelValue moved(const ImportedStep& step, const PixelValue& x, Operator op) const {
    const Numbers &from = shape_of(step.inputs[0]), &to = step.shape;
    const std::vector<std::string> arguments = items_of(step.call);
    PixelValue y = x;
    if (op == Operator::Flatten || op == Operator::Reshape) {
      check_without_zeros(step, x);
      if (to.back() % static_cast<std::int64_t>(x.line.channels()) != 0) refuse_step(step, "divides pixels");
      y.begin.assign(to.size(), 0);
      y.end = to;
    } else if (op == Operator::Slice) {
      const std::int64_t given = integers_of(arguments.at(1))[0], first = integers_of(arguments.at(2))[0];
      const std::size_t axis = given < 0 ? from.size() - 1 : static_cast<std::size_t>(given);
      if (axis + 1 == from.size() && x.line.channels() > 1) refuse_step(step, "takes some of the channels");
      y.begin[axis] = std::clamp<std::int64_t>(x.begin[axis] - first, 0, to[axis]);
      y.end[axis] = std::clamp<std::int64_t>(x.end[axis] - first, 0, to[axis]);
    } else if (op == Operator::Pad) {
      const std::vector<std::string> margins = items_of(arguments.at(1));
      for (std::size_t axis = 0; axis < margins.size(); ++axis) {
        const std::int64_t before = integers_of(margins[axis])[0];
        y.begin[axis] += before;
        y.end[axis] += before;
      }
      if (y.end.back() != to.back() || y.begin.back() != 0) refuse_step(step, "pads the channels");
    } else {
      refuse_step(step, "moves the axes of the image");
    }
    return y;
  }

  void check_without_zeros(const ImportedStep& step, const PixelValue& x) const {
    if (x.end != shape_of(step.inputs[0]) || x.begin != Numbers(x.begin.size()))
      refuse_step(step, "takes the image with zeros around it");
  }

  /// Factors and offsets become part of the layers after them.
  void take_up(std::size_t k, const PixelValue& x, Family family) {
    const ImportedStep& step = network_.steps[k];
    check_without_zeros(step, x);
    PixelValue y = x;
    std::vector<float> factor{1}, offset{0};
    if (family == Family::ChannelAffine) {
      factor = step.parameters.at("weight").values<float>();
      offset = step.parameters.at("bias").values<float>();
    } else {
      const std::string number = items_of(step.call).at(1);
      float& read = family == Family::ScalarProduct ? factor[0] : offset[0];
      if (std::from_chars(number.data(), number.data() + number.size(), read).ec != std::errc())
        refuse_step(step, "has no number");
    }
    const std::size_t channels = std::max(x.line.channels(), factor.size());
    if (channels % x.line.channels() != 0 || (x.line.matrix && channels != 3))
      refuse_step(step, "has other channels than the image");
    y.line.factor.clear();
    y.line.offset.clear();
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t from = c % x.line.channels();
      const double times = factor[c % factor.size()], plus = offset[c % offset.size()];
      y.line.factor.push_back(x.line.factor[from] * times);
      y.line.offset.push_back(x.line.offset[from] * times + plus);
    }
    aliases_[value_of(k)] = step.inputs[0];
    notes_.push_back(step.node + " is part of the first layers too.");
    values_.emplace(value_of(k), std::move(y));
  }

  void fold_into(std::size_t k, const PixelValue& x) {
    ImportedStep& step = changed(k);
    const PixelLine& line = x.line;
    const NamedArray& array = step.parameters.at("weight");
    const std::vector<std::size_t> shape = array.shape;  // [out, in / groups, kernel…]
    const std::size_t out = shape[0], depth = shape[1], in = static_cast<std::size_t>(shape_of(step.inputs[0]).back());
    const std::size_t taps = array.elements() / out / depth, filters = out / (in / depth);
    const std::size_t together = line.matrix ? 3 : 1;  // channels that become those of one pixel
    if (depth % together != 0)
      refuse_step(step, "has groups of " + std::to_string(depth) + " channels, which have only a part of the colours");
    std::vector<float> weight = array.values<float>();
    std::vector<double> shift_of_tap(out * taps), shift(out), reach(out);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t tap = 0; tap < taps; ++tap)
        for (std::size_t j = 0; j < depth; j += together) {
          double folded[3] = {};
          const auto place = [&](std::size_t channel) { return (o * depth + j + channel) * taps + tap; };
          for (std::size_t c = 0; c < together; ++c) {
            const std::size_t channel = (o / filters * depth + j + c) % line.channels();
            const double w = weight[place(c)];
            shift_of_tap[o * taps + tap] += w * line.offset[channel];
            for (std::size_t d = 0; d < together; ++d)
              folded[d] += w * line.factor[channel] * (line.matrix ? (*line.matrix)[c][d] : 1);
          }
          for (std::size_t d = 0; d < together; ++d) {
            weight[place(d)] = finite(folded[d], step);
            reach[o] += std::abs(folded[d]);
          }
        }
    for (std::size_t n = 0; n < shift_of_tap.size(); ++n) shift[n / taps] += shift_of_tap[n];
    step.parameters["weight"] = NamedArray::of<float>(shape, weight);
    const std::vector<float> bias = add_bias(k, shift);
    double bound = 0;
    for (std::size_t o = 0; o < out; ++o) bound = std::max(bound, std::abs(bias[o] + shift[o]) + reach[o]);
    if (row_of_step(step)->family != Family::Convolution) return check_without_zeros(step, x);
    measure_border(step, x, shift_of_tap, bound);
  }

  static float finite(double value, const ImportedStep& step) {
    const float rounded = static_cast<float>(value);
    if (!std::isfinite(rounded))
      throw Error(diagnosis::value_not_finite, step.node + " gets a parameter that is no finite float", step.name);
    return rounded;
  }

  /// Adds to the bias of step k. Returns what it was.
  std::vector<float> add_bias(std::size_t k, const std::vector<double>& shift) {
    ImportedStep& step = changed(k);
    const OnnxShape shape{std::ssize(shift)};
    std::vector<float> bias(shift.size()), added(shift.size());
    const auto found = step.parameters.find("bias");
    if (found != step.parameters.end()) bias = found->second.values<float>();
    if (const std::optional<std::size_t> norm = norm_after(k); norm && found == step.parameters.end()) {
      NamedArray& mean = changed(*norm).parameters.at("running_mean");
      const std::vector<float> means = mean.values<float>();
      for (std::size_t o = 0; o < shift.size(); ++o) added[o] = finite(means[o] - shift[o], step);
      mean = float_array(shape, added);
      return bias;
    }
    for (std::size_t o = 0; o < shift.size(); ++o) added[o] = finite(bias[o] + shift[o], step);
    step.parameters["bias"] = float_array(shape, added);
    give_bias(step);
    return bias;
  }

  /// The batch norm that alone takes the result of step k.
  std::optional<std::size_t> norm_after(std::size_t k) const {
    std::optional<std::size_t> norm;
    const int value = value_of(k);
    for (const ImportedOutput& output : network_.outputs)
      if (output.value == value) return {};
    for (std::size_t n = k + 1; n < network_.steps.size(); ++n) {
      const ImportedStep& step = network_.steps[n];
      if (std::find(step.inputs.begin(), step.inputs.end(), value) == step.inputs.end()) continue;
      const OperatorRow* row = row_of_step(step);
      if (norm || row == nullptr || row->family != Family::BatchNorm) return {};
      norm = n;
    }
    return norm;
  }

  void measure_border(const ImportedStep& step, const PixelValue& x, const std::vector<double>& shift_of_tap,
                      double bound) {
    const PaddedWindows windows = padded_windows(step, shape_of(step.inputs[0]), x.begin, x.end, shift_of_tap);
    if (!(windows.most > 0)) return;
    std::string note = "The border of " + step.node;
    note += " changes, because padding is middle gray here, and in the file 0 after the normalization: ";
    note += std::to_string(windows.reaching) + " of " + std::to_string(windows.all) + " pixels by up to ";
    note += text_of_real(windows.most, 4) + ", whatever the picture. No other output can exceed ";
    notes_.push_back(note + text_of_real(bound, 4) + " in absolute value.");
    borders_.push_back({step.name, step.node, windows.reaching, windows.all, windows.most, bound});
  }

  void check_ties() const {
    for (std::size_t k = 0; k < network_.steps.size(); ++k) {
      const ImportedStep& step = latest(k);
      if (step.tied_to < 0) continue;
      const ImportedStep& owner = latest(static_cast<std::size_t>(step.tied_to));
      if (step.parameters != owner.parameters || step.settings != owner.settings)
        refuse_step(step, "has the weights of " + owner.node + ", and not both take the same kind of image");
    }
  }

  void commit() {
    for (const auto& [number, color] : colors_) network_.inputs[number].color = color;
    for (auto& [k, step] : changed_) network_.steps[k] = std::move(step);
    network_.notes.insert(network_.notes.end(), notes_.begin(), notes_.end());
    if (!aliases_.empty()) leave_out();
  }

  /// Leaves out the steps that became part of others, and numbers the rest.
  void leave_out() {
    const std::size_t inputs = network_.inputs.size();
    std::vector<int> number;  // by the old value
    for (std::size_t i = 0; i < inputs; ++i) number.push_back(static_cast<int>(i));
    std::vector<ImportedStep> kept;
    for (std::size_t k = 0; k < network_.steps.size(); ++k) {
      const auto alias = aliases_.find(value_of(k));
      if (alias != aliases_.end()) {
        number.push_back(number[static_cast<std::size_t>(alias->second)]);
        continue;
      }
      number.push_back(static_cast<int>(inputs + kept.size()));
      ImportedStep& step = kept.emplace_back(std::move(network_.steps[k]));
      for (int& input : step.inputs) input = number[static_cast<std::size_t>(input)];
      if (step.tied_to >= 0)
        step.tied_to = number[inputs + static_cast<std::size_t>(step.tied_to)] - static_cast<int>(inputs);
    }
    network_.steps = std::move(kept);
    for (ImportedOutput& output : network_.outputs) output.value = number[static_cast<std::size_t>(output.value)];
  }

  ImportedNetwork& network_;
  std::map<int, PixelValue> values_{};  // those that are images
  std::map<std::size_t, ImportedStep> changed_{};
  std::map<int, int> aliases_{};  // a value that is not computed any more: the value in its place
  std::vector<std::pair<std::size_t, ColorFormat>> colors_{};
  std::vector<std::string> notes_{};
  std::vector<ChangedBorder> borders_{};
};

}  // namespace detail

QUENCH_INLINE std::vector<ChangedBorder> take_centered_images(ImportedNetwork& network,
                                                              const std::vector<TrainedImages>& images) {
  return detail::ImageFold(network).fold(images);
}

}  // namespace quench::interop
