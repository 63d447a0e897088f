// SPDX-License-Identifier: Apache-2.0
// Random layers for the fast kernels of a processor, each compared with its definition in kernels/. Freestanding:
// tests/bare_metal/fast_kernels.cpp runs them on an emulated board.
#pragma once

#include <cstddef>
#include <cstdint>

#include <quench/kernels/add.hpp>
#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/linear.hpp>
#include <quench/kernels/maximum.hpp>
#include <quench/kernels/pooling.hpp>

#if defined(__riscv)
#include <sys/mman.h>
#endif

namespace fast_cases {

namespace q = quench;
namespace k = quench::kernels;

class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  std::uint32_t bits() { return state_ = state_ * 1664525u + 1013904223u, state_ ^ state_ >> 15; }
  /// An integer in [least, most].
  int in(int least, int most) {
    return least + static_cast<int>((bits() >> 8) % static_cast<unsigned>(most - least + 1));
  }
  bool once_in(int times) { return in(1, times) == 1; }

 private:
  std::uint32_t state_;
};

/// Where the memory of the emulated board ends. A read past it is a fault, which ends the program with an error.
#if defined(__riscv)  // no board, but a process of Linux: the end is that of 1 MiB before pages without access
inline unsigned char* memory_end() {
  static unsigned char* const end = [] {
    constexpr std::size_t size = 1 << 20, forbidden = 1 << 16;
    void* const room = mmap(nullptr, size + forbidden, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) __builtin_trap();
    unsigned char* const after = static_cast<unsigned char*>(room) + size;
    if (mprotect(after, forbidden, PROT_NONE) != 0) __builtin_trap();
    return after;
  }();
  return end;
}
inline void guard_memory_end() {}
#elif defined(__ARM_FEATURE_MVE)
inline unsigned char* memory_end() { return reinterpret_cast<unsigned char*>(0x21400000); }  // mps3-an547: SRAM
inline void guard_memory_end() {}                                                            // nothing lies after it
#else
inline unsigned char* memory_end() { return reinterpret_cast<unsigned char*>(0x20800000); }  // mps2-an386: SSRAM2, 3
/// The emulator reads zeros there, so the memory protection unit forbids the next 1 MiB.
inline void guard_memory_end() {
  auto* const unit = reinterpret_cast<volatile std::uint32_t*>(0xe000ed94);  // CTRL, RNR, RBAR, RASR
  unit[1] = 0;
  unit[2] = 0x20800000;
  unit[3] = 1u << 28 | 19u << 1 | 1u;  // no access, 2^20 bytes, enabled
  unit[0] = 4 | 1;                     // everything else as before
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}
#endif

inline constexpr int most_codes = 1 << 14, most_channels = 64, guard = 32;

/// Operands, x of codes X. One of them lies at the end of the memory, the others at any address.
template <class X>
class OperandsOf {
 public:
  OperandsOf(Random& random, int x_size, int w_size, int channels) : at_end_(random.in(0, 3)) {
    static X room_of_x[most_codes + 8];
    static std::int8_t room_of_w[most_codes + 8];
    static std::int32_t room_of_bias[most_channels];
    static q::Requantization room_of_records[most_channels];
    x = place(0, x_size, room_of_x + random.in(0, 7));
    w = place(1, w_size, room_of_w + random.in(0, 7));
    bias = place(2, channels, room_of_bias);
    records = place(3, channels, room_of_records);
    const int kind = random.in(0, 3);
    const auto code = [&]<class Code>(Code& to) {
      constexpr int lowest = -(1 << (k::bits_of<Code> - 1));
      if (kind == 0)
        to = static_cast<Code>(lowest);
      else if (kind == 1)
        to = static_cast<Code>(random.once_in(2) ? lowest : -(lowest + 1));
      else
        to = static_cast<Code>(random.in(lowest, -(lowest + 1)));
    };
    for (int i = 0; i < x_size; ++i) code(x[i]);
    for (int i = 0; i < w_size; ++i) code(w[i]);
    const int most_bias = random.once_in(4) ? 1800000000 : random.once_in(2) ? 100000 : 100;
    const int least_shift = random.once_in(4) ? 0 : 6, most_shift = random.once_in(4) ? 31 : 18;
    for (int i = 0; i < channels; ++i) {
      bias[i] = random.in(-most_bias, most_bias);
      records[i].multiplier =
          static_cast<std::int16_t>(random.once_in(8) ? random.in(-32768, 32767) : random.in(16384, 32767));
      records[i].pre_shift = static_cast<std::uint8_t>(random.once_in(2) ? random.in(0, most_shift / 2) : 0);
      records[i].post_shift = static_cast<std::uint8_t>(random.in(least_shift, most_shift));
    }
  }

  X* x;
  std::int8_t* w;
  std::int32_t* bias;
  q::Requantization* records;

 private:
  template <class T>
  T* place(int number, int count, T* room) const {
    return number == at_end_ ? reinterpret_cast<T*>(memory_end()) - count : room;
  }
  int at_end_;
};
using Operands = OperandsOf<std::int8_t>;

/// The shift of x that keeps sums of `count` products far below 2^31: any from the least that does.
template <class X>
int random_shift(Random& random, int count) {
  if constexpr (std::is_same_v<X, std::int8_t>) return 0;
  int least = 0;
  while (count > 64 << least) ++least;
  return random.in(least, random.once_in(2) ? 15 : least);
}

template <class X>
k::OutputChannels output_of(Random& random, const OperandsOf<X>& operands) {
  k::OutputChannels output{random.once_in(4) ? nullptr : operands.bias, operands.records};
  if (random.once_in(3)) output.low = random.in(-128, 20);
  if (random.once_in(3)) output.high = random.in(20, 127);
  return output;
}

/// True if two functions write the same codes, and nothing around them.
template <class Y, class Fast, class Definition>
bool agree(Random& random, int size, const Fast& fast, const Definition& definition) {
  Y* const expected = reinterpret_cast<Y*>(memory_end() - 0x40000);
  Y* const y = reinterpret_cast<Y*>(memory_end() - 0x80000) + guard + (sizeof(Y) == 1 ? random.in(0, 1) : 0);
  for (int i = -guard; i < size + guard; ++i) y[i] = 77;
  fast(y);
  definition(expected);
  for (int i = -guard; i < size + guard; ++i)
    if (y[i] != (i < 0 || i >= size ? Y{77} : expected[i])) return false;
  return true;
}

template <class Fast, class Definition>
bool agree_for_each_type(Random& random, int size, const Fast& fast, const Definition& definition) {
  return agree<std::int8_t>(random, size, fast, definition) && agree<std::int16_t>(random, size, fast, definition) &&
         agree<std::int32_t>(random, size, fast, definition);
}

/// A convolution whose tensors fit. `is_depthwise`: with one channel in each group.
inline k::Convolution random_convolution(Random& random, bool is_depthwise) {
  for (;;) {
    k::Convolution conv;
    conv.x = q::Shape(random.in(1, 12), random.in(1, 12), 0);
    conv.window.kernel_size = {random.in(1, 4), random.in(1, 4)};
    if (random.once_in(3)) conv.window.kernel_size = random.once_in(2) ? 1 : 3;
    if (random.once_in(8)) conv.window.kernel_size = random.once_in(2) ? 5 : 7;
    conv.window.stride = {random.in(1, 3), random.in(1, 3)};
    if (random.once_in(2)) conv.window.stride = 1;
    conv.window.padding = {random.in(0, conv.window.kernel_size.height), random.in(0, conv.window.kernel_size.width)};
    if (random.once_in(3)) conv.window.dilation = {random.in(1, 3), random.in(1, 3)};
    if (is_depthwise) {
      conv.groups = random.in(1, 40);
      conv.x[2] = conv.groups;
      conv.y = q::Shape(0, 0, conv.groups);
    } else {
      conv.groups = random.once_in(2) ? 1 : random.in(1, 4);
      conv.x[2] = conv.groups * (random.once_in(4) ? random.in(1, 70) : random.in(1, 20));
      conv.y = q::Shape(0, 0, conv.groups * random.in(1, 14));
      if (random.once_in(8)) {  // filters shorter than a word
        conv.window.kernel_size = {1, random.in(1, 3)};
        conv.window.padding = 0;
        conv.x[2] = conv.groups;
      }
    }
    const auto extent = [&random](int x, int kernel, int stride, int padding, int dilation) {
      return (x + 2 * padding - dilation * (kernel - 1) - 1 + stride) / stride + (random.once_in(8) ? 1 : 0);
    };
    const k::Window& window = conv.window;
    conv.y[0] = extent(conv.x[0], window.kernel_size.height, window.stride.height, window.padding.height,
                       window.dilation.height);
    conv.y[1] =
        extent(conv.x[1], window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width);
    const int filter_size = window.kernel_size.height * window.kernel_size.width * conv.x[2] / conv.groups;
    if (conv.y[0] >= 1 && conv.y[1] >= 1 && conv.x.elements() <= most_codes && conv.y.elements() <= most_codes &&
        conv.y[2] <= most_channels && conv.y[2] * filter_size <= most_codes)
      return conv;
  }
}

template <class X = std::int8_t, class Fast>
bool check_convolution(Random& random, k::Convolution conv, const Fast& fast) {
  const q::Pair kernel = conv.window.kernel_size;
  const int filter_size = kernel.height * kernel.width * (conv.x[2] / conv.groups);
  conv.x_shift = random_shift<X>(random, filter_size);
  const OperandsOf<X> of(random, conv.x.elements(), filter_size * conv.y[2], conv.y[2]);
  const k::OutputChannels output = output_of(random, of);
  return agree_for_each_type(
      random, conv.y.elements(), [&](auto* y) { fast(of.x, of.w, y, conv, output); },
      [&](auto* y) { k::conv2d(of.x, of.w, y, conv, output); });
}

template <class X = std::int8_t, class Fast>
bool check_linear(Random& random, const Fast& fast) {
  k::LinearLayer layer{random.in(1, 3), random.once_in(2) ? random.in(1, 20) : random.in(1, 250), random.in(1, 40)};
  layer.x_shift = random_shift<X>(random, layer.in_features);
  const OperandsOf<X> of(random, layer.rows * layer.in_features, layer.in_features * layer.out_features,
                         layer.out_features);
  const k::OutputChannels output = output_of(random, of);
  return agree_for_each_type(
      random, layer.rows * layer.out_features, [&](auto* y) { fast(of.x, of.w, y, layer, output); },
      [&](auto* y) { k::linear(of.x, of.w, y, layer, output); });
}

/// `fast` and `definition` combine a, b with their shapes by settings, which `settings_of` gives for operands.
template <class SettingsOf, class Fast, class Definition>
bool check_combination(Random& random, const SettingsOf& settings_of, const Fast& fast, const Definition& definition) {
  const q::Shape a(random.in(1, 5), random.in(1, 9), random.in(1, 9));
  q::Shape b = a;
  if (random.once_in(4)) b[random.in(0, 2)] = 1;
  const Operands of(random, a.elements(), b.elements(), 2);
  const auto settings = settings_of(of);
  if (!agree<std::int8_t>(
          random, a.elements(), [&](auto* y) { fast(of.x, a, of.w, b, y, settings); },
          [&](auto* y) { definition(of.x, a, of.w, b, y, settings); }))
    return false;
  // Steps may write over an operand of the same shape.
  static std::int8_t expected[most_codes];
  definition(of.x, a, of.w, b, expected, settings);
  std::int8_t* const over = b == a && random.once_in(2) ? of.w : of.x;
  fast(of.x, a, of.w, b, over, settings);
  for (int i = 0; i < a.elements(); ++i)
    if (over[i] != expected[i]) return false;
  return true;
}

/// `fast` and `definition` are sums or differences.
template <class Fast, class Definition>
bool check_addition(Random& random, const Fast& fast, const Definition& definition) {
  const auto settings_of = [&random](const Operands& of) {
    k::Addition addition;
    addition.shift = static_cast<std::uint8_t>(random.in(0, 23));
    addition.multiplier = static_cast<std::int16_t>(random.once_in(4) ? 32767 : random.in(0, 32767));
    addition.second_is_larger = random.once_in(2);
    addition.requantization = of.records[0];
    if (random.once_in(2)) addition.requantization.pre_shift = static_cast<std::uint8_t>(random.in(0, addition.shift));
    if (random.once_in(3)) addition.low = random.in(-128, 20);
    if (random.once_in(3)) addition.high = random.in(20, 127);
    return addition;
  };
  return check_combination(random, settings_of, fast, definition);
}

/// `fast` and `definition` are products.
template <class Fast, class Definition>
bool check_product(Random& random, const Fast& fast, const Definition& definition) {
  return check_combination(
      random, [](const Operands& of) { return of.records[0]; }, fast, definition);
}

/// `fast` and `definition` are maxima or minima.
template <class Fast, class Definition>
bool check_comparison(Random& random, const Fast& fast, const Definition& definition) {
  const auto settings_of = [&random](const Operands& of) {
    k::Comparison comparison;
    if (random.once_in(2)) comparison.a = of.records[0];
    if (random.once_in(2)) comparison.b = of.records[1];
    return comparison;
  };
  return check_combination(random, settings_of, fast, definition);
}

/// A pool whose tensors fit: with windows of its own, or with some that share the map.
inline k::Pool random_pool(Random& random) {
  for (;;) {
    const k::Convolution windows = random_convolution(random, true);
    k::Pool pool{windows.x, windows.y, windows.window};
    if (random.once_in(4)) pool.x = q::Shape(random.in(12, 20), random.in(12, 20), 0);
    pool.is_adaptive = pool.x[2] == 0 || random.once_in(3);
    if (pool.is_adaptive) {
      pool.window = {};
      pool.y[0] = random.once_in(2) ? 1 : random.in(1, pool.x[0]);
      pool.y[1] = random.once_in(2) ? 1 : random.in(1, pool.x[1]);
    }
    pool.x[2] = pool.y[2] = random.in(1, 64);
    if (pool.x.elements() <= most_codes && pool.y.elements() <= most_codes) return pool;
  }
}

template <class FastMaximum, class FastMean>
bool check_pool(Random& random, const FastMaximum& maximum, const FastMean& mean) {
  const k::Pool pool = random_pool(random);
  const Operands of(random, pool.x.elements(), 1, 1);
  const auto fast = [&](auto* y) { mean(of.x, y, pool, of.records[0]); };
  const auto definition = [&](auto* y) { k::avg_pool2d(of.x, y, pool, of.records[0]); };
  return agree<std::int8_t>(
             random, pool.y.elements(), [&](auto* y) { maximum(of.x, y, pool); },
             [&](auto* y) { k::max_pool2d(of.x, y, pool); }) &&
         agree<std::int8_t>(random, pool.y.elements(), fast, definition) &&
         agree<std::int16_t>(random, pool.y.elements(), fast, definition);
}

}  // namespace fast_cases
