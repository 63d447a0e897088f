// SPDX-License-Identifier: Apache-2.0
// Memory plans, checked by writing down who owns each byte of the arena at each step.
#include <quench/device/memory_plan.hpp>

#include <doctest/doctest.h>
#include <quench/network.hpp>
#include <vector>

#include "networks/embeddings.hpp"
#include "networks/mobilenet_v2.hpp"
#include "networks/resnet18.hpp"
#include "networks/resnet50.hpp"
#include "networks/unet.hpp"
#include "networks/vision_transformer.hpp"

namespace q = quench;
using namespace networks;

namespace {

// Runs the steps in order. A step finds its operands whole, and the outputs are whole at the end.
template <class Net, class DTypes>
bool values_survive() {
  constexpr const q::Graph& graph = q::graph<Net>;
  constexpr const auto& plan = q::device::memory_plan<Net, DTypes>;
  std::vector<q::DType> dtypes(static_cast<std::size_t>(graph.node_count));
  q::write_dtypes<DTypes>(graph, dtypes.data());
  std::vector<int> owner(static_cast<std::size_t>(plan.arena_bytes), -1);
  const auto bytes = [&](int step) {
    return graph.nodes[step].shape.elements() * q::device::bytes_of(dtypes[static_cast<std::size_t>(step)]);
  };
  const auto write = [&](int step) {
    const int offset = plan.offset_of(step);
    if (offset < 0 || offset % q::device::alignment != 0 || offset + bytes(step) > plan.arena_bytes) return false;
    if (bytes(step) > plan.buffers[plan.buffer_of[step]].bytes) return false;
    for (int b = 0; b < bytes(step); ++b) owner[static_cast<std::size_t>(offset + b)] = step;
    return true;
  };
  const auto is_whole = [&](int step) {
    for (int b = 0; b < bytes(step); ++b)
      if (owner[static_cast<std::size_t>(plan.offset_of(step) + b)] != step) return false;
    return true;
  };
  for (int n = 0; n < graph.node_count; ++n)
    if (q::device::is_given(graph.nodes[n]) && !write(n)) return false;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::Node& node = graph.nodes[n];
    if (!q::device::is_step(graph, n) || node.op == q::Operator::QuantStub) continue;
    for (int i = 0; i < node.operand_count; ++i)
      if (!is_whole(q::device::step_of(graph, graph.operand(node, i)))) return false;
    if (!write(n)) return false;
  }
  for (int n = 0; n < graph.node_count; ++n)
    if (graph.nodes[n].op == q::Operator::DeQuantStub &&
        !is_whole(q::device::step_of(graph, graph.operand(graph.nodes[n], 0))))
      return false;
  return true;
}

struct Int16Everywhere {
  static constexpr q::DType of(int) { return q::DType::Int16; }
};

// Every third module gives int16, every seventh int32.
struct MixedWidths {
  static constexpr q::DType of(int module) {
    return module % 7 == 0 ? q::DType::Int32 : module % 3 == 0 ? q::DType::Int16 : q::DType::Int8;
  }
};

template <class Net>
void check_network() {
  CHECK(values_survive<Net, q::Int8Everywhere>());
  CHECK(values_survive<Net, Int16Everywhere>());
  CHECK(values_survive<Net, MixedWidths>());
}

// Narrower, and shorter: the test takes time for each byte and each step.
using NarrowUNet = UNet<128, 32>;
using OneBlock = VisionTransformer<224, 16, 192, 3, 1>;

template <class Net>
constexpr bool is_at_lower_bound = q::device::memory_plan<Net>.arena_bytes == q::device::memory_plan<Net>.lower_bound;

// Two inputs, outputs in the middle, a tensor that lives long, sizes that are no multiple of the alignment.
struct Branches {
  using Inputs = q::Inputs<q::Features<7, 5, 3>, q::Features<7, 5, 3>>;
  q::QuantStub left, right;
  q::FloatFunctional add, mul, cat, last;
  q::Sigmoid gate;
  q::LeakyReLU leaky;
  q::Conv2d conv{.in_channels = 6, .out_channels = 3, .kernel_size = 3, .padding = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    auto x = left(a), y = right(b);
    auto sum = add.add(x, y);
    auto gated = mul.mul(gate(sum), y);
    auto joined = cat.cat(gated, x);
    auto z = leaky(conv(joined));
    return std::tuple(dequant(z), dequant(last.add(z, sum)), dequant(gated));
  }
};

// A stub that forward calls late: its codes are there from the start. A factor that is repeated is no place for a result.
struct LateStub {
  using Inputs = q::Inputs<q::Features<8, 8, 3>, q::Features<8, 8, 3>>;
  q::QuantStub left, right;
  q::GlobalAvgPool2d squeeze;
  q::FloatFunctional excite;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    auto factor = squeeze(left(a));
    return dequant(excite.mul(factor, right(b)));
  }
};

// A row of element-wise operations runs in one buffer.
struct InPlace {
  using Inputs = q::Inputs<q::Features<100>>;
  q::QuantStub quant;
  q::Sigmoid a;
  q::Tanh b;
  q::FloatFunctional twice, shift;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = b(a(quant(x)));
    return dequant(shift.add_scalar(twice.add(y, y), 1.0f));
  }
};
static_assert(q::device::memory_plan<InPlace>.arena_bytes == 100);
static_assert(q::device::memory_plan<InPlace>.buffer_count == 1);

// The first linear's output and its input live together; the second needs less.
struct TwoLinears {
  using Inputs = q::Inputs<q::Features<40>>;
  q::QuantStub quant;
  q::Linear wide{.in_features = 40, .out_features = 60}, narrow{.in_features = 60, .out_features = 10};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(narrow(wide(quant(x)))); }
};
static_assert(q::device::memory_plan<TwoLinears>.arena_bytes == 100);

// 1000 layers in a row, and 1000 with a connection past each pair: the compiler plans them within its limits.
struct Layer {
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  constexpr auto forward(auto x) const { return conv(x); }
};
struct Row {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  Layer layers[1000];
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    for (const auto& layer : layers) y = layer.forward(y);
    return dequant(y);
  }
};
struct PairOfLayers {
  Layer first, second;
  q::FloatFunctional add;
  constexpr auto forward(auto x) const { return add.add(second.forward(first.forward(x)), x); }
};
struct PairsInARow {
  using Inputs = q::Inputs<q::Features<4, 4, 2>, q::Features<4, 4, 2>>;
  q::QuantStub quant, late;
  PairOfLayers pairs[333];
  q::FloatFunctional last;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    auto y = quant(a);
    for (const auto& pair : pairs) y = pair.forward(y);
    return dequant(last.add(y, late(b)));  // the second input lives all the time
  }
};
static_assert(q::device::memory_plan<Row>.arena_bytes == 2 * 32);
// 12 indices of 4 bytes, 12 rows of 8, and then rows of 8 and of 10; the indices are no longer there.
static_assert(q::device::memory_plan<embeddings::TextClassifier>.arena_bytes == 12 * 8 + 12 * 10);
static_assert(q::device::memory_plan<PairsInARow>.arena_bytes == 4 * 32);

}  // namespace

TEST_CASE("no step overwrites what a later step reads, whatever the dtypes") {
  check_network<ResNet18>();
  check_network<ResNet50>();
  check_network<MobileNetV2>();
  check_network<NarrowUNet>();
  check_network<OneBlock>();
  check_network<Branches>();
  check_network<LateStub>();
  check_network<InPlace>();
  check_network<TwoLinears>();
  check_network<embeddings::Lookups>();
  check_network<embeddings::TextClassifier>();
  CHECK(values_survive<Row, q::Int8Everywhere>());
  CHECK(values_survive<PairsInARow, q::Int8Everywhere>());
}

TEST_CASE("the arenas of real networks are the largest sum of tensors that live together") {
  CHECK(is_at_lower_bound<ResNet18>);
  CHECK(is_at_lower_bound<ResNet50>);
  CHECK(is_at_lower_bound<MobileNetV2>);
  CHECK(is_at_lower_bound<NarrowUNet>);
  CHECK(is_at_lower_bound<OneBlock>);
  CHECK(q::device::memory_plan<ResNet18>.arena_bytes == 112 * 112 * 64 + 56 * 56 * 64);
}

TEST_CASE("operations element by element work in place") {
  CHECK(q::device::memory_plan<InPlace>.arena_bytes == 100);
  CHECK(q::device::memory_plan<TwoLinears>.arena_bytes == 100);
}
