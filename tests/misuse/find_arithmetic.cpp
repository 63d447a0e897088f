// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/find_arithmetic.hpp>

#include <doctest/doctest.h>
#include <tuple>

#include "mistakes.hpp"

namespace q = quench;

namespace {

template <int Depth>
struct Deep {
  q::Linear linear{.in_features = Depth, .out_features = 2};
  constexpr auto run(auto x) const { return linear(x); }
};

template <int Channels, int Groups>
struct DeepConv {
  q::Conv2d conv{.in_channels = Channels, .out_channels = Groups, .kernel_size = {4, 8}, .groups = Groups};
  constexpr auto run(auto x) const { return conv(x); }
};

// Of a 4 x 4 kernel with stride 2, an output meets 2 x 2 taps.
template <int Channels>
struct DeepTransposed {
  q::ConvTranspose2d conv{.in_channels = Channels, .out_channels = 1, .kernel_size = 4, .stride = 2};
  constexpr auto run(auto x) const { return conv(x); }
};

// With as much dilation as stride, an output meets each tap.
template <int Kernel, int Dilation>
struct DilatedTransposed {
  q::ConvTranspose2d conv{
      .in_channels = 1, .out_channels = 1, .kernel_size = {Kernel, 512}, .stride = 2, .dilation = Dilation};
  constexpr auto run(auto x) const { return conv(x); }
};

// A sequence has taps along one axis.
template <int Channels>
struct DeepConv1d {
  q::Conv1d conv{.in_channels = Channels, .out_channels = 1, .kernel_size = 32};
  constexpr auto run(auto x) const { return conv(x); }
};
template <int Channels>
struct DeepTransposed1d {
  q::ConvTranspose1d conv{.in_channels = Channels, .out_channels = 1, .kernel_size = 64, .stride = 2};
  constexpr auto run(auto x) const { return conv(x); }
};
template <int Kernel>
struct DeepPool1d {
  q::AvgPool1d pool{.kernel_size = Kernel};
  constexpr auto run(auto x) const { return pool(x); }
};
struct WholePool1d {
  q::AdaptiveAvgPool1d pool{.output_size = 1};
  constexpr auto run(auto x) const { return pool(x); }
};
struct Norms1d {
  q::Conv1d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm1d folded{.channels = 4}, alone{.channels = 4};
  constexpr auto run(auto x) const { return alone(folded(conv(x))); }
};
struct Rank1d {
  q::Conv1d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::MaxPool1d pool{.kernel_size = 2};
  constexpr auto run(auto x) const { return pool(conv(x)); }
};
struct Rank2d {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  constexpr auto run(auto x) const { return conv(x); }
};
struct Settings1d {
  q::Conv1d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .groups = 3};
  q::ConvTranspose1d up{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .output_padding = 1};
  q::MaxPool1d pool{.kernel_size = 2, .padding = {0, 2}};
  q::AdaptiveMaxPool1d shared{.output_size = 46341};
  constexpr auto run(auto x) const { return shared(pool(up(conv(x)))); }
};
struct EmptyWindow1d {
  q::MaxPool1d pool{.kernel_size = 2, .stride = 1, .padding = 1, .dilation = 4};
  constexpr auto run(auto x) const { return pool(x); }
};

struct PointTransposed {
  q::ConvTranspose2d conv{.in_channels = 131072, .out_channels = 1, .kernel_size = 1};
  constexpr auto run(auto x) const { return conv(x); }
};

struct DeepMatMul {
  q::FloatFunctional matmul;
  constexpr auto run(auto x) const { return matmul.matmul(x, q::permute(x, {1, 0})); }
};

struct DeepSum {
  q::FloatFunctional sum;
  constexpr auto run(auto x) const { return sum.sum(x, {0, 1}); }
};

template <int Rows, int Columns>
struct RowOf {
  q::LayerNorm norm{.normalized_shape = {Rows, Columns}};
  constexpr auto run(auto x) const { return norm(x); }
};

struct DeepPool {
  q::GlobalAvgPool2d pool;
  constexpr auto run(auto x) const { return pool(x); }
};

// The most pixels of windows that share an axis, by looking at each window.
constexpr bool largest_shares_are_found() {
  for (int extent = 1; extent <= 20; ++extent)
    for (int windows = 1; windows <= 20; ++windows) {
      int largest = 0;
      for (int i = 0; i < windows; ++i) {
        const int size = ((i + 1) * extent + windows - 1) / windows - i * extent / windows;
        if (size > largest) largest = size;
      }
      if (q::misuse::detail::largest_share(extent, windows) != largest) return false;
    }
  return true;
}
static_assert(largest_shares_are_found());

struct Norms {
  q::BatchNorm2d first{.channels = 4};
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d good{.channels = 4};
  q::BatchNorm2d twice{.channels = 4};
  q::Linear linear{.in_features = 4, .out_features = 4};
  q::BatchNorm2d after_linear{.channels = 4};
  q::ConvTranspose2d transposed{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d after_transposed{.channels = 4};
  q::Conv2d shared{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d of_shared{.channels = 4};
  q::FloatFunctional add;
  constexpr auto run(auto x) const {
    x = after_transposed(transposed(after_linear(linear(twice(good(conv(first(x))))))));
    auto y = shared(x);
    return add.add(y, of_shared(y));
  }
};

// Before a QuantStub a BatchNorm2d runs in float: normalization of the input.
struct FloatNorm {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::BatchNorm2d norm{.channels = 4};
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(norm(x))); }
};

struct Shapes {
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::Linear linear{.in_features = 10, .out_features = 4};
  q::FloatFunctional add;
  q::Conv2d behind{.in_channels = 3, .out_channels = 4, .kernel_size = 9};
  q::FloatFunctional cat;
  constexpr auto run(auto x) const {
    auto y = add.add(x, linear(conv(x)));
    y = q::slice(q::reshape(behind(y), {7, 7, 7}), 0, 5, 100);
    return cat.cat(x, y);
  }
};

// Three guesses at a shape, none of which is blamed on what comes after: a map without channels, a window that does not
// fit, channels that were forgotten.
struct Batched {
  q::Conv2d conv{.in_channels = 3, .out_channels = 8, .kernel_size = 3};
  q::MaxPool2d pool{.kernel_size = 2};
  constexpr auto run(auto x) const { return pool(conv(x)); }
};
struct TooSmall {
  q::Conv2d conv{.in_channels = 4, .out_channels = 8, .kernel_size = 9};
  q::Linear linear{.in_features = 32, .out_features = 2};
  constexpr auto run(auto x) const { return linear(q::flatten(conv(x))); }
};
struct Forgotten {
  q::Conv2d conv{.in_channels = 4, .kernel_size = 3};
  q::Linear linear{.in_features = 36, .out_features = 2};
  constexpr auto run(auto x) const { return linear(q::flatten(conv(x))); }
};

struct WrongNorm {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d norm{.channels = 8};
  q::Conv2d next{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  constexpr auto run(auto x) const { return next(norm(conv(x))); }
};
struct WrongReshape {
  q::FloatFunctional matmul;
  constexpr auto run(auto x) const { return matmul.matmul(q::reshape(x, {16, 17}), q::reshape(x, {16, 16})); }
};
struct NegativeKernel {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = -40000};
  constexpr auto run(auto x) const { return conv(x); }
};

template <class TiesOfNet>
struct Tied {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  using Ties = TiesOfNet;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 1, .stride = 2};
  q::Conv2d no_bias{.in_channels = 4, .out_channels = 4, .kernel_size = 1, .bias = false};
  q::Conv2d larger{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::Linear linear{.in_features = 4, .out_features = 4};
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(relu(linear(larger(no_bias(b(a(quant(x)))))))); }
};

// The first module of the network is tied.
template <class TiesOfNet>
struct FirstTied {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  using Ties = TiesOfNet;
  q::Conv2d a{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(a(b(quant(x)))); }
};

// Batch norms after tied layers, which become part of their weights.
template <class TiesOfNet>
struct TiedNorms {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  using Ties = TiesOfNet;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d a_bn{.channels = 4};
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d b_bn{.channels = 4};
  q::BatchNorm2d other_eps{.channels = 4, .eps = 1e-3f};
  q::Conv2d c{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d plain{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(plain(other_eps(c(b_bn(b(a_bn(a(quant(x))))))))); }
};

// A layer in float whose output is used beside its batch norm keeps it apart.
struct FloatNormOfOutput {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d norm{.channels = 4};
  constexpr auto forward(auto x) const {
    auto y = conv(dequant(quant(x)));
    return std::tuple(y, norm(y));
  }
};

// The depth of an operator's accumulator on a map of 8 x 8 x 4.
int depth_of(q::Operator op, const q::Settings& settings) {
  const OneCall call(op, settings, q::Shape(8, 8, 4));
  return q::misuse::detail::accumulator_depth(call.graph(), call.nodes[1]);
}

}  // namespace

TEST_CASE("the largest window of an adaptive pool is known") { CHECK(largest_shares_are_found()); }

TEST_CASE("batch norms after tied layers are tied or not, and have the same eps if they are") {
  using q::Tie, q::Ties;
  CHECK(mistakes_of<TiedNorms<Ties<Tie<"a", "b">, Tie<"a_bn", "b_bn">>>>().empty());
  CHECK(mistakes_of<TiedNorms<Ties<Tie<"b_bn", "a_bn">, Tie<"b", "a">>>>().empty());
  CHECK(mistakes_of<TiedNorms<Ties<Tie<"a", "b">>>>().empty());
  CHECK(mistakes_of<TiedNorms<Ties<Tie<"plain", "b">>>>().empty());
  CHECK(mistakes_of<TiedNorms<Ties<Tie<"a_bn", "other_eps">>>>() == Mistakes{"tie-does-not-match a_bn"});
}

TEST_CASE("the depth of an accumulator is refused from 2^17 products on") {
  CHECK(mistakes_of<Wrapped<Deep<131071>, 131071>>().empty());
  const auto found = findings_of<Wrapped<Deep<131072>, 131072>>();
  CHECK(texts_of(found) == Mistakes{"accumulator-may-overflow body.linear"});
  CHECK(found[0].number == 131072);
}

TEST_CASE("the depth of a convolution is its kernel times the channels of a group") {
  CHECK(mistakes_of<Wrapped<DeepConv<4096, 1>, 8, 8, 4096>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DeepConv<4095, 1>, 8, 8, 4095>>().empty());
  CHECK(mistakes_of<Wrapped<DeepConv<4096, 2>, 8, 8, 4096>>().empty());
  CHECK(mistakes_of<Wrapped<DeepTransposed<32768>, 8, 8, 32768>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DeepTransposed<32767>, 8, 8, 32767>>().empty());
}

TEST_CASE("how many taps an output of a transposed convolution meets depends on stride and dilation") {
  CHECK(mistakes_of<Wrapped<DilatedTransposed<256, 2>, 8, 8, 1>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DilatedTransposed<255, 2>, 8, 8, 1>>().empty());
  CHECK(mistakes_of<Wrapped<PointTransposed, 8, 8, 131072>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DilatedTransposed<1022, 3>, 8, 8, 1>>().empty());
  CHECK(mistakes_of<Wrapped<DilatedTransposed<1023, 3>, 8, 8, 1>>() == Mistakes{"accumulator-may-overflow body.conv"});
}

TEST_CASE("a matmul is as deep as the axis it sums over, a sum or pool as the values it adds") {
  CHECK(mistakes_of<Wrapped<DeepMatMul, 2, 131072>>() == Mistakes{"accumulator-may-overflow body.matmul"});
  CHECK(mistakes_of<Wrapped<DeepMatMul, 2, 131071>>().empty());
  CHECK(mistakes_of<Wrapped<DeepSum, 4096, 4096, 2>>() == Mistakes{"accumulator-may-overflow body.sum"});
  CHECK(mistakes_of<Wrapped<DeepSum, 4096, 4095, 2>>().empty());
  CHECK(mistakes_of<Wrapped<DeepPool, 4096, 4096, 2>>() == Mistakes{"accumulator-may-overflow body.pool"});
  CHECK(mistakes_of<Wrapped<DeepPool, 4096, 4095, 2>>().empty());
  CHECK(mistakes_of<Wrapped<DeepPool, 2, 8388608, 2>>() == Mistakes{"accumulator-may-overflow body.pool"});
  CHECK(mistakes_of<Wrapped<DeepPool, 8388608, 2, 2>>() == Mistakes{"accumulator-may-overflow body.pool"});
}

TEST_CASE("the distances of a row are twice as large as its codes") {
  CHECK(mistakes_of<Wrapped<RowOf<4096, 2048>, 4096, 2048>>() == Mistakes{"accumulator-may-overflow body.norm"});
  CHECK(mistakes_of<Wrapped<RowOf<4096, 2047>, 4096, 2047>>().empty());
  OneCall call(q::Operator::RMSNorm, q::detail::axes_settings({1, 32768}), q::Shape(1, 32768));
  CHECK(q::misuse::may_overflow(call.graph(), call.nodes[1], q::DType::Int16));
  CHECK(!q::misuse::may_overflow(call.graph(), call.nodes[1], q::DType::Int8));
  call.nodes[1].settings.axes[1] = 32767;
  CHECK(!q::misuse::may_overflow(call.graph(), call.nodes[1], q::DType::Int16));
  CHECK(depth_of(q::Operator::LayerNorm, q::detail::axes_settings({-2, 3})) == 0);
}

TEST_CASE("settings that are wrong give no depth, and axes that are wrong add none") {
  q::Settings settings;
  settings.in_channels = 4;
  settings.kernel_size = 3;
  CHECK(depth_of(q::Operator::ConvTranspose2d, settings) == 36);
  const auto with = [&](auto member, q::Pair value) {
    q::Settings changed = settings;
    changed.*member = value;
    return depth_of(q::Operator::ConvTranspose2d, changed);
  };
  for (const q::Pair wrong : {q::Pair{0, 1}, q::Pair{1, 0}}) {
    CHECK(with(&q::Settings::kernel_size, wrong) == 0);
    CHECK(with(&q::Settings::stride, wrong) == 0);
    CHECK(with(&q::Settings::dilation, wrong) == 0);
  }
  settings.kernel_size = 0;
  settings.stride = 2;
  CHECK(depth_of(q::Operator::ConvTranspose2d, settings) == 0);
  settings.axis_count = 3;
  settings.axes[0] = 2, settings.axes[1] = 3, settings.axes[2] = -1;
  CHECK(depth_of(q::Operator::Sum, settings) == 4);
  CHECK(depth_of(q::Operator::ChannelAffine, settings) == 1);
}

TEST_CASE("a BatchNorm2d follows a conv or linear that only it uses") {
  CHECK(mistakes_of<Wrapped<Norms, 8, 8, 4>>() == Mistakes{"batch-norm-not-foldable body.first",
                                                           "batch-norm-not-foldable body.twice",
                                                           "batch-norm-not-foldable body.of_shared"});
  CHECK(mistakes_of<FloatNorm>().empty());
  CHECK(mistakes_of<FloatNormOfOutput>().empty());
}

TEST_CASE("after a wrong layer the shape is what its settings promise, after a wrong operation it is not known") {
  const auto found = findings_of<Wrapped<Shapes, 8, 8, 4>>();
  CHECK(texts_of(found) ==
        Mistakes{"shape-mismatch body.conv", "shape-mismatch body.linear", "shape-mismatch body.add"});
  CHECK(found[0].given == q::Shape(8, 8, 4));
  CHECK(found[0].needed == q::Shape(8, 8, 3));
  CHECK(found[1].given == q::Shape(6, 6, 4));
  CHECK(found[1].needed == q::Shape(6, 6, 10));
  CHECK(found[2].given == q::Shape(6, 6, 4));
  CHECK(found[2].needed == q::Shape(8, 8, 4));
}

TEST_CASE("nothing is blamed for a shape that is but a guess") {
  CHECK(mistakes_of<Wrapped<Batched, 1, 3, 32, 32>>() == Mistakes{"shape-mismatch body.conv"});
  CHECK(mistakes_of<Wrapped<TooSmall, 8, 8, 4>>() == Mistakes{"shape-mismatch body.conv"});
  CHECK(mistakes_of<Wrapped<Forgotten, 5, 5, 4>>() == Mistakes{"setting-out-of-range body.conv"});
  CHECK(mistakes_of<Wrapped<WrongNorm, 8, 8, 4>>() == Mistakes{"shape-mismatch body.norm"});
  CHECK(mistakes_of<Wrapped<WrongReshape, 8, 8, 4>>() == Mistakes{"shape-mismatch reshape"});
  CHECK(mistakes_of<Wrapped<NegativeKernel, 8, 8, 4>>() == Mistakes{"setting-out-of-range body.conv"});
}

TEST_CASE("tied modules have weights of one shape") {
  CHECK(mistakes_of<Tied<q::Ties<q::Tie<"a", "b">>>>().empty());
  CHECK(mistakes_of<Tied<q::Tie<"a", "b">>>().empty());
  CHECK(mistakes_of<FirstTied<q::Tie<"a", "b">>>().empty());
  CHECK(mistakes_of<FirstTied<q::Tie<"b", "a">>>().empty());
  const auto refused = [](const Mistakes& found) { return found == Mistakes{"tie-does-not-match a"}; };
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "no_bias">>>>()));
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "larger">>>>()));
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "linear">>>>()));
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "relu">>>>()));
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "a">>>>()));
  CHECK(refused(mistakes_of<Tied<q::Ties<q::Tie<"a", "nowhere">>>>()));
}

TEST_CASE("1-d layers keep the rules of 2-d layers") {
  CHECK(mistakes_of<Wrapped<DeepConv1d<4096>, 40, 4096>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DeepConv1d<4095>, 40, 4095>>().empty());
  CHECK(mistakes_of<Wrapped<DeepTransposed1d<4096>, 40, 4096>>() == Mistakes{"accumulator-may-overflow body.conv"});
  CHECK(mistakes_of<Wrapped<DeepTransposed1d<4095>, 40, 4095>>().empty());
  CHECK(mistakes_of<Wrapped<DeepPool1d<16777216>, 16777216, 2>>() == Mistakes{"accumulator-may-overflow body.pool"});
  CHECK(mistakes_of<Wrapped<DeepPool1d<16777215>, 16777216, 2>>().empty());
  CHECK(mistakes_of<Wrapped<WholePool1d, 16777216, 2>>() == Mistakes{"accumulator-may-overflow body.pool"});
  CHECK(mistakes_of<Wrapped<WholePool1d, 16777215, 2>>().empty());
  CHECK(mistakes_of<Wrapped<Norms1d, 8, 4>>() == Mistakes{"batch-norm-not-foldable body.alone"});
  CHECK(mistakes_of<Wrapped<Rank1d, 8, 4>>().empty());
  CHECK(mistakes_of<Wrapped<Rank1d, 8, 8, 4>>() == Mistakes{"shape-mismatch body.conv"});
  CHECK(mistakes_of<Wrapped<Rank2d, 8, 4>>() == Mistakes{"shape-mismatch body.conv"});
  CHECK(mistakes_of<Wrapped<Settings1d, 8, 4>>() ==
        Mistakes{"setting-out-of-range body.conv", "setting-out-of-range body.up", "setting-out-of-range body.pool",
                 "setting-out-of-range body.shared"});
  CHECK(mistakes_of<Wrapped<EmptyWindow1d, 3, 4>>() == Mistakes{"setting-out-of-range body.pool"});
  CHECK(mistakes_of<Wrapped<EmptyWindow1d, 5, 4>>().empty());
}
