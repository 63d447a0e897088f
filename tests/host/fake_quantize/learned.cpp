// SPDX-License-Identifier: Apache-2.0
#include <quench/host/fake_quantize/learned.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "host/cases.hpp"

using namespace host_cases;
namespace host = quench::host;

namespace {

// The term of one value, as torch 1.13 has it in _fake_quantize_learnable_per_tensor_affine_backward.
float term_of(float x, float scale, CodeRange codes) {
  const float reciprocal = 1.0f / scale;
  const float rounded = std::nearbyint(x * reciprocal);
  if (rounded < static_cast<float>(codes.qmin)) return static_cast<float>(codes.qmin);
  if (rounded > static_cast<float>(codes.qmax)) return static_cast<float>(codes.qmax);
  volatile const float value = rounded * scale;  // by way of memory: a compiler may fuse a product with a sum
  return (value - x) * reciprocal;
}

void check(ChannelLayout layout, CodeRange codes, std::mt19937& random) {
  CAPTURE(layout.outer);
  CAPTURE(layout.channels);
  CAPTURE(layout.inner);
  CAPTURE(codes.qmax);
  const auto scales = some_scales(random, layout.channels);
  const auto x = some_values(random, layout, scales, codes);
  std::vector<float> grad_y(x.size());
  std::vector<double> sums(layout.channels), bounds(layout.channels);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t channel = channel_at(layout, i);
    grad_y[i] = std::uniform_real_distribution<float>(-1, 1.5f)(random);
    const double term = static_cast<double>(grad_y[i]) * static_cast<double>(term_of(x[i], scales[channel], codes));
    sums[channel] += term;
    bounds[channel] += 1e-6 * std::abs(term) + 0x1p-149;  // the latter: what a product in float may lose
  }
  std::vector<double> first_found;
  std::size_t offset = 0;
  for (const Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    for (const std::size_t step : {0u, 3u}) {
      offset = (offset + step) % 16;
      Shifted<float> from(x, offset), gradient(grad_y, offset / 2), grad_x(x.size(), 15 - offset);
      std::vector<double> found(layout.channels, 1e9);
      REQUIRE(host::learned_backward(layout, scales, limits_of(codes), from.data(), gradient.data(), grad_x.data(),
                                     found.data(), isa));
      for (std::size_t i = 0; i < x.size(); ++i) {
        const bool inside = is_inside(x[i], 1.0f / scales[channel_at(layout, i)], codes);
        REQUIRE(same_bits(grad_x[i], inside ? grad_y[i] : 0.0f));
      }
      for (std::size_t c = 0; c < layout.channels; ++c) REQUIRE(std::abs(found[c] - sums[c]) <= bounds[c]);
      if (first_found.empty()) first_found = found;
      REQUIRE(std::memcmp(first_found.data(), found.data(), found.size() * sizeof(double)) == 0);
      REQUIRE(grad_x.guards_stand());
    }
  }
}

}  // namespace

TEST_CASE("the gradients of x and of the scale, for all instruction sets, layouts, alignments and codes") {
  const unsigned seed = 20261125;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const ChannelLayout layout : layouts())
    for (const CodeRange codes : code_ranges()) check(layout, codes, random);
}

TEST_CASE("a sum of many terms of one sign is as exact as one of few") {
  const unsigned seed = 20261126;
  CAPTURE(seed);
  std::mt19937 random(seed);
  check({1, 1, 300000}, quench::code_range(quench::DType::Int8), random);
  check({30000, 5, 2}, quench::code_range(quench::DType::Int8), random);
  // All terms equal: in plain floats this sum stands still at 2^24 times a term.
  const std::size_t size = std::size_t{1} << 22;
  const std::vector<float> x(size, 1000.0f), grad_y(size, 0.1f);
  std::vector<float> grad_x(size);
  const float scale = 1;
  const double right = static_cast<double>(size) * 127 * static_cast<double>(0.1f);
  for (const Isa isa : isas()) {
    double found = 0;
    REQUIRE(host::learned_backward({1, 1, size}, {&scale, 1}, {-128, 127}, x.data(), grad_y.data(), grad_x.data(),
                                   &found, isa));
    CHECK(std::abs(found - right) <= 1e-6 * right);
  }
}

TEST_CASE("NaN in x is found at every position, infinite gradients are not NaN in x") {
  for (const ChannelLayout layout : {ChannelLayout{1, 1, 200}, {3, 2, 40}, {2, 2, 70}}) {
    const std::vector<float> scales(layout.channels, 0.5f);
    std::vector<float> x(layout.size(), 1.25f), grad_y(layout.size(), 1), grad_x(layout.size());
    std::vector<double> sums(layout.channels);
    const auto run = [&](Isa isa) {
      return host::learned_backward(layout, scales, {-128, 127}, x.data(), grad_y.data(), grad_x.data(), sums.data(),
                                    isa);
    };
    for (const Isa isa : isas()) {
      for (std::size_t position = 0; position < layout.size(); ++position) {
        CAPTURE(position);
        const float before = x[position];
        x[position] = std::numeric_limits<float>::quiet_NaN();
        REQUIRE(!run(isa));
        x[position] = before;
      }
      REQUIRE(run(isa));
      grad_y[0] = std::numeric_limits<float>::infinity();
      grad_y[64] = -std::numeric_limits<float>::infinity();
      CHECK(run(isa));
      grad_y[0] = grad_y[64] = 0;
      x[5] = std::numeric_limits<float>::quiet_NaN();
      grad_y[5] = 0;
      CHECK(!run(isa));
      x[5] = 1.25f;
    }
  }
}
