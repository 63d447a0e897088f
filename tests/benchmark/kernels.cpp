// SPDX-License-Identifier: Apache-2.0
// How many instructions kernels execute on a Cortex-M4, beside plain nested loops that test every pixel for padding.
// Built, run and explained by tests/benchmark/kernels. Prints a line for each case: name, naive, kernel.
#include "device/platform.hpp"

#include <quench/kernels/add.hpp>
#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/linear.hpp>

namespace q = quench;
namespace k = quench::kernels;

namespace {

// An instruction takes 2^10 ns of emulated time.
#if __ARM_FEATURE_MVE  // Cortex-M55: the board's system counter, which counts up at 32 MHz
std::uint32_t ticks() {
  *reinterpret_cast<volatile std::uint32_t*>(0x58100000) = 1;  // runs
  return *reinterpret_cast<volatile std::uint32_t*>(0x58000000);
}
constexpr std::uint32_t ticks_of_thousand = 32768;
#else  // Cortex-M4: timer 0 of the board, which counts down at 25 MHz
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

template <class Function>
std::uint32_t ticks_of(const Function& function) {
  const std::uint32_t begin = ticks();
  function();
  return ticks() - begin;
}

// A call of nothing. Its instructions, and those that read the timer, are taken off.
[[gnu::noipa]] void nothing(const std::int8_t*, const std::int8_t*, std::int8_t*, const void*, const void*) {}

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

[[gnu::noipa]] void conv_kernel(const std::int8_t* x, const std::int8_t* w, std::int8_t* y, const k::Convolution& conv,
                                const k::OutputChannels& output) {
  k::conv2d(x, w, y, conv, output);
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

[[gnu::noipa]] void linear_kernel(const std::int8_t* x, const std::int8_t* w, std::int8_t* y,
                                  const k::LinearLayer& layer, const k::OutputChannels& output) {
  k::linear(x, w, y, layer, output);
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

[[gnu::noipa]] void add_kernel(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, const Elements& elements,
                               const k::Addition& addition) {
  k::add(a, elements.shape, b, elements.shape, y, addition);
}

constexpr int largest = 16 * 16 * 64;
std::int8_t x[largest], w[largest], y_naive[largest], y_kernel[largest];
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

template <class Function, class Settings, class Output>
void compare(const char* name, Function naive, Function kernel, const Settings& settings, const Output& output) {
  print(name);
  print(count(naive, y_naive, settings, output));
  print(count(kernel, y_kernel, settings, output));
  bool is_equal = true;
  for (int i = 0; i < largest; ++i) is_equal &= y_naive[i] == y_kernel[i];
  print(is_equal ? "\n" : " DIFFERENT\n");
}

void compare_conv(const char* name, int extent, int channels, int filters, int kernel, int padding, int groups) {
  const int out_extent = extent + 2 * padding - kernel + 1;
  const k::Convolution conv{q::Shape(extent, extent, channels),
                            q::Shape(out_extent, out_extent, filters),
                            {.kernel_size = kernel, .padding = padding},
                            groups};
  // About a third of the codes of the depthwise cases saturate, fewer of others.
  for (q::Requantization& record : records) record = {20000, 0, static_cast<std::uint8_t>(groups == 1 ? 22 : 21)};
  compare(name, conv_naive, conv_kernel, conv, k::OutputChannels{bias, records});
}

}  // namespace

int main() {
  std::uint32_t state = 1;
  const auto random = [&] { return static_cast<int>((state = state * 1664525u + 1013904223u) >> 24) - 128; };
  for (int i = 0; i < largest; ++i) {
    x[i] = static_cast<std::int8_t>(random());
    w[i] = static_cast<std::int8_t>(random());
  }
  for (std::int32_t& value : bias) value = random() * 16;

  const std::uint32_t around = ticks_of([] { nothing(x, w, y_naive, records, bias); });
  print("1000 instructions");
  print(instructions(ticks_of([] { thousand(x, w, y_naive, records, bias); }) - around));
  print(instructions(0));
  print("\n");

  compare_conv("conv 3x3, 16 to 32 channels, 14x14", 14, 16, 32, 3, 1, 1);
  compare_conv("depthwise 3x3, 32 channels, 14x14", 14, 32, 32, 3, 1, 32);
  compare("linear, 256 to 10", linear_naive, linear_kernel, k::LinearLayer{1, 256, 10, 0},
          k::OutputChannels{bias, records});
  compare("add, 14x14x32", add_naive, add_kernel, Elements{q::Shape(14, 14, 32)},
          k::Addition{.shift = 16, .multiplier = 30000, .requantization = {20000, 9, 22}});
  compare_conv("conv 3x3, 8 to 8 channels, 10x10", 10, 8, 8, 3, 1, 1);
  compare_conv("conv 3x3, 3 to 8 channels, 12x12", 12, 3, 8, 3, 1, 1);
  compare_conv("conv 3x3, 1 to 8 channels, 12x12", 12, 1, 8, 3, 1, 1);
  compare_conv("conv 1x1, 16 to 16 channels, 8x8", 8, 16, 16, 1, 0, 1);
  compare_conv("depthwise 3x3, 16 channels, 10x10", 10, 16, 16, 3, 1, 16);
  compare_conv("depthwise 5x5, 16 channels, 10x10", 10, 16, 16, 5, 2, 16);
  return 0;
}
