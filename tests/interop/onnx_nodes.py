#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""onnx_nodes.py PROGRAM: the float operators on the node tests of the ONNX standard.

Needs Debian's packages libonnx-testdata, which has them, and python3-onnx. Each test is written as one call of quench: maps
and weights channels-last, attributes by quench's meaning of them, constant inputs as settings. PROGRAM (onnx_nodes.cpp) computes
the calls. LEFT_OUT names each test of the same operators that quench has no call for, with the reason.
"""
import glob
import math
import os
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import helper, numpy_helper

FOLDER = "/usr/share/libonnx-testdata/data/node/test_"
# Patterns of names: why there is no call.
LEFT_OUT = {
    r".*_(u?int\d+|float16|float64|int8_\w+)": "not of float32",
    r".*_3d_default|convtranspose_3d": "of three dimensions",
    r"maxpool_with_argmax_.*": "gives places",
    r"training_.*|.*_training_mode|dropout_.*_mask.*": "of training",
    r"identity_(opt|sequence)": "not of a tensor",
    r"(edge|reflect|constant)_pad": "pads with other values than 0",
    r"slice_neg_steps|slice_start_out_of_bounds|split_zero_size_splits|reshape_allowzero_reordered": "steps, or no elements",
    r"prelu_example": "a slope for each element",
    r"gather_2d_indices": "places in two dimensions",
    r"gemm_default_matrix_bias": "a bias for each row",
    r"convtranspose_(pads|autopad_same|output_shape|kernel_shape|with_kernel)": "another padding on each side, or an output's size",
    r"reduce_sum_empty_axes_input_noop_.*|reduce_sum_negative_axes_keepdims_random": "adds nothing",
}
SAME_FUNCTION = ("Abs Exp Log Sqrt Reciprocal Sigmoid Tanh Relu HardSwish Softplus Add Sub Mul Div Max Min MatMul Neg Identity "
                 "Dropout").split()
OTHERS = ("Sum Clip PRelu BatchNormalization LayerNormalization Softmax Gemm Conv ConvTranspose MaxPool AveragePool GlobalAveragePool "
          "GlobalMaxPool DepthToSpace SpaceToDepth Concat Split Slice Gather Transpose Reshape Flatten Squeeze Unsqueeze Pad ReduceMean "
          "ReduceSum").split()
DEFAULTS = {"LeakyRelu": {"alpha": 0.01}, "Elu": {"alpha": 1.0}, "HardSigmoid": {"alpha": 0.2, "beta": 0.5}}


def channels_last(x):
    """[N, C, H, W] as N maps [H, W, C], and [N, C, L] as N sequences [L, C]."""
    return numpy.moveaxis(x, 1, -1)


class Call:
    """A call as onnx_nodes.cpp reads it."""

    def __init__(self, name, call, x, y, samples=None, **numbers):
        """With `samples`, the first axis of x and y counts them."""
        self.lines = ["case %s %s %d" % (name, call, samples or 1)]
        for key, value in numbers.items():
            value = numpy.atleast_1d(value).tolist()
            self.lines.append("numbers %s %d %s" % (key, len(value), " ".join(map(repr, value))))
        for kind, tensors in (("input", x), ("output", y)):
            for tensor in tensors:
                self.add(kind, tensor, tensor.shape[1:] if samples else tensor.shape)

    def add(self, kind, tensor, shape=None):
        shape = tensor.shape if shape is None else shape
        self.lines.append("%s %d %s %d %s" % (kind, len(shape), " ".join(map(str, shape)), tensor.size,
                                              " ".join(repr(value) for value in tensor.ravel().tolist())))
        return self


def padding_of(attributes, extents, kernel, strides, dilations):
    """(top, bottom, left, right); nothing for quench's Padding::Same, which is SAME_UPPER."""
    auto = attributes.get("auto_pad", b"NOTSET")
    if auto == b"SAME_UPPER":
        return []
    if auto == b"SAME_LOWER":  # the odd pixel above and to the left
        totals = [max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
                  for n, k, s, d in zip(extents, kernel, strides, dilations)]
        return [side for total in totals for side in (total - total // 2, total // 2)]
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    return [top, bottom, left, right]


def call_of(name, op, attributes, x, y):
    rank = x[0].ndim
    if op in SAME_FUNCTION:
        x = [tensor.reshape((1,) * (rank - tensor.ndim) + tensor.shape) for tensor in x]  # quench broadcasts equal ranks
        return Call(name, op, x[:1] if op == "Dropout" else x, y[:1])
    if op == "Sum":
        return Call(name, "Add", x, y)
    if op in DEFAULTS:
        return Call(name, op, x, y, **{**DEFAULTS[op], **attributes})
    if op == "Clip":
        return Call(name, op, x[:1], y, **{key: value for key, value in zip(("min", "max"), x[1:]) if value is not None})
    if op == "PRelu":
        return Call(name, op, x[:1], y).add("weight", x[1])
    if op == "BatchNormalization":  # without a layer before it: a ChannelAffine
        weight = x[1] / numpy.sqrt(x[4].astype(float) + attributes.get("epsilon", 1e-5))
        call = Call(name, "ChannelAffine", [channels_last(x[0])], [channels_last(y[0])], len(x[0]))
        return call.add("weight", weight).add("bias", x[2] - x[3] * weight)
    if op == "LayerNormalization":
        axis = attributes.get("axis", -1) % rank
        call = Call(name, op, x[:1], y[:1], epsilon=attributes.get("epsilon", 1e-5), normalized_shape=x[0].shape[axis:])
        return call.add("weight", x[1]).add("bias", x[2])
    if op == "Softmax":
        order = list(range(rank))
        axis = attributes.get("axis", -1) % rank
        order[axis], order[-1] = order[-1], order[axis]
        return Call(name, op, x, y, order=order)
    if op == "Gemm":  # a Linear, its factors in the weight and the bias
        rows = x[0].T if attributes.get("transA") else x[0]
        weight = x[1] if attributes.get("transB") else x[1].T
        call = Call(name, "Linear", [rows], y, len(rows)).add("weight", weight * attributes.get("alpha", 1))
        bias = numpy.broadcast_to(x[2].ravel() * attributes.get("beta", 1), len(weight)) if len(x) > 2 else None
        return call if bias is None else call.add("bias", bias)
    if op in ("Conv", "ConvTranspose", "MaxPool", "AveragePool"):
        kernel = attributes.get("kernel_shape") or x[1].shape[2:]
        if rank == 3:  # the tests have no other settings
            call = Call(name, op + "1d", [channels_last(x[0])], [channels_last(y[0])], len(x[0]), kernel_shape=kernel,
                        strides=attributes.get("strides", [1]))
            return call if op != "ConvTranspose" else call.add("weight", numpy.moveaxis(x[1], 0, -1))
        both = {"strides": attributes.get("strides", [1, 1]), "dilations": attributes.get("dilations", [1, 1])}
        settings = {"padding": padding_of(attributes, x[0].shape[2:], kernel, *both.values()), **both}
        if op == "ConvTranspose":
            settings.update(padding=settings["padding"][::2], output_padding=attributes.get("output_padding", [0, 0]))
        elif op == "Conv":
            settings["group"] = attributes.get("group", 1)
        else:
            settings.update(kernel_shape=kernel, ceil_mode=attributes.get("ceil_mode", 0),
                            count_include_pad=attributes.get("count_include_pad", 0))
        call = Call(name, op, [channels_last(x[0])], [channels_last(y[0])], len(x[0]), **settings)
        if op == "Conv":  # [out, in / groups, kh, kw]
            return call.add("weight", numpy.moveaxis(x[1], 1, -1))
        if op == "ConvTranspose":  # [in, out, kh, kw]
            return call.add("weight", numpy.moveaxis(x[1], 0, -1))
        return call
    if op in ("GlobalAveragePool", "GlobalMaxPool", "DepthToSpace", "SpaceToDepth"):
        numbers = {"blocksize": attributes["blocksize"]} if "blocksize" in attributes else {}
        if op == "DepthToSpace":
            numbers["crd"] = int(attributes.get("mode", b"DCR") == b"CRD")
        return Call(name, op, [channels_last(x[0])], [channels_last(y[0])], len(x[0]), **numbers)
    if op == "Concat":
        return Call(name, op, x, y, axis=attributes["axis"])
    if op == "Split":
        axis = attributes.get("axis", 0)
        ends = numpy.cumsum([part.shape[axis] for part in y]).tolist()
        runs = [number for begin, end in zip([0] + ends, ends) for number in (axis, begin, end)]
        return Call(name, "Slices", x[:1], y, axes=1, runs=runs)
    if op == "Slice":
        axes = x[3].tolist() if len(x) > 3 else range(len(x[1]))
        runs = []
        for axis, begin, end in zip(axes, x[1].tolist(), x[2].tolist()):
            begin, end, _ = slice(begin, end).indices(x[0].shape[axis])
            runs += [axis % rank, begin, end]
        return Call(name, "Slices", x[:1], y, axes=len(axes), runs=runs)
    if op == "Gather":
        return Call(name, op, x[:1], y, axis=attributes.get("axis", 0), places=x[1])
    if op == "Transpose":
        return Call(name, op, x, y, perm=attributes.get("perm", list(reversed(range(rank)))))
    if op in ("Reshape", "Flatten"):
        return Call(name, "Reshape", x[:1], y, shape=y[0].shape)
    if op == "Squeeze":
        axis, = x[1].tolist()
        return Call(name, op, x[:1], y, axis=axis)
    if op == "Unsqueeze":
        axes = x[1].tolist() if len(x) > 1 else attributes["axes"]
        return Call(name, op, x[:1], y, axes=sorted(axis % y[0].ndim for axis in axes))
    if op == "Pad":  # the batch has none
        before, after = x[1][1:rank].tolist(), x[1][rank + 1:].tolist()
        margins = numpy.ravel(list(zip(before, after)))
        return Call(name, op, x[:1], y, len(x[0]), margins=margins)
    if op in ("ReduceMean", "ReduceSum"):
        axes = attributes.get("axes", x[1].tolist() if len(x) > 1 else []) or list(range(rank))
        return Call(name, op, x[:1], y, axes=[axis % rank for axis in axes], keepdims=attributes.get("keepdims", 1))
    raise NotImplementedError(op)


def tensors(folder, kind, names):
    """The tensors of these names. One that is left out has none, and no file."""
    number = 0
    for name in names:
        if not name:
            yield None
            continue
        tensor = onnx.TensorProto()
        with open("%s/test_data_set_0/%s_%d.pb" % (folder, kind, number), "rb") as file:
            tensor.ParseFromString(file.read())
        number += 1
        yield numpy_helper.to_array(tensor)


def main():
    calls, unmatched = [], set(LEFT_OUT)
    for folder in sorted(glob.glob(FOLDER + "*")):
        name = folder[len(FOLDER):]
        node = onnx.load(folder + "/model.onnx").graph.node[0]
        if "_expanded" in name or node.op_type not in {*SAME_FUNCTION, *OTHERS, *DEFAULTS}:
            continue
        reason = [pattern for pattern in LEFT_OUT if re.fullmatch(pattern, name)]
        if reason:
            unmatched -= set(reason)
            continue
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        x, y = (list(tensors(folder, kind, names)) for kind, names in (("input", node.input), ("output", node.output)))
        calls.append(call_of(name, node.op_type, attributes, x, y))
    if unmatched:
        sys.exit("no test is named " + ", ".join(sorted(unmatched)))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(line for call in calls for line in call.lines))
        result = subprocess.run([sys.argv[1], path], stdout=subprocess.PIPE, text=True, check=False)
    print(result.stdout)
    agree = result.stdout.count("agrees ")
    print("%d of %d agree" % (agree, len(calls)))
    sys.exit(result.returncode or agree != len(calls) or not calls)


if __name__ == "__main__":
    main()
