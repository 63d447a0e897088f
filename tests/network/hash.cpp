// SPDX-License-Identifier: Apache-2.0
#include <quench/network/hash.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

namespace q = quench;

namespace {

struct HashPlain {
  int kernel = 3, stride = 1;
  float slope = 0.25f;
  bool bias = true;
};

template <HashPlain P, int Side = 8, bool TwoUsers = false>
struct HashNet {
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

// The bottom and the right side, and how windows at the border count.
struct Border {
  q::Padding padding{};
  bool ceil_mode = false, count_include_pad = true;
};
template <Border B>
struct Pooled {
  using Inputs = q::Inputs<q::Features<5, 5, 3>>;
  q::QuantStub quant;
  q::AvgPool2d pool{.kernel_size = 2,
                    .stride = 2,
                    .padding = B.padding,
                    .ceil_mode = B.ceil_mode,
                    .count_include_pad = B.count_include_pad};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(pool(quant(x))); }
};

// A layer over a sequence, and the same over a map of one row.
template <auto Layer, int... Extents>
struct Row {
  using Inputs = q::Inputs<q::Features<Extents...>>;
  q::QuantStub quant;
  decltype(Layer) layer = Layer;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(layer(quant(x))); }
};

template <class TiesOfNet>
struct HashTied {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = TiesOfNet;
  q::QuantStub a, b;
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(add.add(a(x), b(y))); }
};

// As many calls as a network may make, of several kinds.
struct Large {
  using Inputs = q::Inputs<q::Features<4, 4, 4>>;
  q::QuantStub quant;
  std::array<q::Conv2d, 499> convs = [] {
    std::array<q::Conv2d, 499> all{};
    for (q::Conv2d& conv : all) conv = {.in_channels = 4, .out_channels = 4, .kernel_size = 1};
    return all;
  }();
  std::array<q::FloatFunctional, 499> cats;
  std::array<q::ReLU, 499> relus;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    for (std::size_t i = 0; i < convs.size(); ++i) y = relus[i](q::slice(cats[i].cat(y, convs[i](y)), -1, 2, 6));
    return dequant(y);
  }
};

template <q::Upsample Up>
struct Resized {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::QuantStub quant;
  q::Upsample up = Up;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(up(quant(x))); }
};

}  // namespace

TEST_CASE("the hash of a network knows the coordinates of resized maps, and not how they were written") {
  using enum q::CoordinateMode;
  using enum q::NearestMode;
  constexpr auto bilinear = q::InterpolationMode::Bilinear;
  constexpr std::uint64_t hashes[] = {
      q::network_hash<Resized<q::Upsample{.size = 8}>>,
      q::network_hash<Resized<q::Upsample{.scale_factor = 1.4}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .nearest_mode = Ceil}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .nearest_mode = RoundPreferFloor}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .coordinates = HalfPixel}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .mode = bilinear}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .mode = bilinear, .align_corners = true}>>,
      q::network_hash<Resized<q::Upsample{.size = 8, .mode = bilinear, .coordinates = Asymmetric}>>};
  for (const std::uint64_t& a : hashes)
    for (const std::uint64_t& b : hashes) CHECK((a == b) == (&a == &b));
  CHECK(hashes[0] == q::network_hash<Resized<q::Upsample{.scale_factor = q::Fraction(4, 3)}>>);
  CHECK(hashes[0] == q::network_hash<Resized<q::Upsample{.size = 8, .coordinates = Asymmetric}>>);
  CHECK(q::network_hash<Resized<q::Upsample{.size = 12}>> == q::network_hash<Resized<q::Upsample{.scale_factor = 2}>>);
}

TEST_CASE("the hash of a network knows which outputs have one scale") {
  constexpr std::uint64_t hashes[] = {
      q::network_hash<HashTied<q::Ties<>>>, q::network_hash<HashTied<q::TiedScale<"a", "b">>>,
      q::network_hash<HashTied<q::TiedScale<"a", "add">>>, q::network_hash<HashTied<q::TiedScale<"a", "b", "add">>>};
  for (const std::uint64_t& one : hashes)
    for (const std::uint64_t& other : hashes) CHECK((one == other) == (&one == &other));
  CHECK(q::network_hash<HashTied<q::TiedScale<"b", "a">>> == hashes[1]);
}

TEST_CASE("the hash of a network knows how the windows of a pool count") {
  constexpr std::uint64_t hashes[] = {q::network_hash<Pooled<Border{}>>,
                                      q::network_hash<Pooled<Border{.ceil_mode = true}>>,
                                      q::network_hash<Pooled<Border{.count_include_pad = false}>>,
                                      q::network_hash<Pooled<Border{.ceil_mode = true, .count_include_pad = false}>>,
                                      q::network_hash<Pooled<Border{.padding = {0, 1, 0, 1}}>>,
                                      q::network_hash<Pooled<Border{.padding = {0, 1, 0, 0}}>>};
  for (const std::uint64_t& a : hashes)
    for (const std::uint64_t& b : hashes) CHECK((a == b) == (&a == &b));
}

TEST_CASE("the hash of a network knows the settings of 1-d layers, and a sequence from a map of one row") {
  constexpr q::MaxPool1d pool{.kernel_size = 3, .stride = 2};
  constexpr std::uint64_t hashes[] = {
      q::network_hash<Row<pool, 8, 4>>, q::network_hash<Row<q::MaxPool1d{.kernel_size = 4, .stride = 2}, 8, 4>>,
      q::network_hash<Row<q::MaxPool1d{.kernel_size = 3, .stride = 2, .padding = {0, 1}}, 9, 4>>,
      q::network_hash<Row<q::AvgPool1d{.kernel_size = 3, .stride = 2}, 8, 4>>,
      q::network_hash<Row<q::MaxPool2d{.kernel_size = {1, 3}, .stride = {1, 2}}, 1, 8, 4>>};
  for (const std::uint64_t& a : hashes)
    for (const std::uint64_t& b : hashes) CHECK((a == b) == (&a == &b));
}

TEST_CASE("the largest networks have a hash within the limits of the compiler") {
  static_assert(q::call_count<Large>() == 1998);
  CHECK(q::network_hash<Large> != 0);
}

TEST_CASE("states of 0.4 and older remain valid: the hash of their networks has not changed") {
  static_assert(q::network_hash<Renamed> == 1420507633480380021u);
  CHECK(q::network_hash<Renamed> == 1420507633480380021u);
  constexpr auto bilinear = q::InterpolationMode::Bilinear;
  CHECK(q::network_hash<Resized<q::Upsample{.scale_factor = {2, 3}}>> == 13362503291707109935u);
  CHECK(q::network_hash<Resized<q::Upsample{.scale_factor = 2, .mode = bilinear}>> == 909643789977257015u);
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
  constexpr std::uint64_t plain = q::network_hash<HashNet<HashPlain{}>>;
  static_assert(plain == q::network_hash<Renamed>);
  static_assert(plain != q::network_hash<HashNet<HashPlain{.kernel = 5}>>);
  static_assert(plain != q::network_hash<HashNet<HashPlain{.slope = 0.5f}>>);
  static_assert(plain != q::network_hash<HashNet<HashPlain{.bias = false}>>);
  static_assert(plain != q::network_hash<HashNet<HashPlain{}, 9>>);
  static_assert(plain != q::network_hash<HashNet<HashPlain{}, 8, true>>);
  static_assert(q::network_hash<Normed<true>> != q::network_hash<Normed<false>>);
  CHECK(plain != 0);
}
