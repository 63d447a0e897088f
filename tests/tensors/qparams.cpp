// SPDX-License-Identifier: Apache-2.0
// How a tensor is cut into channels.
#include <quench/tensors/qparams.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace q = quench;

TEST_CASE("an axis cuts a tensor into outer blocks, channels and inner runs") {
  const q::Extents extents(std::array{2, 3, 4, 5});
  CHECK(q::channel_layout(extents, 0) == q::ChannelLayout{1, 2, 60});
  CHECK(q::channel_layout(extents, 1) == q::ChannelLayout{2, 3, 20});
  CHECK(q::channel_layout(extents, 3) == q::ChannelLayout{24, 5, 1});
  CHECK(q::channel_layout(extents, -1) == q::ChannelLayout{24, 5, 1});
  CHECK(q::channel_layout(extents, -4) == q::ChannelLayout{1, 2, 60});
  for (const int axis : {4, -5}) CHECK(slug_of([&] { q::channel_layout(extents, axis); }) == "shape-mismatch");
}

TEST_CASE("parameters fit tensors with as many channels as they have scales") {
  const q::QParams per_channel{q::DType::Int8, {0.5f, 1.0f, 2.0f}, 1};
  CHECK(per_channel.layout(q::Extents(std::array{2, 3})) == q::ChannelLayout{2, 3, 1});
  CHECK(slug_of([&] { per_channel.layout(q::Extents(std::array{3, 2})); }) == "shape-mismatch");
  CHECK(slug_of([&] { per_channel.layout(q::Extents(std::array{3})); }) == "shape-mismatch");
  const q::QParams per_tensor{q::DType::Int8, {0.5f}, std::nullopt};
  CHECK(per_tensor.layout(q::Extents(std::array{2, 3})) == q::ChannelLayout{1, 1, 6});
  const q::QParams none{q::DType::Int8, {}, std::nullopt}, bad{q::DType::Int8, {0.0f}, std::nullopt};
  CHECK(slug_of([&] { none.layout(q::Extents(std::array{2})); }) == "shape-mismatch");
  CHECK(slug_of([&] { bad.layout(q::Extents(std::array{2})); }) == "scale-out-of-range");
}
