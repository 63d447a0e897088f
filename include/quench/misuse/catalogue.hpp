// SPDX-License-Identifier: Apache-2.0
// The catalogue of mistakes: the compile-time error texts of quench. Those of structs that are no network are in
// reading_catalogue.hpp, of unused values and of ties in wiring_catalogue.hpp, of setters in setter_catalogue.hpp, of eager
// handles in eager_catalogue.hpp.
//
// One mistake is one template. Its parameters are the evidence, which compilers print. Its static_assert is the
// message: what is wrong, why it matters, what to write instead. verify.hpp makes each rule that is broken a base class
// of `verified<Net>`. So the compiler reports all mistakes together, each once. Slugs are stable. Freestanding.
#pragma once

#include <quench/ground/text.hpp>
#include <quench/types/color.hpp>

namespace quench::phase {

// The phases of a model, as evidence.
struct FloatModel;
struct PreparedModel;
struct CalibratedModel;
struct QatModel;

}  // namespace quench::phase

namespace quench::misuse {

/// False for every broken rule. Compilers print the rule and its evidence because the condition depends on it.
template <class Rule>
inline constexpr bool allowed = false;

// Evidence. These names appear only in messages.

/// Source lines of calls in `forward`.
template <int... Line>
struct on_lines;
/// The shape of the operand, without the batch.
template <int... Extent>
struct given;
/// The shape that the operator needs.
template <int... Extent>
struct needed;
/// The value of a setting that is an integer.
template <int Value>
struct value;
/// Replaces `value` if the setting is a real number.
struct real_value;
// Calls.

template <Text Handle, int Calls, class Lines>
struct functional_called_once {
  static_assert(allowed<functional_called_once>,
                "quench[functional-called-once]: forward() calls this FloatFunctional more than once. "
                "A FloatFunctional keeps the scale of one output, and each call needs its own scale. "
                "Declare one for each call: `quench::FloatFunctional add0, add1;`.");
};

template <Text Module, int Calls, class Lines>
struct module_called_once {
  static_assert(allowed<module_called_once>,
                "quench[module-called-once]: forward() calls this layer more than once. "
                "A layer keeps the scale of one output (and its parameters are quantized for it), and each call needs "
                "its own scale. "
                "Declare one layer for each call; to share the weights, add `using Ties = "
                "quench::Ties<quench::Tie<\"conv0\", \"conv1\">>;`.");
};

template <Text Module>
struct module_never_called {
  static_assert(allowed<module_never_called>,
                "quench[module-never-called]: forward() never calls this member. "
                "Most often that is a typing mistake, or another layer is called in its place. "
                "If the compiler reports another error in forward(), mend that one first; otherwise call this member "
                "in forward(), or delete it.");
};

template <Text Layer, class Lines>
struct module_not_a_member {
  static_assert(allowed<module_not_a_member>,
                "quench[module-not-a-member]: forward() calls a layer that is local, static or const. "
                "A layer keeps parameters or a scale under the name of its data member, and this one has no name. "
                "Make it a public data member of the network or of a block, neither static nor const, and call that.");
};

// The quantized region.

template <Text Module, class Lines>
struct missing_quant_stub {
  static_assert(allowed<missing_quant_stub>,
                "quench[missing-quant-stub]: this module is given a float tensor where a quantized one is needed. "
                "Integers are computed only after a QuantStub, which finds the scale of the tensor. "
                "Declare `quench::QuantStub quant;` and pass `quant(x)` to the module instead of `x`.");
};

template <Text Module, class Lines>
struct missing_dequant_stub {
  static_assert(allowed<missing_dequant_stub>,
                "quench[missing-dequant-stub]: the output of this module leaves forward() quantized. "
                "Its integers mean nothing without their scale, which a DeQuantStub applies. "
                "Declare `quench::DeQuantStub dequant;` and return `dequant(y)` instead of `y`.");
};

template <Text Stub, class Lines>
struct already_quantized {
  static_assert(allowed<already_quantized>,
                "quench[already-quantized]: this QuantStub is given a tensor that is quantized already. "
                "Quantizing twice rounds twice and gains nothing. "
                "Delete this QuantStub, or pass it a float tensor.");
};

template <Text Stub, ColorFormat Color, class Lines>
struct input_not_centered_yuv444 {
  static_assert(allowed<input_not_centered_yuv444>,
                "quench[input-not-centered-yuv444]: this QuantStub is given an image in a colour format that the "
                "hardware does not take. "
                "A network trained on it would see other colours on the device. "
                "Train on centred images from the beginning: `quench::Image<quench::color::CenteredYuv444, H, W>` (or "
                "`CenteredGray`). `quench::to_centered_yuv444(images)` converts pictures. For trained weights see "
                "interop/trained_on_rgb.md.");
};

namespace images {

template <ColorFormat Given, ColorFormat Needed>
struct input_not_centered_yuv444 {
  static_assert(allowed<input_not_centered_yuv444>,
                "quench[input-not-centered-yuv444]: these images have another colour format than the network takes. "
                "It would see other colours than it sees on the device. "
                "Convert them: `quench::to_centered_yuv444(images)`, or `quench::to_centered_gray(images)`.");
};

}  // namespace images

// Shapes, settings, arithmetic.

template <Text Module, class Given, class Needed, class Lines>
struct shape_mismatch {
  static_assert(
      allowed<shape_mismatch>,
      "quench[shape-mismatch]: this module is given a tensor whose shape does not fit. "
      "Shapes are without the batch, [H, W, C] for 2-d layers and [L, C] for Conv1d and other 1-d layers, and "
      "the operands and settings of one operation must agree. "
      "Change its settings or its operands, so that the shape `given` equals the shape `needed`.");
};

template <Text Module, Text Setting, class Value, class Lines>
struct setting_out_of_range {
  static_assert(
      allowed<setting_out_of_range>,
      "quench[setting-out-of-range]: a setting of this module is out of range. "
      "Channels, kernels, strides, dilations, sizes and whole factors must be set and at least 1; a real factor is "
      "positive and leaves a pixel; `size` excludes `scale_factor`; `align_corners` is for Bilinear; an output size is "
      "at most 46340; paddings are at least 0; `groups` divides the channels; a pool's padding is at most half its "
      "kernel; each window of a max pool contains a pixel; axes and positions lie inside the tensor; numbers are "
      "finite, `high` is above `low`, and the eps of a LayerNorm or RMSNorm is above 0. "
      "Change the setting named here.");
};

template <Text Module, int Depth, class Lines>
struct accumulator_may_overflow {
  static_assert(
      allowed<accumulator_may_overflow>,
      "quench[accumulator-may-overflow]: this module adds so many products that its int32 accumulator can wrap around. "
      "Then a rare output is wildly wrong, and tests may not show it. "
      "Split the depth over two modules and add their outputs, so that depth * 2^14 stays below 2^31 (sums and means: "
      "2^7 for each int8 value, 2^15 for each int16 value; LayerNorm and RMSNorm: twice that, and they cannot be "
      "split, so give them int8 or shorter rows).");
};

template <Text BatchNorm, class Lines>
struct batch_norm_not_foldable {
  static_assert(
      allowed<batch_norm_not_foldable>,
      "quench[batch-norm-not-foldable]: this batch norm does not directly follow a conv or linear that only it uses. "
      "On integers it exists only as part of such a layer's weights. "
      "Write `bn(conv(x))`; where no such layer fits, write `quench::ChannelAffine{.channels = C}` in its place, which "
      "loads the batch norm of PyTorch. To train statistics there, call the norm after it: `bn(affine(x))`.");
};

// Marches.

template <Text Module, class March, class Lines>
struct operator_not_supported_by_march {
  static_assert(
      allowed<operator_not_supported_by_march>,
      "quench[operator-not-supported-by-march]: this march does not have the operator of this module. "
      "The model would not compile for its processor, or a part would run elsewhere. "
      "Use another operator (ReLU for GELU, for example), move it after the DeQuantStub, or choose another march.");
};

template <Text Module, class March, class Lines>
struct int16_not_supported {
  static_assert(
      allowed<int16_not_supported>,
      "quench[int16-not-supported]: this module would take or give int16, and this march computes it in int8 only. "
      "A silent fall-back to int8 would change the accuracy unseen. "
      "Let this module and the one before it give int8, or choose a march that takes int16 here.");
};

template <class March, class Processor>
struct march_does_not_match_processor {
  static_assert(allowed<march_does_not_match_processor>,
                "quench[march-does-not-match-processor]: the model is made for another march than this processor has. "
                "The checks of the model do not hold on this processor. "
                "Use the processor's march throughout: NashE for J6E, NashM for J6M, NashP for J6P, NashB for J6B, "
                "Bayes for J5, Bernoulli2 for J3.");
};

template <Text Handle, class March, class OtherMarch>
struct march_mixed {
  static_assert(allowed<march_mixed>,
                "quench[march-mixed]: this handle is given a tensor of another march. "
                "Each march rounds and saturates in its own way, so the result would be right on neither. "
                "Use one march for the whole network: `using March = quench::march::NashE;`.");
};

// The flow from float to integers.

template <class Container>
struct result_not_row_major {
  static_assert(allowed<result_not_row_major>,
                "quench[result-not-row-major]: this container for a result stores its elements column by column. "
                "Results are written row by row, so you would read each value from a wrong place. "
                "Write into an `xt::xtensor<float, N, xt::layout_type::row_major>`, or assign what the function "
                "returns: `y = f(x)`.");
};

template <class... Given>
struct march_not_given {
  static_assert(allowed<march_not_given>,
                "quench[march-not-given]: prepare needs a march. "
                "The march decides the arithmetic, the operators and the dtypes. "
                "Name it first: `quench::prepare<quench::march::NashE>(model)`; a setter may follow it.");
};

template <class March>
struct march_has_no_integer_backend {
  static_assert(allowed<march_has_no_integer_backend>,
                "quench[march-has-no-integer-backend]: quench has no integer arithmetic for this march. "
                "Training and conversion would not match what its processor computes. "
                "Prepare for NashE, NashM, NashP or NashB: `quench::prepare<quench::march::NashE>(model)`.");
};

template <class Phase>
struct convert_before_calibration {
  static_assert(allowed<convert_before_calibration>,
                "quench[convert-before-calibration]: the model has not been calibrated. "
                "A scale that no data has set is a guess. "
                "Prepare and calibrate it first: `quench::calibrate(std::move(prepared), batches)`.");
};

template <Text Module>
struct qat_changes_dtype {
  static_assert(
      allowed<qat_changes_dtype>,
      "quench[qat-changes-dtype]: the setter of start_qat gives this module another dtype than the setter of prepare. "
      "Calibration found its scale for the dtype of prepare. "
      "Give both setters the same dtypes, or call start_qat without one.");
};

template <class Phase>
struct accuracy_of_qat_model {
  static_assert(allowed<accuracy_of_qat_model>,
                "quench[accuracy-of-qat-model]: evaluate is given a model that is not the one that ships. "
                "Only the quantized model's accuracy can be reported. "
                "Evaluate `quench::convert(model)`; to watch training, use `quench::monitor(model, batches)`.");
};

template <class Phase>
struct calibration_on_several_devices {
  static_assert(allowed<calibration_on_several_devices>,
                "quench[calibration-on-several-devices]: a model in calibration is given to several workers. "
                "A moving average depends on the order of the batches, so each worker would find other scales. "
                "Calibrate first, `quench::calibrate(std::move(prepared), batches)`, then train in parallel.");
};

// Deployment.

template <int NeededBytes, int LimitBytes>
struct arena_over_limit {
  static_assert(allowed<arena_over_limit>,
                "quench[arena-over-limit]: the tensors of the network do not fit the memory that it is allowed. "
                "The device would run out of RAM, or overwrite other data. "
                "Make the largest maps smaller (an earlier stride, fewer channels), or raise quench::ArenaLimit.");
};

template <class Operator>
struct operator_needs_statistics {
  static_assert(allowed<operator_needs_statistics>,
                "quench[operator-needs-statistics]: an operator with its own scale is added to a model that is already "
                "quantized. "
                "Calibration must find its scale, and training must use it. "
                "Add the operator to the description, before the DeQuantStub, and calibrate again.");
};

}  // namespace quench::misuse
