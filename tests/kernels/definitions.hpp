// SPDX-License-Identifier: Apache-2.0
// What the tests of the kernels share: random tensors, and the arithmetic of nash.md sections 2 and 3 in wide integers
// and in double, written from that page and not from the library.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/window.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace definitions {

using Random = std::mt19937;

/// The seed of a test case; printed when it fails.
inline constexpr unsigned seed = 20261123;

inline int uniform(Random& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

inline double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

/// Codes of the whole range, one in eight at an end of it.
template <class T>
std::vector<T> codes(Random& random, int count) {
  constexpr int low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) {
    const int kind = uniform(random, 0, 15);
    value = static_cast<T>(kind == 0 ? low : kind == 1 ? high : uniform(random, low, high));
  }
  return values;
}

inline quench::Shape shape(Random& random, int rank, int largest) {
  quench::Shape result;
  result.rank = rank;
  for (int axis = 0; axis < rank; ++axis) result[axis] = uniform(random, 1, largest);
  return result;
}

/// The index of an element along each axis, from its place in memory.
inline std::vector<int> index_of(int place, const quench::Shape& shape) {
  std::vector<int> index(static_cast<std::size_t>(shape.rank));
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    index[static_cast<std::size_t>(axis)] = place % shape[axis];
    place /= shape[axis];
  }
  return index;
}

/// The place of an element in memory; along an axis of extent 1 every index is the only one.
inline std::size_t place_of(const std::vector<int>& index, const quench::Shape& shape) {
  int place = 0;
  for (int axis = 0; axis < shape.rank; ++axis)
    place = place * shape[axis] + (shape[axis] == 1 ? 0 : index[static_cast<std::size_t>(axis)]);
  return static_cast<std::size_t>(place);
}

/// floor((x + 2^(n-1)) / 2^n).
inline std::int64_t shifted(std::int64_t x, int n) {
  if (n == 0) return x;
  return static_cast<std::int64_t>(std::floor((static_cast<double>(x) + std::ldexp(1.0, n - 1)) / std::ldexp(1.0, n)));
}

inline std::int64_t saturated(std::int64_t x, int bits) {
  const std::int64_t end = std::int64_t{1} << (bits - 1);
  return std::min(std::max(x, -end), end - 1);
}

/// Section 3: a record applied.
inline std::int64_t requantized(std::int64_t acc, const quench::Requantization& record, int bits) {
  const std::int64_t narrowed = saturated(shifted(acc, record.pre_shift), 16);
  return saturated(shifted(narrowed * record.multiplier, record.post_shift), bits);
}

enum class From { Accumulator, Code };

/// Section 3: a record derived.
inline quench::Requantization derived(double ratio, int bits, From from) {
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);
  const int total = 15 - exponent;
  const int pre = from == From::Accumulator ? std::clamp(total - (29 - (bits - 1)), 0, 31) : 0;
  quench::Requantization record;
  record.multiplier = static_cast<std::int16_t>(std::min(std::floor(mantissa * 32768 + 0.5), 32767.0));
  record.pre_shift = static_cast<std::uint8_t>(pre);
  record.post_shift = static_cast<std::uint8_t>(std::clamp(total - pre, 0, 31));
  return record;
}

/// A record that brings accumulators of about this size to codes of these bits, and some of them beyond.
inline quench::Requantization record(Random& random, double largest, int bits) {
  return derived(uniform(random, 0.3, 2.0) * std::ldexp(1.0, bits - 1) / largest, bits, From::Accumulator);
}

template <class T>
inline constexpr int bits = static_cast<int>(8 * sizeof(T));

/// How far a result is from a real number, in codes, where the real number too is held inside the codes.
template <class T>
double distance(T code, double real) {
  const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return std::abs(static_cast<double>(code) - std::clamp(std::floor(real + 0.5), low, high));
}

/// What becomes of accumulators of about the size `largest`: drawn at random, and its definition.
template <class Y>
struct Channels {
  bool has_bias;
  std::vector<std::int32_t> bias;
  std::vector<quench::Requantization> records;
  std::int32_t low = INT32_MIN, high = INT32_MAX;

  Channels(Random& random, int count, double largest) : has_bias(uniform(random, 0, 3) != 0) {
    for (int c = 0; c < count; ++c) {
      bias.push_back(uniform(random, -1000, 1000));
      if constexpr (sizeof(Y) < 4) records.push_back(record(random, largest, bits<Y>));
    }
    if (uniform(random, 0, 1) == 0) low = 0;
    if (uniform(random, 0, 1) == 0) high = uniform(random, 0, 127);
  }

  quench::kernels::OutputChannels output() const {
    return {has_bias ? bias.data() : nullptr, records.empty() ? nullptr : records.data(), low, high};
  }

  std::int64_t defined(std::int64_t sum_of_products, int channel) const {
    const auto c = static_cast<std::size_t>(channel);
    std::int64_t acc = sum_of_products + (has_bias ? bias[c] : 0);
    if constexpr (sizeof(Y) < 4) acc = requantized(acc, records[c], bits<Y>);
    return std::clamp<std::int64_t>(acc, low, high);
  }
};

/// The size of a sum of `depth` random products of x and int8 weights.
template <class X>
double size_of_sum(int depth, int x_shift) {
  return std::ldexp(64.0, bits<X> - 1 - x_shift) * std::sqrt(depth);
}

inline quench::Pair pair(Random& random, int low, int high) {
  return {uniform(random, low, high), uniform(random, low, high)};
}

}  // namespace definitions
