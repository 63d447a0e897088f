// SPDX-License-Identifier: Apache-2.0
// Arrays in memory: types, shapes, and what does not fit.
#include <quench/interop/named_arrays.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;

TEST_CASE("an array gives back its values in their type") {
  const std::vector<std::int16_t> values{1, -2, 3};
  const auto array = i::NamedArray::of<std::int16_t>({3, 1}, values);
  CHECK(array.type == i::ArrayType::Int16);
  CHECK(array.elements() == 3);
  CHECK(array.bytes[2] == std::byte{0xfe});
  CHECK(array.as<std::int16_t>().size() == 3);
  CHECK(array.as<std::int16_t>()[1] == -2);
  CHECK(array.values<std::int16_t>() == values);
  CHECK(arrays::of<double>({}, {0.5}).elements() == 1);
  CHECK(i::NamedArray{}.elements() == 0);
  const i::NamedArray empty;
  CHECK(empty.as<float>().empty());
}

TEST_CASE("an array of a file that is not kept is given away, and one that is missing is named") {
  const auto read = [] { return i::NamedArrays{{"x", arrays::of<float>({2}, {1, 2})}}; };
  CHECK(read().at("x").values<float>() == std::vector<float>{1, 2});
  const i::NamedArrays kept = read();
  CHECK(kept.at("x").as<float>()[1] == 2);
  CHECK(slug_of([&] { kept.at("y"); }) == "file-not-readable");
  CHECK(slug_of([&] { read().at("y"); }) == "file-not-readable");
}

TEST_CASE("another type is refused") {
  const auto array = arrays::of<float>({1}, {1});
  CHECK(slug_of([&] { array.as<std::int32_t>(); }) == "file-not-readable");
  CHECK(slug_of([&] { array.values<double>(); }) == "file-not-readable");
}

TEST_CASE("bytes that are not those of the shape are refused") {
  CHECK(slug_of([] { arrays::of<float>({2, 3}, {1, 2}); }) == "shape-mismatch");
  CHECK(slug_of([] { arrays::of<float>({}, {}); }) == "shape-mismatch");
  auto array = arrays::of<float>({2}, {1, 2});
  array.shape = {3};
  CHECK(slug_of([&] { array.elements(); }) == "shape-mismatch");
  CHECK(slug_of([&] { array.as<float>(); }) == "shape-mismatch");
  // Products that come round to 0 or to 2.
  array.shape = {std::size_t{1} << 32, std::size_t{1} << 32};
  CHECK(slug_of([&] { array.elements(); }) == "shape-mismatch");
  array.shape = {(std::size_t{1} << 63) + 1, 2};
  CHECK(slug_of([&] { array.elements(); }) == "shape-mismatch");
  // Of no elements, but strides of such a shape would overflow.
  array = {i::ArrayType::Int8, {std::size_t{1} << 32, std::size_t{1} << 32, 0}, {}};
  CHECK(slug_of([&] { array.elements(); }) == "shape-mismatch");
}

TEST_CASE("sizes of types") {
  CHECK(i::size_of(i::type_of<std::uint8_t>) == 1);
  CHECK(i::size_of(i::type_of<std::int8_t>) == 1);
  CHECK(i::size_of(i::type_of<std::int16_t>) == 2);
  CHECK(i::size_of(i::type_of<std::int32_t>) == 4);
  CHECK(i::size_of(i::type_of<float>) == 4);
  CHECK(i::size_of(i::type_of<std::int64_t>) == 8);
  CHECK(i::size_of(i::type_of<double>) == 8);
}
