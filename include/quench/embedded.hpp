// SPDX-License-Identifier: Apache-2.0
// Quantized networks on a device: integers only, a static arena, no heap, no exceptions. Freestanding.
//
//   #include <quench/embedded.hpp>
//   #include "fashion_net.hpp"           // the description
//   #include "fashion_net_weights.hpp"   // exported constants
//   static quench::embedded::Model<fashion_net_weights> model;
#pragma once

#include <quench/device/model.hpp>
#include <quench/network.hpp>
