// SPDX-License-Identifier: Apache-2.0
// Loops over the channels of float maps against their definitions, bit for bit, with odd sizes.
#include <quench/host/float/channels.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace host = quench::host;

namespace {

std::vector<float> values(std::size_t size, unsigned seed) {
  std::vector<float> result(size);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  for (float& value : result) value = normal(random);
  return result;
}

}  // namespace

TEST_CASE("loops over channels do what they say for any number of rows and channels") {
  for (const std::size_t rows : {0u, 1u, 7u, 50u})
    for (const std::size_t channels : {1u, 3u, 8u, 16u, 17u, 33u}) {
      CAPTURE(rows);
      CAPTURE(channels);
      const auto x = values(rows * channels, 1), gy = values(rows * channels, 2), before = values(rows * channels, 3);
      const auto a = values(channels, 4), b = values(channels, 5), k = values(channels, 6);
      std::vector<double> sums(channels, 1), squares(channels, 2), gradients(channels, 3), products(channels, 4);
      auto expected_sums = sums, expected_squares = squares, expected_gradients = gradients,
           expected_products = products;
      auto y = before, gx = before, expected_y = before, expected_gx = before;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % channels;
        expected_sums[c] += static_cast<double>(x[i]);
        const double square = static_cast<double>(x[i]) * static_cast<double>(x[i]);
        expected_squares[c] += square;
        expected_gradients[c] += static_cast<double>(gy[i]);
        const float normalized = (x[i] - a[c]) * b[c];
        const double product = static_cast<double>(gy[i]) * static_cast<double>(normalized);
        expected_products[c] += product;
        const float scaled = x[i] * a[c], from_gy = gy[i] * a[c], from_x = x[i] * b[c];
        expected_y[i] = scaled + b[c];
        expected_gx[i] += from_gy - from_x + k[c];
      }
      host::float_channel_squares(x.data(), rows, channels, sums.data(), squares.data());
      host::float_channel_products(x.data(), gy.data(), rows, channels, a.data(), b.data(), gradients.data(),
                                   products.data());
      host::float_scale_channels(x.data(), y.data(), rows, channels, a.data(), b.data());
      host::float_combine_channels(x.data(), gy.data(), gx.data(), rows, channels, a.data(), b.data(), k.data());
      CHECK(sums == expected_sums);
      CHECK(squares == expected_squares);
      CHECK(gradients == expected_gradients);
      CHECK(products == expected_products);
      CHECK(y == expected_y);
      CHECK(gx == expected_gx);
    }
}
