#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""onnx_import.py PROGRAM: imported networks on the tests of the ONNX standard.

Needs Debian's packages libonnx-testdata, which has them, and python3-onnx. PROGRAM (print_import.cpp) imports each model, imported.py
computes what it says, and the outputs are those that the standard expects. Node tests have no batch, so each is imported as it is
and once more with its first axis as the batch. REFUSED names those of supported operators that quench cannot have, with a word of
the reason.
"""
import glob
import os
import re
import sys
import tempfile

import numpy
import onnx
import onnx.version_converter
from onnx import numpy_helper

from imported import Importer, compute

FOLDER = "/usr/share/libonnx-testdata/data/"
SUPPORTED = set("""Abs Add AveragePool BatchNormalization Clip Concat Conv ConvTranspose DepthToSpace Div Dropout Elu Exp Flatten Gather Gelu
Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity LayerNormalization LeakyRelu Log MatMul Max MaxPool Mean Min Mish Mul
Neg PRelu Pad Reciprocal ReduceMean ReduceSum Relu Reshape Resize Sigmoid Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum
Tanh Transpose Unsqueeze Upsample""".split())
# Patterns of names: a word of why no importer for quench could do more.
REFUSED = {
    r"(max|min)_int(32|64)": "several constants",
    r".*_u?int\d+(_.*)?": "elements of type",
    r"(edge|reflect)_pad": "pads with zeros",
    r".*_3d_default|convtranspose_3d": "1-d and 2-d layers",
    r"constant_pad": "other than 0",
    r"identity_(opt|sequence)": "not a tensor",
    r"gemm_default_matrix_bias": "one number for each output",
    r"(average|max)pool_2d_pads|averagepool_2d_pads_count_include_pad": "half its kernel",
    r"prelu_example": "one for each channel",
    r"resize_.*_cubic.*": "cubic|filters",
    r"resize_tf_crop_and_resize": "no such coordinates",
    r"resize_downsample_scales_linear_align_corners": "no whole extents",
    r"slice_neg_steps": "steps of -1",
    r"slice_start_out_of_bounds": "no elements",
    r"split_zero_size_splits|reshape_allowzero_reordered": "tensors of 1 to",
}
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16)


def tensors(folder, kind):
    names = glob.glob(os.path.join(folder, kind + "_*.pb"))
    result = []
    for name in sorted(names, key=lambda path: int(re.search(r"_(\d+)\.pb", path).group(1))):
        tensor = onnx.TensorProto()
        with open(name, "rb") as file:
            tensor.ParseFromString(file.read())
        result.append(tensor)
    return result


def agrees(network, parameters, inputs, outputs, has_batch):
    """None, or what differs."""
    samples = len(inputs[0]) if has_batch else 1
    for n in range(samples):
        results = compute(network, parameters, [x[n] for x in inputs] if has_batch else inputs)
        for result, row, output in zip(results, network["outputs"], outputs):
            batch = sorted(set(range(output.ndim)) - set(row["axes"]))
            wanted = output
            for axis in reversed(batch):
                wanted = wanted.take(n if has_batch and axis == batch[-1] else 0, axis)
            if wanted.shape != result.shape:
                return "shape %s, not %s" % (result.shape, wanted.shape)
            tolerance = 2e-5 if output.dtype != numpy.float16 else 2e-3
            if not numpy.allclose(result, wanted, tolerance, tolerance, equal_nan=True):
                return "by %g" % numpy.nanmax(numpy.abs(result - wanted))
    return None


class Tests:
    def __init__(self, program):
        self.importer = Importer(program)
        self.agree, self.refused, self.faults, self.reasons, self.matched = 0, 0, [], {}, set()

    def run(self, name, model, inputs, outputs, has_batch):
        """True if it agrees, False if it is refused."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            onnx.save(model, path)
            network, parameters = self.importer(path, has_batch)
        if "refused" in network:
            self.reasons.setdefault(name, []).append(network["why"].replace(path, ""))
            if network["refused"] not in ("model-not-understood", "file-not-readable"):
                self.faults.append("%s: refused with %s" % (name, network["refused"]))
            return False
        difference = agrees(network, parameters, inputs, outputs, has_batch)
        if difference and not network["notes"]:
            self.faults.append("%s: differs %s; %s" % (name, difference, [step["call"] + step["settings"] for step in network["steps"]]))
        self.agree += not difference
        return True

    def node(self, folder):
        """Imports a node test: its real inputs as inputs of the network, and again all but the first as constants."""
        name = os.path.basename(folder)
        model = onnx.load(folder + "/model.onnx")
        x, y = tensors(folder + "/test_data_set_0", "input"), tensors(folder + "/test_data_set_0", "output")
        is_supported = all(node.op_type in SUPPORTED for node in model.graph.node)
        for entry in model.opset_import:
            entry.version = max(entry.version, 7)  # their operators did not change until 7
        if all(node.op_type != "Split" for node in model.graph.node):
            del model.graph.output[1:]  # masks, places and statistics
        types = [value.type.tensor_type.elem_type for value in list(model.graph.input) + list(model.graph.output)]
        if onnx.TensorProto.BFLOAT16 in types:
            return  # python3-onnx 1.12 reads them as integers
        outcomes = []
        for constants in {tuple(t.data_type not in FLOATS for t in x), tuple(i > 0 for i in range(len(x)))}:
            if all(constants):
                continue
            changed = onnx.ModelProto()
            changed.CopyFrom(model)
            try:
                arrays = [numpy_helper.to_array(t) for t in x]
                results = [numpy_helper.to_array(t) for t in y]
            except (ValueError, TypeError):
                continue
            for value, tensor, is_constant in zip(list(model.graph.input), x, constants):
                if is_constant:
                    changed.graph.input.remove(value)
                    tensor.name = value.name
                    changed.graph.initializer.append(tensor)
            inputs = [array for array, is_constant in zip(arrays, constants) if not is_constant]
            ranks_fit = all(array.ndim > 0 and len(array) == len(inputs[0]) for array in inputs) if inputs[0].ndim else False
            outcomes.append(self.run(name, changed, inputs, results, False))
            if ranks_fit:
                outcomes.append(self.run(name, changed, inputs, results, True))
        self.refused += not any(outcomes)
        if is_supported and not any(outcomes):
            patterns = [pattern for pattern in REFUSED if re.fullmatch("test_(%s)" % pattern, name)]
            reasons = self.reasons.get(name, ["not a tensor"])
            if not patterns or not any(re.search(REFUSED[patterns[0]], reason) for reason in reasons):
                self.faults.append("%s is refused: %s" % (name, reasons))
            self.matched.update(patterns)

    def whole(self, folder):
        """Imports a model that PyTorch wrote."""
        name = os.path.basename(folder)
        model = onnx.version_converter.convert_version(onnx.load(folder + "/model.onnx"), 11)
        x, y = tensors(folder + "/test_data_set_0", "input"), tensors(folder + "/test_data_set_0", "output")
        arrays = [numpy_helper.to_array(t) for t in x]
        if all(array.ndim > 1 for array in arrays):
            self.refused += not self.run(name, model, arrays, [numpy_helper.to_array(t) for t in y], True)


def main():
    tests = Tests(sys.argv[1])
    for folder in sorted(glob.glob(FOLDER + "node/test_*")):
        tests.node(folder)
    nodes = tests.agree
    for folder in sorted(glob.glob(FOLDER + "pytorch-*/test_*")):
        tests.whole(folder)
    tests.faults += ["no test is named test_" + pattern for pattern in set(REFUSED) - tests.matched]
    for fault in tests.faults:
        print(fault)
    if "-v" in sys.argv:
        for name, reasons in tests.reasons.items():
            print("  ", name, *reasons)
    print("%d imports of node tests and %d of PyTorch's models agree, %d tests are refused, %d faults" % (
        nodes, tests.agree - nodes, tests.refused, len(tests.faults)))
    sys.exit(1 if tests.faults or tests.agree < 500 else 0)


if __name__ == "__main__":
    main()
