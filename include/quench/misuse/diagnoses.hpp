// SPDX-License-Identifier: Apache-2.0
// Run-time error texts: mistakes that only data can show. The compile-time texts are in catalogue.hpp.
//
// A diagnosis is thrown as `quench::Error` (tensors/error.hpp), which inserts the module and the evidence after the
// slug. The texts follow the rules of catalogue.hpp: what is wrong, why it matters, what to write instead. Calibration
// cannot undo what training has done, so a diagnosis may have a second cure for training. Slugs are stable.
// Freestanding.
#pragma once

#include <quench/ground/text.hpp>

namespace quench {

/// The slug and the sentences of an error at run time.
struct Diagnosis {
  TextView slug, what, why, cure;
  TextView cure_in_training{};  // used if the values come from training
};

namespace diagnosis {

inline constexpr Diagnosis value_not_finite{
    "value-not-finite", "a value is NaN or infinite",
    "No scale and no integer represents it, and it spreads to every weight.",
    "Look for a division by zero, a logarithm of zero or a learning rate too high in the code that made this tensor."};

inline constexpr Diagnosis input_outside_domain{
    "input-outside-domain", "a function has no finite value for one of its inputs",
    "No scale represents NaN or infinity.",
    "Keep the inputs inside the domain: apply an `Abs` or a `ReLU` before a root, add a small number after it before a "
    "logarithm or a reciprocal, and apply a `Clamp` before an `Exp`."};

inline constexpr Diagnosis empty_input{"empty-input", "there is no data",
                                       "Without data there is nothing to learn from and nothing to measure.",
                                       "Check the data loader: pass at least one batch, and tensors with elements."};

inline constexpr Diagnosis too_few_values{
    "too-few-values", "a batch norm is trained on one value for each channel",
    "The variance of one value is 0, so every output is the bias and no layer before it learns.",
    "Pass `forward` a batch of at least two samples; to use the model, call `predict`."};

inline constexpr Diagnosis nothing_observed{
    "nothing-observed", "an observer without data is asked for a scale", "Any scale would be invented.",
    "Call `observe(x)` with typical data first, or use `quench::FixedScaleObserver` where the scale is known."};

inline constexpr Diagnosis only_zeros_observed{
    "only-zeros-observed", "an observer that is asked for a scale has seen only zeros",
    "Every value would be quantized to 0 or saturate.",
    "Look for a dead layer (weights of zero, a ReLU that passes nothing) or calibrate with other data.",
    "Training has driven this layer to zeros: lower the learning rate or the weight decay, and start again from the "
    "calibrated model."};

inline constexpr Diagnosis scale_underflow{
    "scale-underflow", "the values observed are so small that their scale is below 2^-23",
    "Its reciprocal loses precision, and the bias at its scale would not fit int32.",
    "Bring the values into an ordinary range (normalize the input), or set a scale with `quench::FixedScaleObserver`.",
    "Training has shrunk these values: lower the learning rate or the weight decay, and start again from the "
    "calibrated "
    "model."};

inline constexpr Diagnosis scale_out_of_range{
    "scale-out-of-range", "a scale is not a finite number of at least 2^-23", "Its codes would have no real values.",
    "Look for values that overflow, lower the learning rate of a learned scale, check what an observer of your own "
    "returns, or pass a positive, finite scale.",
    "Training diverges: lower the learning rate, that of learned scales with `quench::Adam{.scales = {.learning_rate = "
    "0.0001f}}`, and start again from the calibrated model."};

inline constexpr Diagnosis scales_too_far_apart{
    "scales-too-far-apart",
    "the scales of an input and an output differ by a factor that no requantization can express",
    "Nearly every result would be 0 or saturate.",
    "Calibrate both with data of the same kind; the factor has to lie between 2^-31 and 2^15.",
    "Training diverges; the factor has to lie between 2^-31 and 2^15. Lower the learning rate, that of learned scales "
    "with "
    "`quench::Adam{.scales = {.learning_rate = 0.0001f}}`, and start again from the calibrated model."};

inline constexpr Diagnosis accumulator_may_overflow{
    "accumulator-may-overflow", "the weights of a layer allow sums beyond int32",
    "Such sums wrap around to the other sign.",
    "Train with weight decay, split the layer's input channels over two layers that are added, or remove the channel.",
    "Lower the learning rate, train with weight decay, or split the layer's input channels over two layers that are "
    "added."};

inline constexpr Diagnosis shape_mismatch{"shape-mismatch", "a shape, a size or an index does not fit",
                                          "Values would go to the wrong channel, or be missing.",
                                          "Change what is given to what is needed, as the evidence says."};

inline constexpr Diagnosis index_out_of_range{
    "index-out-of-range", "an index names no row of an Embedding",
    "There is nothing to look up, and a device would take the nearest row.",
    "Indices count from 0 to `num_embeddings` - 1: check the vocabulary that made them, or enlarge the table."};

inline constexpr Diagnosis label_out_of_range{
    "label-out-of-range", "a label names no class", "The loss and the accuracy would be meaningless.",
    "Labels count from 0: check the data set, and the outputs of the network."};

inline constexpr Diagnosis value_out_of_range{"value-out-of-range", "a setting lies outside its range",
                                              "Training would diverge, or do nothing.", "Set it as the evidence says."};

inline constexpr Diagnosis pixel_out_of_range{
    "value-out-of-range", "a centred image is given real values outside [-1, 127/128]",
    "A camera's codes have no such values, so the device would saturate what the host computes.",
    "Pass an ImageBatch, or its `real_values()`: `quench::to_centered_yuv444(photos)` converts pictures. For values "
    "that "
    "are no picture, describe the input as `quench::Features<H, W, C>`."};

inline constexpr Diagnosis file_not_readable{
    "file-not-readable", "a file cannot be read", "Nothing has been loaded.",
    "Check the path, save the file again, or convert it to what the evidence asks for."};

inline constexpr Diagnosis model_not_understood{
    "model-not-understood", "a model from another tool has something that quench does not know",
    "A network that leaves it out would compute something else.",
    "Export the float network for inference, into one file, with an operator set from 7 to 21, and describe by the "
    "operators of quench what the evidence names."};

inline constexpr Diagnosis file_not_writable{
    "file-not-writable", "a file cannot be written", "Nothing was saved; a file that was there before is unchanged.",
    "Check what the evidence names: the folder, the right to write there, the space on the disk, the names of the "
    "arrays. Then write again."};

inline constexpr Diagnosis state_not_valid{
    "state-not-valid", "a saved state does not fit the object that loads it",
    "The object would compute with wrong numbers.",
    "Load a state that an object of the same type saved; nothing has been changed."};

inline constexpr Diagnosis torch_order_unknown{
    "torch-order-unknown", "this function makes features whose order in PyTorch is not known",
    "The weights of the layers after this function would meet other features than in PyTorch.",
    "Describe the network without a function that mixes the axes H and W with C. Or bring the weights of the layers "
    "after "
    "this function into the order H, W, C, and add an array named \"features_in_quench_order\" to the file."};

inline constexpr Diagnosis model_moved_from{
    "model-moved-from", "a model is used after it was moved into another one", "It contains nothing any more.",
    "Use what the call returned, as in `auto calibrated = quench::calibrate(std::move(prepared), batches);`, or pass a "
    "copy: `quench::calibrate(prepared, batches)`."};

inline constexpr Diagnosis backward_before_forward{
    "backward-before-forward", "backward is called without a new forward pass",
    "The gradient depends on the values of that pass.",
    "Call `forward`, or the operation, before each `backward`; of several operations the last one comes first."};

inline constexpr Diagnosis functional_called_once{
    "functional-called-once", "one eager handle serves two different calls",
    "A handle keeps the scale of one output, so it rounds the result of one call by the scale of the other.",
    "Declare a handle for each call: `quench::eager::FloatFunctional<\"add1\", March, Q> add1;`. For the next batch "
    "call the "
    "QuantStub again."};

}  // namespace diagnosis

}  // namespace quench
