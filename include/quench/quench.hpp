// SPDX-License-Identifier: Apache-2.0
// Everything of the hosted part: the description of networks, the primitives, hand-written training.
#pragma once

#include <quench/eager.hpp>
#include <quench/network.hpp>
#include <quench/observers/clip.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/least_error.hpp>
#include <quench/observers/min_max.hpp>
#include <quench/observers/percentile.hpp>
#include <quench/qconfig/setter.hpp>
#include <quench/tensors/image.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/training/losses.hpp>
