// SPDX-License-Identifier: Apache-2.0
// All bodies that quench has once if a program is compiled separately.
//
//   #define QUENCH_SEPARATE_COMPILATION     // for every file of the program: -DQUENCH_SEPARATE_COMPILATION
//   #include <quench/compiled.hpp>          // in one source file
//
// The CMake target quench::compiled does both.
#pragma once

#include <quench/eager/arithmetic_impl.hpp>
#include <quench/eager/history_impl.hpp>
#include <quench/execution/codes_impl.hpp>
#include <quench/execution/constants_impl.hpp>
#include <quench/execution/integer_network_impl.hpp>
#include <quench/execution/layer_impl.hpp>
#include <quench/execution/steps_impl.hpp>
#include <quench/execution/tensor_plan_impl.hpp>
#include <quench/fake_quantize/fake_quantize_impl.hpp>
#include <quench/fake_quantize/passes_impl.hpp>
#include <quench/flow/classes_impl.hpp>
#include <quench/flow/export_cpp_impl.hpp>
#include <quench/flow/exported_name_impl.hpp>
#include <quench/flow/input_operators_impl.hpp>
#include <quench/flow/output_operators_impl.hpp>
#include <quench/host/fake_quantize/fake_quantize_impl.hpp>
#include <quench/host/fake_quantize/learned_impl.hpp>
#include <quench/host/observers/histogram_impl.hpp>
#include <quench/host/observers/min_max_impl.hpp>
#include <quench/host/observers/moments_impl.hpp>
#include <quench/host/observers/select_impl.hpp>
#include <quench/host/workers_impl.hpp>
#include <quench/interop/array_reader_impl.hpp>
#include <quench/interop/bytes_impl.hpp>
#include <quench/interop/idx_impl.hpp>
#include <quench/interop/named_arrays_impl.hpp>
#include <quench/interop/npy_impl.hpp>
#include <quench/interop/npz_impl.hpp>
#include <quench/interop/origin_impl.hpp>
#include <quench/interop/safetensors_impl.hpp>
#include <quench/interop/state_impl.hpp>
#include <quench/interop/torch_layout_impl.hpp>
#include <quench/interop/torch_order_impl.hpp>
#include <quench/observers/histogram_growth_impl.hpp>
#include <quench/observers/histogram_impl.hpp>
#include <quench/observers/histogram_search_impl.hpp>
#include <quench/observers/kl_impl.hpp>
#include <quench/observers/least_error_impl.hpp>
#include <quench/observers/magnitude_histogram_impl.hpp>
#include <quench/observers/min_max_impl.hpp>
#include <quench/observers/observer_impl.hpp>
#include <quench/phases/batch_impl.hpp>
#include <quench/phases/core_impl.hpp>
#include <quench/phases/fake_quantizers_impl.hpp>
#include <quench/phases/float_model_impl.hpp>
#include <quench/phases/pass_impl.hpp>
#include <quench/phases/qat_core_impl.hpp>
#include <quench/phases/quantization_impl.hpp>
#include <quench/phases/quantized_model_impl.hpp>
#include <quench/phases/shared_pool_impl.hpp>
#include <quench/report/accuracy_gap_impl.hpp>
#include <quench/report/agreement_impl.hpp>
#include <quench/report/compare_impl.hpp>
#include <quench/report/held_scales_impl.hpp>
#include <quench/report/low_precision_outputs_impl.hpp>
#include <quench/report/overfitting_impl.hpp>
#include <quench/report/sensitivity_impl.hpp>
#include <quench/report/summary_impl.hpp>
#include <quench/report/table_impl.hpp>
#include <quench/tensors/error_impl.hpp>
#include <quench/tensors/files_impl.hpp>
#include <quench/tensors/image_impl.hpp>
#include <quench/tensors/qparams_impl.hpp>
#include <quench/tensors/quantize_impl.hpp>
#include <quench/tensors/records_impl.hpp>
#include <quench/tensors/scale_impl.hpp>
#include <quench/tensors/tables_impl.hpp>
#include <quench/training/batch_norm_impl.hpp>
#include <quench/training/broadcast_impl.hpp>
#include <quench/training/form_impl.hpp>
#include <quench/training/functional_impl.hpp>
#include <quench/training/inputs_impl.hpp>
#include <quench/training/operators_impl.hpp>
#include <quench/training/optimizers_impl.hpp>
#include <quench/training/parameters_impl.hpp>
#include <quench/training/pass_impl.hpp>
#include <quench/training/pass_plan_impl.hpp>
#include <quench/training/schedules_impl.hpp>
#include <quench/training/tape_impl.hpp>
