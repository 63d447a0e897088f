// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/view.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace d = quench::interop::detail;

namespace {

// A map of 4 x 6 pixels and 10 channels; the file has N, C, H, W.
d::OnnxView channels_last_map() { return d::OnnxView::of(0, {4, 6, 10}, {2, 3, 1}, 4, 0); }

}  // namespace

TEST_CASE("a map in memory is seen channels first") {
  CHECK(channels_last_map().file_shape(1) == d::OnnxShape{1, 10, 4, 6});
  CHECK(channels_last_map().batch_axis() == 0);
  CHECK(channels_last_map().transposed({0, 2, 3, 1}).file_shape(1) == d::OnnxShape{1, 4, 6, 10});
}

TEST_CASE("flattening, cutting and joining change the view alone") {
  d::OnnxView view = channels_last_map();
  REQUIRE(view.reshape({1, 240}, 1));
  CHECK(view.file[1] == d::OnnxFactors{1, 0});  // channels before pixels
  REQUIRE(view.reshape({1, 2, 5, 24}, 1));
  CHECK(view.factors == d::OnnxShape{24, 2, 5});
  REQUIRE(view.reshape({1, 10, 4, 6}, 1));
  CHECK(view == channels_last_map());
}

TEST_CASE("a shape that cuts across the order in memory needs another order") {
  d::OnnxView view = channels_last_map();
  CHECK_FALSE(view.reshape({1, 4, 60}, 1));
  CHECK(view == channels_last_map());
}

TEST_CASE("a batch is joined with other axes and cut off again, never cut itself") {
  d::OnnxView rows = d::OnnxView::of(0, {3, 8}, {1, 2}, 3, 0);
  REQUIRE(rows.reshape({6, 8}, 2));
  CHECK(rows.batch_axis() == 2);
  REQUIRE(rows.reshape({2, 3, 8}, 2));
  CHECK(rows.batch_axis() == 0);
  d::OnnxView four = d::OnnxView::of(0, {3}, {1}, 2, 0);
  CHECK(slug_of([&] { four.reshape({2, 6}, 4); }) == "model-not-understood");
}
