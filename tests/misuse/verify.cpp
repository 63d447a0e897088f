// SPDX-License-Identifier: Apache-2.0
// Right networks that look like wrong ones: no false alarm. What is refused stands in the cases beside this file.
#include <quench/misuse/verify.hpp>

#include <array>
#include <doctest/doctest.h>
#include <tuple>

#include "mistakes.hpp"

namespace q = quench;

namespace {

// Stateless operators called again and again, on tensors of other shapes too; one DeQuantStub for all outputs.
struct Reused {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::Conv2d conv1{.in_channels = 4, .out_channels = 8, .kernel_size = 1};
  q::ReLU relu;
  q::ReLU6 relu6;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Upsample up{.scale_factor = {2, 2}, .mode = q::InterpolationMode::Bilinear};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(conv0(relu(quant(x))));
    auto z = relu6(up(pool(relu6(up(pool(relu(conv1(y))))))));
    return std::tuple(dequant(y), dequant(z), dequant(q::flatten(q::flatten(z))));
  }
};

// A tensor shared by two branches which meet again, three times over.
struct Diamonds {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  struct Diamond {
    q::Conv2d left{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
    q::Conv2d right{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
    q::FloatFunctional meet, again;
    constexpr auto forward(auto x) const {
      auto y = meet.add(left(x), right(x));
      return again.mul(y, y);
    }
  };
  q::QuantStub quant;
  std::array<Diamond, 3> diamonds;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    for (const auto& diamond : diamonds) x = diamond.forward(x);
    return dequant(x);
  }
};

// Two branches of one type are different modules; they share weights by ties.
struct Siamese {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>, q::Image<q::color::CenteredGray, 8, 8>>;
  using Ties = q::Ties<q::Tie<"branch.0.conv", "branch.1.conv">, q::Tie<"branch.0.bn", "branch.1.bn">>;
  struct Branch {
    q::QuantStub quant;
    q::Conv2d conv{.in_channels = 1, .out_channels = 4, .kernel_size = 3};
    q::BatchNorm2d bn{.channels = 4};
    constexpr auto forward(auto x) const { return bn(conv(quant(x))); }
  };
  std::array<Branch, 2> branch;
  q::FloatFunctional cat;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const { return dequant(cat.cat(branch[0].forward(a), branch[1].forward(b))); }
};

// Float layers before the QuantStub and after the DeQuantStub, an output that was never quantized, an input passed on.
struct PreAndPostProcessing {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>, q::Features<6, 6, 4>>;
  q::Conv2d to_yuv{.in_channels = 3, .out_channels = 3, .kernel_size = 1};
  q::BatchNorm2d normalize{.channels = 3};
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  q::FloatFunctional residual;
  q::Softmax softmax;
  constexpr auto forward(auto image, auto side) const {
    auto y = residual.add(dequant(conv(quant(normalize(to_yuv(image))))), side);
    return std::tuple(softmax(y), softmax(side), side);
  }
};

// Quantized, dequantized and quantized again, through a float layer in between.
struct TwoRegions {
  using Inputs = q::Inputs<q::Features<16>>;
  q::QuantStub quant, quant_again;
  q::Linear first{.in_features = 16, .out_features = 16}, second{.in_features = 16, .out_features = 4};
  q::Tanh tanh;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(second(quant_again(tanh(dequant(first(quant(x))))))); }
};

// Squeeze and excite: a factor for each channel, repeated over the map.
struct SqueezeExcite {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::GlobalAvgPool2d squeeze;
  q::Conv2d reduce{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  q::SiLU silu;
  q::Conv2d expand{.in_channels = 2, .out_channels = 4, .kernel_size = 1};
  q::Sigmoid sigmoid;
  q::FloatFunctional excite;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    return dequant(excite.mul(x, sigmoid(expand(silu(reduce(squeeze(x)))))));
  }
};

// Blocks six deep; one without any module; members that are no modules.
struct Deep {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  struct Nothing {
    constexpr auto forward(auto x) const { return x; }
  };
  struct A {
    q::Sigmoid act;
    int number = 3;
    Nothing nothing;
    constexpr auto forward(auto x) const { return act(x); }
  };
  struct B {
    A a;
    constexpr auto forward(auto x) const { return a.nothing.forward(a.forward(x)); }
  };
  struct C {
    B b[2];
    constexpr auto forward(auto x) const { return b[1].forward(b[0].forward(x)); }
  };
  struct D {
    C c;
    constexpr auto forward(auto x) const { return c.forward(x); }
  };
  struct E {
    std::array<D, 1> d;
    constexpr auto forward(auto x) const { return d[0].forward(x); }
  };
  E e;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(e.forward(quant(x))); }
};

static_assert(q::verified<Reused>());
static_assert(q::verified<Diamonds>());
static_assert(q::verified<Siamese>());
static_assert(q::verified<PreAndPostProcessing>());
static_assert(q::verified<TwoRegions>());
static_assert(q::verified<SqueezeExcite>());
static_assert(q::verified<Deep>());
static_assert(q::verified<Reused, q::march::NashE>());
static_assert(q::verified<Reused, q::march::NashE, q::Int8Everywhere>());
static_assert(q::verified_processor<q::march::NashE, q::processor::J6E>());
static_assert(q::verified<Deep>::value);

}  // namespace

TEST_CASE("stateless operators may be called again") { CHECK(mistakes_of<Reused>().empty()); }
TEST_CASE("a tensor may be shared") { CHECK(mistakes_of<Diamonds>().empty()); }
TEST_CASE("siamese branches are different modules") {
  CHECK(mistakes_of<Siamese>().empty());
  CHECK(parameter_count(q::graph<Siamese>) == 3 * 3 * 4 + 4 + 2 * 4);
}
TEST_CASE("float layers stand before the QuantStub and after the DeQuantStub") {
  CHECK(mistakes_of<PreAndPostProcessing>().empty());
  CHECK(mistakes_of<TwoRegions>().empty());
}
TEST_CASE("an extent of 1 is repeated") { CHECK(mistakes_of<SqueezeExcite>().empty()); }
TEST_CASE("blocks nest six deep") {
  CHECK(mistakes_of<Deep>().empty());
  CHECK(q::graph<Deep>.find_module("e.d.0.c.b.1.a.act") >= 0);
}
