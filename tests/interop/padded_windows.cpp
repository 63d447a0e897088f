// SPDX-License-Identifier: Apache-2.0
// centered_images.cpp compares more shapes with windows that are counted one by one.
#include <quench/interop/padded_windows.hpp>

#include <doctest/doctest.h>

namespace {

namespace i = quench::interop;
using i::detail::PaddedWindows;

i::ImportedStep convolution(const char* type, const char* settings, std::vector<std::int64_t> shape) {
  i::ImportedStep step{.type = type, .settings = settings, .call = "$m($0)"};
  step.shape = std::move(shape);
  return step;
}

}  // namespace

TEST_CASE("padded_windows: a map, and the part of it that is no padding") {
  const auto step = convolution("Conv2d", "{.kernel_size = 3, .padding = {1, 0}}", {4, 3, 1});
  const std::vector<double> taps{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const PaddedWindows whole = i::detail::padded_windows(step, {4, 5, 2}, {0, 0, 0}, {4, 5, 2}, taps);
  CHECK(whole.reaching == 6);
  CHECK(whole.all == 12);
  CHECK(whole.most == 7 + 8 + 9);
  const PaddedWindows part = i::detail::padded_windows(step, {4, 5, 2}, {0, 1, 0}, {4, 5, 2}, taps);
  CHECK(part.reaching == 8);              // and the first column
  CHECK(part.most == 1 + 4 + 7 + 8 + 9);  // at the bottom of the first column
  const PaddedWindows none = i::detail::padded_windows(convolution("Conv2d", "{.kernel_size = 3}", {2, 3, 1}),
                                                       {4, 5, 2}, {0, 0, 0}, {4, 5, 2}, taps);
  CHECK(none.reaching == 0);
  CHECK(none.most == 0);
}

TEST_CASE("padded_windows: a sequence, with stride and dilation, and Same, whose surplus is at the end") {
  const std::vector<double> taps{1, 2, 4, 1, -2, -3};  // of two filters
  const auto sequence =
      convolution("Conv1d", "{.kernel_size = 3, .stride = 2, .padding = {2, 1}, .dilation = 2}", {2, 2});
  const PaddedWindows windows = i::detail::padded_windows(sequence, {5, 1}, {0, 0}, {5, 1}, taps);
  CHECK(windows.reaching == 1);  // taps at -2, 0, 2 and at 0, 2, 4
  CHECK(windows.all == 2);
  CHECK(windows.most == 1);
  const auto same = convolution("Conv1d", "{.kernel_size = 3, .stride = 2, .padding = Padding::Same}", {2, 2});
  const PaddedWindows at_end = i::detail::padded_windows(same, {4, 1}, {0, 0}, {4, 1}, taps);
  CHECK(at_end.reaching == 1);  // taps at 2, 3, 4
  CHECK(at_end.most == 4);
}
