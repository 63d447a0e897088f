// SPDX-License-Identifier: Apache-2.0
#include <quench/network/hash.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

namespace q = quench;

namespace {

struct Plain {
  int kernel = 3, stride = 1;
  float slope = 0.25f;
  bool bias = true;
};

template <Plain P, int Side = 8, bool TwoUsers = false>
struct Net {
  using Inputs = q::Inputs<q::Features<Side, Side, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4,
                 .out_channels = 4,
                 .kernel_size = P.kernel,
                 .stride = P.stride,
                 .padding = P.kernel / 2,
                 .bias = P.bias};
  q::LeakyReLU leaky{.negative_slope = P.slope};
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    const auto y = quant(x);
    const auto z = leaky(conv(y));
    return dequant(add.add(z, TwoUsers ? z : y));
  }
};

template <bool HasWeight>
struct Normed {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::RMSNorm norm{.normalized_shape = 4, .elementwise_affine = HasWeight};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(norm(quant(x))); }
};

// The same calls with other names and on other lines.
struct Renamed {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub entry;

  q::Conv2d layer{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::LeakyReLU function{.negative_slope = 0.25f};
  q::FloatFunctional sum;
  q::DeQuantStub exit;
  constexpr auto forward(auto x) const {
    const auto y = entry(x);
    return exit(sum.add(function(layer(y)), y));
  }
};

template <q::Padding P>
struct Padded {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = {3, 2}, .padding = P};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(x))); }
};

}  // namespace

TEST_CASE("states of 0.4 and older remain valid: the hash of their networks has not changed") {
  static_assert(q::network_hash<Renamed> == 1420507633480380021u);
  CHECK(q::network_hash<Renamed> == 1420507633480380021u);
}

TEST_CASE("the hash of a network knows each side of its padding, and not how it was written") {
  constexpr std::uint64_t plain = q::network_hash<Padded<q::Padding{1, 1, 0, 1}>>;
  static_assert(plain == q::network_hash<Padded<q::Padding::Same>>);
  static_assert(plain != q::network_hash<Padded<q::Padding{1, 1, 1, 0}>>);
  static_assert(plain != q::network_hash<Padded<q::Padding{2, 0, 0, 1}>>);
  static_assert(plain != q::network_hash<Padded<q::Padding{0, 2, 0, 1}>>);
  static_assert(q::network_hash<Padded<q::Padding{1, 1, 2, 2}>> == q::network_hash<Padded<q::Padding{1, 2}>>);
  CHECK(plain != 0);
}

TEST_CASE("the hash of a network knows its calls, shapes and settings, and no names or lines") {
  constexpr std::uint64_t plain = q::network_hash<Net<Plain{}>>;
  static_assert(plain == q::network_hash<Renamed>);
  static_assert(plain != q::network_hash<Net<Plain{.kernel = 5}>>);
  static_assert(plain != q::network_hash<Net<Plain{.slope = 0.5f}>>);
  static_assert(plain != q::network_hash<Net<Plain{.bias = false}>>);
  static_assert(plain != q::network_hash<Net<Plain{}, 9>>);
  static_assert(plain != q::network_hash<Net<Plain{}, 8, true>>);
  static_assert(q::network_hash<Normed<true>> != q::network_hash<Normed<false>>);
  CHECK(plain != 0);
}
