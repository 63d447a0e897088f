// SPDX-License-Identifier: Apache-2.0
// Runs the steps of an integer network in an arena: a loop over the node table with a switch on the operator.
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
#include <quench/kernels/maximum.hpp>
#include <quench/kernels/mul.hpp>
#include <quench/kernels/pooling.hpp>
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

namespace quench::device {

namespace detail {

// One step: the node, its constants, and its tensors. `tensors[n]` is the address of the tensor of node n. Networks on
// the host share its functions: they depend on the types that a network uses, not on the network.
template <class Tensors>
class StepRunner {
 public:
  StepRunner(const Graph& network, const DType* dtypes, const Tensors& tensors, const StepConstants& constants, int n)
      : network_(network),
        dtypes_(dtypes),
        tensors_(tensors),
        index_(n),
        node_(network.nodes[n]),
        constants_(constants) {}

  template <const UsedTypes& Used>
  void run() const {
    switch (family_of(node_.op)) {
      case Family::Convolution: return conv2d<Used(Family::Convolution)>();
      case Family::TransposedConvolution: return conv_transpose2d<Used(Family::TransposedConvolution)>();
      case Family::Linear: return linear<Used(Family::Linear)>();
      case Family::ChannelAffine: return channel_affine<Used(Family::ChannelAffine)>();
      case Family::PReLU: return prelu<Used(Family::PReLU)>();
      case Family::MatMul: return multiply_matrices<Used(Family::MatMul)>();
      case Family::Addition:
        return node_.op == Operator::Add   ? add<Operator::Add, Used(Operator::Add)>()
               : node_.op == Operator::Sub ? add<Operator::Sub, Used(Operator::Sub)>()
                                           : add<Operator::AddReLU, Used(Operator::AddReLU)>();
      case Family::Product: return mul<Used(Family::Product)>();
      case Family::Comparison:
        return node_.op == Operator::Maximum ? compare<Operator::Maximum, Used(Operator::Maximum)>()
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
        return node_.op == Operator::LayerNorm ? normalize<Operator::LayerNorm, Used(Operator::LayerNorm)>()
                                               : normalize<Operator::RMSNorm, Used(Operator::RMSNorm)>();
      case Family::Move:
        return node_.op == Operator::Permute ? move<Operator::Permute, Used(Operator::Permute)>()
               : node_.op == Operator::Slice ? move<Operator::Slice, Used(Operator::Slice)>()
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
    const DType a = operand_dtype(network_, dtypes_, index_, 0);
    const DType b = node_.operand_count > 1 ? operand_dtype(network_, dtypes_, index_, 1) : a;
    for_types<Used>(a, b, dtype_of(index_), f);
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
      const int in = node_.settings.in_channels, out = node_.settings.out_channels;
      fast::linear(x<X>(), constants_.weight, y<Y>(), {x_shape().elements() / in, in, out, constants_.x_shift},
                   output());
    });
  }
  template <unsigned Used>
  void channel_affine() const {
    with<Used>([this]<class X, class, class Y>() {
      const int channels = node_.settings.in_channels;
      kernels::channel_affine(x<X>(), constants_.weight, y<Y>(), size() / channels, channels, output());
    });
  }
  template <unsigned Used>
  void prelu() const {
    with<Used>([this]<class X, class, class Y>() {
      const int slopes = node_.settings.in_channels;
      kernels::prelu(x<X>(), y<Y>(), size() / slopes, slopes, constants_.requantization);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void mul() const {
    with<Used>([this]<class A, class B, class Y>() {
      kernels::mul(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), constants_.requantization[0]);
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
    keep_type<Used>([this]<class X>() { kernels::max_pool2d(x<X>(), y<X>(), pool()); });
  }
  template <unsigned Used>
  void avg_pool() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::avg_pool2d(x<X>(), y<Y>(), pool(), {constants_.requantization, constants_.counts});
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void reduce() const {
    with<Used>([this]<class X, class, class Y>() {
      kernels::Reduction reduction{.x = x_shape(), .requantization = constants_.requantization[0]};
      for (int i = 0; i < node_.settings.axis_count; ++i) reduction.is_reduced[node_.settings.axes[i]] = true;
      kernels::reduce(x<X>(), y<Y>(), reduction);
      hold(y<Y>());
    });
  }
  template <unsigned Used>
  void embedding() const {
    keep_type<Used>([this]<class Y>() {
      const Settings& s = node_.settings;
      kernels::embedding(x<std::int32_t>(), constants_.table<Y>(), y<Y>(), x_shape().elements(), s.in_channels,
                         s.out_channels);
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
      product.batch = node_.shape.elements() / (product.rows * product.columns);
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
    for (int i = 0; i < node_.operand_count; ++i) {
      const DType from = dtype_of(operand(i));
      for_types<Used>(from, from, dtype_of(index_), [&]<class X, class, class Y>() {
        const Requantization record =
            constants_.requantization != nullptr ? constants_.requantization[i] : kernels::same_scale;
        begin = kernels::cat(x<X>(i), x_shape(i), y<Y>(), node_.shape, cat_axis(node_), begin, record);
        if (i == node_.operand_count - 1) hold(y<Y>());
      });
    }
  }

  template <Operator Op, unsigned Used>
  void compare() const {
    with<Used>([this]<class A, class B, class Y>() {
      if constexpr (Op == Operator::Maximum)
        kernels::maximum(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), comparison());
      else
        kernels::minimum(x<A>(), x_shape(), x<B>(1), x_shape(1), y<Y>(), comparison());
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
      const Settings& s = node_.settings;
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
      const kernels::Resize resize = kernels::resize_of(node_.settings, x_shape());
      if (node_.settings.mode == InterpolationMode::Nearest)
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
  kernels::Convolution convolution() const { return kernels::convolution_of(node_, x_shape(), constants_.x_shift); }
  kernels::Pool pool() const { return kernels::pool_of(node_, x_shape()); }
  kernels::Comparison comparison() const {
    if (constants_.requantization == nullptr) return {};
    return {constants_.requantization[0], constants_.requantization[1]};
  }

  int operand(int i) const { return network_.operand(node_, i); }
  const Shape& x_shape(int i = 0) const { return network_.nodes[operand(i)].shape; }
  int size() const { return node_.shape.elements(); }
  DType dtype_of(int n) const { return dtypes_[n]; }
  template <class X>
  const X* x(int i = 0) const {
    return reinterpret_cast<const X*>(tensors_[operand(i)]);
  }
  template <class Y>
  Y* y() const {
    return reinterpret_cast<Y*>(tensors_[index_]);
  }

  const Graph& network_;
  const DType* dtypes_;
  const Tensors& tensors_;
  int index_;
  const Node& node_;
  const StepConstants& constants_;
};

template <class Net, DTypeTable DTypes>
struct Arena {
  unsigned char* bytes;
  constexpr unsigned char* operator[](int n) const { return bytes + memory_plan<Net, DTypes>.offset_of(n); }
};

}  // namespace detail

/// Runs one step of a network on one sample. `tensors[n]` is the address of the integers of node n.
/// Errors   none; undefined unless node n is a step and its constants are valid
template <class Net, DTypeTable DTypes, class Tensors>
void run_step(const Tensors& tensors, const StepConstants& constants, int n) {
  static_assert(detail::has_kernels<Net, DTypes>(), "quench: no kernel takes the dtypes of a step");
  detail::StepRunner<Tensors>(graph<Net>, node_dtypes<Net, DTypes>.of, tensors, constants, n)
      .template run<detail::used_types<Net, DTypes>>();
}

/// Runs all steps. `arena` has memory_plan<Network, Weights>.arena_bytes bytes, aligned to `alignment`. It contains the
/// codes of the QuantStubs and the indices before the call, and the integers before the DeQuantStubs after it.
template <ExportedWeights Weights>
void run_steps(unsigned char* arena) {
  using Net = typename Weights::Network;
  constexpr const Graph& network = graph<Net>;
  const detail::Arena<Net, Weights> tensors{arena};
  for (int n = 0; n < network.node_count; ++n)
    if (is_step(network, n)) run_step<Net, Weights>(tensors, Weights::steps[n], n);
}

}  // namespace quench::device
