// SPDX-License-Identifier: Apache-2.0
// What fake-quantizers do with a tensor at a stage of training.
#pragma once

namespace quench {

/// Calibration observes and passes values through, Qat observes and fake-quantizes, Validation fake-quantizes at scales
/// that stay as they are.
enum class FakeQuantState : unsigned char { Calibration, Qat, Validation };

}  // namespace quench
