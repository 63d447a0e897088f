// SPDX-License-Identifier: Apache-2.0
// Real networks: they are traced and keep the rules, and their parameters are as many as published.
// Published counts: torchvision's documentation of resnet18, resnet50, mobilenet_v2 ("num_params").
#include <doctest/doctest.h>

#include "mobilenet_v2.hpp"
#include "resnet18.hpp"
#include "resnet50.hpp"
#include "tc_resnet8.hpp"
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
static_assert(keeps_the_rules<UNet<>>);
static_assert(keeps_the_rules<VisionTransformer<>>);
static_assert(keeps_the_rules<TcResNet8>);

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
  const q::Graph graph = q::graph<UNet<>>;
  const auto double_conv = [](long long in, long long out) { return 9 * in * out + 9 * out * out + 2 * 2 * out; };
  long long parameters = double_conv(3, 64) + 2 * 64 + 2;
  for (const int width : {64, 128, 256, 512})
    parameters += double_conv(width, 2 * width) + (4 * 2 * width + 1) * width + double_conv(2 * width, width);
  CHECK(parameter_count(graph) == 31'037'698);
  CHECK(parameter_count(graph) == parameters);
  CHECK(count(graph, q::Operator::Conv2d) == 19);
  CHECK(has_batch_norms_and_one_way_through<UNet<>>(18));
  CHECK(count(graph, q::Operator::Cat) == 4);
  CHECK(count(graph, q::Operator::ConvTranspose2d) == 4);
  CHECK(output_shape(graph) == q::Shape(128, 128, 2));
  CHECK(shape_of(graph, "down4.maxpool_conv.1.double_conv.3") == q::Shape(8, 8, 1024));
  CHECK(shape_of(graph, "up2.join") == q::Shape(32, 32, 512));
}

TEST_CASE("ViT-Tiny has the parameters and shapes of timm's without a class token and positions") {
  const q::Graph graph = q::graph<VisionTransformer<>>;
  const long long dim = 192, hidden = 768;
  const long long block = 2 * 2 * dim + dim * 3 * dim + 3 * dim + dim * dim + dim + 2 * dim * hidden + hidden + dim;
  CHECK(block == 444'864);
  CHECK(parameter_count(graph) == 5'717'416 - 198 * dim);  // vit_tiny_patch16_224
  CHECK(parameter_count(graph) == 16 * 16 * 3 * dim + dim + 12 * block + 2 * dim + 1000 * dim + 1000);
  CHECK(output_shape(graph) == q::Shape(1000));
  CHECK(shape_of(graph, "patch_embed.proj") == q::Shape(14, 14, 192));
  CHECK(shape_of(graph, "blocks.11.attn.scores") == q::Shape(3, 196, 196));
  CHECK(shape_of(graph, "blocks.11.attn.mix") == q::Shape(3, 196, 64));
  CHECK(shape_of(graph, "blocks.11.norm2") == q::Shape(196, 192));
  CHECK(has_batch_norms_and_one_way_through<VisionTransformer<>>(0));
  CHECK(count(graph, q::Operator::LayerNorm) == 25);
  CHECK(count(graph, q::Operator::Linear) == 4 * 12 + 1);
  CHECK(count(graph, q::Operator::MatMul) == 24);
  CHECK(count(graph, q::Operator::GELU) == 12);
}

TEST_CASE("attention weighs the values by the softmax of scaled products of queries and keys") {
  const q::Graph graph = q::graph<VisionTransformer<>>;
  const q::Node& scale = node_of(graph, "blocks.0.attn.scale");
  CHECK(scale.settings.parameters[0] * scale.settings.parameters[0] * 64 == 1);  // 64 features a head
  CHECK(source_of(graph, scale, 0) == graph.find_module("blocks.0.attn.qkv"));
  const q::Node& scores = node_of(graph, "blocks.0.attn.scores");
  CHECK(source_of(graph, scores, 0) == graph.find_module("blocks.0.attn.scale"));
  CHECK(source_of(graph, scores, 1) == graph.find_module("blocks.0.attn.qkv"));
  const q::Node& mix = node_of(graph, "blocks.0.attn.mix");
  CHECK(source_of(graph, mix, 0) == graph.find_module("blocks.0.attn.softmax"));
  CHECK(source_of(graph, mix, 1) == graph.find_module("blocks.0.attn.qkv"));
}

TEST_CASE("TC-ResNet8 has the parameters of the same modules in torch, and the paper's shapes") {
  const q::Graph graph = q::graph<TcResNet8>;
  CHECK(parameter_count(graph) == 65'180);
  CHECK(output_shape(graph) == q::Shape(12));
  CHECK(count(graph, q::Operator::Conv1d) == 10);
  CHECK(count(graph, q::Operator::BatchNorm1d) == 10);
  CHECK(shape_of(graph, "conv") == q::Shape(98, 16));
  CHECK(shape_of(graph, "block1.bn2") == q::Shape(49, 24));
  CHECK(shape_of(graph, "block2.shortcut") == q::Shape(25, 32));
  CHECK(shape_of(graph, "block3.skip") == q::Shape(13, 48));
  CHECK(shape_of(graph, "pool") == q::Shape(1, 48));
}
