// SPDX-License-Identifier: Apache-2.0
// The loops of quench/host beside what else does the same work. Run by tests/benchmark/primitives.
//
// Each line is the median of ratios: batches of both sides are timed in turn, so a slow moment meets both. The goal
// stands beside it. Peers are left out where their headers are not installed.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/host/observers/histogram.hpp>
#include <quench/host/fake_quantize/learned.hpp>
#include <quench/host/observers/min_max.hpp>
#include <quench/host/observers/select.hpp>

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#define HAS_EIGEN
#endif
#if __has_include(<xnnpack.h>)
#include <xnnpack.h>
#define HAS_XNNPACK
#endif
#if __has_include(<oneapi/dnnl/dnnl.hpp>)
#include <oneapi/dnnl/dnnl.hpp>
#define HAS_ONEDNN
#endif
#if __has_include(<ATen/ATen.h>)
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#define HAS_TORCH
#endif

namespace host = quench::host;
using host::ChannelLayout;

namespace {

constexpr float scale = 0.02f;
constexpr host::CodeLimits limits{-128, 127};
constexpr std::size_t small = std::size_t{1} << 16, medium = std::size_t{1} << 20, large = std::size_t{1} << 24;

// The compiler has to believe that memory was read and written.
void touch_memory() { asm volatile("" ::: "memory"); }
template <class T>
void use(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

using Work = std::function<void()>;

// CPU time: what other programs take does not count.
double nanoseconds(const Work& work, long repeats) {
  const std::clock_t start = std::clock();
  for (long i = 0; i < repeats; ++i) {
    work();
    touch_memory();
  }
  return static_cast<double>(std::clock() - start) * (1e9 / CLOCKS_PER_SEC) / static_cast<double>(repeats);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

int batches = 21;
int missed = 0;
std::string filter;

void print(const std::string& work, const std::string& peer, double ratio, bool reached, const std::string& goal) {
  std::printf("%-34s %-18s %7.2f x   %s%s\n", work.c_str(), peer.c_str(), ratio, goal.c_str(),
              goal.empty() || reached ? "" : "   missed");
  std::fflush(stdout);
  missed += goal.empty() || reached ? 0 : 1;
}

long repeats_for_a_batch(const Work& work) {
  constexpr double batch = 2e6;  // ns, far above the resolution of the clock
  nanoseconds(work, 1);
  long repeats = 1;
  double total = nanoseconds(work, 1);
  while (total < batch) {
    repeats *= 2;
    total = nanoseconds(work, repeats) * static_cast<double>(repeats);
  }
  return repeats;
}

// Our time in units of the peer's.
double ratio_of_times(const Work& ours, const Work& peer) {
  const long our_repeats = repeats_for_a_batch(ours), peer_repeats = repeats_for_a_batch(peer);
  std::vector<double> ratios;
  for (int i = 0; i < batches; ++i) {
    const double our_time = nanoseconds(ours, our_repeats);
    ratios.push_back(our_time / nanoseconds(peer, peer_repeats));
  }
  return median(ratios);
}

std::string text(const char* words, double goal) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "goal: %s %.2f", words, goal);
  return goal == 0 ? "" : buffer;
}

// Our time in units of the peer's; at most the goal.
void time_of(const std::string& work, const std::string& peer, double goal, const Work& ours, const Work& theirs) {
  if ((work + " " + peer).find(filter) == std::string::npos) return;
  const double ratio = ratio_of_times(ours, theirs);
  print(work, "time / " + peer, ratio, ratio <= goal, text("at most", goal));
}

// Our speed in units of the peer's; at least the goal. Goal 0: none.
void speed_of(const std::string& work, const std::string& peer, double goal, const Work& ours, const Work& theirs) {
  if ((work + " " + peer).find(filter) == std::string::npos) return;
  const double ratio = 1 / ratio_of_times(ours, theirs);
  print(work, "speed / " + peer, ratio, ratio >= goal, text("at least", goal));
}

// Memory at the start of a page, touched.
template <class T>
class Memory {
 public:
  explicit Memory(std::size_t size)
      : size_(size), data_(static_cast<T*>(std::aligned_alloc(4096, (size * sizeof(T) + 4095) / 4096 * 4096))) {
    std::fill_n(data_.get(), size, T{});
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::size_t size_;
  std::unique_ptr<T[], Free> data_;
};

Memory<float> normal_values(std::size_t size, unsigned seed) {
  Memory<float> values(size);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::generate_n(values.data(), size, [&] { return normal(random); });
  return values;
}

std::string at_size(const char* work, std::size_t size) {
  return std::string(work) + (size == small ? ", 64 Ki" : size == medium ? ", 1 Mi" : ", 16 Mi");
}

void against_memcpy(std::size_t size) {
  const auto x = normal_values(size, 1);
  const Memory<float> y(size);
  const Memory<std::uint8_t> mask(size / 8);
  const ChannelLayout layout{1, 1, size};
  const Work copy = [&] { std::memcpy(y.data(), x.data(), size * sizeof(float)); };
  const Work forward = [&] { use(host::fake_quantize(layout, {&scale, 1}, limits, x.data(), y.data())); };
  time_of(at_size("forward", size), "memcpy", size == large ? 0.80 : 1.10, forward, copy);
  time_of(
      at_size("forward and mask", size), "forward", 1.2,
      [&] {
        use(host::fake_quantize(layout, {&scale, 1}, limits, x.data(), y.data(), mask.data()));
      },
      forward);
}

void per_channel(const char* shape, ChannelLayout layout) {
  const auto x = normal_values(layout.size(), 1);
  const Memory<float> y(layout.size());
  const std::vector<float> scales(layout.channels, scale);
  time_of(
      std::string("forward, ") + shape, "memcpy", 1.10,
      [&] { use(host::fake_quantize(layout, scales, limits, x.data(), y.data())); },
      [&] { std::memcpy(y.data(), x.data(), layout.size() * sizeof(float)); });
}

#ifdef HAS_EIGEN
void against_eigen(std::size_t size) {
  const auto x = normal_values(size, 1), grad_y = normal_values(size, 2);
  const Memory<float> y(size);
  const Memory<std::int8_t> codes(size);
  const ChannelLayout layout{1, 1, size};
  using Values = Eigen::Map<Eigen::ArrayXf>;
  const Values in(x.data(), static_cast<Eigen::Index>(size)), gradient(grad_y.data(), static_cast<Eigen::Index>(size));
  Values out(y.data(), static_cast<Eigen::Index>(size));
  const bool is_small = size == small;

  speed_of(
      at_size("forward", size), "Eigen", 0,
      [&] {
        use(host::fake_quantize(layout, {&scale, 1}, limits, x.data(), y.data()));
      },
      [&] { out = (in * (1 / scale)).rint().max(limits.qmin).min(limits.qmax) * scale; });
  speed_of(
      at_size("straight-through backward", size), "Eigen", is_small ? 1.3 : 0,
      [&] {
        use(host::fake_quantize_backward(layout, {&scale, 1}, limits, x.data(), grad_y.data(), y.data()));
      },
      [&] { out = ((in * (1 / scale)).abs() <= 127.5f).select(gradient, 0.0f); });
  double grad_scale = 0;
  speed_of(
      at_size("learned scale, backward", size), "Eigen", is_small ? 6 : 0,
      [&] {
        use(host::learned_backward(layout, {&scale, 1}, limits, x.data(), grad_y.data(), y.data(), &grad_scale));
      },
      [&] {
        const auto scaled = in * (1 / scale);
        const auto is_inside = scaled.abs() <= 127.5f;
        out = is_inside.select(gradient, 0.0f);
        const auto terms = scaled.rint().max(limits.qmin).min(limits.qmax) - is_inside.select(scaled, 0.0f);
        use((gradient * terms).sum());
      });
  speed_of(
      at_size("min and max", size), "Eigen", is_small ? 1.9 : 0,
      [&] {
        use(host::min_max({x.data(), size}));
      },
      [&] {
        use(in.minCoeff());
        use(in.maxCoeff());
      });
  time_of(
      at_size("observe and fake-quantize", size), "Eigen", 0.78,
      [&] {
        const host::MinMax found = host::min_max({x.data(), size});
        const float fitting = std::max(-found.min, found.max) / 127.5f;
        use(host::fake_quantize(layout, {&fitting, 1}, limits, x.data(), y.data()));
      },
      [&] {
        const float fitting = std::max(-in.minCoeff(), in.maxCoeff()) / 127.5f;
        out = (in / fitting).rint().max(limits.qmin).min(limits.qmax) * fitting;
      });
  Eigen::Map<Eigen::Array<std::int8_t, Eigen::Dynamic, 1>> integers(codes.data(), static_cast<Eigen::Index>(size));
  speed_of(
      at_size("quantize", size), "Eigen", 1,
      [&] {
        use(host::quantize(layout, {&scale, 1}, limits, x.data(), codes.data()));
      },
      [&] { integers = (in * (1 / scale)).rint().max(limits.qmin).min(limits.qmax).cast<std::int8_t>(); });
  speed_of(
      at_size("dequantize", size), "Eigen", 1,
      [&] {
        host::dequantize(layout, {&scale, 1}, codes.data(), y.data());
      },
      [&] { out = integers.cast<float>() * scale; });
}
#endif

#ifdef HAS_XNNPACK
void against_xnnpack(std::size_t size) {
  const auto x = normal_values(size, 1);
  const Memory<float> y(size);
  const Memory<std::int8_t> codes(size);
  const ChannelLayout layout{1, 1, size};
  xnn_initialize(nullptr);
  xnn_operator_t to_codes = nullptr, to_floats = nullptr;
  xnn_create_convert_nc_f32_qs8(1, 1, 1, scale, 0, -128, 127, 0, &to_codes);
  xnn_setup_convert_nc_f32_qs8(to_codes, size, x.data(), codes.data(), nullptr);
  xnn_create_convert_nc_qs8_f32(1, 1, 1, scale, 0, 0, &to_floats);
  xnn_setup_convert_nc_qs8_f32(to_floats, size, codes.data(), y.data(), nullptr);
  speed_of(
      at_size("quantize", size), "XNNPACK", 1,
      [&] {
        use(host::quantize(layout, {&scale, 1}, limits, x.data(), codes.data()));
      },
      [&] { xnn_run_operator(to_codes, nullptr); });
  speed_of(
      at_size("dequantize", size), "XNNPACK", 1,
      [&] {
        host::dequantize(layout, {&scale, 1}, codes.data(), y.data());
      },
      [&] { xnn_run_operator(to_floats, nullptr); });
  xnn_delete_operator(to_codes);
  xnn_delete_operator(to_floats);
}
#endif

#ifdef HAS_ONEDNN
void against_onednn(std::size_t size) {
  using dnnl::memory;
  const auto x = normal_values(size, 1);
  const Memory<float> y(size);
  const Memory<std::int8_t> codes(size);
  const ChannelLayout layout{1, 1, size};
  const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(cpu);
  const auto described = [&](memory::data_type type) {
    return memory::desc({static_cast<memory::dim>(size / 256), 256}, type, memory::format_tag::ab);
  };
  memory in(described(memory::data_type::f32), cpu, x.data()), out(described(memory::data_type::f32), cpu, y.data());
  memory integers(described(memory::data_type::s8), cpu, codes.data());
  const auto scaled = [](memory& from, memory& to, float factor) {
    dnnl::primitive_attr attributes;
    attributes.set_output_scales(0, {factor});
    return dnnl::reorder(dnnl::reorder::primitive_desc(from, to, attributes));
  };
  const dnnl::reorder to_codes = scaled(in, integers, 1 / scale), to_floats = scaled(integers, out, scale);
  speed_of(
      at_size("quantize", size), "oneDNN", 0,
      [&] {
        use(host::quantize(layout, {&scale, 1}, limits, x.data(), codes.data()));
      },
      [&] {
        to_codes.execute(stream, {{DNNL_ARG_FROM, in}, {DNNL_ARG_TO, integers}});
      });
  speed_of(
      at_size("dequantize", size), "oneDNN", 0,
      [&] {
        host::dequantize(layout, {&scale, 1}, codes.data(), y.data());
      },
      [&] {
        to_floats.execute(stream, {{DNNL_ARG_FROM, integers}, {DNNL_ARG_TO, out}});
      });
}
#endif

#ifdef HAS_TORCH
void against_torch(std::size_t size) {
  const c10::InferenceMode no_graph;
  at::set_num_threads(1);
  const auto x = normal_values(size, 1), grad_y = normal_values(size, 2);
  const Memory<float> y(size);
  const Memory<std::uint8_t> mask(size / 8);
  const ChannelLayout layout{1, 1, size};
  const at::Tensor in = at::from_blob(x.data(), {static_cast<long>(size)}, at::kFloat);
  const at::Tensor gradient = at::from_blob(grad_y.data(), {static_cast<long>(size)}, at::kFloat);
  const at::Tensor scales = at::full({1}, scale), zeros = at::zeros({1});
  speed_of(
      at_size("forward and mask", size), "libtorch", 0,
      [&] {
        use(host::fake_quantize(layout, {&scale, 1}, limits, x.data(), y.data(), mask.data()));
      },
      [&] { at::fake_quantize_per_tensor_affine_cachemask(in, scale, 0, -128, 127); });
  double grad_scale = 0;
  speed_of(
      at_size("learned scale, backward", size), "libtorch", 0,
      [&] {
        use(host::learned_backward(layout, {&scale, 1}, limits, x.data(), grad_y.data(), y.data(), &grad_scale));
      },
      [&] { at::_fake_quantize_learnable_per_tensor_affine_backward(gradient, in, scales, zeros, -128, 127, 1.0); });
  speed_of(
      at_size("min and max", size), "libtorch", 0,
      [&] {
        use(host::min_max({x.data(), size}));
      },
      [&] { at::aminmax(in); });
}
#endif

// Observers that look at the distribution of values.
void distributions(std::size_t size) {
  const auto x = normal_values(size, 1);
  constexpr std::uint32_t bins = 2048;
  std::vector<std::uint64_t> counts(bins + 1);
  std::vector<unsigned> plain(bins);
  speed_of(
      at_size("histogram of 2048 bins", size), "plain loop", 2.4,
      [&] {
        host::count_into_bins(host::ClampedBins{-3.5f, 3.5f, bins}, {x.data(), size}, counts);
      },
      [&] {
        for (std::size_t i = 0; i < size; ++i) {
          const int bin = static_cast<int>((x.data()[i] + 3.5f) * (static_cast<float>(bins) / 7.0f));
          ++plain[static_cast<std::size_t>(std::clamp(bin, 0, static_cast<int>(bins) - 1))];
        }
      });
  const std::size_t k = size * 999 / 1000;
  std::vector<float> copied(size);
  speed_of(
      at_size("percentile 99.9", size), "nth_element", size == medium ? 12 : 0,
      [&] {
        use(host::kth_smallest({x.data(), size}, k));
      },
      [&] {
        std::copy_n(x.data(), size, copied.data());
        std::nth_element(copied.begin(), copied.begin() + static_cast<std::ptrdiff_t>(k), copied.end());
        use(copied[k]);
      });
}

}  // namespace

int main(int argc, char** argv) {
  filter = argc > 1 ? argv[1] : "";
  for (const std::size_t size : {small, medium, large}) {
    batches = size == large ? 11 : 21;
    against_memcpy(size);
  }
  batches = 21;
  per_channel("64x1024, axis 0", {1, 64, 1024});
  per_channel("1024x64, axis -1", {1024, 64, 1});
  per_channel("1024x1024, axis 0", {1, 1024, 1024});
  per_channel("16384x64, axis -1", {16384, 64, 1});
  per_channel("512x512x3x3, axis 0", {1, 512, 4608});
  per_channel("8x64x56x56, axis 1", {8, 64, 3136});
  for (const std::size_t size : {small, medium}) {
#ifdef HAS_EIGEN
    against_eigen(size);
#endif
#ifdef HAS_XNNPACK
    against_xnnpack(size);
#endif
#ifdef HAS_ONEDNN
    against_onednn(size);
#endif
#ifdef HAS_TORCH
    against_torch(size);
#endif
    distributions(size);
  }
  std::printf("%d goals missed\n", missed);
  return 0;
}
