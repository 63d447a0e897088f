// SPDX-License-Identifier: Apache-2.0
// Fake-quantization against libtorch itself, on fresh random values. Built where libtorch is installed; the golden
// vectors in tests/golden/ say the same where it is not.
#include <ATen/ATen.h>
#include <doctest/doctest.h>

#include <random>

#include <quench/fake_quantize/learned.hpp>

namespace q = quench;

namespace {

constexpr std::int64_t size = 1 << 20;

at::Tensor random_values(std::mt19937& random, float scale, float qmax) {
  at::Tensor x = at::empty({size}, at::kFloat);
  std::uniform_real_distribution<float> value(-1.3f * qmax, 1.3f * qmax);
  for (std::int64_t i = 0; i < size; ++i) {
    const float codes = value(random);
    x.data_ptr<float>()[i] = (i % 2 == 0 ? std::nearbyint(2 * codes) / 2 : codes) * scale;
  }
  return x;
}

q::FloatInput input(const at::Tensor& x) {
  return {std::span<const float>(x.data_ptr<float>(), static_cast<std::size_t>(x.numel())),
          q::Extents(std::vector<std::int64_t>(x.sizes().begin(), x.sizes().end()))};
}

bool equal_bits(const std::vector<float>& a, const at::Tensor& b) {
  const at::Tensor dense = b.contiguous();
  return std::memcmp(a.data(), dense.data_ptr<float>(), a.size() * sizeof(float)) == 0;
}

void compare(const at::Tensor& x, const at::Tensor& gradient, const at::Tensor& y, const at::Tensor& mask,
             const q::QParams& qparams) {
  const q::CodeRange codes = q::code_range(qparams.dtype);
  const q::host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  const auto count = static_cast<std::size_t>(x.numel());
  std::vector<float> found(count), grad_x(count);
  std::vector<std::uint8_t> bits((count + 7) / 8);
  q::fake_quantize::forward_pass(input(x), qparams, limits, found, bits);
  CHECK(equal_bits(found, y));
  const bool* inside = mask.data_ptr<bool>();
  bool masks_agree = true;
  for (std::size_t i = 0; i < count; ++i) masks_agree &= inside[i] == ((bits[i / 8] >> (i % 8) & 1) != 0);
  CHECK(masks_agree);
  q::fake_quantize::backward_pass(input(x), qparams, limits, input(gradient), grad_x);
  // torch's zeros have the sign of the gradient.
  CHECK(equal_bits(grad_x, at::fake_quantize_per_tensor_affine_cachemask_backward(gradient, mask) + 0.0));
}

}  // namespace

TEST_CASE("outputs, masks and gradients are libtorch's on random values") {
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const auto dtype : {q::DType::Int4, q::DType::Int8, q::DType::Int16}) {
    const q::CodeRange codes = q::code_range(dtype);
    const float scale = std::exp2(std::uniform_real_distribution<float>(-20, 20)(random));
    CAPTURE(scale);
    const at::Tensor x = random_values(random, scale, static_cast<float>(codes.qmax)), gradient = at::randn({size});
    const auto [y, mask] =
        at::fake_quantize_per_tensor_affine_cachemask(x, static_cast<double>(scale), 0, codes.qmin, codes.qmax);
    compare(x, gradient, y, mask, {dtype, {scale}, std::nullopt});
    for (const int axis : {0, 1, 2}) {
      CAPTURE(axis);
      const at::Tensor cube = x.view({64, 128, 128});
      const std::int64_t channels = cube.size(axis);
      q::QParams qparams{dtype, {}, axis};
      for (std::int64_t c = 0; c < channels; ++c)
        qparams.scales.push_back(scale * std::uniform_real_distribution<float>(0.5f, 2)(random));
      const at::Tensor scales = at::from_blob(qparams.scales.data(), {channels}, at::kFloat);
      const auto [per_channel, channel_mask] = at::fake_quantize_per_channel_affine_cachemask(
          cube, scales, at::zeros({channels}, at::kInt), axis, codes.qmin, codes.qmax);
      compare(cube, gradient.view({64, 128, 128}), per_channel, channel_mask, qparams);
    }
  }
}

TEST_CASE("gradients of learned scales are libtorch's within 1e-6 of their terms") {
  std::mt19937 random(1);
  const float scale = 0.02f;
  const at::Tensor x = random_values(random, scale, 127), gradient = at::randn({size});
  const auto [grad_x, grad_scale, grad_zero] = at::_fake_quantize_learnable_per_tensor_affine_backward(
      gradient, x, at::full({1}, scale), at::zeros({1}), -128, 127, 1.0);
  std::vector<float> found(static_cast<std::size_t>(size));
  double sum = 0;
  CHECK(q::host::learned_backward({1, 1, found.size()}, {&scale, 1}, {-128, 127}, x.data_ptr<float>(),
                                  gradient.data_ptr<float>(), found.data(), &sum));
  CHECK(equal_bits(found, grad_x + 0.0));
  // Terms of values that saturate have magnitude 127, others up to 0.5.
  const double magnitude = at::abs(gradient).sum().item<double>() * 128 * 0.3;
  CHECK(std::abs(sum - static_cast<double>(grad_scale.item<float>())) <= 1e-6 * magnitude);
}
