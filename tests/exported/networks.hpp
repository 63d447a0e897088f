// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/outputs.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "networks/small.hpp"
