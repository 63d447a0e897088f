// SPDX-License-Identifier: Apache-2.0
// The kernels that the engine calls: those of kernels/, which are the definition, and the processor's own where it has
// them.
//
// A fast kernel has the name and the arguments of its definition, with fewer types left open. So the compiler prefers it
// for the types that it takes. It calls the definition for settings that it does not cover. Freestanding.
#pragma once

#include <quench/device/dsp/add.hpp>
#include <quench/device/dsp/conv2d.hpp>
#include <quench/device/dsp/linear.hpp>
#include <quench/device/dsp/maximum.hpp>
#include <quench/device/dsp/mul.hpp>
#include <quench/device/dsp/pooling.hpp>
#include <quench/device/mve/add.hpp>
#include <quench/device/mve/conv2d.hpp>
#include <quench/device/mve/linear.hpp>
#include <quench/device/mve/maximum.hpp>
#include <quench/device/mve/mul.hpp>
#include <quench/device/mve/pooling.hpp>
#include <quench/device/rvv/add.hpp>
#include <quench/device/rvv/conv2d.hpp>
#include <quench/device/rvv/linear.hpp>
#include <quench/device/rvv/maximum.hpp>
#include <quench/device/rvv/mul.hpp>
#include <quench/device/rvv/pooling.hpp>

namespace quench::device::fast {

using kernels::add, kernels::conv2d, kernels::linear, kernels::sub;
using kernels::avg_pool2d, kernels::max_pool2d, kernels::maximum, kernels::minimum, kernels::mul;

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)
using mve::add, mve::conv2d, mve::linear, mve::sub;
using mve::avg_pool2d, mve::max_pool2d, mve::maximum, mve::minimum, mve::mul;
#elif defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_BIG_ENDIAN)
using dsp::add, dsp::conv2d, dsp::linear, dsp::sub;
using dsp::avg_pool2d, dsp::max_pool2d, dsp::maximum, dsp::minimum, dsp::mul;
#elif defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
using rvv::add, rvv::conv2d, rvv::linear, rvv::sub;
using rvv::avg_pool2d, rvv::max_pool2d, rvv::maximum, rvv::minimum, rvv::mul;
#endif

/// max(a + b, 0). Everything else as `add`.
template <class A, class B, class Y>
constexpr void add_relu(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y,
                        kernels::Addition addition) {
  if (addition.low < 0) addition.low = 0;
  add(a, a_shape, b, b_shape, y, addition);
}

}  // namespace quench::device::fast
