// SPDX-License-Identifier: Apache-2.0
// Everything: the description, the primitives, and the flow from float to integers.
//
//   #include <quench/quench.hpp>
//
// Hosted. A file that only describes a network includes <quench/network.hpp>, a device <quench/embedded.hpp>,
// hand-written training code <quench/eager.hpp>.
#pragma once

// Before all others: compilers print the path of includes to a sentence of quench before the sentence.
#include <quench/misuse/catalogue.hpp>
#include <quench/misuse/device_catalogue.hpp>
#include <quench/misuse/eager_catalogue.hpp>
#include <quench/misuse/reading_catalogue.hpp>
#include <quench/misuse/setter_catalogue.hpp>
#include <quench/misuse/wiring_catalogue.hpp>

#include <quench/eager.hpp>
#include <quench/embedded.hpp>
#include <quench/flow/attach.hpp>
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/deploy.hpp>
#include <quench/flow/evaluate.hpp>
#include <quench/flow/export_c.hpp>
#include <quench/flow/export_cpp.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/ground/version.hpp>
#include <quench/network.hpp>
#include <quench/observers/clip.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/least_error.hpp>
#include <quench/observers/min_max.hpp>
#include <quench/observers/percentile.hpp>
#include <quench/phases/data_parallel.hpp>
#include <quench/qconfig/setter.hpp>
#include <quench/report/accuracy_gap.hpp>
#include <quench/report/compare.hpp>
#include <quench/report/deployment_summary.hpp>
#include <quench/report/overfitting.hpp>
#include <quench/report/sensitivity.hpp>
#include <quench/report/summary.hpp>
#include <quench/tensors/image.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/training/losses.hpp>
#include <quench/training/optimizers.hpp>
#include <quench/training/schedules.hpp>
