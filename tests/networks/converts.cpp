// SPDX-License-Identifier: Apache-2.0
// Networks that people build are not refused: each is verified, calibrates, trains, converts, and has the same bits in training,
// on the host and on a device.
#include "networks/converts.hpp"

#include "networks/classification.hpp"
#include "networks/dense.hpp"
#include "networks/detection.hpp"
#include "networks/norms.hpp"

using networks::check_converts;
using Int16 = quench::setter::Int16WhereSupported;

TEST_CASE("networks that classify convert") {
  check_converts<classification::EfficientNet>(15);
  check_converts<classification::EfficientNet, Int16>(15);
  check_converts<classification::ShuffleNet>(15);
}

TEST_CASE("networks whose batch norms follow no conv convert with a channel affine before each") {
  check_converts<norms::PreActivationResNet>(15);
  check_converts<norms::ConvMixer>(15);
  check_converts<norms::RepVgg>(15);
  check_converts<norms::Perceptron>(15);
}

TEST_CASE("networks that detect convert") {
  check_converts<detection::Ssd>(15);
  check_converts<detection::RetinaNet>(15);
  check_converts<detection::EfficientDet>(15);
  check_converts<detection::CenterNet>(15);
}

TEST_CASE("networks with a map as output or with several inputs convert") {
  check_converts<dense::DeepLab>(15);
  check_converts<dense::Autoencoder>(15);
  check_converts<dense::SuperResolution>(15);
  check_converts<dense::ImageAndNumbers>(15);
  check_converts<dense::CrossAttention>(15);
  check_converts<dense::Tracker>(15);
  check_converts<dense::CrossAttention, Int16, quench::march::NashP>(15);
}
