// SPDX-License-Identifier: Apache-2.0
// Walks along an axis, and the parts of images that they read, against windows one tap at a time.
#include <quench/host/float/windows.hpp>

#include <doctest/doctest.h>

#include <tuple>
#include <vector>

#include "host/float/cases.hpp"

using namespace quench::host::detail;

namespace {

// A result position, a tap, and the source position that it reads.
using Read = std::tuple<int, int, int>;

void add_reads(const Walk& walk, std::vector<Read>& reads) {
  for (int i = 0; i < walk.count; ++i)
    for (int t = 0; t < walk.tap_count; ++t)
      reads.emplace_back(walk.first + i * walk.step, walk.tap + t * walk.tap_step,
                         walk.source + i * walk.source_step + walk.offset + t * walk.offset_step);
}

void check_reach(const Walk& walk) {
  std::vector<Read> reads;
  add_reads(walk, reads);
  CHECK(walk.empty() == reads.empty());
  Reach reach;
  reach.include(walk);
  if (reads.empty()) {
    CHECK(reach.size() == 0);
    return;
  }
  const auto by_source = [](const Read& a, const Read& b) { return std::get<2>(a) < std::get<2>(b); };
  const auto [least, most] = std::minmax_element(reads.begin(), reads.end(), by_source);
  CHECK(reach.begin == std::get<2>(*least));
  CHECK(reach.end == std::get<2>(*most) + 1);
}

void check(const Axis& axis, int begin, int end) {
  CAPTURE(axis.kernel);
  CAPTURE(axis.stride);
  CAPTURE(axis.padding);
  CAPTURE(axis.dilation);
  CAPTURE(begin);
  CAPTURE(end);
  std::vector<Read> forward, gradient, expected_forward, expected_gradient;
  add_reads(axis.forward(begin, end), forward);
  check_reach(axis.forward(begin, end));
  for (int remainder = 0; remainder < axis.stride; ++remainder) {
    add_reads(axis.gradient(remainder, begin, end), gradient);
    check_reach(axis.gradient(remainder, begin, end));
  }
  for (int at = begin; at < end; ++at)
    for (int tap = 0; tap < axis.kernel; ++tap) {
      expected_forward.emplace_back(at, tap, at * axis.stride - axis.padding + tap * axis.dilation);
      const int output = at + axis.padding - tap * axis.dilation;
      if (output % axis.stride == 0) expected_gradient.emplace_back(at, tap, output / axis.stride);
    }
  for (auto* reads : {&forward, &gradient, &expected_forward, &expected_gradient})
    std::sort(reads->begin(), reads->end());
  CHECK(forward == expected_forward);
  CHECK(gradient == expected_gradient);
}

}  // namespace

TEST_CASE("walks read what the windows of a convolution and of its input gradient read") {
  for (int kernel = 1; kernel <= 4; ++kernel)
    for (int stride = 1; stride <= 5; ++stride)
      for (int padding = 0; padding <= 3; ++padding)
        for (int dilation = 1; dilation <= 4; ++dilation)
          for (const auto& [begin, end] : {std::pair{0, 9}, {3, 7}, {4, 5}, {4, 4}})
            check({20, 9, kernel, stride, padding, dilation}, begin, end);
}

TEST_CASE("a reach holds several walks, and knows whether it leaves the source") {
  Reach reach;
  CHECK(reach.inside(0));
  reach.include(Axis{10, 10, 3, 1, 1, 1}.forward(4, 6));
  CHECK((reach.begin == 3 && reach.end == 7));
  reach.include(Axis{10, 10, 3, 1, 1, 1}.forward(9, 10));
  CHECK((reach.begin == 3 && reach.end == 11));
  CHECK(!reach.inside(10));
  CHECK(reach.inside(11));
  reach.include(Axis{10, 10, 3, 1, 4, 1}.forward(0, 1));
  CHECK(!reach.inside(11));
}

TEST_CASE("the part of an image that is reached has zeros around, or stays where it is") {
  std::mt19937 random(1);
  for (const SourceShape shape : {SourceShape{3, 4, 2}, {1, 1, 1}, {5, 3, 7}})
    for (const Reach rows : {Reach{0, shape.height}, {-2, shape.height + 3}, {1, 2}, {-3, -1}, {7, 9}})
      for (const Reach columns : {Reach{0, shape.width}, {-1, shape.width + 2}, {-4, -1}, {9, 11}, {-2, 1}}) {
        CAPTURE(rows.begin);
        CAPTURE(columns.begin);
        constexpr int samples = 2;
        const auto source = float_cases::normal_values(random, static_cast<int>(samples * shape.sample()));
        const bool fits = rows.inside(shape.height) && columns.inside(shape.width);
        for (const bool copy : {true, false}) {
          if (!copy && !fits) continue;
          const Image image = reached(source.data(), shape, samples, rows, columns, copy);
          for (int n = 0; n < samples; ++n)
            for (int y = rows.begin; y < rows.end; ++y)
              for (int x = columns.begin; x < columns.end; ++x)
                for (int c = 0; c < shape.channels; ++c) {
                  const bool is_inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
                  const auto at = n * shape.sample() + y * shape.row() + x * shape.channels + c;
                  REQUIRE(image.data[n * image.sample + image.at(y - rows.begin, x - columns.begin) + c] ==
                          (is_inside ? source[static_cast<std::size_t>(at)] : 0.0f));
                }
          if (!copy) CHECK(image.data == source.data() + rows.begin * shape.row() + columns.begin * shape.channels);
        }
      }
}

TEST_CASE("the pixels of a grid follow each other row by row") {
  for (const Grid grid : {Grid{2, 3, 4}, {1, 1, 1}, {3, 0, 5}}) {
    std::vector<std::ptrdiff_t> places(grid.size()), expected;
    for (int n = 0; n < grid.samples; ++n)
      for (int y = 0; y < grid.down; ++y)
        for (int x = 0; x < grid.across; ++x) expected.push_back(n * 1000 + y * 100 + x * 3);
    grid.places(1000, 100, 3, places.data());
    CHECK(places == expected);
  }
}

TEST_CASE("a piece is some samples, or some rows of one, whose source fits the second cache") {
  constexpr std::ptrdiff_t floats = 1 << 16;
  for (const int samples : {0, 1, 5, 4000})
    for (const int height : {1, 7, 90, 3000})
      for (const int width : {1, 30, 2000})
        for (const int multiple : {1, 2, 3})
          for (const std::ptrdiff_t source : {std::ptrdiff_t{0}, std::ptrdiff_t{1}, floats / 3, floats, 5 * floats}) {
            const Piece piece = piece_of(samples, height, width, multiple, source);
            CHECK((piece.samples >= 1 && piece.samples <= std::max(samples, 1)));
            CHECK((piece.rows >= 1 && piece.rows <= height));
            CHECK((piece.rows == height || (piece.samples == 1 && piece.rows % multiple == 0)));
            if (source <= floats)
              CHECK((piece.rows == height && piece.samples * source <= floats));
            else
              CHECK((piece.samples == 1 && (piece.rows - multiple) * source <= height * floats));
          }
}
