// SPDX-License-Identifier: Apache-2.0
// The primitives in training code that is not described as a network: handles whose types carry the march and the calls,
// so that misuse does not compile there either.
//
//   using March = quench::march::NashE;
//   quench::eager::QuantStub<"in", March, quench::qconfig::Int8> in;
//   quench::eager::FloatFunctional<"add0", March, quench::qconfig::Int8> add0;
//   quench::eager::DeQuantStub out;
//   auto y = out(add0.add(in(x), in(x)));
#pragma once

#include <quench/eager/calls.hpp>
#include <quench/eager/float_functional.hpp>
#include <quench/eager/stubs.hpp>
#include <quench/qconfig/setter.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/training/losses.hpp>
