// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/find_stubs.hpp>

#include <doctest/doctest.h>
#include <tuple>

#include "mistakes.hpp"

namespace q = quench;

namespace {

struct Float {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::ReLU relu;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(relu(x))); }
};

struct Nothing {
  using Inputs = q::Inputs<q::Features<8>>;
  constexpr auto forward(auto x) const { return q::flatten(x); }
};

// Two heads; the second was never quantized, and its first layer is after a diamond.
struct ForgottenBranch {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional add;
  q::Conv2d c{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto z = relu(y);
    return std::tuple(dequant(a(quant(x))), dequant(c(add.add(z, b(z)))), dequant(relu(y)));
  }
};

// Float post-processing that ends in a second DeQuantStub: the layer after the first one is where a QuantStub is missing.
struct DequantizedTwice {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear integer{.in_features = 4, .out_features = 4}, real{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant, again;
  constexpr auto forward(auto x) const { return again(real(dequant(integer(quant(x))))); }
};

struct Mixed {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub quant;
  q::FloatFunctional cat, mul;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto side) const {
    auto y = quant(x);
    return std::tuple(dequant(cat.cat(y, y, side)), dequant(mul.mul(side, y)));
  }
};

struct Leaving {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::MaxPool2d pool{.kernel_size = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    auto z = conv(y);
    return std::tuple(q::flatten(q::permute(z, {1, 0, 2})), q::reshape(z, {-1}), pool(z), y, dequant(z), x);
  }
};

template <class Color>
struct Image {
  using Inputs = q::Inputs<q::Image<Color, 8, 8>>;
  q::QuantStub quant;
  q::MaxPool2d pool{.kernel_size = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(q::slice(pool(x), 0, 1, 3))); }
};

// Conversion by a float layer: what it gives is no image any more.
struct ConvertedRgb {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::Conv2d to_yuv{.in_channels = 3, .out_channels = 3, .kernel_size = 1};
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(to_yuv(x))); }
};

// The brightness of a picture whose channels come first: features.
struct BrightnessOfRgb {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::FloatFunctional mean;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(mean.mean(q::permute(x, {2, 0, 1}), 0))); }
};

// Two frames of a film, and a smaller picture: other values of the same colours.
struct TwoFrames {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 8, 8>, q::Image<q::color::Rgb, 8, 8>>;
  q::QuantStub quant;
  q::FloatFunctional cat;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const { return dequant(quant(cat.cat(a, b))); }
};
struct Resized {
  using Inputs = q::Inputs<q::Image<q::color::Bgr, 8, 8>>;
  q::QuantStub quant;
  q::Upsample up{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::AvgPool2d down{.kernel_size = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(down(up(x)))); }
};
// Pictures normalized in every way that recipes know: still in their colours.
template <int How>
struct Normalized {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>, q::Image<q::color::CenteredYuv444, 8, 8>, q::Features<3>>;
  q::FloatFunctional f;
  q::BatchNorm2d bn{.channels = 3};
  q::ReLU relu;
  q::GlobalAvgPool2d pool;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto normalized(auto x, auto yuv, auto mean) const {
    if constexpr (How == 0) return f.mul_scalar(x, 1 / 128.0f);
    if constexpr (How == 1) return f.add_scalar(x, -1);
    if constexpr (How == 2) return bn(x);
    if constexpr (How == 3) return relu(x);
    if constexpr (How == 4) return f.add(yuv, x);
    if constexpr (How == 5) return f.sub(x, mean);
    if constexpr (How == 6) return f.cat(x, yuv);
    if constexpr (How == 7) return pool(x);
    if constexpr (How == 8) return f.mean(x, {0, 1});
    if constexpr (How == 9) return f.mean(q::permute(x, {2, 0, 1}), {1, 2});
  }
  constexpr auto forward(auto x, auto yuv, auto mean) const { return dequant(quant(normalized(x, yuv, mean))); }
};
template <int... How>
bool each_is_in_its_colors(std::integer_sequence<int, How...>) {
  const auto names_rgb = [](const auto& findings) {
    for (const auto& finding : findings)
      if (finding.mistake == q::misuse::Mistake::InputNotCenteredYuv444) return finding.color == q::ColorFormat::Rgb;
    return false;
  };
  return (names_rgb(findings_of<Normalized<How>>()) && ...);
}

struct SameReluTwice {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(quant(x));
    return std::tuple(y, relu(y), dequant(y));
  }
};

struct Twice {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant, again;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(again(quant(x))); }
};

// Each wrong way of indices, and a lookup of what is none.
struct Misused {
  using Inputs = q::Inputs<q::Indices<4>, q::Features<4>, q::Indices<4>>;
  q::QuantStub quant, stub;
  q::Embedding embedding{.num_embeddings = 5, .embedding_dim = 2}, moved{.num_embeddings = 5, .embedding_dim = 2},
      of_float{.num_embeddings = 5, .embedding_dim = 2}, of_codes{.num_embeddings = 5, .embedding_dim = 2};
  q::Linear linear{.in_features = 4, .out_features = 2};
  q::FloatFunctional add;
  q::ReLU relu;
  q::DeQuantStub dequant, other;
  constexpr auto forward(auto words, auto x, auto never) const {
    auto y = quant(x);
    auto first = std::tuple(dequant(embedding(words)), dequant(moved(q::reshape(words, {2, 2}))),
                            dequant(linear(words)), dequant(add.add(words, y)), dequant(relu(words)));
    return std::tuple_cat(first, std::tuple(dequant(stub(words)), other(words), dequant(of_float(x)),
                                            dequant(of_codes(y)), never, words));
  }
};

struct OnlyLookups {
  using Inputs = q::Inputs<q::Indices<4>>;
  q::Embedding a{.num_embeddings = 5, .embedding_dim = 2}, b{.num_embeddings = 5, .embedding_dim = 3};
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return std::tuple(dequant(a(words)), dequant(relu(b(words)))); }
};

// The stub is the one mistake.
struct StubBeforeLookup {
  using Inputs = q::Inputs<q::Indices<4>>;
  q::QuantStub quant;
  q::Embedding embedding{.num_embeddings = 5, .embedding_dim = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(embedding(quant(words))); }
};

struct LookupLeaves {
  using Inputs = q::Inputs<q::Indices<4>>;
  q::Embedding embedding{.num_embeddings = 5, .embedding_dim = 2};
  constexpr auto forward(auto words) const { return embedding(words); }
};

struct MixedWithFloats {
  using Inputs = q::Inputs<q::Indices<4>, q::Features<4, 2>>;
  q::Embedding embedding{.num_embeddings = 5, .embedding_dim = 2};
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto words, auto x) const { return dequant(add.add(embedding(words), x)); }
};

}  // namespace

TEST_CASE("indices have no use but a lookup, and a lookup takes nothing else") {
  CHECK(mistakes_of<OnlyLookups>().empty());
  const Mistakes expected{
      "indices-not-looked-up reshape", "indices-not-looked-up linear",       "indices-not-looked-up add",
      "indices-not-looked-up relu",    "indices-not-looked-up stub",         "indices-not-looked-up other",
      "indices-not-looked-up forward", "embedding-without-indices of_float", "embedding-without-indices of_codes"};
  CHECK(mistakes_of<Misused>() == expected);
  CHECK(mistakes_of<StubBeforeLookup>() == Mistakes{"indices-not-looked-up quant"});
}

TEST_CASE("a lookup begins the quantized region, so it needs a DeQuantStub and meets quantized tensors only") {
  CHECK(mistakes_of<LookupLeaves>() == Mistakes{"missing-dequant-stub embedding"});
  CHECK(mistakes_of<MixedWithFloats>() == Mistakes{"missing-quant-stub add"});
}

TEST_CASE("a network without a QuantStub lacks it before its first layer") {
  CHECK(mistakes_of<Float>() == Mistakes{"missing-quant-stub relu"});
  CHECK(mistakes_of<Nothing>() == Mistakes{"missing-quant-stub flatten"});
}

TEST_CASE("a float tensor at a DeQuantStub lacks a QuantStub before the first layer on its way") {
  const auto found = mistakes_of<ForgottenBranch>();
  CHECK(found == Mistakes{"missing-quant-stub b", "missing-quant-stub dequant"});
}

TEST_CASE("a QuantStub is missing after the last DeQuantStub, not before it") {
  CHECK(mistakes_of<DequantizedTwice>() == Mistakes{"missing-quant-stub real"});
}

TEST_CASE("an operator takes quantized tensors or float tensors, not both") {
  CHECK(mistakes_of<Mixed>() == Mistakes{"missing-quant-stub cat", "missing-quant-stub mul"});
}

TEST_CASE("a quantized output is found at the operator after the shape functions, once") {
  CHECK(mistakes_of<Leaving>() ==
        Mistakes{"missing-dequant-stub conv", "missing-dequant-stub pool", "missing-dequant-stub quant"});
}

TEST_CASE("a QuantStub takes centred images only, also after what merely moves pixels") {
  CHECK(mistakes_of<Image<q::color::CenteredYuv444>>().empty());
  CHECK(mistakes_of<Image<q::color::CenteredGray>>().empty());
  const Mistakes mistake{"input-not-centered-yuv444 quant"};
  CHECK(mistakes_of<Image<q::color::Rgb>>() == mistake);
  CHECK(mistakes_of<Image<q::color::Bgr>>() == mistake);
  CHECK(mistakes_of<Image<q::color::Yuv444>>() == mistake);
  CHECK(mistakes_of<Image<q::color::Gray>>() == mistake);
  CHECK(mistakes_of<Image<q::color::CenteredYuv444Studio>>() == mistake);
  CHECK(findings_of<Image<q::color::Gray>>()[0].color == q::ColorFormat::Gray);
  CHECK(mistakes_of<ConvertedRgb>().empty());
}

TEST_CASE("normalizing, joining and resizing images leaves their colours") {
  CHECK(mistakes_of<TwoFrames>() == Mistakes{"input-not-centered-yuv444 quant"});
  CHECK(findings_of<TwoFrames>()[0].color == q::ColorFormat::Rgb);
  CHECK(each_is_in_its_colors(std::make_integer_sequence<int, 10>{}));
  CHECK(mistakes_of<Resized>() == Mistakes{"input-not-centered-yuv444 quant"});
  CHECK(mistakes_of<BrightnessOfRgb>().empty());
  CHECK(findings_of<Resized>()[0].color == q::ColorFormat::Bgr);
}

TEST_CASE("two quantized outputs of one module are one mistake") {
  CHECK(mistakes_of<SameReluTwice>() == Mistakes{"missing-dequant-stub relu"});
}

TEST_CASE("a quantized tensor is not quantized again") {
  CHECK(mistakes_of<Twice>() == Mistakes{"already-quantized again"});
}
