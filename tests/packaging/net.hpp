// SPDX-License-Identifier: Apache-2.0
// The description that trainer and firmware share.
#pragma once

#include <quench/network.hpp>

struct Net {
  using Inputs = quench::Inputs<quench::Features<4>>;
  quench::QuantStub quant;
  quench::Linear linear{.in_features = 4, .out_features = 2};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(linear(quant(x))); }
};
static_assert(quench::verified<Net>());
