// SPDX-License-Identifier: Apache-2.0
#include <quench/training/pooling.hpp>

#include "networks/sequences.hpp"
#include "training/long_sums.hpp"
#include "training/probe.hpp"

TEST_CASE("the gradients of average pools and upsampling are those of their forward passes") {
  probe::Probe<operators::Pools>(4).check(probe::smooth);
}

TEST_CASE("the gradients of max pools are those of their forward passes") {
  probe::Probe<operators::MaxPools>(5).check(probe::with_corners);
}

TEST_CASE("the gradients of windows of all kinds are those of their forward passes") {
  probe::Probe<operators::Windows>(6).check(probe::with_corners);
  probe::Probe<operators::AdaptivePools>(7).check(probe::with_corners);
  probe::Probe<sequences::Pools>(8).check(probe::with_corners);
}

TEST_CASE("the gradients of resized maps are those of their forward passes") {
  probe::Probe<operators::Resizes>(8).check(probe::smooth);
}

TEST_CASE("pools and gradients of upsampling sum large maps without loss") {
  using namespace long_sums;
  const q::Shape map{extent, extent, 1}, point{1, 1, 1};
  for (const q::Operator op : {q::Operator::GlobalAvgPool2d, q::Operator::AvgPool2d}) {
    Maps pool(op, map, point);
    pool.node.settings.kernel_size = {extent, extent};
    t::forward(pool.call, {});
    check_sum(static_cast<double>(pool.y[0]), 1.0 / count);
  }
  Maps upsample(q::Operator::Upsample, point, map);
  upsample.node.settings.scale_factor = {extent, extent};
  t::backward(upsample.call, {});
  check_sum(static_cast<double>(upsample.gx[0]));
}
