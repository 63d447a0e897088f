// SPDX-License-Identifier: Apache-2.0
// Integer layers and a small network, beside oneDNN, XNNPACK and the int8 products that one core makes at most. Built and
// run by tests/benchmark/inference.
//
// Both sides of a line are timed in turn; of the times of each the one counts that one in ten stays below. Ours
// requantize in integers, with a record for each channel; peers multiply by a float for each channel. oneDNN is given
// signed codes, as ours; it takes unsigned ones in the network, where they follow a ReLU.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <sched.h>
#include <string>
#include <unordered_map>
#include <vector>

#include <immintrin.h>

#include <quench/host/int8/linear.hpp>
#include <quench/host/integer/requantize_channels.hpp>
#include <quench/network.hpp>
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

#include "benchmark/small_network.hpp"

#if __has_include(<xnnpack.h>)
#include <xnnpack.h>
#define HAS_XNNPACK
#endif
#if __has_include(<oneapi/dnnl/dnnl.hpp>)
#include <oneapi/dnnl/dnnl.hpp>
#define HAS_ONEDNN
#endif

namespace q = quench;
namespace host = quench::host;

namespace {

using Work = std::function<void()>;
std::string filter;
int missed = 0;

double now(bool of_this_process) {
  timespec time{};
  clock_gettime(of_this_process ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// CPU time: what other programs take does not count. Where threads share the work the time that passes counts.
double seconds(const Work& work, long repeats, bool of_this_process) {
  const double start = now(of_this_process);
  for (long i = 0; i < repeats; ++i) {
    work();
    asm volatile("" ::: "memory");
  }
  return (now(of_this_process) - start) / static_cast<double>(repeats);
}

// The time that one run in ten stays below: the least of all would be that of a clock that jumped.
std::vector<double> least_seconds(const std::vector<Work>& works, bool of_this_process = true) {
  std::vector<std::vector<double>> times(works.size());
  std::vector<long> repeats;
  for (const Work& work : works) {
    work();
    const double once = seconds(work, 20, of_this_process);
    repeats.push_back(std::max(1L, static_cast<long>((of_this_process ? 2e-3 : 3e-4) / once)));
  }
  // Other programs disturb the time that passes more often, so it is taken more often.
  const int turns = of_this_process ? 40 : 600;
  for (int turn = 0; turn < turns; ++turn)
    for (std::size_t i = 0; i < works.size(); ++i) times[i].push_back(seconds(works[i], repeats[i], of_this_process));
  std::vector<double> least;
  for (std::vector<double>& of_work : times) {
    std::nth_element(of_work.begin(), of_work.begin() + turns / 10, of_work.end());
    least.push_back(of_work[static_cast<std::size_t>(turns / 10)]);
  }
  return least;
}

void print(const std::string& work, double our_seconds, const std::string& peer, double ratio, double goal) {
  std::printf("%-34s %10.3f us   %-22s %6.2f", work.c_str(), our_seconds * 1e6, peer.c_str(), ratio);
  if (goal > 0) std::printf("   goal: at least %.2f%s", goal, ratio >= goal ? "" : "   missed");
  std::printf("\n");
  std::fflush(stdout);
  missed += ratio < goal ? 1 : 0;
}

bool is_wanted(const std::string& work) { return work.find(filter) != std::string::npos; }

// Our speed in units of the peer's.
void compare(const std::string& work, const std::string& peer, double goal, const Work& ours, const Work& theirs,
             bool of_this_process = true) {
  if (!is_wanted(work)) return;
  const std::vector<double> least = least_seconds({ours, theirs}, of_this_process);
  print(work, least[0], "speed / " + peer, least[1] / least[0], goal);
}

#if defined(__x86_64__)
// More products at once than are under way.
[[gnu::target("avx512f,avx512vnni"), gnu::noinline]] void many_products(std::int32_t* memory, long count) {
  __m512i sums[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) sums[i] = _mm512_loadu_si512(memory + 16 * i);
  const __m512i a = sums[0], b = sums[1];
  for (long n = 0; n < count; ++n) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], a, b);
      asm volatile("" : "+v"(sums[i]));
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) _mm512_storeu_si512(memory + 16 * i, sums[i]);
}
#endif

// Our speed as part of the products of bytes that a core makes at most.
void compare_with_peak(const std::string& work, double goal, double products, const Work& ours) {
#if defined(__x86_64__)
  if (!is_wanted(work) || !host::is_avx512(host::best_int8_level())) return;
  static std::vector<std::int32_t> memory(256);
  const std::vector<double> least = least_seconds({ours, [] { many_products(memory.data(), 2000); }});
  print(work, least[0], "part of the peak", products / least[0] / (2000.0 * 16 * 64 / least[1]), goal);
#endif
}

struct Codes {
  std::mt19937 random{1};
  host::AlignedVector<std::int8_t> of(std::size_t size) {
    host::AlignedVector<std::int8_t> codes(size);
    for (auto& code : codes) code = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    return codes;
  }
};

// A layer with its codes, and what becomes of its accumulators.
struct Layer {
  q::kernels::Convolution conv;
  host::AlignedVector<std::int8_t> x, w, y;  // as the tensors of both sides are
  std::vector<std::int32_t> bias;
  std::vector<q::Requantization> records;

  explicit Layer(const q::kernels::Convolution& settings) : conv(settings) {
    Codes codes;
    const auto channels = static_cast<std::size_t>(conv.y[2]);
    x = codes.of(static_cast<std::size_t>(conv.x.elements()));
    w = codes.of(channels * static_cast<std::size_t>(products_of_code()));
    y.resize(static_cast<std::size_t>(conv.y.elements()));
    bias.assign(channels, 1000);
    records.assign(channels, {20000, 6, 17});
  }

  int products_of_code() const {
    return conv.window.kernel_size.height * conv.window.kernel_size.width * (conv.x[2] / conv.groups);
  }
  double products() const { return static_cast<double>(y.size()) * products_of_code(); }
  q::kernels::OutputChannels output() const { return {bias.data(), records.data()}; }
};

#ifdef HAS_ONEDNN
using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}
dnnl::stream& stream() {
  static dnnl::stream cpu(engine());
  return cpu;
}

memory reordered(const memory& from, const memory::desc& to) {
  memory result(to, engine());
  memory source = from;
  dnnl::reorder(source, result).execute(stream(), source, result);
  return result;
}

dnnl::primitive_attr scales(int mask, long count) {
  dnnl::primitive_attr attributes;
  attributes.set_output_scales(mask, std::vector<float>(static_cast<std::size_t>(count), 0.0025f));
  return attributes;
}

Work onednn_gemm(Layer& layer) {
  const long m = layer.conv.x[1], k = layer.conv.x[2], n = layer.conv.y[2];
  const memory::desc a({m, k}, Type::s8, Tag::ab), b({k, n}, Type::s8, Tag::any), bias({1, n}, Type::s32, Tag::ab),
      c({m, n}, Type::s8, Tag::ab);
  const dnnl::matmul::primitive_desc chosen({a, b, bias, c}, scales(2, n), engine());
  const memory weights =
      reordered(memory({{k, n}, Type::s8, Tag::ba}, engine(), layer.w.data()), chosen.weights_desc());
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory(a, engine(), layer.x.data())},
                                                  {DNNL_ARG_WEIGHTS, weights},
                                                  {DNNL_ARG_BIAS, memory(bias, engine(), layer.bias.data())},
                                                  {DNNL_ARG_DST, memory(c, engine(), layer.y.data())}};
  return [run = dnnl::matmul(chosen), arguments] { run.execute(stream(), arguments); };
}

Work onednn_conv(Layer& layer) {
  const q::kernels::Convolution& conv = layer.conv;
  const q::Pair kernel = conv.window.kernel_size, stride = conv.window.stride, padding = conv.window.padding;
  const long channels = conv.x[2], filters = conv.y[2], groups = conv.groups;
  const memory::dims w_dims =
      groups == 1 ? memory::dims{filters, channels, kernel.height, kernel.width}
                  : memory::dims{groups, filters / groups, channels / groups, kernel.height, kernel.width};
  const memory::desc x({1, channels, conv.x[0], conv.x[1]}, Type::s8, Tag::nhwc), w(w_dims, Type::s8, Tag::any),
      bias({filters}, Type::s32, Tag::a), y({1, filters, conv.y[0], conv.y[1]}, Type::s8, Tag::nhwc);
  const memory::dims strides{stride.height, stride.width}, paddings{padding.height, padding.width};
  const memory::dims behind{(conv.y[0] - 1) * stride.height + kernel.height - conv.x[0] - padding.height,
                            (conv.y[1] - 1) * stride.width + kernel.width - conv.x[1] - padding.width};
  const dnnl::convolution_forward::primitive_desc chosen(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, x, w, bias, y, strides, paddings,
       behind},
      scales(2, filters), engine());
  const memory weights =
      reordered(memory({w_dims, Type::s8, groups == 1 ? Tag::ohwi : Tag::gohwi}, engine(), layer.w.data()),
                chosen.weights_desc());
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory(x, engine(), layer.x.data())},
                                                  {DNNL_ARG_WEIGHTS, weights},
                                                  {DNNL_ARG_BIAS, memory(bias, engine(), layer.bias.data())},
                                                  {DNNL_ARG_DST, memory(y, engine(), layer.y.data())}};
  return [run = dnnl::convolution_forward(chosen), arguments] { run.execute(stream(), arguments); };
}

// The network below, wired by hand: the residual is added inside a convolution, codes after a ReLU are unsigned.
class OneDnnNetwork {
 public:
  explicit OneDnnNetwork(long batch) {
    const memory x({{batch, 1, 28, 28}, Type::f32, Tag::nhwc}, engine());
    const memory codes({{batch, 1, 28, 28}, Type::u8, Tag::nhwc}, engine());
    std::fill_n(static_cast<float*>(x.get_data_handle()), batch * 784, 0.5f);
    const dnnl::reorder::primitive_desc quantize(x, codes, scales(0, 1));
    add(dnnl::reorder(quantize), {{DNNL_ARG_FROM, x}, {DNNL_ARG_TO, codes}});
    const memory a = conv(codes, {batch, 1, 28, 28}, 16, 1), b = conv(a, {batch, 16, 28, 28}, 32, 2);
    const memory c = conv(b, {batch, 32, 14, 14}, 32, 1, &b), d = conv(c, {batch, 32, 14, 14}, 64, 2);
    const memory mean({{batch, 64, 1, 1}, Type::u8, Tag::nhwc}, engine());
    const dnnl::pooling_forward::primitive_desc pool({dnnl::prop_kind::forward_inference,
                                                      dnnl::algorithm::pooling_avg_exclude_padding,
                                                      d.get_desc(),
                                                      mean.get_desc(),
                                                      {1, 1},
                                                      {7, 7},
                                                      {0, 0},
                                                      {0, 0}},
                                                     engine());
    add(dnnl::pooling_forward(pool), {{DNNL_ARG_SRC, d}, {DNNL_ARG_DST, mean}});
    const memory bias({{10}, Type::s32, Tag::a}, engine()), y({{batch, 10}, Type::f32, Tag::ab}, engine());
    const dnnl::inner_product_forward::primitive_desc linear(
        {dnnl::prop_kind::forward_inference, mean.get_desc(), memory::desc({10, 64, 1, 1}, Type::s8, Tag::any),
         bias.get_desc(), y.get_desc()},
        scales(2, 10), engine());
    const memory weights(linear.weights_desc(), engine());
    add(dnnl::inner_product_forward(linear),
        {{DNNL_ARG_SRC, mean}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, y}});
  }

  void run() const {
    for (const Step& step : steps_) step.primitive.execute(stream(), step.arguments);
  }

 private:
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };

  void add(const dnnl::primitive& primitive, const std::unordered_map<int, memory>& arguments) {
    steps_.push_back({primitive, arguments});
  }

  memory conv(const memory& x, const memory::dims& dims, long filters, long stride, const memory* sum = nullptr) {
    const long extent = (dims[2] - 1) / stride + 1;
    const memory::dims w_dims{filters, dims[1], 3, 3};
    const memory::desc described({dims[0], filters, extent, extent}, Type::u8, Tag::nhwc);
    dnnl::primitive_attr attributes = scales(2, filters);
    dnnl::post_ops behind;
    if (sum != nullptr) behind.append_sum(1.0f);
    behind.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0, 0);
    attributes.set_post_ops(behind);
    const memory bias({{filters}, Type::s32, Tag::a}, engine());
    const dnnl::convolution_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                            dnnl::algorithm::convolution_direct,
                                                            x.get_desc(),
                                                            memory::desc(w_dims, Type::s8, Tag::any),
                                                            bias.get_desc(),
                                                            described,
                                                            {stride, stride},
                                                            {1, 1},
                                                            {1, 1}},
                                                           attributes, engine());
    const memory y = sum != nullptr ? *sum : memory(described, engine());
    const memory weights = reordered(memory({w_dims, Type::s8, Tag::oihw}, engine()), chosen.weights_desc());
    add(dnnl::convolution_forward(chosen),
        {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, y}});
    return y;
  }

  std::vector<Step> steps_;
};
#endif

// Accumulators to codes, by a record or a float for each of 256 channels.
void requantize(const char* name, std::size_t size) {
  if (!is_wanted(name)) return;
  constexpr int channels = 256;
  const std::vector<q::Requantization> records(channels, {20000, 6, 17});
  const host::RecordArrays arrays(records.data(), channels);
  host::AlignedVector<std::int32_t> x(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = static_cast<std::int32_t>(i * 7919 % 200001) - 100000;
  host::AlignedVector<std::int8_t> y(size);
#ifdef HAS_ONEDNN
  const memory::dims dims{static_cast<memory::dim>(size / channels), channels};
  memory from({dims, Type::s32, Tag::ab}, engine(), x.data()), to({dims, Type::s8, Tag::ab}, engine(), y.data());
  const dnnl::reorder reorder(dnnl::reorder::primitive_desc(from, to, scales(2, channels)));
  compare(
      name, "oneDNN", 2.0, [&] { host::requantize_channels(x.data(), y.data(), size / channels, arrays); },
      [&] {
        reorder.execute(stream(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
      });
#endif
}

Work ours(Layer& layer, const host::PackedConv2d& packed) {
  return [&] { packed.run(1, layer.x.data(), layer.y.data()); };
}

void gemm(int m, int k, int n) {
  const std::string name = "gemm " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n);
  if (!is_wanted(name)) return;
  Layer layer({q::Shape(1, m, k), q::Shape(1, m, n)});
  const host::PackedLinear packed({m, k, n}, layer.w.data(), layer.output());
  const Work run = [&] { packed.run(1, layer.x.data(), layer.y.data()); };
  compare_with_peak(name, 0.85, layer.products(), run);
#ifdef HAS_ONEDNN
  compare(name, "oneDNN", 0.95, run, onednn_gemm(layer));
#endif
}

void conv(const char* name, int extent, int channels, int filters, int kernel, int stride, int groups, double peak,
          double goal) {
  if (!is_wanted(name)) return;
  const int out = (extent - 1) / stride + 1;
  Layer layer({q::Shape(extent, extent, channels),
               q::Shape(out, out, filters),
               {.kernel_size = kernel, .stride = stride, .padding = kernel / 2},
               groups});
  const host::PackedConv2d packed(layer.conv, layer.w.data(), layer.output());
  const Work run = ours(layer, packed);
  if (peak > 0) compare_with_peak(name, peak, layer.products(), run);
#ifdef HAS_ONEDNN
  compare(name, "oneDNN", goal, run, onednn_conv(layer));
#endif
}

void small_linear() {
#ifdef HAS_XNNPACK
  Layer layer({q::Shape(1, 1, 256), q::Shape(1, 1, 10)});
  const host::PackedLinear packed({1, 256, 10}, layer.w.data(), layer.output());
  xnn_initialize(nullptr);
  xnn_operator_t linear = nullptr;
  xnn_create_fully_connected_nc_qs8(256, 10, 256, 10, 0, 1.0f, 0.0025f, layer.w.data(), layer.bias.data(), 0, 1.0f,
                                    -128, 127, 0, &linear);
  xnn_setup_fully_connected_nc_qs8(linear, 1, layer.x.data(), layer.y.data(), nullptr);
  compare(
      "linear 1x256x10", "XNNPACK", 2.0, [&] { packed.run(1, layer.x.data(), layer.y.data()); },
      [&] { xnn_run_operator(linear, nullptr); });
  xnn_delete_operator(linear);
#endif
}

// How the time of a layer grows with its size: a million products take as long in each.
void sizes() {
  if (!is_wanted("sizes")) return;
  struct Sizes {
    const char* name;
    std::vector<int> extents, channels;
    int kernel;
    bool depthwise;
  };
  for (const Sizes& s : {Sizes{"conv 3x3, 64 to 64, extent", {7, 14, 28, 56, 112, 224}, {64}, 3, false},
                         Sizes{"conv 3x3 on 14x14, channels", {14}, {8, 16, 32, 64, 128, 256, 512}, 3, false},
                         Sizes{"conv 1x1 on 14x14, channels", {14}, {16, 32, 64, 128, 256, 512, 1024}, 1, false},
                         Sizes{"depthwise 3x3, 64, extent", {7, 14, 28, 56, 112, 224}, {64}, 3, true},
                         Sizes{"depthwise 3x3, 14x14, channels", {14}, {16, 32, 64, 128, 256, 512}, 3, true},
                         Sizes{"linear of one row, features", {1}, {64, 128, 256, 512, 1024, 2048}, 1, false}}) {
    std::printf("%s\n", s.name);
    for (const int extent : s.extents)
      for (const int channels : s.channels) {
        Layer layer({q::Shape(extent, extent, channels),
                     q::Shape(extent, extent, channels),
                     {.kernel_size = s.kernel, .padding = s.kernel / 2},
                     s.depthwise ? channels : 1});
        const host::PackedConv2d packed(layer.conv, layer.w.data(), layer.output());
        const double time = least_seconds({ours(layer, packed)})[0];
        std::printf("  %5d %12.3f million products %10.2f us %8.2f us a million\n",
                    s.extents.size() > 1 ? extent : channels, layer.products() * 1e-6, time * 1e6,
                    time * 1e12 / layer.products());
      }
  }
}

// The time that passes, on all cores that the process may use.
void two_workers(const char* name, auto one, const xt::xtensor<float, 4>& x, double goal) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) CPU_SET(core, &all);
  sched_setaffinity(0, sizeof all, &all);
  auto two = one;
  two.set_workers(q::Workers{2});
  compare(
      name, "one worker", goal, [&] { two.predict(x); }, [&] { one.predict(x); }, false);
}

void network() {
  const char* names[] = {"network batch 1", "network batch 64", "two workers, batch 1", "two workers, batch 64"};
  if (std::none_of(std::begin(names), std::end(names), [](const char* name) { return is_wanted(name); })) return;
  const auto batches = q::random_batches<SmallNetwork>(q::Seed{1}, 1, 64);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<SmallNetwork>{q::Seed{2}}), batches));
  const xt::xtensor<float, 4> x = batches[0].images;
  xt::xtensor<float, 4> first = xt::zeros<float>({1, 28, 28, 1});
  std::copy_n(x.data(), first.size(), first.data());
#ifdef HAS_ONEDNN
  const OneDnnNetwork one_sample(1), whole_batch(64);
  compare(
      "network batch 1", "oneDNN", 1.4, [&] { model.predict(first); }, [&] { one_sample.run(); });
  compare(
      "network batch 64", "oneDNN", 1.3, [&] { model.predict(x); }, [&] { whole_batch.run(); });
#endif
  two_workers("two workers, batch 1", model, first, 0);
  two_workers("two workers, batch 64", model, x, 1.8);
}

}  // namespace

int main(int argc, char** argv) {
  filter = argc > 1 ? argv[1] : "";
  if (const char* core = std::getenv("CORE")) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(std::atoi(core)), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  gemm(64, 512, 512);
  gemm(256, 1024, 1024);
  conv("conv 64 to 64, 3x3, 56x56", 56, 64, 64, 3, 1, 1, 0.85, 0.95);
  conv("conv 256 to 256, 1x1, 14x14", 14, 256, 256, 1, 1, 1, 0.85, 0.95);
  small_linear();
  conv("conv 3 to 32, 3x3 by 2, 224x224", 224, 3, 32, 3, 2, 1, 0, 1.4);
  conv("depthwise 96, 3x3 by 2, 112x112", 112, 96, 96, 3, 2, 96, 0, 1.6);
  requantize("requantize 64 Ki", std::size_t{1} << 16);
  requantize("requantize 1 Mi", std::size_t{1} << 20);
  network();
  sizes();
  std::printf("%d goals missed\n", missed);
  return 0;
}
