// SPDX-License-Identifier: Apache-2.0
// Handles for hand-written training code. Their types carry the march and the calls, so that misuse does not compile.
// What types cannot see is an error at run time.
//
//   using March = quench::march::NashE;
//   quench::eager::QuantStub<"in_x", March, quench::qconfig::Int8> in_x;
//   quench::eager::QuantStub<"in_y", March, quench::qconfig::Int8> in_y;
//   quench::eager::FloatFunctional<"add0", March, quench::qconfig::Int8> add0;
//   quench::eager::DeQuantStub out;
//   auto sum = out(add0.add(in_x(x), in_y(y)));
#pragma once

// Before all others: compilers print the path of includes to a sentence of quench before the sentence.
#include <quench/misuse/catalogue.hpp>
#include <quench/misuse/eager_catalogue.hpp>
#include <quench/misuse/setter_catalogue.hpp>

#include <quench/eager/calls.hpp>
#include <quench/eager/float_functional.hpp>
#include <quench/eager/stubs.hpp>
#include <quench/qconfig/setter.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/training/losses.hpp>
