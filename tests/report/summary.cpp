// SPDX-License-Identifier: Apache-2.0
#include <quench/report/summary.hpp>

#include <doctest/doctest.h>

#include <sstream>

#include "../examples/fashion_net.hpp"
#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "networks/small.hpp"
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

namespace q = quench;

namespace {

// Layers with settings that are not the defaults.
struct Settings {
  using Inputs = q::Inputs<q::Features<5, 4, 4>>;
  q::QuantStub quant;
  q::Conv2d grouped{.in_channels = 4, .out_channels = 6, .kernel_size = {3, 2}, .groups = 2, .bias = false};
  q::ConvTranspose2d up{.in_channels = 6, .out_channels = 4, .kernel_size = {2, 3}, .stride = 2, .groups = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(up(grouped(quant(x)))); }
};

// conv cannot give int16, because of pool.
struct Pooled {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 4, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 1, .out_channels = 8, .kernel_size = 3};
  q::MaxPool2d pool{.kernel_size = 2};
  q::Linear head{.in_features = 8, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(q::flatten(pool(conv(quant(x)))))); }
};

template <class Net, class March, class Setter = q::setter::DefaultQat>
auto calibrated(const q::FloatModel<Net>& model) {
  return q::calibrate(q::prepare<March, Setter>(model), q::random_batches<Net>(q::Seed{1}, 2, 3));
}

const q::SummaryRow& row(const q::Summary& summary, const std::string& module) {
  for (const q::SummaryRow& each : summary.rows)
    if (each.module == module) return each;
  FAIL("no row " << module);
  return summary.rows[0];
}

}  // namespace

TEST_CASE("parameters and MACs of a network are those counted by hand") {
  const q::FloatModel<FashionNet> model;
  const q::Summary summary = q::summary(model);
  CHECK(summary.rows.size() == 10);  // flatten is a row, the input is none
  CHECK(row(summary, "stem").parameters == 9 * 16 + 16);
  CHECK(row(summary, "stem").macs == 28 * 28 * 16 * 9);
  CHECK(row(summary, "stem_bn").parameters == 16 + 16);
  CHECK(row(summary, "stem_bn").macs == 0);
  CHECK(row(summary, "body").parameters == 16 * 9 * 16 + 16);
  CHECK(row(summary, "body").macs == 28 * 28 * 16 * 9 * 16);
  CHECK(row(summary, "classifier").parameters == 170);
  CHECK(row(summary, "classifier").macs == 160);
  CHECK(row(summary, "pool").shape == q::Shape(1, 1, 16));
  CHECK(row(summary, "flatten").op == q::Operator::Flatten);
  CHECK(summary.parameters == 160 + 32 + 2320 + 170);
  CHECK(summary.macs == 112896 + 1806336 + 160);
  CHECK(summary.float_weight_bytes == 4 * 2682);
  CHECK(summary.integer_weight_bytes == 144 + 2304 + 160 + 4 * (16 + 16 + 10));
  CHECK(!summary.arena_bytes);
  for (const q::SummaryRow& each : summary.rows) {
    CHECK(each.dtype == q::DType::Float32);
    CHECK(each.scales.empty());
  }
}

TEST_CASE("MACs count groups, transposed convolutions and matmuls") {
  const q::Summary settings = q::summary(q::FloatModel<Settings>());
  CHECK(row(settings, "grouped").shape == q::Shape(3, 3, 6));
  CHECK(row(settings, "grouped").macs == 3 * 3 * 6 * (3 * 2 * 2));
  CHECK(row(settings, "grouped").parameters == 6 * (3 * 2 * 2));
  CHECK(row(settings, "up").macs == 3 * 3 * 6 * (2 * 3 * 2));  // each input goes to 2 x 3 pixels of 2 channels
  CHECK(row(settings, "up").parameters == 4 * (2 * 3 * 3) + 4);
  const q::Summary sequence = q::summary(q::FloatModel<sequences::Layers>());
  CHECK(row(sequence, "dense").macs == 7 * 6 * (3 * 4));
  CHECK(row(sequence, "dense").parameters == 6 * 3 * 4);
  CHECK(row(sequence, "grouped").macs == 7 * 4 * (3 * 3));
  CHECK(row(sequence, "up").macs == 7 * 8 * (3 * 2));
  const q::Summary attention = q::summary(q::FloatModel<small::Attention>());
  CHECK(row(attention, "query").macs == 6 * 8 * 8);
  CHECK(row(attention, "scores").macs == 6 * 6 * 8);
  CHECK(row(attention, "mix").macs == 6 * 8 * 6);
}

TEST_CASE("after prepare batch norms own nothing, and dtypes are those of the setter") {
  const auto prepared = q::prepare<q::march::NashE>(q::FloatModel<small::ResNet>());
  const q::Summary summary = q::summary(prepared);
  CHECK(row(summary, "stem").parameters == 4 * 9 + 4);  // it got the bias of its batch norm
  CHECK(row(summary, "stem_bn").parameters == 0);
  CHECK(row(summary, "stem").dtype == q::DType::Int8);
  CHECK(row(summary, "stem").scales.empty());
  CHECK(row(summary, "classifier").dtype == q::DType::Int32);
  CHECK(row(summary, "dequant").dtype == q::DType::Float32);
  CHECK(summary.arena_bytes == q::arena_bytes<small::ResNet, q::march::NashE>);
  CHECK(q::summary(q::prepare<q::march::NashE>(q::FloatModel<FashionNet>())).arena_bytes == 2 * 28 * 28 * 16);
  CHECK(!q::summary(q::prepare<q::march::Bayes>(q::FloatModel<FashionNet>())).arena_bytes);
}

TEST_CASE(
    "a channel affine has two parameters for each channel, an int8 and an int32, and one product for each element") {
  const q::Summary summary = q::summary(q::prepare<q::march::NashE>(q::FloatModel<per_channel::DenseBlock>()));
  CHECK(row(summary, "norm").macs == 6 * 5 * 10);
  CHECK(row(summary, "norm").parameters == 20);
  const long long affine = 4 + 6 + 7 + 6 + 10, weights = 6 * (4 + 7) + 2 * 6 * 9 * 3 + 10 * 3;
  CHECK(summary.integer_weight_bytes == 5 * affine + weights + 4 * 3);
}

TEST_CASE("the slopes of a PReLU are parameters, and its integers have records but no weights") {
  const q::Summary summary = q::summary(q::prepare<q::march::NashE>(q::FloatModel<per_channel::Slopes>()));
  CHECK(row(summary, "row").parameters == 35);
  CHECK(row(summary, "one").parameters == 1);
  CHECK(row(summary, "row").macs == 0);
  CHECK(summary.integer_weight_bytes == 0);
}

TEST_CASE("scales are shown as soon as there are some, the same in all phases") {
  const q::FloatModel<FashionNet> model{q::Seed{5}};
  const auto ready = calibrated<FashionNet, q::march::NashE>(model);
  const auto quantized = q::convert(ready);
  const q::Summary before = q::summary(ready), training = q::summary(q::start_qat(ready)),
                   after = q::summary(quantized);
  CHECK(row(after, "quant").scales == std::vector<float>{1.0f / 128});
  CHECK(row(after, "classifier").scales.size() == 10);
  CHECK(row(after, "stem_relu").scales.empty());
  const int stem = q::graph<FashionNet>.find_module("stem");
  CHECK(row(before, "stem").scales == std::vector<float>{ready.activation_scales()[static_cast<std::size_t>(stem)]});
  for (const char* module : {"quant", "stem", "body", "skip", "pool"}) {
    CHECK(row(before, module).scales.size() == 1);
    CHECK(row(before, module).scales == row(after, module).scales);
    CHECK(row(training, module).scales[0] / row(before, module).scales[0] == doctest::Approx(1).epsilon(1e-6));
  }
  CHECK(row(before, "classifier").scales.empty());
}

TEST_CASE("integer weight bytes are those of the integers, and what modules share is one set of floats") {
  const auto quantized = q::convert(calibrated<small::Siamese, q::march::NashM>(q::FloatModel<small::Siamese>()));
  const q::Graph& graph = q::graph<small::Siamese>;
  long long bytes = 0;
  for (int n = 0; n < graph.node_count; ++n)
    if (q::is_trained(graph.nodes[n].op)) {
      const q::IntegerLayer& layer = quantized.core().constants().layer(n);
      bytes += static_cast<long long>(layer.weight.size() + layer.bias.size() * sizeof(layer.bias[0]));
    }
  const q::Summary summary = q::summary(quantized);
  CHECK(summary.integer_weight_bytes == bytes);
  CHECK(summary.parameters == (2 * 9 * 4 + 4) + (36 * 2 + 2));
  CHECK(row(summary, "left").parameters == 76);
  CHECK(row(summary, "right").parameters == 76);
}

TEST_CASE("a norm of rows has 4 bytes for each value of a row and 4 for each bias on a device") {
  const auto summary = q::summary(q::prepare<q::march::NashE>(q::FloatModel<operators::RowNorms>()));
  CHECK(row(summary, "map_norm").parameters == 2 * 160);
  CHECK(row(summary, "plain_norm").parameters == 0);
  CHECK(summary.integer_weight_bytes == 4 * (2 * 8 + 40 + 2 * 160 + 8 + 8 + 40));
  CHECK(summary.parameters == 2 * 8 + 2 * 160 + 8 + 8);
}

TEST_CASE("a table has a code for each of its values on a device") {
  using Text = embeddings::TextClassifier;
  constexpr long long layers = (10 * 3 * 8 + 4 * 10) + (4 * 10 + 4 * 4);
  const q::FloatModel<Text> model;
  CHECK(row(q::summary(model), "embedding").parameters == 160);
  CHECK(q::summary(model).integer_weight_bytes == 160 + layers);
  CHECK(q::summary(q::prepare<q::march::NashE>(model)).integer_weight_bytes == 160 + layers);
  const auto wide = q::summary(q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(model));
  CHECK(wide.integer_weight_bytes == 2 * 160 + layers);
  CHECK(row(wide, "embedding").dtype == q::DType::Int16);
  CHECK(row(wide, "embedding").macs == 0);
  CHECK(q::summary(q::convert(calibrated<Text, q::march::NashE>(model))).rows[0].scales.size() == 1);
}

TEST_CASE("layers outside the stubs are float and no part of the integers") {
  const q::Summary summary = q::summary(q::prepare<q::march::NashE>(q::FloatModel<small::WithFloatEnds>()));
  CHECK(row(summary, "before").dtype == q::DType::Float32);
  CHECK(row(summary, "conv").dtype == q::DType::Int16);
  CHECK(summary.integer_weight_bytes == 4 * 9 * 4 + 4 * 4);
  CHECK(summary.float_weight_bytes == 4 * ((3 * 4 + 4) + (4 * 9 * 4 + 4) + (64 * 3 + 3)));
}

TEST_CASE("the text is a table with totals, and says where int16 fell back") {
  const auto model = q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(q::FloatModel<Pooled>());
  std::ostringstream out;
  out << q::summary(model);
  CHECK(out.str() ==
        "module   operator     output     parameters  MACs    dtype  scale\n"
        "quant    QuantStub    4 x 4 x 1           0     0     int8\n"
        "conv     Conv2d       2 x 2 x 8          80   288     int8\n"
        "pool     MaxPool2d    1 x 1 x 8           0     0     int8\n"
        "flatten  flatten      8                   0     0     int8\n"
        "head     Linear       2                  18    16    int32\n"
        "dequant  DeQuantStub  2                   0     0  float32\n"
        "\n"
        "parameters            98\n"
        "MACs                  304\n"
        "float weight bytes    392\n"
        "integer weight bytes  128\n"
        "arena bytes           48\n"
        "\n"
        "int8 where int16 was asked for:\n"
        "  conv: pool cannot take int16\n");
  CHECK(q::detail::text_of_scales({0.5f}) == "0.5");
  CHECK(q::detail::text_of_scales({0.5f, 0.25f}) == "0.25 to 0.5");
}
