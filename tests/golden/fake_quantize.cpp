// SPDX-License-Identifier: Apache-2.0
// Fake-quantization gives what torch gives, bit for bit; see make_fake_quantize.py.
#include "golden/fake_quantize.hpp"

#include <doctest/doctest.h>
#include <quench/fake_quantize/learned.hpp>

#include "golden/inputs.hpp"

namespace q = quench;

namespace {

q::DType dtype_of(int bits) { return bits == 4 ? q::DType::Int4 : bits == 8 ? q::DType::Int8 : q::DType::Int16; }

q::host::CodeLimits limits_of(int bits) {
  const q::CodeRange codes = q::code_range(dtype_of(bits));
  return {static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
}

struct Results {
  std::uint64_t y, mask, grad_x;
};

Results results(const q::FloatInput& x, const std::vector<float>& gradient, const q::QParams& qparams, int bits) {
  std::vector<float> y(x.size()), grad_x(x.size());
  std::vector<std::uint8_t> mask((x.size() + 7) / 8);
  q::fake_quantize::forward_pass(x, qparams, limits_of(bits), y, mask);
  q::fake_quantize::backward_pass(x, qparams, limits_of(bits), gradient, grad_x);
  golden::Hash mask_hash;
  for (std::size_t i = 0; i < x.size(); ++i) mask_hash.add((std::uint32_t{mask[i / 8]} >> (i % 8)) & 1u);
  for (float& value : grad_x) value += 0.0f;
  return {golden::hash_of(y), mask_hash.value, golden::hash_of(grad_x)};
}

}  // namespace

TEST_CASE("per tensor, outputs, masks and gradients are torch's on 1 200 000 values") {
  std::uint32_t seed = 0;
  for (const golden::PerTensor& expected : golden::per_tensor) {
    CAPTURE(expected.bits);
    CAPTURE(expected.scale);
    ++seed;
    const q::CodeRange codes = q::code_range(dtype_of(expected.bits));
    const auto x = golden::inputs(golden::count, expected.scale, codes.qmin, codes.qmax, seed);
    const auto gradient = golden::gradients(golden::count, seed + 1000);
    const Results found =
        results(x, gradient, {dtype_of(expected.bits), {expected.scale}, std::nullopt}, expected.bits);
    CHECK(found.y == expected.y);
    CHECK(found.mask == expected.mask);
    CHECK(found.grad_x == expected.grad_x);
    CHECK(found.grad_x == expected.learned_grad_x);
  }
  CHECK(seed * golden::count == 1200000);
}

TEST_CASE("the gradient of a learned scale is torch's within 1e-6 of its terms") {
  std::uint32_t seed = 0;
  for (const golden::PerTensor& expected : golden::per_tensor) {
    CAPTURE(expected.bits);
    CAPTURE(expected.scale);
    ++seed;
    const q::CodeRange codes = q::code_range(dtype_of(expected.bits));
    const auto x = golden::inputs(golden::count, expected.scale, codes.qmin, codes.qmax, seed);
    const auto gradient = golden::gradients(golden::count, seed + 1000);
    std::vector<float> grad_x(x.size());
    double sum = 0;
    CHECK(q::host::learned_backward({1, 1, x.size()}, {&expected.scale, 1}, limits_of(expected.bits), x.data(),
                                    gradient.data(), grad_x.data(), &sum));
    CHECK(std::abs(sum - expected.grad_scale) <= 1e-6 * expected.magnitude);
  }
}

TEST_CASE("per channel of every axis, outputs, masks and gradients are torch's") {
  std::uint32_t seed = sizeof golden::per_tensor / sizeof golden::per_tensor[0];
  const std::array<std::size_t, 3> shape{25, 40, 50};
  for (const golden::PerChannel& expected : golden::per_channel) {
    CAPTURE(expected.bits);
    CAPTURE(expected.axis);
    ++seed;
    golden::Generator generator{seed + 2000};
    q::QParams qparams{dtype_of(expected.bits), {}, expected.axis};
    for (std::size_t c = 0; c < shape[static_cast<std::size_t>(expected.axis)]; ++c)
      qparams.scales.push_back(static_cast<float>(generator.next() + 1) * 0x1p-22f);
    const q::CodeRange codes = q::code_range(qparams.dtype);
    auto x = golden::inputs(golden::count, 1.0f, codes.qmin, codes.qmax, seed);
    const float least = *std::min_element(qparams.scales.begin(), qparams.scales.end());
    for (float& value : x)
      if (std::abs(value) >= least * 0x1p60f) value = 0;
    const auto gradient = golden::gradients(golden::count, seed + 1000);
    const Results found = results(q::FloatInput(x, q::Extents(shape)), gradient, qparams, expected.bits);
    CHECK(found.y == expected.y);
    CHECK(found.mask == expected.mask);
    CHECK(found.grad_x == expected.grad_x);
  }
}
