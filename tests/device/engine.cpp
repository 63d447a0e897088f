// SPDX-License-Identifier: Apache-2.0
// The engine against the same kernels called one by one, each with buffers of its own.
#include <quench/device/engine.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <vector>

#include "device/weights.hpp"

namespace q = quench;
namespace k = quench::kernels;
using many_operators::Weights;

namespace {

using Codes = std::vector<std::int8_t>;
constexpr const auto& records = Weights::records;

k::OutputChannels channels(int record, const std::int32_t* bias, std::int32_t low = INT32_MIN) {
  return {bias, records + record, low, INT32_MAX};
}

struct Expected {
  std::vector<std::int32_t> classifier, up;
  std::vector<std::int16_t> wide;
  Codes sum;
};

Expected expected() {
  const q::Shape map(5, 9, 4), factor(1, 1, 4), small(2, 4, 4), large(4, 8, 4), half(2, 8, 4), joined(2, 8, 12),
      middle(2, 8, 4), padded(3, 9, 4), pooled(2, 5, 4);
  Codes x(180), d(180), a(180), s(180), b(180), c(180), e(180), t(180), g(180), f(180), z(4);
  k::conv2d(many_operators::pixels.values, Weights::stem.values, x.data(),
            {q::Shape(9, 8, 1), map, {{3, 2}, {2, 1}, 1, 1}}, channels(0, Weights::bias, 0));
  k::conv2d(x.data(), Weights::depthwise.values, d.data(), {map, map, {3, 1, 2, 2}, 4}, channels(1, nullptr));
  k::add(x.data(), map, d.data(), map, a.data(), Weights::add);
  k::lookup(d.data(), s.data(), 180, Weights::sigmoid.values);
  k::sub(a.data(), map, s.data(), map, b.data(), Weights::sub);
  k::relu(b.data(), c.data(), 180);
  k::mul(b.data(), map, c.data(), map, e.data(), records[4]);
  k::clamp(e.data(), e.data(), 180, std::int8_t{0}, std::int8_t{90});
  Codes larger(180), smaller(180);
  k::minimum(a.data(), map, c.data(), map, smaller.data());
  k::lookup(e.data(), t.data(), 180, Weights::tanh.values);
  k::maximum(smaller.data(), map, t.data(), map, larger.data(), {records[4], records[5]});
  k::add_relu(e.data(), map, larger.data(), map, f.data(), Weights::add_relu);
  k::global_avg_pool2d(f.data(), map, z.data(), records[7]);
  k::mul(f.data(), map, z.data(), factor, g.data(), records[4]);
  Codes h(32), i(128), bilinear(128), i0(64), i1(64), j(64), leaky(64), cat(192), cut(64), pad(108), l(40), l2(40);
  k::max_pool2d(g.data(), h.data(), {map, small, {2, 2}});
  k::upsample_nearest(h.data(), k::resize_of({.scale_factor = 2}, small), i.data());
  k::upsample_bilinear(h.data(), k::resize_of({.scale_factor = 2, .coordinates = q::CoordinateMode::HalfPixel}, small),
                       bilinear.data());
  k::slice(bilinear.data(), large, 0, 1, 3, j.data());
  k::slice(i.data(), large, 0, 0, 2, i0.data());
  k::slice(i.data(), large, 0, 2, 4, i1.data());
  k::lookup(i1.data(), leaky.data(), 64, Weights::leaky.values);
  k::cat(i0.data(), half, cat.data(), joined, 2, 0, records[4]);
  k::cat(j.data(), half, cat.data(), joined, 2, 4, records[5]);
  k::cat(leaky.data(), half, cat.data(), joined, 2, 8, records[6]);
  k::slice(cat.data(), joined, 2, 2, 6, cut.data());
  const int before[] = {1, 0, 0}, after[] = {0, 1, 0};
  k::pad(cut.data(), middle, before, after, pad.data());
  k::avg_pool2d(pad.data(), l.data(), {padded, pooled, {3, 2, 1}}, records[4]);
  Expected result{std::vector<std::int32_t>(3), std::vector<std::int32_t>(64), std::vector<std::int16_t>(40), Codes(4)};
  k::conv2d(l.data(), Weights::wide.values, result.wide.data(), {pooled, pooled}, channels(2, Weights::bias));
  k::add_scalar(l.data(), l2.data(), 40, Weights::add_scalar);
  Codes m(40), n(16), o(40), p(40), mean(10);
  k::mul(result.wide.data(), pooled, l2.data(), pooled, m.data(), records[6]);
  k::linear(many_operators::features.values, Weights::linear.values, n.data(), {4, 6, 4}, channels(3, Weights::bias));
  k::matmul(m.data(), n.data(), o.data(), {1, 10, 4, 4, records[2]});
  k::mul_scalar(o.data(), p.data(), 40, true);
  k::reduce(p.data(), mean.data(), {q::Shape(10, 4), {false, true}, records[5]});
  k::reduce(p.data(), result.sum.data(), {q::Shape(10, 4), {true, false}, records[5]});
  k::linear(mean.data(), Weights::classifier.values, result.classifier.data(), {1, 10, 3}, channels(0, Weights::bias));
  std::vector<std::int32_t> up(64);
  k::conv_transpose2d(h.data(), Weights::up.values, up.data(), {small, q::Shape(4, 8, 2), {2, 2}},
                      channels(0, Weights::bias));
  for (int channel = 0; channel < 2; ++channel)
    for (int pixel = 0; pixel < 32; ++pixel)
      result.up[static_cast<std::size_t>(channel * 32 + pixel)] = up[static_cast<std::size_t>(pixel * 2 + channel)];
  // The constants let values through: nothing is the same everywhere.
  for (const Codes& codes :
       {x, d, a, s, b, c, e, t, larger, smaller, f, z, g, h, bilinear, leaky, cat, l, l2, m, n, o, p, mean})
    CHECK(*std::min_element(codes.begin(), codes.end()) < *std::max_element(codes.begin(), codes.end()));
  return result;
}

template <class T>
std::vector<T> values(const q::embedded::Output<T>& output) {
  return {output.values, output.values + output.size()};
}

}  // namespace

TEST_CASE("each step gets its operands, its constants and its place") {
  static q::embedded::Model<Weights> model;
  const Expected once = expected();
  for (int run = 0; run < 2; ++run) {
    const auto logits = model.run(many_operators::pixels.values, many_operators::features.values);
    CHECK(values(logits) == once.classifier);
    CHECK(values(model.output<1>()) == once.up);
    CHECK(values(model.output<2>()) == once.wide);
    CHECK(values(model.output<3>()) == once.sum);
  }
}
