// SPDX-License-Identifier: Apache-2.0
// Folds the normalization and the colours of a network's training into its first layers, so that it takes centred images.
//
//   ImportedNetwork network = ...;                       // of import_onnx.hpp, trained on (rgb / 255 - mean) / deviation
//   const std::vector<ChangedBorder> borders = take_centered_images(
//       network, {{.color = ColorFormat::Rgb, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}}});
//
// The network then takes the codes c = pixel - 128 of the hardware, as real values c / 128 (nash.md section 1). Each of its
// values is a line of them, so the fold changes weights and biases, and is exact. Only zeros that a layer pads with
// become another colour: those of the file are 0 after the normalization, these are the code 0, middle gray. What that
// changes does not depend on the picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>

namespace quench::interop {

/// The images that an input had in training: (pixel / 255 * white - mean) / deviation, of pixels from 0 to 255.
struct TrainedImages {
  /// The name of the input. It may be empty if the network has only one.
  std::string input{};
  /// Rgb or Bgr, the order of its channels: the input becomes an Image<CenteredYuv444>. Without colours an input of one
  /// channel becomes an Image<CenteredGray>, and each channel of other Features takes (pixel - 128) / 128.
  ColorFormat color = ColorFormat::None;
  /// One number, or one for each channel in the order of the channels.
  std::vector<double> mean{0}, deviation{1};
  /// A white pixel before the mean is subtracted: 1 or 255.
  double white = 1;
};

/// A layer that pads the image with zeros. Its pixels whose window reaches the zeros change by numbers that are the same
/// for every picture.
struct ChangedBorder {
  std::string module{}, node{};  // the names of the step
  std::int64_t changed = 0;      // pixels of its output that change
  std::int64_t pixels = 0;       // of all
  double most = 0;               // the largest absolute change of an output
  double bound = 0;              // no other output is above it in absolute value, whatever the picture
};

/// Changes the layers that read the inputs: Conv2d, Conv1d and Linear. Between them and the input may be factors and
/// offsets, which become part of them, slices, pads and other views. A shift goes into the bias; without one, into the
/// running mean of the BatchNorm after the layer, or into a new bias. `notes` say what has been done.
/// Rounding each parameter once, from double
/// Errors   value-out-of-range: a setting, with its name; model-not-understood: something else reads the input; a group of
///          a convolution has a part of the colours; tied layers of which not all read such images. value-not-finite: a
///          parameter. The network is unchanged then.
/// Source   nash.md section 1; ITU-R BT.601, full range
std::vector<ChangedBorder> take_centered_images(ImportedNetwork& network, const std::vector<TrainedImages>& images);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/centered_images_impl.hpp>
#endif
