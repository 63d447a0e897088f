// SPDX-License-Identifier: Apache-2.0
// Arrays of every type and of unusual shapes, for round trips.
#pragma once

#include <bit>
#include <limits>

#include <quench/interop/named_arrays.hpp>

namespace arrays {

template <class T>
quench::interop::NamedArray of(std::vector<std::size_t> shape, const std::vector<T>& values) {
  return quench::interop::NamedArray::of<T>(std::move(shape), values);
}

/// The least, the greatest and a few other values of a type.
template <class T>
std::vector<T> limits() {
  using Limits = std::numeric_limits<T>;
  return {Limits::lowest(), Limits::max(), T(0), T(1), Limits::min(), T(17)};
}

inline quench::interop::NamedArrays of_every_type() {
  quench::interop::NamedArrays arrays;
  const auto nan = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
  arrays["float32"] = of<float>({2, 3}, limits<float>());
  arrays["float64"] = of<double>({6}, limits<double>());
  arrays["int8"] = of<std::int8_t>({3, 2}, limits<std::int8_t>());
  arrays["uint8"] = of<std::uint8_t>({1, 6, 1}, limits<std::uint8_t>());
  arrays["int16"] = of<std::int16_t>({6, 1}, limits<std::int16_t>());
  arrays["int32"] = of<std::int32_t>({1, 1, 1, 1, 1, 1, 1, 6}, limits<std::int32_t>());
  arrays["int64"] = of<std::int64_t>({2, 3}, limits<std::int64_t>());
  arrays["block0.conv.weight"] = of<float>({}, {-0.0f});
  arrays["one byte"] = of<std::int8_t>({1}, {-1});
  arrays["nothing"] = of<std::int16_t>({0}, {});
  arrays["nothing of a shape"] = of<double>({3, 0, 1'000'000}, {});
  arrays["default"] = {};
  // Quiet and signalling, each with a payload, both infinities, the least number.
  arrays["bits"] =
      of<float>({6}, {nan(0x7fc12345), nan(0xff812345), nan(0x7fffffff), nan(0x7f800000), nan(0xff800000), nan(1)});
  arrays["double bits"] = of<double>({1}, {std::bit_cast<double>(0x7ff4000000abcdefu)});
  arrays["\"quoted\" \\ \n \x01 / \xc3\xbc \xf0\x9f\x98\x80"] = of<float>({1}, {1});
  arrays[""] = of<float>({1}, {2});
  return arrays;
}

/// Two small ones, for damaging.
inline quench::interop::NamedArrays small() {
  return {{"a.b", of<std::int16_t>({2, 2}, {1, 2, 3, 4})}, {"c", of<float>({1}, {1.5f})}};
}

}  // namespace arrays
