// SPDX-License-Identifier: Apache-2.0
// The table that a device keeps in flash of the steps of a network, beside its weights. The compiler packs it.
//
// The graph has a row of several hundred bytes for each call: its source line, names and all settings. A device needs few
// of these. The table has numbers of mostly one byte, and pointers to the constants that a step has. Equal shapes are
// stored once. So graph, plan and dtypes need no flash. Freestanding.
#pragma once

#include <cstdint>

#include <quench/device/dispatch.hpp>
#include <quench/device/memory_plan.hpp>
#include <quench/device/step_constants.hpp>
#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/pool.hpp>

namespace quench::device {

/// A tensor in the arena, or a view of one.
struct Tensor {
  std::int32_t offset = 0;
  std::uint16_t shape = 0;  // index into the table's shapes
  DType dtype = DType::Int8;
  bool is_indices = false;
};

/// in_channels and out_channels of a step's settings.
struct Channels {
  int in = 0, out = 0;
};

/// The table of a network, whatever its size.
struct StepTableView {
  const Tensor* tensors = nullptr;
  const Shape* shapes = nullptr;
  const std::uint8_t* bytes = nullptr;
  const std::uint16_t* operands = nullptr;
  const void* const* pointers = nullptr;
};

namespace detail {

// Calls f with each pointer of a step's constants that a kernel reads.
template <class Constants, class F>
constexpr void for_each_pointer(Constants& c, const F& f) {
  f(c.weight);
  f(c.bias);
  f(c.requantization);
  f(c.addition);
  f(c.scalar_addition);
  f(c.int8_table);
  f(c.int16_table);
  f(c.counts);
  f(c.piecewise);
  f(c.softmax);
  f(c.row_norm);
}

// Calls f with each number of a convolution, or of a pool, beside its maps.
template <class Window, class F>
constexpr void for_each_of_window(Window&& window, const F& f) {
  f(window.kernel_size.height);
  f(window.kernel_size.width);
  f(window.stride.height);
  f(window.stride.width);
  f(window.padding.height);
  f(window.padding.width);
  f(window.dilation.height);
  f(window.dilation.width);
}
template <class Convolution, class F>
constexpr void for_each_of_convolution(Convolution&& convolution, const F& f) {
  for_each_of_window(convolution.window, f);
  f(convolution.groups);
}
template <class Pool, class F>
constexpr void for_each_of_pool(Pool&& pool, const F& f) {
  for_each_of_window(pool.window, f);
  f(pool.counted.top);
  f(pool.counted.bottom);
  f(pool.counted.left);
  f(pool.counted.right);
  f(pool.is_adaptive);
}

// True if a step multiplies, or looks up, rows of in_channels and out_channels.
constexpr bool has_channels(Family family) {
  return family == Family::Linear || family == Family::ChannelAffine || family == Family::PReLU ||
         family == Family::Lookup;
}

// Calls f with each setting that the kernels of another family read. All others keep their defaults on a device.
template <class Settings, class F>
constexpr void for_each_setting(Family family, Settings& s, const F& f) {
  const auto axes = [&](auto& values) {
    for (auto& value : values) f(value);
  };
  switch (family) {
    case Family::Reduction:
      f(s.axis_count);
      axes(s.axes);
      return;
    case Family::Move:
      axes(s.axes);
      axes(s.begin);
      axes(s.end);
      return;
    case Family::Upsample:
      f(s.scale_factor.height.numerator);
      f(s.scale_factor.height.denominator);
      f(s.scale_factor.width.numerator);
      f(s.scale_factor.width.denominator);
      f(s.mode);
      f(s.coordinates);
      f(s.nearest_mode);
      return;
    case Family::Convolution:  // these have numbers of their own, see above
    case Family::TransposedConvolution:
    case Family::MaxPool:
    case Family::AveragePool:
    case Family::Linear:
    case Family::ChannelAffine:
    case Family::PReLU:
    case Family::Lookup:
    case Family::Cat:
    case Family::MatMul:
    case Family::Addition:
    case Family::Product:
    case Family::Comparison:
    case Family::ScalarAddition:
    case Family::ScalarProduct:
    case Family::Clamp:
    case Family::Function:
    case Family::Softmax:
    case Family::RowNorm:
    case Family::QuantStub:
    case Family::Input:
    case Family::DeQuantStub:
    case Family::BatchNorm:
    case Family::View:
    case Family::Handle: return;
  }
}

// Which of the few numbers of a step's constants follow in the bytes.
inline constexpr unsigned has_low = 1, has_high = 2, has_x_shift = 4, has_negative_factor = 8;

// True if the engine computes a node: the codes of a QuantStub are given.
constexpr bool is_computed(const Graph& network, int n) {
  return is_step(network, n) && network.nodes[n].op != Operator::QuantStub;
}

// Writes the steps of a network, or counts what they take.
class StepWriter {
 public:
  std::uint8_t* bytes = nullptr;
  std::uint16_t* operands = nullptr;
  const void** pointers = nullptr;
  int byte_count = 0, operand_count = 0, pointer_count = 0, step_count = 0;
  template <class Steps>
  constexpr void write(const Graph& network, const Steps& steps, const std::uint16_t* tensor_of) {
    for (int n = 0; n < network.node_count; ++n)
      if (is_computed(network, n)) write_step(network, n, steps[n], tensor_of);
  }

 private:
  constexpr void byte(unsigned value) {
    if (bytes != nullptr) bytes[byte_count] = static_cast<std::uint8_t>(value);
    ++byte_count;
  }
  constexpr void number(int value) {  // 7 bits in a byte, the low ones first; the sign is the lowest bit
    unsigned rest = static_cast<unsigned>(value) << 1 ^ (value < 0 ? ~0u : 0u);
    for (; rest >= 128; rest >>= 7) byte((rest & 127) | 128);
    byte(rest);
  }
  constexpr void write_step(const Graph& network, int n, const StepConstants& c, const std::uint16_t* tensor_of) {
    const Node& node = network.nodes[n];
    byte(static_cast<unsigned>(node.op));
    byte(static_cast<unsigned>(family_of(node.op)));
    number(tensor_of[n]);
    number(node.operand_count);
    for (int i = 0; i < node.operand_count; ++i) {
      if (operands != nullptr) operands[operand_count] = tensor_of[network.operand(node, i)];
      ++operand_count;
    }
    write_constants(c);
    const int length_at = byte_count++;
    write_settings(node, node.operand_count > 0 ? network.operand_node(node, 0).shape : Shape());
    if (bytes != nullptr) bytes[length_at] = static_cast<std::uint8_t>(byte_count - length_at - 1);
    ++step_count;
  }
  constexpr void write_settings(const Node& node, const Shape& x) {
    const auto write = [this](const auto& value) { number(static_cast<int>(value)); };
    const Family family = family_of(node.op);
    if (family == Family::Convolution || family == Family::TransposedConvolution)
      for_each_of_convolution(kernels::convolution_of(node, x, 0), write);
    else if (family == Family::MaxPool || family == Family::AveragePool)
      for_each_of_pool(kernels::pool_of(node, x), write);
    else if (has_channels(family))
      for (const int channels : {node.settings.in_channels, node.settings.out_channels}) number(channels);
    else if (family == Family::Cat)
      number(cat_axis(node));
    else
      for_each_setting(family, node.settings, write);
  }
  constexpr void write_constants(const StepConstants& c) {
    int used = 0, bit = 1;
    for_each_pointer(c, [&](const auto* pointer) {
      if (pointer != nullptr) {
        used |= bit;
        if (pointers != nullptr) pointers[pointer_count] = pointer;
        ++pointer_count;
      }
      bit *= 2;
    });
    number(used);
    byte((c.low != INT32_MIN ? has_low : 0u) | (c.high != INT32_MAX ? has_high : 0u) |
         (c.x_shift != 0 ? has_x_shift : 0u) | (c.is_negative ? has_negative_factor : 0u));
    if (c.low != INT32_MIN) number(c.low);
    if (c.high != INT32_MAX) number(c.high);
    if (c.x_shift != 0) number(c.x_shift);
  }
};

// Tensors and shapes of a network. Of the shapes, the last few are searched for an equal one, so that a network of
// 1000 layers stays within the limits of compilers.
template <int Nodes>
struct TensorList {
  std::uint16_t of_node[array_size(Nodes)]{};
  Tensor tensors[array_size(Nodes)]{};
  Shape shapes[array_size(Nodes)]{};
  int tensor_count = 0, shape_count = 0;

  constexpr TensorList(const Graph& network, const DType* dtypes, const MemoryPlan<Nodes>& plan) {
    for (int n = 0; n < network.node_count; ++n) {
      const Node& node = network.nodes[n];
      if (!has_tensor(network, n)) {
        if (!is_absorbed(network, node)) continue;
        const int operand = network.operand(node, 0);
        of_node[n] = of_node[operand];
        if (node.shape == network.nodes[operand].shape) continue;  // otherwise a view of the same values
      }
      of_node[n] = static_cast<std::uint16_t>(tensor_count);
      tensors[tensor_count++] = {plan.offset_of(n), shape_of(node.shape), dtypes[n], node.domain == Domain::Indices};
    }
  }

 private:
  constexpr std::uint16_t shape_of(const Shape& shape) {
    constexpr int searched = 16;
    for (int s = shape_count; s > 0 && s > shape_count - searched; --s)
      if (shapes[s - 1] == shape) return static_cast<std::uint16_t>(s - 1);
    shapes[shape_count] = shape;
    return static_cast<std::uint16_t>(shape_count++);
  }
};

template <class Weights>
inline constexpr auto tensor_list = TensorList<graph<typename Weights::Network>.node_count>(
    graph<typename Weights::Network>, node_dtypes<typename Weights::Network, Weights>.of,
    memory_plan<typename Weights::Network, Weights>);

template <class Weights>
inline constexpr StepWriter step_sizes = [] {
  StepWriter writer;
  writer.write(graph<typename Weights::Network>, Weights::steps, tensor_list<Weights>.of_node);
  return writer;
}();

template <int Tensors, int Shapes, int Bytes, int Operands, int Pointers>
struct StepTable {
  Tensor tensors[array_size(Tensors)]{};
  Shape shapes[array_size(Shapes)]{};
  const void* pointers[array_size(Pointers)]{};
  std::uint16_t operands[array_size(Operands)]{};
  std::uint8_t bytes[array_size(Bytes)]{};
};

}  // namespace detail

/// The table of exported weights. `Weights::steps` must be a constant.
template <ExportedWeights Weights>
inline constexpr auto step_table = [] {
  constexpr const auto& list = detail::tensor_list<Weights>;
  constexpr const auto& size = detail::step_sizes<Weights>;
  static_assert(list.tensor_count <= 65536, "quench: more tensors than the table can number");  // nor more shapes
  detail::StepTable<list.tensor_count, list.shape_count, size.byte_count, size.operand_count, size.pointer_count> table;
  for (int i = 0; i < list.tensor_count; ++i) table.tensors[i] = list.tensors[i];
  for (int i = 0; i < list.shape_count; ++i) table.shapes[i] = list.shapes[i];
  detail::StepWriter writer;
  writer.bytes = table.bytes;
  writer.operands = table.operands;
  writer.pointers = table.pointers;
  writer.write(graph<typename Weights::Network>, Weights::steps, list.of_node);
  return table;
}();

template <ExportedWeights Weights>
inline constexpr StepTableView step_table_view{step_table<Weights>.tensors, step_table<Weights>.shapes,
                                               step_table<Weights>.bytes, step_table<Weights>.operands,
                                               step_table<Weights>.pointers};

/// The steps of a table, one after the other. It answers what the engine asks of a step.
class PackedStep {
 public:
  PackedStep(const StepTableView& table, unsigned char* arena)
      : table_(table), arena_(arena), next_(table.bytes), operands_(table.operands), pointers_(table.pointers) {}

  /// Reads the next step.
  void advance() {
    operands_ += operand_count_;
    op_ = static_cast<Operator>(*next_++);
    family_ = static_cast<Family>(*next_++);
    result_ = &table_.tensors[number(next_)];
    operand_count_ = number(next_);
    int used = number(next_);
    detail::for_each_pointer(constants_, [&]<class T>(const T*& pointer) {
      pointer = (used & 1) != 0 ? static_cast<const T*>(*pointers_++) : nullptr;
      used >>= 1;
    });
    const unsigned flags = *next_++;
    constants_.low = (flags & detail::has_low) != 0 ? number(next_) : INT32_MIN;
    constants_.high = (flags & detail::has_high) != 0 ? number(next_) : INT32_MAX;
    constants_.x_shift = (flags & detail::has_x_shift) != 0 ? number(next_) : 0;
    constants_.is_negative = (flags & detail::has_negative_factor) != 0;
    const int length = *next_++;
    settings_ = next_;
    next_ += length;
  }

  Operator op() const { return op_; }
  Family family() const { return family_; }
  const StepConstants& constants() const { return constants_; }
  kernels::Convolution convolution() const {
    kernels::Convolution convolution{as_map(shape(0)), as_map(shape())};
    detail::for_each_of_convolution(convolution, Reader{settings_});
    convolution.x_shift = constants_.x_shift;
    return convolution;
  }
  kernels::Pool pool() const {
    kernels::Pool pool{as_map(shape(0)), as_map(shape())};
    detail::for_each_of_pool(pool, Reader{settings_});
    return pool;
  }
  Channels channels() const {
    const std::uint8_t* from = settings_;
    const int in = number(from);
    return {in, number(from)};
  }
  int axis_of_cat() const {
    const std::uint8_t* from = settings_;
    return number(from);
  }
  /// The settings that the kernels of another family read: Reduction, Move, Upsample.
  template <Family F>
  Settings settings() const {
    Settings settings;
    detail::for_each_setting(F, settings, Reader{settings_});
    return settings;
  }
  int operand_count() const { return operand_count_; }
  const Shape& shape() const { return table_.shapes[result_->shape]; }
  const Shape& shape(int operand) const { return table_.shapes[tensor(operand).shape]; }
  DType dtype() const { return result_->dtype; }
  /// The dtype that the step computes from: a lookup only copies codes, so it computes from those of its result.
  DType dtype(int operand) const { return tensor(operand).is_indices ? dtype() : tensor(operand).dtype; }
  unsigned char* result() const { return arena_ + result_->offset; }
  const unsigned char* operand(int i) const { return arena_ + tensor(i).offset; }

 private:
  struct Reader {
    mutable const std::uint8_t* from;
    template <class T>
    void operator()(T& value) const {
      value = static_cast<T>(number(from));
    }
  };

  const Tensor& tensor(int operand) const { return table_.tensors[operands_[operand]]; }

  static int number(const std::uint8_t*& from) {
    unsigned value = *from & 127;
    for (int shift = 7; (*from++ & 128) != 0; shift += 7) value |= static_cast<unsigned>(*from & 127) << shift;
    return static_cast<int>(value >> 1 ^ (0u - (value & 1)));
  }

  const StepTableView& table_;
  unsigned char* arena_;
  const std::uint8_t* next_;  // of the step after this one
  const std::uint16_t* operands_;
  const void* const* pointers_;  // of the step after this one
  const std::uint8_t* settings_ = nullptr;
  const Tensor* result_ = nullptr;
  int operand_count_ = 0;
  Operator op_{};
  Family family_{};
  StepConstants constants_{};
};

}  // namespace quench::device
