// SPDX-License-Identifier: Apache-2.0
// Real networks: they are traced and keep the rules, and their parameters are as many as published.
// Published counts: torchvision's documentation of resnet18, resnet50, mobilenet_v2 ("num_params").
#include <doctest/doctest.h>

#include "attention.hpp"
#include "mobilenet_v2.hpp"
#include "resnet18.hpp"
#include "resnet50.hpp"
#include "unet.hpp"
#include "vision_transformer.hpp"

namespace q = quench;
using namespace networks;

namespace {

template <class Net>
constexpr bool keeps_the_rules = q::verified<Net, q::march::NashE, q::Int8Everywhere>();

static_assert(keeps_the_rules<ResNet18>);
static_assert(keeps_the_rules<ResNet50>);
static_assert(keeps_the_rules<MobileNetV2>);
static_assert(keeps_the_rules<UNet>);
static_assert(keeps_the_rules<AttentionBlock>);
static_assert(keeps_the_rules<VisionTransformer>);

int count(const q::Graph& graph, q::Operator op) {
  int number = 0;
  for (int n = 0; n < graph.node_count; ++n) number += graph.nodes[n].op == op;
  return number;
}

// So many batch norms, one way into the quantized region and one out of it, one output.
template <class Net>
bool has_batch_norms_and_one_way_through(int batch_norms) {
  const q::Graph& graph = q::graph<Net>;
  return count(graph, q::Operator::BatchNorm2d) == batch_norms && count(graph, q::Operator::QuantStub) == 1 &&
         count(graph, q::Operator::DeQuantStub) == 1 && graph.output_count == 1;
}

q::Shape output_shape(const q::Graph& graph) { return graph.nodes[graph.outputs[0]].shape; }

const q::Node& node_of(const q::Graph& graph, q::TextView module) {
  const int index = graph.find_module(module);
  REQUIRE(index >= 0);
  return graph.nodes[graph.modules[index].node];
}

q::Shape shape_of(const q::Graph& graph, q::TextView module) { return node_of(graph, module).shape; }

// The module behind an operand, looking through shape functions.
int source_of(const q::Graph& graph, const q::Node& node, int operand) {
  const q::Node* source = &graph.operand_node(node, operand);
  while (q::is_shape_function(source->op)) source = &graph.operand_node(*source, 0);
  return source->module;
}

}  // namespace

TEST_CASE("ResNet-18 has its published parameters and shapes") {
  const q::Graph graph = q::graph<ResNet18>;
  CHECK(parameter_count(graph) == 11'689'512);
  CHECK(output_shape(graph) == q::Shape(1000));
  CHECK(count(graph, q::Operator::Conv2d) == 20);
  CHECK(has_batch_norms_and_one_way_through<ResNet18>(20));
  CHECK(count(graph, q::Operator::ReLU) == 17);
  CHECK(count(graph, q::Operator::Add) == 8);
  CHECK(shape_of(graph, "maxpool") == q::Shape(56, 56, 64));
  CHECK(shape_of(graph, "layer2.0.downsample.0") == q::Shape(28, 28, 128));
  CHECK(shape_of(graph, "layer4.1.bn2") == q::Shape(7, 7, 512));
  CHECK(graph.find_module("layer1.0.downsample.0") == -1);
}

TEST_CASE("ResNet-50 has its published parameters and shapes") {
  const q::Graph graph = q::graph<ResNet50>;
  CHECK(parameter_count(graph) == 25'557'032);
  CHECK(output_shape(graph) == q::Shape(1000));
  CHECK(count(graph, q::Operator::Conv2d) == 53);
  CHECK(has_batch_norms_and_one_way_through<ResNet50>(53));
  CHECK(count(graph, q::Operator::ReLU) == 49);
  CHECK(count(graph, q::Operator::Add) == 16);
  CHECK(shape_of(graph, "layer1.0.downsample.0") == q::Shape(56, 56, 256));
  CHECK(shape_of(graph, "layer3.5.conv3") == q::Shape(14, 14, 1024));
}

TEST_CASE("the 3x3 convolution of ResNet-50 has the stride") {
  const q::Graph graph = q::graph<ResNet50>;
  CHECK(shape_of(graph, "layer2.0.conv1") == q::Shape(56, 56, 128));
  CHECK(shape_of(graph, "layer2.0.conv2") == q::Shape(28, 28, 128));
}

TEST_CASE("MobileNetV2 has its published parameters and shapes") {
  const q::Graph graph = q::graph<MobileNetV2>;
  CHECK(parameter_count(graph) == 3'504'872);
  CHECK(output_shape(graph) == q::Shape(1000));
  CHECK(count(graph, q::Operator::Conv2d) == 52);
  CHECK(has_batch_norms_and_one_way_through<MobileNetV2>(52));
  CHECK(count(graph, q::Operator::ReLU6) == 35);  // 52 convolutions without the last of each of 17 blocks
  CHECK(count(graph, q::Operator::ReLU) == 0);
  CHECK(count(graph, q::Operator::Add) == 10);
  CHECK(shape_of(graph, "head.conv") == q::Shape(7, 7, 1280));
  CHECK(shape_of(graph, "layer3.rest.2.depthwise.conv") == q::Shape(14, 14, 384));
}

TEST_CASE("the U-Net gives a class for each pixel") {
  const q::Graph graph = q::graph<UNet>;
  const auto double_conv = [](long long in, long long out) { return 9 * in * out + 9 * out * out + 2 * 2 * out; };
  CHECK(parameter_count(graph) == 1'948'322);
  CHECK(parameter_count(graph) == double_conv(3, 32) + double_conv(32, 64) + double_conv(64, 128) +
                                      double_conv(128, 256) + double_conv(384, 128) + double_conv(192, 64) +
                                      double_conv(96, 32) + 2 * 32 + 2);
  CHECK(count(graph, q::Operator::Conv2d) == 15);
  CHECK(has_batch_norms_and_one_way_through<UNet>(14));
  CHECK(count(graph, q::Operator::Cat) == 3);
  CHECK(count(graph, q::Operator::Upsample) == 3);
  CHECK(node_of(graph, "up0.upsample").settings.mode == q::InterpolationMode::Bilinear);
  CHECK(output_shape(graph) == q::Shape(128, 128, 2));
  CHECK(graph.modules[graph.find_module("down")].calls == 3);
  CHECK(shape_of(graph, "up2.join") == q::Shape(32, 32, 384));
}

TEST_CASE("the attention block gives as many tokens as it takes") {
  const q::Graph graph = q::graph<AttentionBlock>;
  const long long dim = 192, hidden = 768;
  CHECK(parameter_count(graph) == 444'096);
  CHECK(parameter_count(graph) == 4 * (dim * dim + dim) + dim * hidden + hidden + hidden * dim + dim);
  CHECK(output_shape(graph) == q::Shape(196, 192));
  CHECK(shape_of(graph, "attention.scores") == q::Shape(3, 196, 196));
  CHECK(shape_of(graph, "attention.mix") == q::Shape(3, 196, 64));
  CHECK(has_batch_norms_and_one_way_through<AttentionBlock>(0));
  CHECK(count(graph, q::Operator::Linear) == 6);
  CHECK(count(graph, q::Operator::MatMul) == 2);
  CHECK(count(graph, q::Operator::GELU) == 1);
}

TEST_CASE("attention weighs the values by the softmax of scaled products of queries and keys") {
  const q::Graph graph = q::graph<AttentionBlock>;
  const q::Node& scores = node_of(graph, "attention.scores");
  CHECK(source_of(graph, scores, 0) == graph.find_module("attention.query"));
  CHECK(source_of(graph, scores, 1) == graph.find_module("attention.key"));
  const q::Node& scale = node_of(graph, "attention.scale");
  CHECK(scale.settings.parameters[0] * scale.settings.parameters[0] * 64 == 1);  // 64 features a head
  CHECK(source_of(graph, scale, 0) == graph.find_module("attention.scores"));
  const q::Node& mix = node_of(graph, "attention.mix");
  CHECK(source_of(graph, mix, 0) == graph.find_module("attention.softmax"));
  CHECK(source_of(graph, mix, 1) == graph.find_module("attention.value"));
}

TEST_CASE("a vision transformer has the parameters and shapes of its description") {
  const q::Graph graph = q::graph<VisionTransformer>;
  const int block = 2 * (2 * 16) + 4 * (16 * 16 + 16) + (32 * 16 + 32) + (16 * 32 + 16);
  CHECK(parameter_count(graph) == 16 * 3 * 16 + 16 + 2 * block + 2 * 16 + 10 * 16 + 10);
  CHECK(count(graph, q::Operator::LayerNorm) == 5);
  CHECK(shape_of(graph, "patches") == q::Shape(4, 4, 16));
  CHECK(shape_of(graph, "blocks.1.norm2") == q::Shape(16, 16));
  CHECK(shape_of(graph, "blocks.0.attention.scores") == q::Shape(4, 16, 16));
  CHECK(shape_of(graph, "mean") == q::Shape(16));
  CHECK(output_shape(graph) == q::Shape(10));
}
