// SPDX-License-Identifier: Apache-2.0
// Float convolutions and matrix products against their definition in double, over random settings, on every CPU path.
#include <quench/host/float_conv2d.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>

namespace h = quench::host;

namespace {

constexpr unsigned seed = 20261123;

struct Random {
  std::mt19937 engine{seed};
  int between(int low, int high) { return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1)); }
  std::vector<float> values(std::size_t count) {
    std::vector<float> result(count);
    for (float& value : result) value = static_cast<float>(between(-1000, 1000)) / 500;
    return result;
  }
};

// Sums of up to `depth` products of values up to 4: eps * depth for each of `depth` roundings at worst.
void check_near(const std::vector<float>& given, const std::vector<double>& expected, double depth) {
  REQUIRE(given.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < given.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(given[i]) - expected[i]));
  CHECK(largest <= 4 * depth * depth * 0x1p-24);
}

h::FloatConv2d random_conv(Random& random) {
  h::FloatConv2d c;
  c.samples = random.between(0, 3);
  c.groups = random.between(1, 3);
  const bool depthwise = random.between(0, 3) == 0;
  c.in_channels = c.groups * (depthwise ? 1 : random.between(1, 19));
  c.out_channels = c.groups * (depthwise ? 1 : random.between(1, 37));
  c.kernel_size = {random.between(1, 4), random.between(1, 4)};
  c.stride = {random.between(1, 3), random.between(1, 3)};
  c.padding = {random.between(0, 3), random.between(0, 3)};
  c.dilation = {random.between(1, 2), random.between(1, 2)};
  const int least_height = (c.kernel_size.height - 1) * c.dilation.height + 1 - 2 * c.padding.height;
  const int least_width = (c.kernel_size.width - 1) * c.dilation.width + 1 - 2 * c.padding.width;
  c.in_height = std::max(least_height, 1) + random.between(0, 12);
  c.in_width = std::max(least_width, 1) + random.between(0, 12);
  const auto output = [](int extent, int k, int s, int p, int d) { return (extent + 2 * p - d * (k - 1) - 1) / s + 1; };
  c.out_height = output(c.in_height, c.kernel_size.height, c.stride.height, c.padding.height, c.dilation.height);
  c.out_width = output(c.in_width, c.kernel_size.width, c.stride.width, c.padding.width, c.dilation.width);
  if (random.between(0, 4) == 0 && c.out_height > 1) --c.out_height;
  return c;
}

template <class Visit>
void for_each_product(const h::FloatConv2d& c, Visit visit) {
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  for (int n = 0; n < c.samples; ++n)
    for (int oy = 0; oy < c.out_height; ++oy)
      for (int ox = 0; ox < c.out_width; ++ox)
        for (int k = 0; k < c.out_channels; ++k)
          for (int ky = 0; ky < c.kernel_size.height; ++ky)
            for (int kx = 0; kx < c.kernel_size.width; ++kx)
              for (int d = 0; d < depth; ++d) {
                const int iy = oy * c.stride.height - c.padding.height + ky * c.dilation.height;
                const int ix = ox * c.stride.width - c.padding.width + kx * c.dilation.width;
                if (iy < 0 || ix < 0 || iy >= c.in_height || ix >= c.in_width) continue;
                visit(
                    static_cast<std::size_t>(((n * c.in_height + iy) * c.in_width + ix) * c.in_channels +
                                             k / filters * depth + d),
                    static_cast<std::size_t>(((k * c.kernel_size.height + ky) * c.kernel_size.width + kx) * depth + d),
                    static_cast<std::size_t>(((n * c.out_height + oy) * c.out_width + ox) * c.out_channels + k));
              }
}

const h::Isa paths[] = {h::Isa::Baseline, h::Isa::Avx2, h::Isa::Avx512};

}  // namespace

TEST_CASE("convolutions and their gradients are what the definition says, on every path") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const h::FloatConv2d c = random_conv(random);
    const auto size = [](int a, int b, int d, int e) {
      return static_cast<std::size_t>(a) * static_cast<std::size_t>(b * d * e);
    };
    const auto x = random.values(size(c.samples, c.in_height, c.in_width, c.in_channels));
    const auto gy = random.values(size(c.samples, c.out_height, c.out_width, c.out_channels));
    const auto w =
        random.values(size(c.out_channels, c.kernel_size.height, c.kernel_size.width, c.in_channels / c.groups));
    const auto bias = random.values(static_cast<std::size_t>(c.out_channels));
    const bool has_bias = draw % 2 == 0;
    const auto begin = random.values(1)[0];
    std::vector<double> y(gy.size()), gx(x.size(), static_cast<double>(begin)),
        gw(w.size(), static_cast<double>(begin)), gb(bias.size(), static_cast<double>(begin));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = has_bias ? static_cast<double>(bias[i % bias.size()]) : 0;
    for (std::size_t i = 0; i < gy.size(); ++i) gb[i % bias.size()] += static_cast<double>(gy[i]);
    for_each_product(c, [&](std::size_t i, std::size_t j, std::size_t o) {
      y[o] += static_cast<double>(x[i]) * static_cast<double>(w[j]);
      gx[i] += static_cast<double>(gy[o]) * static_cast<double>(w[j]);
      gw[j] += static_cast<double>(gy[o]) * static_cast<double>(x[i]);
    });
    const double window = c.kernel_size.height * c.kernel_size.width;
    const double pixels = c.samples * c.out_height * c.out_width + 1;
    for (const h::Isa isa : paths) {
      if (isa > h::best_isa()) continue;
      std::vector<float> y_given(y.size()), gx_given(x.size(), begin), gw_given(w.size(), begin),
          gb_given(bias.size(), begin);
      h::float_conv2d(c, x.data(), w.data(), has_bias ? bias.data() : nullptr, y_given.data(), isa);
      h::float_conv2d_input_gradient(c, gy.data(), w.data(), gx_given.data(), isa);
      h::float_conv2d_weight_gradient(c, x.data(), gy.data(), gw_given.data(), gb_given.data(), isa);
      check_near(y_given, y, window * c.in_channels + 1);
      check_near(gx_given, gx, window * c.out_channels + 1);
      check_near(gw_given, gw, pixels);
      check_near(gb_given, gb, pixels);
    }
  }
}

TEST_CASE("matrix products are what the definition says, on every path") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    h::FloatGemm g{draw % 2 == 0, draw % 4 < 2, random.between(0, 40), random.between(0, 70), random.between(0, 50)};
    g.accumulate = draw % 3 == 0;
    g.lda = (g.transpose_a ? g.m : g.k) + random.between(0, 3);
    g.ldb = (g.transpose_b ? g.k : g.n) + random.between(0, 3);
    g.ldc = g.n + random.between(0, 3);
    const auto a = random.values(static_cast<std::size_t>(g.lda * (g.transpose_a ? g.k : g.m)));
    const auto b = random.values(static_cast<std::size_t>(g.ldb * (g.transpose_b ? g.n : g.k)));
    const auto c = random.values(static_cast<std::size_t>(g.ldc * g.m));
    std::vector<double> expected(c.begin(), c.end());
    for (int i = 0; i < g.m; ++i)
      for (int j = 0; j < g.n; ++j) {
        double& sum = expected[static_cast<std::size_t>(i * g.ldc + j)];
        if (!g.accumulate) sum = 0;
        for (int p = 0; p < g.k; ++p)
          sum += static_cast<double>(a[static_cast<std::size_t>(g.transpose_a ? p * g.lda + i : i * g.lda + p)]) *
                 static_cast<double>(b[static_cast<std::size_t>(g.transpose_b ? j * g.ldb + p : p * g.ldb + j)]);
      }
    for (const h::Isa isa : paths) {
      if (isa > h::best_isa()) continue;
      std::vector<float> given = c;
      h::float_gemm(g, a.data(), b.data(), given.data(), isa);
      check_near(given, expected, g.k + 1);
    }
  }
}
