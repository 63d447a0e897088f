// SPDX-License-Identifier: Apache-2.0
// How many instructions kernels execute on a Cortex-M, beside plain nested loops that test every pixel for padding.
// Built, run and explained by tests/benchmark/kernels. Prints a line for each case: name, naive (0: no loops), definition,
// kernel of the engine.
#include "device/platform.hpp"

#include <quench/device/fast.hpp>
#include <quench/kernels/channel_affine.hpp>
#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/layer_norm.hpp>
#include <quench/kernels/linear.hpp>
#include <quench/kernels/maximum.hpp>
#include <quench/kernels/mul.hpp>
#include <quench/kernels/pooling.hpp>
#include <quench/kernels/prelu.hpp>
#include <quench/kernels/rearrange.hpp>
#include <quench/kernels/upsample.hpp>

#if defined(__riscv)
#include <unistd.h>
#endif

namespace q = quench;
namespace k = quench::kernels;
namespace fast = quench::device::fast;

namespace {

// An instruction takes 2^10 ns of emulated time.
#if defined(__riscv)  // Linux: the emulator's instruction_counter.c counts
std::uint32_t ticks() {
  std::uint64_t count = 0;
  if (read(900, &count, sizeof count) != sizeof count) __builtin_trap();
  return static_cast<std::uint32_t>(count);
}
constexpr std::uint32_t ticks_of_thousand = 1000;
// Not inline: clang would prepare the arguments of two calls in different ways.
template <class Function>
[[gnu::noinline]] std::uint32_t ticks_of(const Function& function);
#elif __ARM_FEATURE_MVE  // Cortex-M55: the board's system counter, which counts up at 32 MHz
std::uint32_t ticks() {
  *reinterpret_cast<volatile std::uint32_t*>(0x58100000) = 1;  // runs
  return *reinterpret_cast<volatile std::uint32_t*>(0x58000000);
}
constexpr std::uint32_t ticks_of_thousand = 32768;
#else                    // Cortex-M4: timer 0 of the board, which counts down at 25 MHz
std::uint32_t ticks() {
  struct Timer {
    volatile std::uint32_t control, value, reload;
  };
  Timer& timer = *reinterpret_cast<Timer*>(0x40000000);
  if (timer.control != 1) {
    timer.reload = 0xffffffff;
    timer.value = 0xffffffff;
    timer.control = 1;
  }
  return ~timer.value;
}
constexpr std::uint32_t ticks_of_thousand = 25600;
#endif

constexpr std::uint32_t instructions(std::uint32_t ticks) {
  return static_cast<std::uint32_t>((std::uint64_t{ticks} * 1000 + ticks_of_thousand / 2) / ticks_of_thousand);
}

// Not inline: clang would prepare the arguments of two calls in different ways.
template <class Function>
[[gnu::noinline]] std::uint32_t ticks_of(const Function& function) {
  const std::uint32_t begin = ticks();
  function();
  return ticks() - begin;
}

// A call of nothing. Its instructions, and those that read the timer, are taken off.
[[gnu::noipa]] void nothing(const std::int8_t*, const std::int8_t*, std::int8_t*, const void*, const void*) {
  asm volatile("");
}

[[gnu::noipa]] void thousand(const std::int8_t*, const std::int8_t*, std::int8_t*, const void*, const void*) {
  asm volatile(".rept 1000\n nop\n .endr");
}

// Nothing is known of the arguments inside a function without interprocedural analysis, as in an engine that reads its
// settings from a table. The loops keep settings in local variables, which no store of a code can change.
[[gnu::noipa]] void conv_naive(const std::int8_t* x, const std::int8_t* w, std::int8_t* y, const k::Convolution& conv,
                               const k::OutputChannels& output) {
  const int height = conv.x[0], width = conv.x[1], channels = conv.x[2], filters = conv.y[2];
  const int out_height = conv.y[0], out_width = conv.y[1];
  const int depth = channels / conv.groups, group_filters = filters / conv.groups;
  const q::Pair kernel = conv.window.kernel_size, stride = conv.window.stride, padding = conv.window.padding,
                dilation = conv.window.dilation;
  const std::int32_t* const biases = output.bias;
  const q::Requantization* const requantization = output.requantization;
  for (int oy = 0; oy < out_height; ++oy)
    for (int ox = 0; ox < out_width; ++ox)
      for (int c = 0; c < filters; ++c) {
        std::int32_t acc = biases[c];
        for (int ky = 0; ky < kernel.height; ++ky)
          for (int kx = 0; kx < kernel.width; ++kx)
            for (int i = 0; i < depth; ++i) {
              const int iy = oy * stride.height - padding.height + ky * dilation.height;
              const int ix = ox * stride.width - padding.width + kx * dilation.width;
              if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
              acc += x[(iy * width + ix) * channels + c / group_filters * depth + i] *
                     w[((c * kernel.height + ky) * kernel.width + kx) * depth + i];
            }
        *y++ = static_cast<std::int8_t>(q::requantize<8>(acc, requantization[c]));
      }
}

[[gnu::noipa]] void conv_definition(const std::int8_t* x, const std::int8_t* w, std::int8_t* y,
                                    const k::Convolution& conv, const k::OutputChannels& output) {
  k::conv2d(x, w, y, conv, output);
}

[[gnu::noipa]] void conv_kernel(const std::int8_t* x, const std::int8_t* w, std::int8_t* y, const k::Convolution& conv,
                                const k::OutputChannels& output) {
  fast::conv2d(x, w, y, conv, output);
}

[[gnu::noipa]] void linear_naive(const std::int8_t* x, const std::int8_t* w, std::int8_t* y,
                                 const k::LinearLayer& layer, const k::OutputChannels& output) {
  const int rows = layer.rows, in_features = layer.in_features, out_features = layer.out_features;
  const std::int32_t* const biases = output.bias;
  const q::Requantization* const requantization = output.requantization;
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < out_features; ++c) {
      std::int32_t acc = biases[c];
      for (int i = 0; i < in_features; ++i) acc += x[row * in_features + i] * w[c * in_features + i];
      *y++ = static_cast<std::int8_t>(q::requantize<8>(acc, requantization[c]));
    }
}

[[gnu::noipa]] void linear_definition(const std::int8_t* x, const std::int8_t* w, std::int8_t* y,
                                      const k::LinearLayer& layer, const k::OutputChannels& output) {
  k::linear(x, w, y, layer, output);
}

[[gnu::noipa]] void linear_kernel(const std::int8_t* x, const std::int8_t* w, std::int8_t* y,
                                  const k::LinearLayer& layer, const k::OutputChannels& output) {
  fast::linear(x, w, y, layer, output);
}

struct Elements {
  q::Shape shape;
};

[[gnu::noipa]] void add_naive(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                              const k::Addition& settings) {
  const k::Addition addition = settings;
  const int count = elements.shape.elements();
  for (int i = 0; i < count; ++i) {
    const std::int32_t larger = addition.second_is_larger ? b[i] : a[i],
                       other = addition.second_is_larger ? a[i] : b[i];
    const std::int32_t sum = larger * (1 << addition.shift) + other * addition.multiplier;
    y[i] = static_cast<std::int8_t>(q::requantize<8>(sum, addition.requantization));
  }
}

[[gnu::noipa]] void add_definition(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                                   const k::Addition& addition) {
  k::add(a, elements.shape, b, elements.shape, y, addition);
}

[[gnu::noipa]] void add_kernel(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                               const k::Addition& addition) {
  fast::add(a, elements.shape, b, elements.shape, y, addition);
}

// Rows of channels.
struct Rows {
  int rows, channels;
};

[[gnu::noipa]] void affine_naive(const std::int8_t* x, const std::int8_t* w, std::int8_t* y, const Rows& shape,
                                 const k::OutputChannels& output) {
  const int rows = shape.rows, channels = shape.channels;
  const std::int32_t* const biases = output.bias;
  const q::Requantization* const requantization = output.requantization;
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < channels; ++c)
      *y++ = static_cast<std::int8_t>(q::requantize<8>(*x++ * w[c] + biases[c], requantization[c]));
}

[[gnu::noipa]] void affine_kernel(const std::int8_t* x, const std::int8_t* w, std::int8_t* y, const Rows& shape,
                                  const k::OutputChannels& output) {
  k::channel_affine(x, w, y, shape.rows, shape.channels, output);
}

[[gnu::noipa]] void prelu_naive(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Rows& shape,
                                const k::OutputChannels& output) {
  const int rows = shape.rows, channels = shape.channels;
  const q::Requantization* const records = output.requantization;
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < channels; ++c, ++x)
      *y++ = static_cast<std::int8_t>(q::requantize<8>(*x, *x < 0 ? records[1 + c] : records[0]));
}

[[gnu::noipa]] void prelu_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Rows& shape,
                                 const k::OutputChannels& output) {
  k::prelu(x, y, shape.rows, shape.channels, output.requantization);
}

[[gnu::noipa]] void maximum_naive(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                                  const k::Comparison& settings) {
  const k::Comparison comparison = settings;
  const int count = elements.shape.elements();
  for (int i = 0; i < count; ++i) {
    const std::int32_t left = q::requantize<8>(a[i], comparison.a), right = q::requantize<8>(b[i], comparison.b);
    y[i] = static_cast<std::int8_t>(left > right ? left : right);
  }
}

[[gnu::noipa]] void maximum_same_naive(const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
                                       const Elements& elements, const k::Comparison&) {
  const int count = elements.shape.elements();
  for (int i = 0; i < count; ++i) y[i] = a[i] > b[i] ? a[i] : b[i];
}

[[gnu::noipa]] void maximum_definition(const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
                                       const Elements& elements, const k::Comparison& comparison) {
  k::maximum(a, elements.shape, b, elements.shape, y, comparison);
}

[[gnu::noipa]] void maximum_kernel(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                                   const k::Comparison& comparison) {
  fast::maximum(a, elements.shape, b, elements.shape, y, comparison);
}

[[gnu::noipa]] void mul_naive(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                              const q::Requantization& settings) {
  const q::Requantization record = settings;
  const int count = elements.shape.elements();
  for (int i = 0; i < count; ++i) y[i] = static_cast<std::int8_t>(q::requantize<8>(a[i] * b[i], record));
}

[[gnu::noipa]] void mul_definition(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                                   const q::Requantization& record) {
  k::mul(a, elements.shape, b, elements.shape, y, record);
}

[[gnu::noipa]] void mul_kernel(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                               const q::Requantization& record) {
  fast::mul(a, elements.shape, b, elements.shape, y, record);
}

// Windows that share the map; the record is that of their size.
[[gnu::noipa]] void adaptive_mean_naive(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const k::Pool& pool,
                                        const q::Requantization& settings) {
  const q::Requantization record = settings;
  const int height = pool.x[0], width = pool.x[1], channels = pool.x[2], down = pool.y[0], across = pool.y[1];
  for (int oy = 0; oy < down; ++oy)
    for (int ox = 0; ox < across; ++ox)
      for (int c = 0; c < channels; ++c) {
        std::int32_t sum = 0;
        for (int iy = oy * height / down; iy < ((oy + 1) * height + down - 1) / down; ++iy)
          for (int ix = ox * width / across; ix < ((ox + 1) * width + across - 1) / across; ++ix)
            sum += x[(iy * width + ix) * channels + c];
        *y++ = static_cast<std::int8_t>(q::requantize<8>(sum, record));
      }
}

[[gnu::noipa]] void adaptive_mean_definition(const std::int8_t* x, const std::int8_t*, std::int8_t* y,
                                             const k::Pool& pool, const q::Requantization& record) {
  k::avg_pool2d(x, y, pool, record);
}

[[gnu::noipa]] void adaptive_mean_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const k::Pool& pool,
                                         const q::Requantization& record) {
  fast::avg_pool2d(x, y, pool, record);
}

[[gnu::noipa]] void adaptive_max_naive(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const k::Pool& pool,
                                       const q::Requantization&) {
  const int height = pool.x[0], width = pool.x[1], channels = pool.x[2], down = pool.y[0], across = pool.y[1];
  for (int oy = 0; oy < down; ++oy)
    for (int ox = 0; ox < across; ++ox)
      for (int c = 0; c < channels; ++c) {
        std::int32_t most = INT8_MIN;
        for (int iy = oy * height / down; iy < ((oy + 1) * height + down - 1) / down; ++iy)
          for (int ix = ox * width / across; ix < ((ox + 1) * width + across - 1) / across; ++ix) {
            const std::int32_t code = x[(iy * width + ix) * channels + c];
            most = code > most ? code : most;
          }
        *y++ = static_cast<std::int8_t>(most);
      }
}

[[gnu::noipa]] void adaptive_max_definition(const std::int8_t* x, const std::int8_t*, std::int8_t* y,
                                            const k::Pool& pool, const q::Requantization&) {
  k::max_pool2d(x, y, pool);
}

[[gnu::noipa]] void adaptive_max_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const k::Pool& pool,
                                        const q::Requantization&) {
  fast::max_pool2d(x, y, pool);
}

[[gnu::noipa]] void nearest_naive(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Elements& elements,
                                  const k::Resize& resize) {
  const int height = elements.shape[0], width = elements.shape[1], channels = elements.shape[2];
  const int down = resize.rows.outputs / height, across = resize.columns.outputs / width;
  for (int oy = 0; oy < height * down; ++oy)
    for (int ox = 0; ox < width * across; ++ox)
      for (int c = 0; c < channels; ++c) *y++ = x[(oy / down * width + ox / across) * channels + c];
}

[[gnu::noipa]] void nearest_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Elements&,
                                   const k::Resize& resize) {
  k::upsample_nearest(x, resize, y);
}

[[gnu::noipa]] void bilinear_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Elements&,
                                    const k::Resize& resize) {
  k::upsample_bilinear(x, resize, y);
}

// Channels first.
[[gnu::noipa]] void permute_naive(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Elements& elements,
                                  const int&) {
  const int height = elements.shape[0], width = elements.shape[1], channels = elements.shape[2];
  for (int c = 0; c < channels; ++c)
    for (int iy = 0; iy < height; ++iy)
      for (int ix = 0; ix < width; ++ix) *y++ = x[(iy * width + ix) * channels + c];
}

[[gnu::noipa]] void permute_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Elements& elements,
                                   const int& order) {
  k::permute(x, elements.shape, &order, y);
}

template <q::Operator Op>
[[gnu::noipa]] void norm_kernel(const std::int8_t* x, const std::int8_t*, std::int8_t* y, const Rows& shape,
                                const k::RowNorm& norm) {
  k::normalize_rows<Op>(x, y, shape.rows, norm);
}

constexpr int largest = 16 * 16 * 64;
constexpr int most_weights = 64 * 64 * 9;
std::int8_t x[largest], w[most_weights], y_naive[largest], y_kernel[largest];
std::int32_t bias[64];
q::Requantization records[64];

void print(const char* text) {
  while (*text != 0) put(*text++);
}

void print(std::uint32_t number) {
  put(' ');
  char digits[10];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) put(digits[--count]);
}

template <class Settings, class Output>
std::uint32_t count(void (*function)(const std::int8_t*, const std::int8_t*, std::int8_t*, const Settings&,
                                     const Output&),
                    std::int8_t* y, const Settings& settings, const Output& output) {
  const std::uint32_t around = ticks_of([] { nothing(x, w, y_naive, records, bias); });
  return instructions(ticks_of([&] { function(x, w, y, settings, output); }) - around);
}

// `kernel` is what the engine calls: the definition, or the processor's own.
template <class Function, class Settings, class Output>
void compare(const char* name, Function naive, Function definition, Function kernel, const Settings& settings,
             const Output& output) {
  print(name);
  print(count(naive, y_naive, settings, output));
  print(count(definition, y_kernel, settings, output));
  bool is_equal = true;
  for (int i = 0; i < largest; ++i) is_equal &= y_naive[i] == y_kernel[i];
  print(count(kernel, y_kernel, settings, output));
  for (int i = 0; i < largest; ++i) is_equal &= y_naive[i] == y_kernel[i];
  print(is_equal ? "\n" : " DIFFERENT\n");
}

template <class Function, class Settings, class Output>
void compare(const char* name, Function naive, Function kernel, const Settings& settings, const Output& output) {
  compare(name, naive, kernel, kernel, settings, output);
}

// The kernel alone: its loops would be the kernel's own.
template <class Function, class Settings, class Output>
void count_kernel(const char* name, Function kernel, const Settings& settings, const Output& output) {
  print(name);
  print(std::uint32_t{0});
  print(count(kernel, y_kernel, settings, output));
  print(count(kernel, y_kernel, settings, output));
  print("\n");
}

void compare_conv(const char* name, int extent, int channels, int filters, int kernel, int padding, int groups) {
  const int out_extent = extent + 2 * padding - kernel + 1;
  const k::Convolution conv{q::Shape(extent, extent, channels),
                            q::Shape(out_extent, out_extent, filters),
                            {.kernel_size = kernel, .padding = padding},
                            groups};
  // About a third of the codes of the depthwise cases saturate, fewer of others.
  for (q::Requantization& record : records) record = {20000, 0, static_cast<std::uint8_t>(groups == 1 ? 22 : 21)};
  compare(name, conv_naive, conv_definition, conv_kernel, conv, k::OutputChannels{bias, records});
}

// A function of its own, so that it changes nothing in the code around the counts of main.
[[gnu::noipa]] void count_others() {
  for (q::Requantization& record : records) record = {20000, 0, 21};
  compare("channel affine, 14x14x32", affine_naive, affine_kernel, Rows{14 * 14, 32}, k::OutputChannels{bias, records});
  for (q::Requantization& record : records) record = {20000, 0, 15};
  compare("PReLU, 14x14x32", prelu_naive, prelu_kernel, Rows{14 * 14, 32}, k::OutputChannels{bias, records});
  compare("maximum, 14x14x32", maximum_naive, maximum_definition, maximum_kernel, Elements{q::Shape(14, 14, 32)},
          k::Comparison{{20000, 0, 15}, {30000, 0, 15}});
  compare("maximum at one scale, 14x14x32", maximum_same_naive, maximum_definition, maximum_kernel,
          Elements{q::Shape(14, 14, 32)}, k::Comparison{});
  compare("mul, 14x14x32", mul_naive, mul_definition, mul_kernel, Elements{q::Shape(14, 14, 32)},
          q::Requantization{20000, 0, 21});
  k::Pool pool{q::Shape(14, 14, 32), q::Shape(4, 4, 32)};
  pool.is_adaptive = true;
  compare("adaptive average, 14x14x32 to 4x4", adaptive_mean_naive, adaptive_mean_definition, adaptive_mean_kernel,
          pool, q::Requantization{20000, 0, 19});
  compare("adaptive maximum, 14x14x32 to 4x4", adaptive_max_naive, adaptive_max_definition, adaptive_max_kernel, pool,
          q::Requantization{});
  q::Settings twice;
  twice.scale_factor = {2, 2};
  const k::Resize resize = k::resize_of(twice, q::Shape(7, 7, 32));
  compare("nearest, 7x7x32 to 14x14", nearest_naive, nearest_kernel, Elements{q::Shape(7, 7, 32)}, resize);
  count_kernel("bilinear, 7x7x32 to 14x14", bilinear_kernel, Elements{q::Shape(7, 7, 32)}, resize);
  const int order[] = {2, 0, 1};
  compare("permute, 14x14x32 to channels first", permute_naive, permute_kernel, Elements{q::Shape(14, 14, 32)},
          order[0]);
  k::RowWeight weights[32];
  for (k::RowWeight& weight : weights) weight = {20000, 0};
  k::RowNorm norm;
  norm.size = 32;
  norm.weight = weights;
  norm.bias = bias;
  count_kernel("LayerNorm, 196 rows of 32", norm_kernel<q::Operator::LayerNorm>, Rows{14 * 14, 32}, norm);
  count_kernel("RMSNorm, 196 rows of 32", norm_kernel<q::Operator::RMSNorm>, Rows{14 * 14, 32}, norm);
}

}  // namespace

int main() {
  std::uint32_t state = 1;
  const auto random = [&] { return static_cast<int>((state = state * 1664525u + 1013904223u) >> 24) - 128; };
  for (int i = 0; i < largest; ++i) {
    x[i] = static_cast<std::int8_t>(random());
    w[i] = static_cast<std::int8_t>(random());
  }
  for (int i = largest; i < most_weights; ++i) w[i] = w[i - largest];
  for (std::int32_t& value : bias) value = random() * 16;

  const std::uint32_t around = ticks_of([] { nothing(x, w, y_naive, records, bias); });
  print("1000 instructions");
  print(instructions(ticks_of([] { thousand(x, w, y_naive, records, bias); }) - around));
  print(instructions(0));
  print(instructions(0));
  print("\n");

  compare_conv("conv 3x3, 16 to 32 channels, 14x14", 14, 16, 32, 3, 1, 1);
  compare_conv("depthwise 3x3, 32 channels, 14x14", 14, 32, 32, 3, 1, 32);
  compare("linear, 256 to 10", linear_naive, linear_definition, linear_kernel, k::LinearLayer{1, 256, 10, 0},
          k::OutputChannels{bias, records});
  compare("add, 14x14x32", add_naive, add_definition, add_kernel, Elements{q::Shape(14, 14, 32)},
          k::Addition{.shift = 16, .multiplier = 30000, .requantization = {20000, 9, 22}});
  compare_conv("conv 3x3, 8 to 8 channels, 10x10", 10, 8, 8, 3, 1, 1);
  compare_conv("conv 3x3, 3 to 8 channels, 12x12", 12, 3, 8, 3, 1, 1);
  compare_conv("conv 3x3, 1 to 8 channels, 12x12", 12, 1, 8, 3, 1, 1);
  compare_conv("conv 1x1, 16 to 16 channels, 8x8", 8, 16, 16, 1, 0, 1);
  compare_conv("conv 3x3, 15 to 17 channels, 9x9", 9, 15, 17, 3, 1, 1);
  compare_conv("conv 5x5, 8 to 16 channels, 10x10", 10, 8, 16, 5, 2, 1);
  compare_conv("conv 3x3, 64 to 64 channels, 7x7", 7, 64, 64, 3, 1, 1);
  compare_conv("depthwise 3x3, 16 channels, 10x10", 10, 16, 16, 3, 1, 16);
  compare_conv("depthwise 5x5, 16 channels, 10x10", 10, 16, 16, 5, 2, 16);
  compare_conv("depthwise 3x3, 15 channels, 9x9", 9, 15, 15, 3, 1, 15);
  compare_conv("depthwise 3x3, 64 channels, 7x7", 7, 64, 64, 3, 1, 64);
  compare_conv("depthwise 1x1, 16 channels, 8x8", 8, 16, 16, 1, 0, 16);
  const auto compare_linear = [](const char* name, int rows, int in_features, int out_features) {
    compare(name, linear_naive, linear_definition, linear_kernel, k::LinearLayer{rows, in_features, out_features, 0},
            k::OutputChannels{bias, records});
  };
  compare_linear("linear, 64 to 10", 1, 64, 10);
  compare_linear("linear, 64 to 64", 1, 64, 64);
  compare_linear("linear, 1024 to 10", 1, 1024, 10);
  compare_linear("linear, 31 to 17", 1, 31, 17);
  compare_linear("linear, 16 rows of 32 to 32", 16, 32, 32);
  const auto compare_add = [](const char* name, const q::Shape& shape) {
    compare(name, add_naive, add_definition, add_kernel, Elements{shape},
            k::Addition{.shift = 16, .multiplier = 30000, .requantization = {20000, 9, 22}});
  };
  compare_add("add, 10", q::Shape(10));
  compare_add("add, 8x8x16", q::Shape(8, 8, 16));
  compare_add("add, 9x9x15", q::Shape(9, 9, 15));
  compare_add("add, 7x7x64", q::Shape(7, 7, 64));
  compare_add("add, 12x12x1", q::Shape(12, 12, 1));
  count_others();
  return 0;
}
