// SPDX-License-Identifier: Apache-2.0
// The host step of each operator beside the memory bound of its data. Built, run and explained by
// tests/benchmark/operators.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <quench/network.hpp>
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

#include "networks/setters.hpp"

namespace q = quench;
namespace host = quench::host;

namespace {

// Each operator on a map, most of them on its own operands. The operands of what takes int8 only are apart, so that
// others can have int16.
template <int H, int W, int C>
struct Operators {
  using Inputs = q::Inputs<q::Features<H, W, C>, q::Features<H, W, C>, q::Features<H, W, C>, q::Features<1, 1, C>,
                           q::Features<H, W, 1>, q::Indices<H, W>>;
  q::QuantStub first, second, image, gates, weights;
  q::Conv2d conv{.in_channels = C, .out_channels = C, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d norm{.channels = C};
  q::Conv2d depthwise{.in_channels = C, .out_channels = C, .kernel_size = 3, .padding = 1, .groups = C};
  q::ConvTranspose2d up{.in_channels = C, .out_channels = C, .kernel_size = 2, .stride = 2};
  q::Conv1d conv1d{.in_channels = C, .out_channels = C, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm1d norm1d{.channels = C};
  q::ConvTranspose1d up1d{.in_channels = C, .out_channels = C, .kernel_size = 2, .stride = 2};
  q::Linear linear{.in_features = C, .out_features = C}, head{.in_features = C, .out_features = C};
  q::ChannelAffine affine{.channels = C};
  q::Embedding table{.num_embeddings = 1000, .embedding_dim = C};
  q::ReLU relu;
  q::ReLU6 relu6;
  q::LeakyReLU leaky;
  q::PReLU slopes{.num_parameters = C}, slope;
  q::Sigmoid sigmoid;
  q::Tanh tanh;
  q::SiLU silu;
  q::GELU gelu;
  q::HardSwish hard_swish;
  q::HardSigmoid hard_sigmoid;
  q::Clamp clamp{.low = -1, .high = 0.5f};
  q::ELU elu;
  q::Softplus softplus;
  q::Mish mish;
  q::Abs abs;
  q::Square square;
  q::Exp exp;
  q::Log log;
  q::Sqrt sqrt;
  q::Rsqrt rsqrt;
  q::Reciprocal reciprocal;
  q::Softmax softmax;
  q::LayerNorm layer_norm{.normalized_shape = C};
  q::RMSNorm rms_norm{.normalized_shape = C};
  q::MaxPool2d max_3x3{.kernel_size = 3, .stride = 2, .padding = 1}, max_2x2{.kernel_size = 2};
  q::AdaptiveMaxPool2d max_of_3x3{.output_size = 3};
  q::AvgPool2d mean_3x3{.kernel_size = 3, .stride = 2, .padding = 1, .count_include_pad = false},
      mean_2x2{.kernel_size = 2};
  q::AdaptiveAvgPool2d mean_of_3x3{.output_size = 3};
  q::GlobalAvgPool2d mean_of_map;
  q::MaxPool1d max_3{.kernel_size = 3, .stride = 2, .padding = 1};
  q::AdaptiveMaxPool1d max_of_3{.output_size = 3};
  q::AvgPool1d mean_3{.kernel_size = 3, .stride = 2, .padding = 1};
  q::AdaptiveAvgPool1d mean_of_3{.output_size = 3};
  q::Upsample nearest{.scale_factor = 2}, bilinear{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::FloatFunctional add, sub, add_relu, mul, gate, weigh, shift, maximum, minimum, at_least, cat_channels, cat_columns,
      cat_rows, matmul, add_scalar, mul_scalar, negate, sum_channels, sum_rows, mean_pixels, mean_all;
  q::DeQuantStub dequant;

  constexpr auto forward(auto x, auto y, auto z, auto u, auto v, auto i) const {
    auto a = first(x);
    auto b = second(y);
    auto map = image(z);
    auto c = gates(u);
    auto w = weights(v);
    auto layers =
        std::tuple(dequant(table(i)), dequant(relu(norm(conv(a)))), dequant(relu(depthwise(a))), dequant(relu(up(a))),
                   dequant(relu(linear(a))), dequant(relu(affine(a))),
                   dequant(relu(matmul.matmul(a, q::reshape(b, {H, C, W})))), dequant(q::permute(head(a), {2, 0, 1})));
    auto line = q::reshape(a, {H * W, C}), pixels = q::reshape(map, {H * W, C});
    auto lines = std::tuple(dequant(relu(norm1d(conv1d(line)))), dequant(relu(up1d(line))), dequant(max_3(pixels)),
                            dequant(max_of_3(pixels)), dequant(mean_3(pixels)), dequant(mean_of_3(pixels)));
    auto clamps = std::tuple(dequant(relu(a)), dequant(relu6(a)), dequant(slopes(a)), dequant(slope(a)));
    auto functions = std::tuple(dequant(leaky(a)), dequant(sigmoid(a)), dequant(tanh(a)), dequant(silu(a)),
                                dequant(gelu(a)), dequant(hard_swish(a)), dequant(hard_sigmoid(a)), dequant(clamp(a)));
    auto squares = square(a);
    auto positive = add_scalar.add_scalar(squares, 0.25f);
    auto more_functions = std::tuple(dequant(elu(a)), dequant(softplus(a)), dequant(mish(a)), dequant(abs(a)),
                                     dequant(squares), dequant(exp(a)), dequant(log(positive)), dequant(sqrt(positive)),
                                     dequant(rsqrt(positive)), dequant(reciprocal(positive)));
    auto rows = std::tuple(dequant(softmax(a)), dequant(layer_norm(a)), dequant(rms_norm(a)));
    auto pools = std::tuple(dequant(max_3x3(map)), dequant(max_2x2(map)), dequant(max_of_3x3(map)),
                            dequant(mean_3x3(map)), dequant(mean_2x2(map)), dequant(mean_of_3x3(map)),
                            dequant(mean_of_map(map)), dequant(nearest(map)), dequant(bilinear(map)));
    auto sums =
        std::tuple(dequant(add.add(a, b)), dequant(sub.sub(a, b)), dequant(add_relu.add_relu(a, b)),
                   dequant(shift.add(a, c)), dequant(mul.mul(a, b)), dequant(gate.mul(a, c)), dequant(weigh.mul(a, w)),
                   dequant(maximum.maximum(a, b)), dequant(minimum.minimum(a, b)), dequant(at_least.maximum(a, c)),
                   dequant(mul_scalar.mul_scalar(a, 2.0f)), dequant(negate.mul_scalar(a, -2.0f)));
    auto reductions = std::tuple(dequant(sum_channels.sum(a, 2)), dequant(sum_rows.sum(a, 0)),
                                 dequant(mean_pixels.mean(a, {0, 1})), dequant(mean_all.mean(map, {0, 1, 2})));
    auto joins = std::tuple(dequant(cat_rows.template cat<0>(a, b)), dequant(cat_columns.template cat<1>(a, b)),
                            dequant(cat_channels.cat(a, b)));
    auto moves = std::tuple(dequant(q::permute(a, {2, 0, 1})), dequant(q::permute(a, {1, 2, 0})),
                            dequant(q::permute(a, {1, 0, 2})), dequant(q::permute(a, {0, 2, 1})),
                            dequant(q::permute(a, {2, 1, 0})), dequant(q::slice(a, 0, 1, H)),
                            dequant(q::slice(a, 1, 1, W)), dequant(q::slice(a, 2, C / 2, C)),
                            dequant(q::slice(a, 2, 0, 3)), dequant(q::pad(a, {{1, 1}, {1, 1}, {0, 0}})),
                            dequant(q::pad(a, {{0, 0}, {0, 0}, {0, 1}})), dequant(q::depth_to_space(a, 2)));
    auto views = std::tuple(dequant(q::flatten(a)), dequant(q::reshape(a, {W, H, C})));
    return std::tuple_cat(layers, lines, clamps, functions, more_functions, rows, pools, sums, reductions, joins, moves,
                          views);
  }
};

// Nothing runs between the stubs for these: the stubs, views, and norms, which become part of the layer before.
constexpr bool has_step(q::Family family) {
  switch (family) {
    case q::Family::Input:
    case q::Family::QuantStub:
    case q::Family::DeQuantStub:
    case q::Family::BatchNorm:
    case q::Family::View:
    case q::Family::Handle: return false;
    case q::Family::Convolution:
    case q::Family::TransposedConvolution:
    case q::Family::Linear:
    case q::Family::ChannelAffine:
    case q::Family::Clamp:
    case q::Family::PReLU:
    case q::Family::Function:
    case q::Family::Softmax:
    case q::Family::RowNorm:
    case q::Family::MaxPool:
    case q::Family::AveragePool:
    case q::Family::Upsample:
    case q::Family::Addition:
    case q::Family::Product:
    case q::Family::Comparison:
    case q::Family::ScalarAddition:
    case q::Family::ScalarProduct:
    case q::Family::Cat:
    case q::Family::MatMul:
    case q::Family::Reduction:
    case q::Family::Lookup:
    case q::Family::Move: break;
  }
  return true;
}

// True if each operator is a node of the network, and is a step exactly if it should be.
template <class Net>
constexpr bool has_all_operators() {
  const q::Graph& graph = q::graph<Net>;
  for (const q::OperatorRow& row : q::OperatorRows::of) {
    int nodes = 0, steps = 0;
    for (int n = 0; n < graph.node_count; ++n) {
      if (graph.nodes[n].op != row.op) continue;
      ++nodes;
      if (graph.nodes[n].domain == q::Domain::Quantized && q::device::is_step(graph, n)) ++steps;
    }
    if (nodes == 0 && row.family != q::Family::Handle) return false;
    if (has_step(row.family) && steps == 0) return false;
  }
  return true;
}

using Work = std::function<void()>;

double seconds(const Work& work, long repeats) {
  const auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < repeats; ++i) {
    work();
    asm volatile("" ::: "memory");
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(repeats);
}

// A step and its copy, timed in turn. Each keeps the least of all its times.
struct Timed {
  Work work, copy;
  double of_work = 1e9, of_copy = 1e9;

  void run_turn() {
    const long repeats = repeats_of(work), copies = repeats_of(copy);
    for (int turn = 0; turn < 12; ++turn) {
      of_work = std::min(of_work, seconds(work, repeats));
      of_copy = std::min(of_copy, seconds(copy, copies));
    }
  }
  static long repeats_of(const Work& work) {
    work();
    return std::max(1L, static_cast<long>(4e-5 / seconds(work, 1)));
  }
};

struct Buffers {
  host::AlignedVector<unsigned char> from, to;
  explicit Buffers(std::size_t size) : from(size, 1), to(size, 2) {}
  void copy(std::size_t bytes) { std::memcpy(to.data(), from.data(), bytes); }
};

// Seconds for a byte that a copy in main memory reads or writes: the least so far.
double least_of_memory_byte() {
  constexpr std::size_t size = std::size_t{1} << 27;
  static Buffers buffers(size);
  static double least = 1e9;
  for (int i = 0; i < 5; ++i) least = std::min(least, seconds([] { buffers.copy(size); }, 1) / (2.0 * size));
  return least;
}

std::string filter;

struct Line {
  std::string operation, type, result, title;
  std::size_t bytes;
  int elements;
  double of_work, of_copy;
};
std::vector<Line> lines;

std::string text_of(const q::Shape& shape) {
  std::string text;
  for (int i = 0; i < shape.rank; ++i) text += (i > 0 ? "x" : "") + std::to_string(shape[i]);
  return text;
}

std::string text_of(const q::TextView& text) { return {text.data, static_cast<std::size_t>(text.size)}; }

std::string name_of(q::DType dtype) {
  return dtype == q::DType::Int8 ? "int8" : dtype == q::DType::Int16 ? "int16" : "int32";
}

template <class Net, class Setter>
void measure(const std::vector<int>& batches) {
  static_assert(has_all_operators<Net>(), "an operator is not measured");
  const q::Graph& graph = q::graph<Net>;
  const auto model = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<Net>{q::Seed{2}}),
                                             q::random_batches<Net>(q::Seed{1}, 1, 1)));
  const q::IntegerNetwork& network = model.core().network();
  const q::IntegerConstants& constants = network.constants();
  for (const int batch : batches) {
    q::IntegerTensors tensors;
    tensors.resize(graph, constants.dtypes(), batch);
    std::mt19937 random(1);
    const auto bytes_of = [&](int n) {
      return static_cast<std::size_t>(graph.nodes[n].shape.elements() * batch) *
             static_cast<std::size_t>(q::device::bytes_of(constants.dtype(n)));
    };
    Buffers buffers(1 << 26);
    std::vector<int> steps;
    std::vector<std::size_t> moved;
    std::vector<Timed> timed;
    for (int n = 0; n < graph.node_count; ++n) {
      const q::Node& node = graph.nodes[n];
      if (node.domain == q::Domain::Indices) {
        auto* const indices = reinterpret_cast<std::int32_t*>(tensors.of(n));
        std::generate_n(indices, bytes_of(n) / 4, [&] { return static_cast<std::int32_t>(random() % 1000); });
      }
      if (node.domain != q::Domain::Quantized || !q::device::is_step(graph, n)) continue;
      if (node.op == q::Operator::QuantStub) {
        // Codes as calibration finds them: few are near the ends.
        for (std::size_t i = 0; i < bytes_of(n); ++i)
          tensors.of(n)[i] = static_cast<unsigned char>(random() % 61 + random() % 61 + random() % 61 - 90u);
        continue;
      }
      std::size_t bytes = bytes_of(n);
      for (int i = 0; i < node.operand_count; ++i) bytes += bytes_of(graph.operand(node, i));
      const q::Shard samples{0, batch};
      network.run_step(n, tensors, samples);
      if (!filter.empty() && text_of(q::name_of(node.op)) != filter) continue;
      steps.push_back(n);
      moved.push_back(bytes);
      timed.push_back({[&network, &tensors, n, samples] { network.run_step(n, tensors, samples); },
                       [&buffers, bytes] { buffers.copy(bytes / 2); }});
    }
    for (int turn = 0; turn < 3; ++turn) {
      for (Timed& one : timed) one.run_turn();
      least_of_memory_byte();
    }
    const std::string title = text_of(graph.nodes[0].shape) + " batch " + std::to_string(batch);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const q::Node& node = graph.nodes[steps[i]];
      const int elements = std::max(node.shape.elements(), graph.operand_node(node, 0).shape.elements()) * batch;
      std::string name = text_of(graph.name_of_node(node));
      if (name == text_of(q::name_of(node.op))) name.clear();
      lines.push_back({text_of(q::name_of(node.op)) + " " + name, name_of(constants.dtype(steps[i])),
                       text_of(node.shape), title, moved[i], elements, timed[i].of_work, timed[i].of_copy});
    }
  }
}

void print() {
  const double memory_byte = least_of_memory_byte();
  std::string title;
  std::vector<const Line*> slow;
  for (const Line& line : lines) {
    if (line.title != title)
      std::printf("\n%-32s %-5s %-13s %9s %9s %8s %8s\n", line.title.c_str(), "", "result", "bytes", "ns/elem", "cache",
                  "memory");
    title = line.title;
    const double of_memory = line.of_work / (memory_byte * static_cast<double>(line.bytes));
    std::printf("%-32s %-5s %-13s %9zu %9.4f %8.2f %8.2f\n", line.operation.c_str(), line.type.c_str(),
                line.result.c_str(), line.bytes, line.of_work * 1e9 / line.elements, line.of_work / line.of_copy,
                of_memory);
    if (of_memory > 3) slow.push_back(&line);
  }
  std::printf("\nmemcpy in main memory: %.1f GB/s read and written\n", 1e-9 / memory_byte);
  if (!slow.empty()) std::printf("\nmore than three times the bound of the main memory:\n");
  for (const Line* line : slow)
    std::printf("  %s, %s, %s\n", line->operation.c_str(), line->type.c_str(), line->title.c_str());
}

using Int8 = networks::Int8Outputs;
using Int16 = q::QConfigSetter<networks::AccumulatorOutputs, q::rule::WhereInt16Supported<>,
                               q::rule::Everything<q::qconfig::Int8>>;

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) filter = arguments[1];
  for (int i = 0; i < 5; ++i) least_of_memory_byte();
  measure<Operators<56, 56, 64>, Int8>({1, 8});
  measure<Operators<56, 56, 64>, Int16>({1, 8});
  measure<Operators<7, 7, 256>, Int8>({1, 8});
  measure<Operators<7, 7, 256>, Int16>({1, 8});
  print();
}
