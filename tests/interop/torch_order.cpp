// SPDX-License-Identifier: Apache-2.0
// A state_dict of PyTorch computes what PyTorch computes: every operator between a map, its flattening and a layer, beside
// the same program in channels-first double arithmetic, written by hand. There a flatten and a view move nothing.
#include <quench/interop/torch_order.hpp>

#include <functional>

#include <quench/interop/imported_network.hpp>
#include <quench/interop/state.hpp>
#include <quench/network.hpp>
#include <quench/tensors/error.hpp>

#include "flow/flow.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

using Vector = std::vector<double>;

/// A state_dict, and how PyTorch computes with it.
struct Torch {
  i::NamedArrays arrays;

  Vector operator()(const std::string& name) const {
    const auto values = arrays.at(name).values<float>();
    return {values.begin(), values.end()};
  }
  /// [out, in]; of the last axis of x.
  Vector linear(const std::string& name, const Vector& x, std::size_t in) const {
    const Vector weight = (*this)(name + ".weight"), bias = (*this)(name + ".bias");
    Vector y;
    for (std::size_t row = 0; row < x.size() / in; ++row)
      for (std::size_t k = 0; k < bias.size(); ++k) {
        y.push_back(bias[k]);
        for (std::size_t c = 0; c < in; ++c) y.back() += weight[k * in + c] * x[row * in + c];
      }
    return y;
  }
  /// [K, C] at every pixel of a map (C, pixels).
  Vector pointwise(const std::string& name, const Vector& x, std::size_t channels) const {
    const Vector weight = (*this)(name + ".weight"), bias = (*this)(name + ".bias");
    const std::size_t pixels = x.size() / channels;
    Vector y(bias.size() * pixels);
    for (std::size_t k = 0; k < bias.size(); ++k)
      for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        y[k * pixels + pixel] = bias[k];
        for (std::size_t c = 0; c < channels; ++c)
          y[k * pixels + pixel] += weight[k * channels + c] * x[c * pixels + pixel];
      }
    return y;
  }
  Vector batch_norm(const std::string& name, const Vector& x) const {
    const Vector weight = (*this)(name + ".weight"), bias = (*this)(name + ".bias");
    const Vector mean = (*this)(name + ".running_mean"), variance = (*this)(name + ".running_var");
    Vector y;
    for (std::size_t c = 0; c < x.size(); ++c)
      y.push_back((x[c] - mean[c]) / std::sqrt(variance[c] + 1e-5) * weight[c] + bias[c]);
    return y;
  }
};

Vector each(Vector x, const std::function<double(double)>& f) {
  for (double& value : x) value = f(value);
  return x;
}
Vector each(Vector x, const Vector& y, const std::function<double(double, double)>& f) {
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = f(x[k], y[k]);
  return x;
}
Vector softmax(Vector x) {
  double sum = 0;
  for (double& value : x) sum += value = std::exp(value);
  return each(std::move(x), [&](double value) { return value / sum; });
}
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double relu(double x) { return std::max(x, 0.0); }

/// Loads a random state_dict and compares all outputs, one after the other, with those of `evaluate(torch, x)`, where x
/// is the input (C, H, W).
template <class Net, class Evaluate>
void check(const Evaluate& evaluate, std::size_t channels = 2) {
  q::FloatModel<Net> model{q::Seed{1}};
  q::training::Random random(q::Seed{7});
  Torch torch{i::arrays_of(model)};
  for (auto& [name, array] : torch.arrays) {
    std::vector<float> values(array.elements());
    const bool is_variance = name.ends_with(".running_var");
    for (float& value : values) value = is_variance ? random.uniform(0.5f, 2) : random.uniform(-1, 1);
    array = i::NamedArray::of<float>(array.shape, values);
  }
  i::load_arrays(model, torch.arrays);
  CHECK(i::arrays_of(model) == torch.arrays);
  const auto batch = q::random_batches<Net>(q::Seed{3}, 1, 1)[0];
  Vector x;
  q::phases::with_inputs<Net>(batch, [&](const auto& input) {
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t pixel = 0; pixel < input.size() / channels; ++pixel)
        x.push_back(static_cast<double>(input.data()[pixel * channels + c]));
  });
  const std::vector<float> found = flow::outputs(model, batch);
  const Vector needed = evaluate(torch, x);
  REQUIRE(found.size() == needed.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    CAPTURE(k);
    CHECK(static_cast<double>(found[k]) == doctest::Approx(needed[k]).epsilon(1e-4));
  }
}

template <int In>
struct Head {
  q::Linear fc{.in_features = In, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto operator()(auto x) const { return dequant(fc(x)); }
};

// Functions of the vector that a map [2, 3, 2] becomes.
struct Functions {
  using Inputs = q::Inputs<q::Features<2, 3, 2>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::ReLU6 relu6;
  q::LeakyReLU leaky{.negative_slope = 0.5f};
  q::Sigmoid sigmoid;
  q::Tanh tanh;
  q::SiLU silu;
  q::GELU gelu;
  q::Softmax softmax;
  q::FloatFunctional add_scalar, mul_scalar;
  q::BatchNorm2d norm{.channels = 12};  // in float, by itself
  q::QuantStub normed;
  q::ChannelAffine affine{.channels = 12};
  q::PReLU slopes{.num_parameters = 12}, slope, map_slopes{.num_parameters = 2};
  Head<12> head[16];
  constexpr auto forward(auto x) const {
    auto v = q::flatten(quant(x));
    return std::tuple(head[0](relu(v)), head[1](relu6(v)), head[2](leaky(v)), head[3](sigmoid(v)), head[4](tanh(v)),
                      head[5](silu(v)), head[6](gelu(v)), head[7](softmax(v)), head[8](add_scalar.add_scalar(v, 0.5f)),
                      head[9](mul_scalar.mul_scalar(v, -2.0f)), head[10](normed(norm(q::flatten(x)))),
                      head[11](q::reshape(v, {-1})), head[12](affine(v)), head[13](slopes(v)), head[14](slope(v)),
                      head[15](q::flatten(map_slopes(q::reshape(v, {2, 3, 2})))));
  }
};

// Two vectors that maps become; layers whose outputs meet such a vector.
struct Pairs {
  using Inputs = q::Inputs<q::Features<2, 3, 2>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::FloatFunctional add, sub, mul, add_relu, maximum, minimum, cat, with_layer, with_layers;
  q::Linear square{.in_features = 12, .out_features = 12}, first{.in_features = 12, .out_features = 12},
      second{.in_features = 12, .out_features = 12}, third{.in_features = 12, .out_features = 12};
  q::BatchNorm2d norm{.channels = 12};
  q::ReLU relu;
  Head<12> head[9];
  Head<24> wide;
  Head<15> padded;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    auto v = q::flatten(a), w = q::flatten(conv(a));
    auto residual = with_layer.add(v, relu(norm(first(v))));
    auto sum = with_layers.mul(second(residual), third(v));  // in any order, but the same
    return std::tuple(head[0](add.add(v, w)), head[1](sub.sub(v, w)), head[2](mul.mul(v, w)),
                      head[3](add_relu.add_relu(v, w)), head[4](maximum.maximum(v, w)), head[5](minimum.minimum(v, w)),
                      head[6](square(v)), head[7](residual), head[8](sum), wide(cat.cat(v, w)),
                      padded(q::pad(v, {{1, 2}})));
  }
};

// A vector becomes a map, and a map is seen in other ways before it becomes a vector.
struct Maps {
  using Inputs = q::Inputs<q::Features<2, 3, 2>>;
  q::QuantStub quant;
  q::Conv2d whole{.in_channels = 12, .out_channels = 2, .kernel_size = 1};
  q::Linear seed{.in_features = 12, .out_features = 12}, on_channels{.in_features = 2, .out_features = 3};
  q::BatchNorm2d norm{.channels = 12};
  q::ConvTranspose2d up{.in_channels = 2, .out_channels = 3, .kernel_size = 1};
  q::FloatFunctional rows, pixels, channels, squeeze, scale;
  q::Sigmoid gate;
  q::Linear excite{.in_features = 2, .out_features = 2};
  Head<18> mapped, linear;
  Head<2> pooled;
  Head<6> rows_head, channels_head, one_channel, columns;
  Head<12> as_torch, gated;
  Head<8> sliced;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    auto v = q::flatten(a);
    auto map = q::reshape(norm(seed(v)), {2, 3, 2});
    auto excited = q::reshape(gate(excite(squeeze.mean(a, {0, 1}))), {1, 1, 2});
    return std::tuple(dequant(whole(q::reshape(v, {1, 1, 12}))), mapped(q::flatten(up(map))),
                      pooled(pixels.mean(a, {0, 1})), rows_head(q::flatten(rows.mean(a, 0))),
                      channels_head(q::flatten(channels.sum(a, 2))), as_torch(q::flatten(q::permute(a, {2, 0, 1}))),
                      one_channel(q::flatten(q::slice(a, 2, 1, 2))), sliced(q::flatten(q::slice(a, 1, 1, 3))),
                      linear(q::flatten(on_channels(a))), gated(q::flatten(scale.mul(a, excited))),
                      columns(q::flatten(q::slice(a, 0, 1, 2))));
  }
};

// Of a map of one channel the flattening is made of pixels alone; a layer makes features of them.
struct GatedByPixels {
  using Inputs = q::Inputs<q::Features<2, 3, 1>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 1, .out_channels = 2, .kernel_size = 1};
  q::Linear excite{.in_features = 6, .out_features = 2};
  q::Sigmoid gate;
  q::FloatFunctional scale;
  Head<12> head;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    auto excited = q::reshape(gate(excite(q::flatten(a))), {1, 1, 2});
    return head(q::flatten(scale.mul(conv(a), excited)));
  }
};

// Attention over the pixels, and channels in groups that are shuffled.
struct Tokens {
  using Inputs = q::Inputs<q::Features<2, 3, 4>>;
  q::QuantStub quant;
  q::Linear key{.in_features = 4, .out_features = 4};
  q::FloatFunctional scores, mix, mean;
  q::Softmax softmax;
  Head<4> head;
  q::Conv2d after{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  Head<12> shuffled;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    auto tokens = q::reshape(a, {6, 4});
    auto weights = softmax(scores.matmul(key(tokens), q::permute(tokens, {1, 0})));
    auto shuffle = q::reshape(q::permute(q::reshape(a, {2, 3, 2, 2}), {0, 1, 3, 2}), {2, 3, 4});
    return std::tuple(head(mean.mean(mix.matmul(weights, tokens), 0)), shuffled(q::flatten(after(shuffle))));
  }
};

// A sequence (C, L) of 1-d layers, in the ways in which it meets vectors and other sequences.
struct Sequences {
  using Inputs = q::Inputs<q::Features<6, 2>>;
  q::QuantStub quant;
  q::Conv1d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::Conv1d grouped{.in_channels = 2, .out_channels = 4, .kernel_size = 1, .groups = 2};
  q::MaxPool1d pool{.kernel_size = 2};
  q::FloatFunctional skip, squeeze, scale, both;
  q::Linear excite{.in_features = 2, .out_features = 2}, seed{.in_features = 12, .out_features = 12};
  q::Conv1d seeded{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::BatchNorm1d norm{.channels = 2};
  Head<12> plain, residual, gated, viewed;
  Head<6> pooled;
  Head<24> groups, joined;
  Head<2> mean;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    auto y = norm(conv(a));
    auto pixels = squeeze.mean(y, 0);
    auto gate = q::reshape(excite(pixels), {1, 2});
    return std::tuple(plain(q::flatten(a)), residual(q::flatten(skip.add(a, y))), pooled(q::flatten(pool(a))),
                      groups(q::flatten(grouped(y))), gated(q::flatten(scale.mul(y, gate))),
                      joined(q::flatten(both.cat(a, y))), mean(pixels),
                      viewed(q::flatten(seeded(q::reshape(seed(q::flatten(y)), {6, 2})))));
  }
};

// One slope for a map and for the vector that it becomes: it has no order.
struct TiedSlopes {
  using Inputs = q::Inputs<q::Features<2, 3, 2>>;
  using Ties = q::Ties<q::Tie<"map", "vector">>;
  q::QuantStub quant;
  q::PReLU map, vector;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    return std::tuple(dequant(map(a)), dequant(vector(q::flatten(a))));
  }
};

void append(Vector& all, const Vector& more) { all.insert(all.end(), more.begin(), more.end()); }

}  // namespace

TEST_CASE("functions of a flattened map keep each element in its place") {
  check<Functions>([](const Torch& torch, const Vector& v) {
    const auto bent = [](double x, double slope) { return x < 0 ? x * slope : x; };
    Vector map_slopes(12);
    for (std::size_t k = 0; k < 12; ++k) map_slopes[k] = torch("map_slopes.weight")[k / 6];
    const std::vector<Vector> results{
        each(v, relu),
        each(v, [](double x) { return std::clamp(x, 0.0, 6.0); }),
        each(v, [](double x) { return x < 0 ? x / 2 : x; }),
        each(v, sigmoid),
        each(v, [](double x) { return std::tanh(x); }),
        each(v, [](double x) { return x * sigmoid(x); }),
        each(v, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }),
        softmax(v),
        each(v, [](double x) { return x + 0.5; }),
        each(v, [](double x) { return -2 * x; }),
        torch.batch_norm("norm", v),
        v,
        each(each(v, torch("affine.weight"), std::multiplies<>()), torch("affine.bias"), std::plus<>()),
        each(v, torch("slopes.weight"), bent),
        each(v, Vector(12, torch("slope.weight")[0]), bent),
        each(v, map_slopes, bent)};
    Vector all;
    for (std::size_t k = 0; k < results.size(); ++k)
      append(all, torch.linear("head." + std::to_string(k) + ".fc", results[k], 12));
    return all;
  });
}

TEST_CASE("one slope that a map and a vector share has no order") {
  CHECK(i::detail::TorchOrders(q::graph<TiedSlopes>).unknown() == -1);
}

TEST_CASE("flattened maps meet one another and the outputs of layers as in PyTorch") {
  check<Pairs>([](const Torch& torch, const Vector& v) {
    const Vector w = torch.pointwise("conv", v, 2);
    const Vector residual = each(v, each(torch.batch_norm("norm", torch.linear("first", v, 12)), relu), std::plus<>());
    const std::vector<Vector> results{
        each(v, w, std::plus<>()),
        each(v, w, std::minus<>()),
        each(v, w, std::multiplies<>()),
        each(v, w, [](double a, double b) { return relu(a + b); }),
        each(v, w, [](double a, double b) { return std::max(a, b); }),
        each(v, w, [](double a, double b) { return std::min(a, b); }),
        torch.linear("square", v, 12),
        residual,
        each(torch.linear("second", residual, 12), torch.linear("third", v, 12), std::multiplies<>())};
    Vector all, both = v, padded{0};
    for (std::size_t k = 0; k < results.size(); ++k)
      append(all, torch.linear("head." + std::to_string(k) + ".fc", results[k], 12));
    append(both, w);
    append(padded, v);
    append(padded, {0, 0});
    append(all, torch.linear("wide.fc", both, 24));
    append(all, torch.linear("padded.fc", padded, 15));
    return all;
  });
}

TEST_CASE("views of vectors as maps, and maps that are reduced, sliced or permuted before a flatten") {
  check<Maps>([](const Torch& torch, const Vector& v) {
    const auto at = [&](std::size_t c, std::size_t h, std::size_t w) { return v[c * 6 + h * 3 + w]; };
    Vector pooled(2), rows(6), channels(6), sliced, columns;
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t h = 0; h < 2; ++h)
        for (std::size_t w = 0; w < 3; ++w) {
          pooled[c] += at(c, h, w) / 6;
          rows[c * 3 + w] += at(c, h, w) / 2;
          channels[h * 3 + w] += at(c, h, w);
          if (w > 0) sliced.push_back(at(c, h, w));
          if (h == 1) columns.push_back(at(c, h, w));
        }
    const Vector gate = each(torch.linear("excite", pooled, 2), sigmoid);
    Vector gated = v;
    for (std::size_t k = 0; k < 12; ++k) gated[k] *= gate[k / 6];
    // ConvTranspose2d's weight is [C, K, 1, 1].
    const Vector map = torch.batch_norm("norm", torch.linear("seed", v, 12)), weight = torch("up.weight");
    Vector up;
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t pixel = 0; pixel < 6; ++pixel)
        up.push_back(torch("up.bias")[k] + map[pixel] * weight[k] + map[6 + pixel] * weight[3 + k]);
    Vector all = torch.linear("whole", v, 12);
    append(all, torch.linear("mapped.fc", up, 18));
    append(all, torch.linear("pooled.fc", pooled, 2));
    append(all, torch.linear("rows_head.fc", rows, 6));
    append(all, torch.linear("channels_head.fc", channels, 6));
    append(all, torch.linear("as_torch.fc", v, 12));
    append(all, torch.linear("one_channel.fc", Vector(v.begin() + 6, v.end()), 6));
    append(all, torch.linear("sliced.fc", sliced, 8));
    append(all, torch.linear("linear.fc", torch.pointwise("on_channels", v, 2), 18));
    append(all, torch.linear("gated.fc", gated, 12));
    append(all, torch.linear("columns.fc", columns, 6));
    return all;
  });
}

TEST_CASE("sequences of 1-d layers have their channels first in PyTorch") {
  check<Sequences>([](const Torch& torch, const Vector& v) {
    Vector y = torch.pointwise("conv", v, 2), pooled, groups, mean(2);
    for (std::size_t k = 0; k < 12; ++k)
      y[k] = (y[k] - torch("norm.running_mean")[k / 6]) / std::sqrt(torch("norm.running_var")[k / 6] + 1e-5) *
                 torch("norm.weight")[k / 6] +
             torch("norm.bias")[k / 6];
    for (std::size_t k = 0; k < 12; k += 2) pooled.push_back(std::max(v[k], v[k + 1]));
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t step = 0; step < 6; ++step)
        groups.push_back(torch("grouped.bias")[k] + torch("grouped.weight")[k] * y[k / 2 * 6 + step]);
    for (std::size_t k = 0; k < 12; ++k) mean[k / 6] += y[k] / 6;
    const Vector gate = torch.linear("excite", mean, 2);
    Vector gated = y, joined = v;
    for (std::size_t k = 0; k < 12; ++k) gated[k] *= gate[k / 6];
    append(joined, y);
    Vector all = torch.linear("plain.fc", v, 12);
    append(all, torch.linear("residual.fc", each(v, y, std::plus<>()), 12));
    append(all, torch.linear("pooled.fc", pooled, 6));
    append(all, torch.linear("groups.fc", groups, 24));
    append(all, torch.linear("gated.fc", gated, 12));
    append(all, torch.linear("joined.fc", joined, 24));
    append(all, torch.linear("mean.fc", mean, 2));
    append(all, torch.linear("viewed.fc", torch.pointwise("seeded", torch.linear("seed", y, 12), 2), 12));
    return all;
  });
}

TEST_CASE("a gate that a layer makes of the pixels of one channel leaves a map a map") {
  check<GatedByPixels>(
      [](const Torch& torch, const Vector& v) {
        const Vector gate = each(torch.linear("excite", v, 6), sigmoid);
        Vector gated = torch.pointwise("conv", v, 1);
        for (std::size_t k = 0; k < 12; ++k) gated[k] *= gate[k / 6];
        return torch.linear("head.fc", gated, 12);
      },
      1);
}

TEST_CASE("tokens have the features of their pixels, and channels may be shuffled in groups") {
  check<Tokens>(
      [](const Torch& torch, const Vector& v) {
        Vector tokens, mean(4), shuffled;
        for (std::size_t pixel = 0; pixel < 6; ++pixel)
          for (std::size_t c = 0; c < 4; ++c) tokens.push_back(v[c * 6 + pixel]);
        const Vector key = torch.linear("key", tokens, 4);
        for (std::size_t t = 0; t < 6; ++t) {
          Vector scores(6);
          for (std::size_t s = 0; s < 6; ++s)
            for (std::size_t c = 0; c < 4; ++c) scores[s] += key[t * 4 + c] * tokens[s * 4 + c];
          scores = softmax(scores);
          for (std::size_t s = 0; s < 6; ++s)
            for (std::size_t c = 0; c < 4; ++c) mean[c] += scores[s] * tokens[s * 4 + c] / 6;
        }
        for (const std::size_t channel : {0u, 2u, 1u, 3u})
          for (std::size_t pixel = 0; pixel < 6; ++pixel) shuffled.push_back(v[channel * 6 + pixel]);
        Vector all = torch.linear("head.fc", mean, 4);
        append(all, torch.linear("shuffled.fc", torch.pointwise("after", shuffled, 4), 12));
        return all;
      },
      4);
}

TEST_CASE("the rows of a layer whose output is seen as a map carry their scales with them") {
  const auto batches = q::random_batches<Maps>(q::Seed{1}, 2, 4);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Maps>{q::Seed{2}}), batches));
  const auto arrays = i::arrays_of(model);
  auto other = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Maps>{q::Seed{3}}), batches));
  i::load_arrays(other, arrays);
  CHECK(flow::same_bits(flow::outputs(model, batches[1]), flow::outputs(other, batches[1])));
  // The largest weight of a row has the code 127 or -128.
  const auto weight = arrays.at("seed.weight").values<float>();
  const auto scales = arrays.at("seed.weight_scale.int8").values<float>();
  for (std::size_t k = 0; k < 12; ++k) {
    float largest = 0;
    for (std::size_t c = 0; c < 12; ++c) largest = std::max(largest, std::abs(weight[k * 12 + c]));
    CHECK(scales[k] >= largest / 128 * 0.9999f);
    CHECK(scales[k] <= largest / 127 * 1.0001f);
  }
}

namespace {

struct Pools {
  using Inputs = q::Inputs<q::Features<2, 4, 2>>;
  q::QuantStub quant;
  q::MaxPool2d largest{.kernel_size = 2, .stride = 2};
  q::AvgPool2d average{.kernel_size = 2, .stride = 2};
  q::GlobalAvgPool2d whole;
  q::Upsample twice{.scale_factor = 2};
  q::Softmax softmax;
  q::BatchNorm2d norm{.channels = 2};
  q::QuantStub normed;
  q::Conv2d grouped{.in_channels = 2, .out_channels = 4, .kernel_size = 1, .groups = 2};
  q::FloatFunctional cat, rows;
  Head<4> head[2];
  Head<2> whole_head;
  Head<64> large;
  Head<16> softmax_head, norm_head;
  Head<32> grouped_head, cat_head, rows_head;
  constexpr auto forward(auto x) const {
    auto a = quant(x);
    return std::tuple(head[0](q::flatten(largest(a))), head[1](q::flatten(average(a))),
                      whole_head(q::flatten(whole(a))), large(q::flatten(twice(a))),
                      softmax_head(q::flatten(softmax(a))), norm_head(q::flatten(normed(norm(x)))),
                      grouped_head(q::flatten(grouped(a))), cat_head(q::flatten(cat.cat(a, a))),
                      rows_head(q::flatten(rows.cat<0>(a, a))));
  }
};

// Each of them gives features whose order in PyTorch the description does not tell.
struct SlicedVector {
  q::Linear fc{.in_features = 5, .out_features = 2};
  constexpr auto operator()(auto map) const { return fc(q::slice(q::flatten(map), 0, 1, 6)); }
};
// PyTorch's torch.stack of maps along its axis 1 is [N, C, H, W], along its axis 2 [C, N, H, W].
struct StackedMaps {
  q::FloatFunctional stack;
  q::Linear fc{.in_features = 24, .out_features = 2};
  constexpr auto operator()(auto map) const { return fc(q::flatten(stack.stack<0>(map, map))); }
};
struct StackedLast {
  q::FloatFunctional stack;
  q::Linear fc{.in_features = 24, .out_features = 2};
  constexpr auto operator()(auto map) const { return fc(q::flatten(stack.stack<-1>(map, map))); }
};
struct FlattenedTokens {
  q::Linear fc{.in_features = 12, .out_features = 2};
  constexpr auto operator()(auto map) const { return fc(q::flatten(q::reshape(map, {6, 2}))); }
};
struct PixelsIntoChannels {
  q::Linear fc{.in_features = 6, .out_features = 2};
  constexpr auto operator()(auto map) const { return fc(q::reshape(map, {2, 6})); }
};
struct OtherMap {
  q::Conv2d conv{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  constexpr auto operator()(auto map) const { return conv(q::reshape(q::flatten(map), {3, 1, 4})); }
};
struct UnlikeMaps {
  q::FloatFunctional add;
  q::Linear fc{.in_features = 12, .out_features = 2};
  constexpr auto operator()(auto map) const {
    return fc(add.add(q::flatten(map), q::flatten(q::permute(map, {2, 0, 1}))));
  }
};
struct GroupsOfPixels {
  q::Conv2d conv{.in_channels = 12, .out_channels = 2, .kernel_size = 1, .groups = 2};
  constexpr auto operator()(auto map) const { return conv(q::reshape(map, {1, 1, 12})); }
};

// The left layer is given features in our order, the right one in PyTorch's, with the same weights.
struct TiedApart {
  using Ties = q::Ties<q::Tie<"left", "right">>;
  q::Linear left{.in_features = 12, .out_features = 2}, right{.in_features = 12, .out_features = 2};
  q::FloatFunctional add;
  constexpr auto operator()(auto map) const {
    return add.add(left(q::flatten(map)), right(q::flatten(q::permute(map, {2, 0, 1}))));
  }
};

template <class Block>
struct Mixed {
  using Inputs = q::Inputs<q::Features<2, 3, 2>>;
  q::QuantStub quant;
  Block block;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(block(quant(x))); }
};

template <class Block>
void check_unknown(const std::string& culprit) {
  CAPTURE(culprit);
  q::FloatModel<Mixed<Block>> model{q::Seed{1}}, other{q::Seed{2}};
  const auto saved = i::arrays_of(model);
  i::load_arrays(other, saved);
  CHECK(i::arrays_of(other) == saved);
  const auto batch = q::random_batches<Mixed<Block>>(q::Seed{3}, 1, 1)[0];
  CHECK(flow::same_bits(flow::outputs(model, batch), flow::outputs(other, batch)));
  auto of_torch = saved;
  of_torch.erase("features_in_quench_order");
  for (auto& [name, array] : of_torch) array.bytes[0] ^= std::byte{1};
  try {
    i::load_arrays(other, of_torch);
    FAIL("loaded");
  } catch (const q::Error& error) {
    CHECK(error.slug() == q::TextView("torch-order-unknown"));
    CHECK(error.module() == culprit);
  }
  CHECK(i::arrays_of(other) == saved);
}

}  // namespace

TEST_CASE("pools, batch norms, groups and cat keep the channels of a map") {
  check<Pools>([](const Torch& torch, const Vector& v) {
    const auto at = [&](std::size_t c, std::size_t h, std::size_t w) { return v[c * 8 + h * 4 + w]; };
    Vector largest, average, whole(2), large, soft(16), norm, grouped, rows, both = v;
    append(both, v);
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t w = 0; w < 4; w += 2) {
        const double values[] = {at(c, 0, w), at(c, 0, w + 1), at(c, 1, w), at(c, 1, w + 1)};
        largest.push_back(*std::max_element(values, values + 4));
        average.push_back((values[0] + values[1] + values[2] + values[3]) / 4);
      }
      for (std::size_t k = 0; k < 8; ++k) {
        whole[c] += v[c * 8 + k] / 8;
        soft[c * 8 + k] = std::exp(v[c * 8 + k]) / (std::exp(v[k]) + std::exp(v[8 + k]));
        norm.push_back((v[c * 8 + k] - torch("norm.running_mean")[c]) / std::sqrt(torch("norm.running_var")[c] + 1e-5) *
                           torch("norm.weight")[c] +
                       torch("norm.bias")[c]);
      }
      for (std::size_t h = 0; h < 4; ++h)
        for (std::size_t w = 0; w < 8; ++w) large.push_back(at(c, h / 2, w / 2));
    }
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t pixel = 0; pixel < 8; ++pixel)
        grouped.push_back(torch("grouped.bias")[k] + torch("grouped.weight")[k] * v[k / 2 * 8 + pixel]);
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t k = 0; k < 16; ++k) rows.push_back(v[c * 8 + k % 8]);
    Vector all = torch.linear("head.0.fc", largest, 4);
    append(all, torch.linear("head.1.fc", average, 4));
    append(all, torch.linear("whole_head.fc", whole, 2));
    append(all, torch.linear("large.fc", large, 64));
    append(all, torch.linear("softmax_head.fc", soft, 16));
    append(all, torch.linear("norm_head.fc", norm, 16));
    append(all, torch.linear("grouped_head.fc", grouped, 32));
    append(all, torch.linear("cat_head.fc", both, 32));
    append(all, torch.linear("rows_head.fc", rows, 32));
    return all;
  });
}

TEST_CASE("where PyTorch's order is not known its files are refused, and those of quench are loaded") {
  check_unknown<SlicedVector>("slice");
  check_unknown<FlattenedTokens>("flatten");
  check_unknown<StackedMaps>("flatten");
  check_unknown<StackedLast>("flatten");
  check_unknown<PixelsIntoChannels>("reshape");
  check_unknown<OtherMap>("reshape");
  check_unknown<UnlikeMaps>("block.add");
  check_unknown<GroupsOfPixels>("block.conv");
  check_unknown<TiedApart>("block.right");
}

namespace {

struct FlattenedMap {
  using Inputs = q::Inputs<q::Features<1, 2, 2>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 4, .out_features = 1, .bias = false};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(q::flatten(quant(x)))); }
};

}  // namespace

TEST_CASE("a file whose features are in quench's order is loaded as it is") {
  q::FloatModel<FlattenedMap> model;
  const std::vector<float> weight{1, 2, 3, 4};
  i::NamedArrays arrays;
  arrays["fc.weight"] = i::NamedArray::of<float>({1, 4}, weight);
  i::load_arrays(model, arrays);
  CHECK(model.core().parameters().list()[0].values == std::vector<float>{1, 3, 2, 4});
  arrays[i::all_features_in_quench_order] = i::NamedArray::of<float>({1}, std::vector<float>{1});
  i::load_arrays(model, arrays);
  CHECK(model.core().parameters().list()[0].values == weight);
}
