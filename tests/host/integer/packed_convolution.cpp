// SPDX-License-Identifier: Apache-2.0
// How maps are walked and weights packed: a convolution whose blocks are summed one product at a time equals the kernel.
#include <quench/host/integer/packed_convolution.hpp>

#include <doctest/doctest.h>

#include <array>

#include <quench/host/int16/map.hpp>
#include <quench/host/int8/map.hpp>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Groups, conv_cases::Random;

namespace {

enum class By { Blocks, Kernel };
constexpr std::array both{By::Blocks, By::Kernel};

// Any CPU copies bands for NEON, whose codes are not raised.
h::Int8Bands bands_of(const q::kernels::Convolution& conv, std::int8_t) { return {conv, false, h::Int8Level::Neon}; }
h::Int16Bands bands_of(const q::kernels::Convolution& conv, std::int16_t) { return {conv, {}, h::Isa::Baseline}; }

template <class Bands>
class Sums : public h::PackedConvolution<Sums<Bands>, Bands> {
  using Packed = h::PackedConvolution<Sums, Bands>;
  using typename Packed::Code;

 public:
  Sums(const q::kernels::Convolution& conv, const std::int8_t* weight, const q::kernels::OutputChannels& output, By by)
      : Packed(conv) {
    this->is_plain_ = by == By::Kernel;
    this->find_pointwise();
    this->set_bands(bands_of(this->banded(), Code{}));
    this->find_quads();
    repack(weight, output);
  }

  void repack(const std::int8_t* weight, const q::kernels::OutputChannels& output) {
    this->low_ = output.low;
    this->high_ = output.high;
    if (this->is_plain_) return this->own(weight, output);
    this->pack_blocks(weight);
    std::vector<int> places;
    const int filters = this->filters_, stride = h::padded_channels(filters);
    for (int k = 0; k < this->conv_.y[2]; ++k) places.push_back(k / filters * stride + k % filters);
    this->epilogue_.set(output, weight, this->size(), 0, places, stride, this->conv_.groups);
  }

  static constexpr int products_of_part = 10;

  template <class X>
  void run_rows(int samples, h::RowRange rows, const X* x, std::int32_t* y, std::int32_t low, std::int32_t high) const {
    this->for_bands(samples, rows, x, y, [&](const Code* map, int pixels, std::int32_t* to) {
      const int first = pixels / 3;  // in two parts
      this->for_groups(map, 0, first, to, low, high, sum);
      this->for_groups(map, first, pixels - first, to + first * this->conv_.y[2], low, high, sum);
    });
  }

 private:
  static void sum(const h::Block<Code, std::int32_t>& block) {
    constexpr int codes = h::codes_of_quad<Code>;
    for (int row = 0; row < block.m; ++row)
      for (int c = 0; c < block.channels; ++c) {
        const h::BlockPlace<Code> place(c, block.channels, block.quads);
        std::int32_t& sum = block.y[row * block.y_row + c];
        sum = block.epilogue->sum_first[static_cast<std::size_t>(block.first_channel + c)];
        for (int quad = 0; quad < block.quads; ++quad)
          for (int i = 0; i < codes; ++i)
            sum += block.a[block.rows[row] + block.quad_offsets[quad] + i] *
                   block.weights[place.first + static_cast<std::size_t>(quad) * place.step + static_cast<unsigned>(i)];
      }
  }
};

using Int8Sums = Sums<h::Int8Bands>;
using Int16Sums = Sums<h::Int16Bands>;

void compare(Random& random, const q::kernels::Convolution& conv, int least_samples = 0) {
  const auto define = [](auto... arguments) { q::kernels::conv2d(arguments...); };
  conv_cases::compare<Int8Sums, std::int8_t, std::int32_t>(random, conv, both, define, least_samples);
  conv_cases::compare<Int16Sums, std::int16_t, std::int32_t>(random, conv, both, define, least_samples);
  conv_cases::compare<Int16Sums, std::int8_t, std::int32_t>(random, conv, both, define, least_samples);
}

}  // namespace

TEST_CASE("convolutions walked in bands, groups and parts equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare(random, conv_cases::random_conv(random, random.one_in(4) ? Groups::Spread : Groups::Dense));
  }
}

TEST_CASE("convolutions walked in several bands equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  compare(random, {q::Shape(40, 40, 100), q::Shape(40, 40, 3), window}, 1);
  compare(random, {q::Shape(1, 1300, 130), q::Shape(1, 1300, 2), {}}, 1);  // pixels
  compare(random, {q::Shape(70, 70, 12), q::Shape(70, 70, 2), {}}, 1);     // of whole quads
  compare(random, {q::Shape(70, 70, 6), q::Shape(70, 70, 4), {}, 2}, 1);   // in groups
}

TEST_CASE("a part has enough products for a thread, and at least a row") {
  const std::vector<std::int8_t> weight(8 * 9 * 8);
  const auto parts = [&](int rows, int columns, By by) {
    const q::kernels::Window window{.kernel_size = 3, .padding = 1};
    const q::Shape shape(rows, columns, 8);  // a pixel has 576 products
    return Int8Sums({shape, shape, window}, weight.data(), {}, by).parts();
  };
  CHECK(parts(1, 1, By::Blocks) == 1);
  CHECK(parts(3, 1, By::Blocks) == 1);
  CHECK(parts(4, 1, By::Blocks) == 2);
  CHECK(parts(40, 1, By::Blocks) == 22);
  CHECK(parts(2, 40, By::Blocks) == 2);
  CHECK(parts(40, 1, By::Kernel) == 1);
}
