// SPDX-License-Identifier: Apache-2.0
// Describes a network and has the compiler check it. The trainer and the firmware include the same description, so this
// header is freestanding: no float arithmetic at run time, no heap, no exceptions.
//
//   struct Net { using Inputs = ...; quench::QuantStub quant; ...; constexpr auto forward(auto x) const { ... } };
//   static_assert(quench::verified<Net>());   // breaks with one error for each mistake
//   quench::graph<Net>                        // the operators, shapes and names, as constants
#pragma once

// Before all others: compilers print the path of includes to a sentence of quench before the sentence.
#include <quench/misuse/catalogue.hpp>
#include <quench/misuse/reading_catalogue.hpp>
#include <quench/misuse/wiring_catalogue.hpp>

#include <quench/ground/version.hpp>
#include <quench/misuse/verify.hpp>
#include <quench/network/activations.hpp>
#include <quench/network/division.hpp>
#include <quench/network/dtypes.hpp>
#include <quench/network/embedding.hpp>
#include <quench/network/float_functional.hpp>
#include <quench/network/identity.hpp>
#include <quench/network/inputs.hpp>
#include <quench/network/moving.hpp>
#include <quench/network/normalization.hpp>
#include <quench/network/one_dimensional.hpp>
#include <quench/network/parameterised.hpp>
#include <quench/network/per_channel.hpp>
#include <quench/network/pooling.hpp>
#include <quench/network/sequential.hpp>
#include <quench/network/shape_functions.hpp>
#include <quench/network/stubs.hpp>
#include <quench/network/ties.hpp>
#include <quench/network/trace.hpp>
#include <quench/types/color.hpp>
#include <quench/types/march.hpp>
#include <quench/types/processor.hpp>
