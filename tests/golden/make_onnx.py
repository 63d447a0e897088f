#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_onnx.py > onnx.hpp: the ONNX standard's own vectors of its quantized operators.

Needs Debian's packages libonnx-testdata and python3-onnx (made with 1.12.0-2 of both). The vectors are the node tests that
the ONNX project publishes with its operators (Apache-2.0), copied without a change: shapes, values, pads. Left out are the
tests named *_expanded, which hold the same data beside another graph.
"""
import glob
import subprocess
import sys

import numpy
import onnx
from onnx import numpy_helper

PACKAGE = "libonnx-testdata"
FOLDER = "/usr/share/libonnx-testdata/data/node/test_"
TESTS = ["quantizelinear", "quantizelinear_axis", "dynamicquantizelinear", "dynamicquantizelinear_max_adjusted",
         "dynamicquantizelinear_min_adjusted", "dequantizelinear", "dequantizelinear_axis", "basic_convinteger",
         "convinteger_with_padding", "convinteger_without_padding", "matmulinteger", "qlinearconv", "qlinearmatmul_2D",
         "qlinearmatmul_3D"]
TYPES = {"float32": "float", "uint8": "std::uint8_t", "int8": "std::int8_t", "int32": "std::int32_t"}


def literal(value):
    return value.hex() + "f" if isinstance(value, float) else str(value)


def array(kind, name, values):
    return "inline constexpr %s %s[] = {%s};" % (kind, name, ", ".join(literal(value) for value in values))


def tensors(names, paths):
    for name, path in zip(names, paths, strict=True):
        tensor = onnx.TensorProto()
        with open(path, "rb") as file:
            tensor.ParseFromString(file.read())
        value = numpy_helper.to_array(tensor)
        if value.ndim > 0:
            yield array("int", name.lower() + "_shape", value.shape)
        yield array(TYPES[str(value.dtype)], name.lower(), value.ravel().tolist())


def numbered(folder, kind):
    return sorted(glob.glob("%s/test_data_set_0/%s_*.pb" % (folder, kind)))


def main():
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGE], stdout=subprocess.PIPE, text=True, check=True)
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// The node tests of the ONNX project for quantized operators, from Debian's %s %s (Apache-2.0)." % (PACKAGE, version.stdout))
    print("// Made by make_onnx.py; not written by hand. Each operator has the names of the standard.")
    print("// clang-format off\n#pragma once\n\n#include <cstdint>\n\nnamespace golden::onnx {")
    for test in TESTS:
        node, = onnx.load(FOLDER + test + "/model.onnx").graph.node
        print("\nnamespace %s {  // %s" % (test, node.op_type))
        for attribute in node.attribute:
            if attribute.name != "pads":
                sys.exit("%s has an attribute %s" % (test, attribute.name))
            print(array("int", attribute.name, attribute.ints))
        for line in tensors(node.input, numbered(FOLDER + test, "input")):
            print(line)
        for line in tensors(node.output, numbered(FOLDER + test, "output")):
            print(line)
        print("}  // namespace %s" % test)
    print("\n}  // namespace golden::onnx")


if __name__ == "__main__":
    main()
