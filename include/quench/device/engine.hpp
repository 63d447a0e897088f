// SPDX-License-Identifier: Apache-2.0
// Runs the steps of an integer network in an arena: a loop over the packed table with a switch on the family.
//
// No heap, no recursion, no exceptions, no float arithmetic. Freestanding.
#pragma once

#include <quench/kernels/cat.hpp>
#include <quench/kernels/channel_affine.hpp>
#include <quench/kernels/conv_transpose2d.hpp>
#include <quench/kernels/embedding.hpp>
#include <quench/kernels/layer_norm.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/matmul.hpp>
#include <quench/kernels/prelu.hpp>
#include <quench/kernels/rearrange.hpp>
#include <quench/kernels/reduce.hpp>
#include <quench/kernels/relu.hpp>
#include <quench/kernels/scalar.hpp>
#include <quench/kernels/softmax.hpp>
#include <quench/kernels/upsample.hpp>
#include <quench/device/dispatch.hpp>
#include <quench/device/fast.hpp>
#include <quench/device/memory_plan.hpp>
#include <quench/device/step_constants.hpp>
#include <quench/device/step_table.hpp>

namespace quench::device {

namespace detail {

// A step of a graph, and its constants. `tensors[n]` is the address of the tensor of node n. PackedStep answers the same.
template <class Tensors>
class GraphStep {
 public:
  GraphStep(const Graph& network, const DType* dtypes, const Tensors& tensors, const StepConstants& constants, int n)
      : network_(network), dtypes_(dtypes), tensors_(tensors), index_(n), constants_(constants) {}

  Operator op() const { return node().op; }
  Family family() const { return family_of(op()); }
  const StepConstants& constants() const { return constants_; }
  kernels::Convolution convolution() const { return kernels::convolution_of(node(), shape(0), constants_.x_shift); }
  kernels::Pool pool() const { return kernels::pool_of(node(), shape(0)); }
  Channels channels() const { return {node().settings.in_channels, node().settings.out_channels}; }
  int axis_of_cat() const { return cat_axis(node()); }
  template <Family>
  const Settings& settings() const {
    return node().settings;
  }

  int operand_count() const { return node().operand_count; }
  const Shape& shape() const { return node().shape; }
  const Shape& shape(int operand) const { return network_.operand_node(node(), operand).shape; }
  DType dtype() const { return dtypes_[index_]; }
  DType dtype(int operand) const { return operand_dtype(network_, dtypes_, index_, operand); }
  unsigned char* result() const { return tensors_[index_]; }
  const unsigned char* operand(int i) const { return tensors_[network_.operand(node(), i)]; }

 private:
  const Node& node() const { return network_.nodes[index_]; }

  const Graph& network_;
  const DType* dtypes_;
  const Tensors& tensors_;
  int index_;
  const StepConstants& constants_;
};

// Runs one step, of a graph or of a packed table. Networks share its functions: they depend on the types that a network
// uses, not on the network.
template <class Step>
class StepRunner {
 public:
  explicit StepRunner(const Step& step) : step_(step), constants_(step.constants()) {}

  template <const UsedTypes& Used>
  void run() const {
    switch (step_.family()) {
      case Family::Convolution: return conv2d<Used(Family::Convolution)>();
      case Family::TransposedConvolution: return conv_transpose2d<Used(Family::TransposedConvolution)>();
      case Family::Linear: return linear<Used(Family::Linear)>();
      case Family::ChannelAffine: return channel_affine<Used(Family::ChannelAffine)>();
      case Family::PReLU: return prelu<Used(Family::PReLU)>();
      case Family::MatMul: return multiply_matrices<Used(Family::MatMul)>();
      case Family::Addition:
        return step_.op() == Operator::Add   ? add<Operator::Add, Used(Operator::Add)>()
               : step_.op() == Operator::Sub ? add<Operator::Sub, Used(Operator::Sub)>()
                                             : add<Operator::AddReLU, Used(Operator::AddReLU)>();
      case Family::Product: return mul<Used(Family::Product)>();
      case Family::Comparison:
        return step_.op() == Operator::Maximum ? compare<Operator::Maximum, Used(Operator::Maximum)>()
                                               : compare<Operator::Minimum, Used(Operator::Minimum)>();
      case Family::ScalarAddition: return add_scalar<Used(Family::ScalarAddition)>();
      case Family::ScalarProduct: return mul_scalar<Used(Family::ScalarProduct)>();
      case Family::Cat: return join<Used(Family::Cat)>();
      case Family::Clamp: return clamp<Used(Family::Clamp)>();
      case Family::MaxPool: return max_pool<Used(Family::MaxPool)>();
      case Family::AveragePool: return avg_pool<Used(Family::AveragePool)>();
      case Family::Reduction: return reduce<Used(Family::Reduction)>();
      case Family::Upsample: return upsample<Used(Family::Upsample)>();
      case Family::Function: return look_up<Used(Family::Function)>();
      case Family::Lookup: return embedding<Used(Family::Lookup)>();
      case Family::Softmax: return softmax<Used(Family::Softmax)>();
      case Family::RowNorm:
        return step_.op() == Operator::LayerNorm ? normalize<Operator::LayerNorm, Used(Operator::LayerNorm)>()
                                                 : normalize<Operator::RMSNorm, Used(Operator::RMSNorm)>();
      case Family::Move:
        return step_.op() == Operator::Permute ? move<Operator::Permute, Used(Operator::Permute)>()
               : step_.op() == Operator::Slice ? move<Operator::Slice, Used(Operator::Slice)>()
                                               : move<Operator::Pad, Used(Operator::Pad)>();
      case Family::QuantStub:  // its codes are an input
      case Family::Input:
      case Family::DeQuantStub:
      case Family::BatchNorm:
      case Family::View:
      case Family::Handle: return;
    }
  }

 private:
  template <unsigned Used, class F>
  void with(const F& f) const {
    const DType a = step_.dtype(0);
    for_types<Used>(a, step_.operand_count() > 1 ? step_.dtype(1) : a, step_.dtype(), f);
  }
  template <unsigned Used, class F>
  void keep_type(const F& f) const {
    with<Used>([&f]<class X, class, class Y>() {
      static_assert(std::is_same_v<X, Y>);
      f.template operator()<X>();
    });
  }

  template <unsigned Used>
  void conv2d() const {
    with<Used>([this]<class X, class, class Y>() {
      fast::conv2d(x<X>(), constants_.weight, y<Y>(), convolution(), output());
    });
  }
  template <unsigned Used>
  void conv_transpose2d() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::conv_transpose2d(x<X>(), constants_.weight, y<Y>(), convolution(), output());
    });
  }
  template <unsigned Used>
  void linear() const {
    with<Used>([this]<class X, class, class Y>() {
      const auto [in, out] = step_.channels();
      fast::linear(x<X>(), constants_.weight, y<Y>(), {x_shape().elements() / in, in, out, constants_.x_shift},
                   output());
    });
  }
  template <unsigned Used>
  void channel_affine() const {
    with<Used>([this]<class X, class, class Y>() {
      const int channels = step_.channels().in;
      kernels::channel_affine(x<X>(), constants_.weight, y<Y>(), size() / channels, channels, output());
    });
  }
  template <unsigned Used>
  void prelu() const {
    with<Used>([this]<class X, class, class Y>() {
      const int slopes = step_.channels().in;
      kernels::prelu(x<X>(), y<Y>(), size() / slopes, slopes, constants_.requantization);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void mul() const {
    with<Used>([this]<class A, class B, class Y>() {
      fast::mul(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), constants_.requantization[0]);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void add_scalar() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::add_scalar(x<X>(), y<Y>(), size(), *constants_.scalar_addition);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void mul_scalar() const {
    with<Used>([this]<class X, class, class Y>() {
      static_assert(std::is_same_v<X, Y>, "quench: mul_scalar keeps the dtype of its input");
      kernels::mul_scalar(x<X>(), y<Y>(), size(), constants_.is_negative);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void clamp() const {
    keep_type<Used>([this]<class X>() {
      const std::int32_t high = saturate<kernels::bits_of<X>>(constants_.high);
      kernels::clamp(x<X>(), y<X>(), size(), X{0}, static_cast<X>(high));
    });
  }
  template <unsigned Used>
  void max_pool() const {
    keep_type<Used>([this]<class X>() { fast::max_pool2d(x<X>(), y<X>(), pool()); });
  }
  template <unsigned Used>
  void avg_pool() const {
    with<Used>([this]<class X, class, class Y>() {
      fast::avg_pool2d(x<X>(), y<Y>(), pool(), {constants_.requantization, constants_.counts});
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void reduce() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::Reduction reduction{.x = x_shape(), .requantization = constants_.requantization[0]};
      const Settings& s = settings<Family::Reduction>();
      for (int i = 0; i < s.axis_count; ++i) reduction.is_reduced[s.axes[i]] = true;
      kernels::reduce(x<X>(), y<Y>(), reduction);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void embedding() const {
    keep_type<Used>([this]<class Y>() {
      const auto [rows, columns] = step_.channels();
      kernels::embedding(x<std::int32_t>(), constants_.table<Y>(), y<Y>(), x_shape().elements(), rows, columns);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void softmax() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::softmax(x<X>(), x_shape(), x_shape().rank - 1, y<Y>(), *constants_.softmax);
    });
  }

  template <unsigned Used>
  void multiply_matrices() const {
    with<Used>([this]<class A, class B, class Y>() {
      const Shape &a = x_shape(), &b = x_shape(1);
      kernels::MatrixProduct product;
      product.rows = a[a.rank - 2];
      product.depth = a[a.rank - 1];
      product.columns = b[b.rank - 1];
      product.batch = size() / (product.rows * product.columns);
      if constexpr (!std::is_same_v<Y, std::int32_t>) product.requantization = constants_.requantization[0];
      kernels::matmul(x<A>(), x<B>(1), y<Y>(), product);
      hold(y<Y>());
    });
  }

  template <Operator Op, unsigned Used>
  void add() const {
    with<Used>([this]<class A, class B, class Y>() {
      const kernels::Addition& addition = *constants_.addition;
      if constexpr (Op == Operator::Add)
        fast::add(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), addition);
      else if constexpr (Op == Operator::Sub)
        fast::sub(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), addition);
      else
        fast::add_relu(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), addition);
    });
  }

  template <unsigned Used>
  void join() const {
    int begin = 0;
    const int axis = step_.axis_of_cat();
    for (int i = 0; i < step_.operand_count(); ++i) {
      const DType from = step_.dtype(i);
      for_types<Used>(from, from, step_.dtype(), [&]<class X, class, class Y>() {
        const Requantization record =
            constants_.requantization != nullptr ? constants_.requantization[i] : kernels::same_scale;
        begin = kernels::cat(x<X>(i), x_shape(i), y<Y>(), step_.shape(), axis, begin, record);
        if (i == step_.operand_count() - 1) hold(y<Y>());
      });
    }
  }

  template <Operator Op, unsigned Used>
  void compare() const {
    with<Used>([this]<class A, class B, class Y>() {
      if constexpr (Op == Operator::Maximum)
        fast::maximum(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), comparison());
      else
        fast::minimum(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), comparison());
      hold(y<Y>());
    });
  }

  template <Operator Op, unsigned Used>
  void normalize() const {
    with<Used>([this]<class X, class, class Y>() {
      const kernels::RowNorm& norm = *constants_.row_norm;
      kernels::normalize_rows<Op>(x<X>(), y<Y>(), size() / norm.size, norm);
      hold(y<Y>());
    });
  }

  template <Operator Op, unsigned Used>
  void move() const {
    keep_type<Used>([this]<class X>() {
      const Settings& s = settings<Family::Move>();
      if constexpr (Op == Operator::Permute)
        kernels::permute(x<X>(), x_shape(), s.axes, y<X>());
      else if constexpr (Op == Operator::Slice)
        kernels::slice(x<X>(), x_shape(), s.axes[0], s.begin[0], s.end[0], y<X>());
      else
        kernels::pad(x<X>(), x_shape(), s.begin, s.end, y<X>());
    });
  }

  template <unsigned Used>
  void upsample() const {
    keep_type<Used>([this]<class X>() {
      static_assert(std::is_same_v<X, std::int8_t>, "quench: the Nash marches upsample int8 only");
      const Settings& s = settings<Family::Upsample>();
      const kernels::Resize resize = kernels::resize_of(s, x_shape());
      if (s.mode == InterpolationMode::Nearest)
        kernels::upsample_nearest(x<X>(), resize, y<X>());
      else
        kernels::upsample_bilinear(x<X>(), resize, y<X>());
    });
  }

  template <unsigned Used>
  void look_up() const {
    with<Used>([this]<class X, class, class Y>() {
      if constexpr (std::is_same_v<X, std::int16_t>)
        kernels::lookup(x<X>(), y<Y>(), size(), *constants_.piecewise);
      else
        kernels::lookup(x<X>(), y<Y>(), size(), constants_.table<Y>());
      hold(y<Y>());
    });
  }

  // The clamp of a fused ReLU after kernels without one.
  template <class Y>
  void hold(Y* codes) const {
    if (constants_.low == INT32_MIN && constants_.high == INT32_MAX) return;
    for (int i = 0; i < size(); ++i)
      codes[i] = static_cast<Y>(kernels::clamp(codes[i], constants_.low, constants_.high));
  }

  kernels::OutputChannels output() const {
    return {constants_.bias, constants_.requantization, constants_.low, constants_.high};
  }
  kernels::Convolution convolution() const { return step_.convolution(); }
  kernels::Pool pool() const { return step_.pool(); }
  kernels::Comparison comparison() const {
    if (constants_.requantization == nullptr) return {};
    return {constants_.requantization[0], constants_.requantization[1]};
  }

  template <Family F>
  decltype(auto) settings() const {
    return step_.template settings<F>();
  }
  const Shape& x_shape(int i = 0) const { return step_.shape(i); }
  int size() const { return step_.shape().elements(); }
  template <class X>
  const X* x(int i = 0) const {
    return reinterpret_cast<const X*>(step_.operand(i));
  }
  template <class Y>
  Y* y() const {
    return reinterpret_cast<Y*>(step_.result());
  }

  const Step& step_;
  const StepConstants& constants_;
};

}  // namespace detail

/// Runs one step of a network on one sample. `tensors[n]` is the address of the integers of node n.
/// Errors   none; undefined unless node n is a step and its constants are valid
template <class Net, DTypeTable DTypes, class Tensors>
void run_step(const Tensors& tensors, const StepConstants& constants, int n) {
  static_assert(detail::has_kernels<Net, DTypes>(), "quench: no kernel takes the dtypes of a step");
  const detail::GraphStep<Tensors> step(graph<Net>, node_dtypes<Net, DTypes>.of, tensors, constants, n);
  detail::StepRunner<detail::GraphStep<Tensors>>(step).template run<detail::used_types<Net, DTypes>>();
}

/// Runs all steps. `arena` has memory_plan<Network, Weights>.arena_bytes bytes, aligned to `alignment`. It contains the
/// codes of the QuantStubs and the indices before the call, and the integers before the DeQuantStubs after it.
template <ExportedWeights Weights>
void run_steps(unsigned char* arena) {
  using Net = typename Weights::Network;
  static_assert(detail::has_kernels<Net, Weights>(), "quench: no kernel takes the dtypes of a step");
  PackedStep step(step_table_view<Weights>, arena);
  for (int i = 0; i < detail::step_sizes<Weights>.step_count; ++i) {
    step.advance();
    detail::StepRunner<PackedStep>(step).template run<detail::used_types<Net, Weights>>();
  }
}

}  // namespace quench::device
