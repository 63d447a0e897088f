// SPDX-License-Identifier: Apache-2.0
// A network of another tool in quench's terms: the calls of `forward`, one after the other, with their parameters.
// import_onnx.hpp makes one. It has no stubs yet: everything in it may run on integers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <quench/interop/named_arrays.hpp>
#include <quench/types/color.hpp>

namespace quench::interop {

/// An array of this name belongs into every file, and into all arrays for `load_arrays`, with parameters of steps. It
/// says that all features are in quench's order, so that nothing is permuted from PyTorch's.
inline constexpr const char* all_features_in_quench_order = "all_features_in_quench_order";

/// Adds the array of this name.
inline void mark_quench_order(NamedArrays& arrays) {
  constexpr std::int8_t yes = 1;
  arrays[all_features_in_quench_order] = NamedArray::of<std::int8_t>({1}, std::span(&yes, 1));
}

/// One call in `forward`.
struct ImportedStep {
  /// The type of the member that is called: "Conv2d", "FloatFunctional". Empty for a free function.
  std::string type{};
  /// The initializer of the member: "{.in_channels = 3, .out_channels = 16, .kernel_size = 3}". Empty if all settings
  /// have their defaults.
  std::string settings{};
  /// The call, without namespaces: "$m($0)", "$m.add($0, $1)", "$m.cat<0>($0, $1)", "flatten($0)",
  /// "slice($0, -1, 0, 8)". $m is the member and $i input i.
  std::string call{};
  /// The values that it takes. Values 0 to n - 1 are the n inputs of the network; step k gives value n + k.
  std::vector<int> inputs{};
  /// The shape of the result, channels last, without the batch.
  std::vector<std::int64_t> shape{};
  /// A dotted path that the file has for it, "features.3.conv"; for an operation inside of a block "features.3.add". Empty
  /// if the file has none. Two steps may have one name.
  std::string name{};
  /// "weight", "bias", "running_mean", … with PyTorch's shapes. Their features have the order of the values here: the
  /// columns of a Linear after a flatten are in the order H, W, C.
  NamedArrays parameters{};
  /// The earlier step whose parameters it uses, for a Tie; its own `parameters` are equal to those. -1 for none.
  int tied_to = -1;
  /// Operator and name of the file's node, for messages: "Conv '/features/features.3/conv/Conv'".
  std::string node{};

  friend bool operator==(const ImportedStep&, const ImportedStep&) = default;
};

/// An argument of `forward`.
struct ImportedInput {
  std::string name{};
  std::vector<std::int64_t> shape{};  // channels last, without the batch
  /// Axis i here is axis `axes[i]` in the file, whose axis 0 is the batch: {2, 3, 1} for an N, C, H, W map.
  std::vector<int> axes{};
  bool is_indices = false;  // that an Embedding looks up
  /// CenteredYuv444 or CenteredGray for an Image, None for Features.
  ColorFormat color = ColorFormat::None;

  friend bool operator==(const ImportedInput&, const ImportedInput&) = default;
};

/// A result of `forward`.
struct ImportedOutput {
  std::string name{};
  int value = 0;            // its shape is that of the step or of the input
  std::vector<int> axes{};  // as for inputs; the axis of the file that is missing is the batch

  friend bool operator==(const ImportedOutput&, const ImportedOutput&) = default;
};

/// A network without the batch, channels last. Every step stands after the steps whose results it takes.
struct ImportedNetwork {
  std::string file{}, producer{};  // "net.onnx", "pytorch 1.13.1"
  int opset = 0;
  std::vector<ImportedInput> inputs{};
  std::vector<ImportedStep> steps{};
  std::vector<ImportedOutput> outputs{};
  std::vector<std::string> notes{};  // where it computes something else than the file, in sentences

  friend bool operator==(const ImportedNetwork&, const ImportedNetwork&) = default;
};

}  // namespace quench::interop
