// SPDX-License-Identifier: Apache-2.0
// Float convolutions and matrix products for training, beside the fused products that one core makes at most, and
// beside libtorch where HAS_TORCH is defined. Run by tests/benchmark/training_kernels.
//
// Both sides are timed in turn, the least time of each counts. libtorch computes in the faster of its two layouts.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <quench/host/float/conv2d.hpp>
#include <quench/host/float/gemm.hpp>

#ifdef HAS_TORCH
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#endif

namespace host = quench::host;
using host::FloatConv2d;

namespace {

using Work = std::function<void()>;

// CPU time: what other programs take does not count.
double seconds(const Work& work, long repeats) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  for (long i = 0; i < repeats; ++i) {
    work();
    asm volatile("" ::: "memory");
  }
  return (now() - start) / static_cast<double>(repeats);
}

std::vector<double> least_seconds(const std::vector<Work>& works) {
  std::vector<double> least;
  std::vector<long> repeats;
  for (const Work& work : works) {
    work();
    least.push_back(seconds(work, 1));
    repeats.push_back(std::max(1L, static_cast<long>(3e-3 / least.back())));
  }
  for (int turn = 0; turn < 15; ++turn)
    for (std::size_t i = 0; i < works.size(); ++i) least[i] = std::min(least[i], seconds(works[i], repeats[i]));
  return least;
}

// More fused products at once than are under way.
struct Peak {
  template <host::Isa isa>
  [[gnu::always_inline]] static inline void run(float* memory, long count) {
    using Vector = typename host::FloatVector<isa>::type;
    Vector sums[12];
    std::memcpy(sums, memory, sizeof sums);
    for (long i = 0; i < count; ++i) {
#pragma GCC unroll 12
      for (Vector& sum : sums) sum += sum * 1e-30f;
    }
    std::memcpy(memory, sums, sizeof sums);
  }
};

double peak = 0;  // floating-point operations a second

void measure_peak() {
  constexpr long count = 100000;
  const auto run = host::vector_kernel<Peak, float*, long>(host::best_isa());
  std::vector<float> memory(12 * 16);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i + 1);
  const double flops = 24.0 * static_cast<double>(host::detail::lanes_of(host::best_isa())) * count;
  peak = flops / least_seconds({[&] { run(memory.data(), count); }})[0];
  std::printf("peak %.1f GFLOP/s\n", peak / 1e9);
}

struct Total {
  double ours = 0, torch = 0;
} step;

// Ours first, then the peer's ways.
void print(const std::string& shape, const char* pass, double flops, const std::vector<Work>& works, bool in_step) {
  const std::vector<double> least = least_seconds(works);
  std::printf("%-30s %-16s %9.2f us %7.1f GFLOP/s %4.0f %%", shape.c_str(), pass, least[0] * 1e6,
              flops / least[0] / 1e9, 100 * flops / least[0] / peak);
  if (works.size() > 1) {
    const double torch = *std::min_element(least.begin() + 1, least.end());
    std::printf("   time / libtorch %5.2f", least[0] / torch);
    if (in_step) step.torch += torch;
  }
  if (in_step) step.ours += least[0];
  std::printf("\n");
  std::fflush(stdout);
}

std::vector<float> values(std::size_t size) {
  std::vector<float> result(size);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (float& value : result) value = normal(random);
  return result;
}

void convolution(const FloatConv2d& conv, bool in_step) {
  const auto product = [](auto... factors) { return (static_cast<std::size_t>(factors) * ...); };
  const int depth = conv.in_channels / conv.groups, kernel = conv.kernel_size.height;
  const auto x = values(product(conv.samples, conv.in_height, conv.in_width, conv.in_channels));
  const auto gy = values(product(conv.samples, conv.out_height, conv.out_width, conv.out_channels));
  const auto w = values(product(conv.out_channels, kernel, kernel, depth)), bias = values(product(conv.out_channels));
  auto y = gy, gx = x, gw = w, gb = bias;
  std::vector<Work> forward{[&] { host::float_conv2d(conv, x.data(), w.data(), bias.data(), y.data()); }};
  std::vector<Work> by_input{[&] { host::float_conv2d_input_gradient(conv, gy.data(), w.data(), gx.data()); }};
  std::vector<Work> by_weight{
      [&] { host::float_conv2d_weight_gradient(conv, x.data(), gy.data(), gw.data(), gb.data()); }};
#ifdef HAS_TORCH
  const auto pair = [](quench::Pair p) { return std::vector<std::int64_t>{p.height, p.width}; };
  const auto stride = pair(conv.stride), padding = pair(conv.padding), dilation = pair(conv.dilation);
  for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const auto tensor = [&](int n, int c, int h, int width) { return at::randn({n, c, h, width}).contiguous(layout); };
    const at::Tensor tx = tensor(conv.samples, conv.in_channels, conv.in_height, conv.in_width);
    const at::Tensor tg = tensor(conv.samples, conv.out_channels, conv.out_height, conv.out_width);
    const at::Tensor tw = tensor(conv.out_channels, depth, kernel, kernel), tb = at::randn({conv.out_channels});
    const auto backward = [=](bool input) {
      at::convolution_backward(tg, tx, tw, at::OptionalIntArrayRef({tw.size(0)}), stride, padding, dilation, false,
                               {0, 0}, tx.size(1) / tw.size(1), {input, !input, !input});
    };
    const int groups = conv.groups;
    forward.push_back([=] { at::conv2d(tx, tw, tb, stride, padding, dilation, groups); });
    by_input.push_back([=] { backward(true); });
    by_weight.push_back([=] { backward(false); });
  }
#endif
  const std::string shape = std::to_string(conv.samples) + " x " + std::to_string(conv.in_height) + "x" +
                            std::to_string(conv.in_width) + " " + std::to_string(conv.in_channels) + "->" +
                            std::to_string(conv.out_channels) + " " + std::to_string(kernel) + "x" +
                            std::to_string(kernel) + (conv.groups > 1 ? " depthwise" : "") +
                            (conv.stride.height > 1 ? " /" + std::to_string(conv.stride.height) : "");
  const double flops = 2.0 * static_cast<double>(gy.size() * product(kernel, kernel, depth));
  print(shape, "forward", flops, forward, in_step);
  print(shape, "input gradient", flops, by_input, in_step && conv.in_channels > 1);
  print(shape, "weight gradient", flops, by_weight, in_step);
}

void square(int samples, int extent, int in_channels, int out_channels, int kernel, int stride = 1, int groups = 1,
            bool in_step = false) {
  FloatConv2d conv;
  conv.samples = samples;
  conv.in_height = conv.in_width = extent;
  conv.in_channels = in_channels;
  conv.out_channels = out_channels;
  conv.kernel_size = kernel;
  conv.stride = stride;
  conv.padding = kernel / 2;
  conv.groups = groups;
  conv.out_height = conv.out_width = (extent - 1) / stride + 1;
  convolution(conv, in_step);
}

void gemm(const char* pass, const host::FloatGemm& settings, bool in_step) {
  const auto a = values(static_cast<std::size_t>(settings.m * settings.k));
  const auto b = values(static_cast<std::size_t>(settings.n * settings.k));
  std::vector<float> c(static_cast<std::size_t>(settings.m * settings.n));
  std::vector<Work> works{[&] { host::float_gemm(settings, a.data(), b.data(), c.data()); }};
#ifdef HAS_TORCH
  const auto matrix = [](std::int64_t rows, std::int64_t columns, bool transposed) {
    return transposed ? at::randn({columns, rows}).t() : at::randn({rows, columns});
  };
  const at::Tensor ta = matrix(settings.m, settings.k, settings.transpose_a);
  const at::Tensor tb = matrix(settings.k, settings.n, settings.transpose_b);
  works.push_back([=] { at::mm(ta, tb); });
#endif
  const std::string shape =
      "gemm " + std::to_string(settings.m) + "x" + std::to_string(settings.n) + "x" + std::to_string(settings.k);
  print(shape, pass, 2 * static_cast<double>(settings.m * settings.n * settings.k), works, in_step);
}

}  // namespace

int main() {
#ifdef HAS_TORCH
  const c10::InferenceMode no_graph;
  at::set_num_threads(1);
#endif
  measure_peak();
  square(64, 28, 1, 16, 3, 1, 1, true);
  square(64, 28, 16, 32, 3, 2, 1, true);
  square(64, 14, 32, 32, 3, 1, 1, true);
  square(64, 14, 32, 64, 3, 2, 1, true);
  gemm("forward", {false, true, 64, 10, 64, 64, 64, 10, false}, true);
  gemm("input gradient", {false, false, 64, 64, 10, 10, 64, 64, false}, true);
  gemm("weight gradient", {true, false, 10, 64, 64, 10, 64, 64, true}, true);
  std::printf("all of these but the input gradient of the first: %.0f us", step.ours * 1e6);
  if (step.torch > 0) std::printf(", time / libtorch %.2f", step.ours / step.torch);
  std::printf("\n");
  square(16, 32, 16, 16, 3);
  square(4, 56, 64, 64, 3);
  square(1, 56, 64, 64, 3);
  square(16, 14, 256, 256, 1);
  square(16, 28, 96, 96, 3, 1, 96);
  square(16, 32, 3, 32, 3);
  gemm("forward", {false, true, 256, 512, 512, 512, 512, 512, false}, false);
  return 0;
}
