// SPDX-License-Identifier: Apache-2.0
// Loops over float maps [rows, channels] with numbers for each channel, for batch norms, pools and biases:
// compiled for each CPU (dispatch.hpp). Sums are taken row by row in double, so they are the same on every CPU.
#pragma once

#include <quench/host/dispatch.hpp>

namespace quench::host {

namespace detail {

struct ChannelSumsLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, std::size_t rows, std::size_t channels,
                                         double* __restrict sums) {
    for (std::size_t row = 0; row < rows; ++row, x += channels)
      for (std::size_t c = 0; c < channels; ++c) sums[c] += static_cast<double>(x[c]);
  }
};

struct ChannelSquaresLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, std::size_t rows, std::size_t channels,
                                         double* __restrict sums, double* __restrict squares) {
    for (std::size_t row = 0; row < rows; ++row, x += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const double value = static_cast<double>(x[c]);
        const double square = value * value;
        sums[c] += value;
        squares[c] += square;
      }
  }
};

struct ChannelProductsLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, const float* __restrict gy, std::size_t rows,
                                         std::size_t channels, const float* __restrict mean,
                                         const float* __restrict factor, double* __restrict sums,
                                         double* __restrict products) {
    for (std::size_t row = 0; row < rows; ++row, x += channels, gy += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const float normalized = (x[c] - mean[c]) * factor[c];
        const double gradient = static_cast<double>(gy[c]);
        const double product = gradient * static_cast<double>(normalized);
        sums[c] += gradient;
        products[c] += product;
      }
  }
};

struct ScaleChannelsLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, float* __restrict y, std::size_t rows,
                                         std::size_t channels, const float* __restrict factor,
                                         const float* __restrict offset) {
    for (std::size_t row = 0; row < rows; ++row, x += channels, y += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const float product = x[c] * factor[c];
        y[c] = product + offset[c];
      }
  }
};

struct CombineChannelsLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, const float* __restrict gy, float* __restrict gx,
                                         std::size_t rows, std::size_t channels, const float* __restrict by_gy,
                                         const float* __restrict by_x, const float* __restrict constant) {
    for (std::size_t row = 0; row < rows; ++row, x += channels, gy += channels, gx += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const float from_gy = gy[c] * by_gy[c], from_x = x[c] * by_x[c];
        gx[c] += from_gy - from_x + constant[c];
      }
  }
};

}  // namespace detail

/// sums += Σ x, channel by channel.
inline void float_channel_sums(const float* x, std::size_t rows, std::size_t channels, double* sums) {
  dispatch<detail::ChannelSumsLoop>(x, rows, channels, sums);
}
/// sums += Σ x, squares += Σ x², channel by channel.
inline void float_channel_squares(const float* x, std::size_t rows, std::size_t channels, double* sums,
                                  double* squares) {
  dispatch<detail::ChannelSquaresLoop>(x, rows, channels, sums, squares);
}
/// sums += Σ gy, products += Σ gy * ((x - mean) * factor), channel by channel.
inline void float_channel_products(const float* x, const float* gy, std::size_t rows, std::size_t channels,
                                   const float* mean, const float* factor, double* sums, double* products) {
  dispatch<detail::ChannelProductsLoop>(x, gy, rows, channels, mean, factor, sums, products);
}
/// y = x * factor + offset.
inline void float_scale_channels(const float* x, float* y, std::size_t rows, std::size_t channels, const float* factor,
                                 const float* offset) {
  dispatch<detail::ScaleChannelsLoop>(x, y, rows, channels, factor, offset);
}
/// gx += gy * by_gy - x * by_x + constant.
inline void float_combine_channels(const float* x, const float* gy, float* gx, std::size_t rows, std::size_t channels,
                                   const float* by_gy, const float* by_x, const float* constant) {
  dispatch<detail::CombineChannelsLoop>(x, gy, gx, rows, channels, by_gy, by_x, constant);
}

}  // namespace quench::host
