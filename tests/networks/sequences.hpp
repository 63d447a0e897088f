// SPDX-License-Identifier: Apache-2.0
// Small networks of 1-d layers, and the same of 2-d layers over maps of one row, which compute the same.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace sequences {

namespace q = quench;

struct Layers {
  using Inputs = q::Inputs<q::Features<13, 4>>;
  q::QuantStub quant;
  q::Conv1d dense{.in_channels = 4, .out_channels = 6, .kernel_size = 3, .stride = 2, .padding = {2, 1}, .bias = false};
  q::BatchNorm1d dense_norm{.channels = 6};
  q::Conv1d grouped{
      .in_channels = 6, .out_channels = 4, .kernel_size = 3, .padding = 2, .dilation = 2, .groups = 2, .bias = false};
  q::BatchNorm1d grouped_norm{.channels = 4, .eps = 1e-3f, .momentum = 0.3f};
  q::ReLU relu;
  q::Conv1d depthwise{.in_channels = 4, .out_channels = 8, .kernel_size = 4, .padding = q::Padding::Same, .groups = 4};
  q::ConvTranspose1d up{.in_channels = 8,
                        .out_channels = 4,
                        .kernel_size = 3,
                        .stride = 3,
                        .padding = 1,
                        .output_padding = 1,
                        .groups = 2,
                        .dilation = 2};
  q::ConvTranspose1d top{.in_channels = 4, .out_channels = 2, .kernel_size = 2, .stride = 2};
  q::Conv1d head{.in_channels = 4, .out_channels = 3, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(grouped_norm(grouped(dense_norm(dense(quant(x))))));    // [7, 4]
    return std::tuple(dequant(top(up(depthwise(y)))), dequant(head(y)));  // [44, 2], [7, 3]
  }
};

struct MapLayers {
  using Inputs = q::Inputs<q::Features<1, 13, 4>>;
  q::QuantStub quant;
  q::Conv2d dense{.in_channels = 4,
                  .out_channels = 6,
                  .kernel_size = {1, 3},
                  .stride = {1, 2},
                  .padding = {0, 0, 2, 1},
                  .bias = false};
  q::BatchNorm2d dense_norm{.channels = 6};
  q::Conv2d grouped{.in_channels = 6,
                    .out_channels = 4,
                    .kernel_size = {1, 3},
                    .padding = {0, 2},
                    .dilation = {1, 2},
                    .groups = 2,
                    .bias = false};
  q::BatchNorm2d grouped_norm{.channels = 4, .eps = 1e-3f, .momentum = 0.3f};
  q::ReLU relu;
  q::Conv2d depthwise{
      .in_channels = 4, .out_channels = 8, .kernel_size = {1, 4}, .padding = q::Padding::Same, .groups = 4};
  q::ConvTranspose2d up{.in_channels = 8,
                        .out_channels = 4,
                        .kernel_size = {1, 3},
                        .stride = {1, 3},
                        .padding = {0, 1},
                        .output_padding = {0, 1},
                        .groups = 2,
                        .dilation = {1, 2}};
  q::ConvTranspose2d top{.in_channels = 4, .out_channels = 2, .kernel_size = {1, 2}, .stride = {1, 2}};
  q::Conv2d head{.in_channels = 4, .out_channels = 3, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(grouped_norm(grouped(dense_norm(dense(quant(x))))));
    return std::tuple(dequant(top(up(depthwise(y)))), dequant(head(y)));
  }
};

struct Pools {
  using Inputs = q::Inputs<q::Features<13, 5>>;
  q::QuantStub quant;
  q::AvgPool1d average{.kernel_size = 3, .stride = 1, .padding = {1, 0}},
      average_ceil{.kernel_size = 4, .stride = 3, .padding = 2, .ceil_mode = true},
      average_same{.kernel_size = 3, .stride = 2, .padding = q::Padding::Same, .count_include_pad = false};
  q::MaxPool1d largest{.kernel_size = 3, .stride = 2, .padding = {0, 1}, .dilation = 2},
      largest_ceil{.kernel_size = 2, .stride = 2, .ceil_mode = true};
  q::AdaptiveAvgPool1d shared{.output_size = 4}, larger{.output_size = 17}, whole{.output_size = 1};
  q::AdaptiveMaxPool1d shared_largest{.output_size = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return std::tuple(dequant(largest(average(y))), dequant(average_ceil(y)), dequant(average_same(largest_ceil(y))),
                      dequant(shared(y)), dequant(larger(y)), dequant(whole(y)), dequant(shared_largest(y)));
  }
};

struct MapPools {
  using Inputs = q::Inputs<q::Features<1, 13, 5>>;
  q::QuantStub quant;
  q::AvgPool2d average{.kernel_size = {1, 3}, .stride = 1, .padding = {0, 0, 1, 0}},
      average_ceil{.kernel_size = {1, 4}, .stride = {1, 3}, .padding = {0, 2}, .ceil_mode = true},
      average_same{.kernel_size = {1, 3}, .stride = {1, 2}, .padding = q::Padding::Same, .count_include_pad = false};
  q::MaxPool2d largest{.kernel_size = {1, 3}, .stride = {1, 2}, .padding = {0, 0, 0, 1}, .dilation = {1, 2}},
      largest_ceil{.kernel_size = {1, 2}, .stride = {1, 2}, .ceil_mode = true};
  q::AdaptiveAvgPool2d shared{.output_size = {1, 4}}, larger{.output_size = {1, 17}}, whole{.output_size = 1};
  q::AdaptiveMaxPool2d shared_largest{.output_size = {1, 5}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return std::tuple(dequant(largest(average(y))), dequant(average_ceil(y)), dequant(average_same(largest_ceil(y))),
                      dequant(shared(y)), dequant(larger(y)), dequant(whole(y)), dequant(shared_largest(y)));
  }
};

}  // namespace sequences
