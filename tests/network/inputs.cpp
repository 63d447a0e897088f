// SPDX-License-Identifier: Apache-2.0
#include <quench/network/inputs.hpp>

#include <doctest/doctest.h>

namespace {

using Picture = quench::Image<quench::color::CenteredYuv444, 224, 320>;
using Gray = quench::Image<quench::color::Gray, 28, 28>;
using Tokens = quench::Features<196, 192>;
using Words = quench::Indices<64>;

constexpr bool inputs_have_shapes() {
  return Picture::shape == quench::Shape(224, 320, 3) && Picture::color == quench::ColorFormat::CenteredYuv444 &&
         Gray::shape == quench::Shape(28, 28, 1) && Gray::color == quench::ColorFormat::Gray &&
         Tokens::shape == quench::Shape(196, 192) && Tokens::color == quench::ColorFormat::None &&
         Words::shape == quench::Shape(64) && Words::color == quench::ColorFormat::None && quench::is_indices<Words> &&
         !quench::is_indices<Tokens> && !quench::is_indices<Picture>;
}

}  // namespace

static_assert(inputs_have_shapes());

TEST_CASE("images have the channels of their colour format") { CHECK(inputs_have_shapes()); }
