#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""onnx_models.py PROGRAM: the reader of ONNX files beside that of the ONNX project.

Every model of Debian's libonnx-testdata is read by PROGRAM (print_onnx.cpp) and by python3-onnx. Both print names, types, shapes,
settings and checksums of the values; the lines are equal. A model is refused if and only if it has what `refused` lists.
"""
import glob
import os
import subprocess
import sys
import zlib

import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

# What an array of each type becomes; the others have no values.
ARRAYS = {"FLOAT": "f4", "DOUBLE": "f8", "INT8": "i1", "UINT8": "u1", "BOOL": "u1", "INT16": "i2", "UINT16": "i4", "INT32": "i4",
          "INT64": "i8", "UINT32": "i8", "FLOAT16": "f4", "BFLOAT16": "f4"}
QUANTIZED = ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger")
NAMES = {"f4": "Float32", "f8": "Float64", "i1": "Int8", "u1": "UInt8", "i2": "Int16", "i4": "Int32", "i8": "Int64"}


def refused(model):
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    version = opsets.get("", opsets.get("ai.onnx", 0))
    values = [*model.graph.input, *model.graph.output]
    kinds = {attribute.type for node in model.graph.node for attribute in node.attribute}
    return (not 7 <= version <= 21 or model.functions or model.training_info or model.graph.sparse_initializer
            or any(value.type.WhichOneof("value") != "tensor_type" for value in values)
            or any(node.domain not in ("", "ai.onnx") for node in model.graph.node)
            or any(node.op_type in QUANTIZED or node.op_type.startswith("QLinear") for node in model.graph.node)
            or bool(kinds & {AttributeProto.GRAPH, AttributeProto.GRAPHS, AttributeProto.SPARSE_TENSOR, AttributeProto.TYPE_PROTO,
                             AttributeProto.TENSORS}))


def tensor_line(what, tensor):
    name = TensorProto.DataType.Name(tensor.data_type)
    if name in ARRAYS:
        content = numpy_helper.to_array(tensor).astype("<" + ARRAYS[name]).tobytes()
        kind = NAMES[ARRAYS[name]]
    else:
        content, kind = b"", name
    return "%s %s %s [%s] %s %08x" % (what, tensor.name, name, "".join(" %d" % extent for extent in tensor.dims), kind, zlib.crc32(content))


def value_lines(attribute):
    value = helper.get_attribute_value(attribute)
    kind = attribute.type
    if kind == AttributeProto.TENSOR:
        return [tensor_line(" tensor", value)]
    if kind in (AttributeProto.FLOATS, AttributeProto.INTS, AttributeProto.STRINGS):
        return [" list %d" % len(value)] + [" " + scalar(each) for each in value]
    return [" " + scalar(value)]


def scalar(value):
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, float):
        return str(value)
    mantissa, exponent = value.hex().split("p") if value == value and abs(value) != float("inf") else (str(value), "")
    return mantissa.rstrip("0").rstrip(".") + ("p" + exponent if exponent else "")  # as printf's %a


def extents(value):
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return ""
    return " [%s ]" % "".join(" %s" % (dim.dim_value if dim.HasField("dim_value") else dim.dim_param) for dim in tensor.shape.dim)


def lines_of(model):
    graph = model.graph
    initializers = {tensor.name for tensor in graph.initializer}
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    yield "opset %d of %s" % (opsets.get("", opsets.get("ai.onnx", 0)), model.producer_name)

    def value_line(what, value):
        return "%s %s %s%s" % (what, value.name, TensorProto.DataType.Name(value.type.tensor_type.elem_type), extents(value))
    yield from (value_line("input", value) for value in graph.input if value.name not in initializers)
    for tensor in sorted(graph.initializer, key=lambda tensor: tensor.name.encode()):
        yield tensor_line("initializer", tensor)
    for node in graph.node:
        yield "node %s %s" % (node.name, node.op_type)
        yield from (" in %s" % name for name in node.input)
        yield from (" out %s" % name for name in node.output)
        for attribute in node.attribute:
            first, *others = value_lines(attribute)
            yield " %s:%s" % (attribute.name, first)
            yield from others
    yield from (value_line("output", value) for value in graph.output)


def main():
    paths = sorted(glob.glob("/usr/share/libonnx-testdata/data/**/*.onnx", recursive=True))
    result = subprocess.run([sys.argv[1]], input="\n".join(paths) + "\n", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=True)
    read = {}
    for line in result.stdout.splitlines():
        if line.startswith("file "):
            lines = read[line[5:]] = []
        else:
            lines.append(line)
    faults = equal = left = 0
    for path in paths:
        model = onnx.load(path)
        expected = ["refused model-not-understood"] if refused(model) else list(lines_of(model))
        if read.get(path) == expected:
            equal += not refused(model)
            left += bool(refused(model))
            continue
        faults += 1
        differing = [(a, b) for a, b in zip(read.get(path, []), expected) if a != b][:1]
        print("%s: %s" % (os.path.relpath(path, "/usr/share/libonnx-testdata/data"), differing or "another number of lines"))
    print("%d read equal, %d refused rightly, %d faults" % (equal, left, faults))
    sys.exit(faults != 0 or equal == 0 or left == 0)


if __name__ == "__main__":
    main()
