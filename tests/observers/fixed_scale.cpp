// SPDX-License-Identifier: Apache-2.0
// A scale that is known.
#include <quench/observers/fixed_scale.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

using Image = q::FixedScaleObserver<std::ratio<1, 128>>;

static_assert(q::MergeableObserver<Image> && q::StatefulObserver<Image>);

TEST_CASE("a fixed scale is the same before and after data, for every dtype") {
  Image image;
  q::FixedScaleObserver<std::ratio<1, 3>> third;
  for (const q::DType dtype : observing::dtypes) {
    CHECK(image.scale(dtype) == 0x1p-7f);
    CHECK(third.scale(dtype) == 1.0f / 3);
  }
  image.observe(std::vector<float>{1e30f, 0, -5});
  CHECK(image.scale(q::DType::Int8) == 0x1p-7f);
  image.observe(std::vector<float>{0});
  CHECK(image.scale(q::DType::Int8) == 0x1p-7f);
}

TEST_CASE("a fixed scale refuses bad data and the states of others") {
  observing::check_refuses_bad_input<Image>();
  observing::check_takes_any_tensor<Image>();
  observing::check_round_trips<Image>();
  observing::check_refuses_bad_states<Image>(1);
  observing::check_refuses_states_of_another_size<Image>();
  q::FixedScaleObserver<std::ratio<1, 64>> other;
  CHECK(slug_of([&] { other.load(Image{}.state()); }) == "state-not-valid");
}

TEST_CASE("observers of one fixed scale merge") { observing::check_merges_exactly<Image>(); }
