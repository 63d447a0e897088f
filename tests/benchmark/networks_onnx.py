# SPDX-License-Identifier: Apache-2.0
"""networks_onnx.py FOLDER: writes small.onnx, resnet18.onnx, mobilenet_v2.onnx, and call.onnx, which hands on its input; int8 in the form that onnxruntime takes best on x86:
QuantizeLinear and DequantizeLinear around each operator, uint8 activations, int8 weights with a scale per channel. Random
weights. Needs onnx and numpy."""
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Network:
    def __init__(self, x_shape):
        self.x_shape = self.y_shape = x_shape
        self.random = numpy.random.default_rng(1)
        self.nodes, self.constants, self.count = [], [], 0

    def name(self):
        self.count += 1
        return "t%d" % self.count

    def constant(self, values):
        name = self.name()
        self.constants.append(numpy_helper.from_array(numpy.asarray(values, order="C"), name))
        return name

    def node(self, op, inputs, **attributes):
        output = self.name()
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def quantized(self, x, scale=0.02, zero=128):
        pair = [self.constant(numpy.float32(scale)), self.constant(numpy.uint8(zero))]
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [x] + pair)] + pair)

    def weight(self, shape):
        codes = self.random.integers(-127, 128, shape).astype(numpy.int8)
        scales = numpy.full(shape[0], 1 / 127 / numpy.sqrt(numpy.prod(shape[1:])), numpy.float32)
        zeros = numpy.zeros(shape[0], numpy.int8)
        return self.node("DequantizeLinear", [self.constant(codes), self.constant(scales), self.constant(zeros)], axis=0)

    def activated(self, y, activation):
        if activation == "relu":
            return self.quantized(self.node("Relu", [y]), zero=0)
        if activation == "relu6":
            y = self.node("Clip", [y, self.constant(numpy.float32(0)), self.constant(numpy.float32(6))])
            return self.quantized(y, 6 / 255, 0)
        return self.quantized(y)

    def conv(self, x, channels, filters, kernel, stride=1, groups=1, activation=None):
        weight = self.weight((filters, channels // groups, kernel, kernel))
        bias = self.constant(self.random.standard_normal(filters).astype(numpy.float32) * numpy.float32(0.1))
        y = self.node("Conv", [x, weight, bias], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4,
                      group=groups)
        return self.activated(y, activation)

    def head(self, x, channels, classes=1000):
        flat = self.quantized(self.node("Flatten", [self.quantized(self.node("GlobalAveragePool", [x]), zero=0)]), zero=0)
        bias = self.constant(numpy.zeros(classes, numpy.float32))
        self.nodes.append(helper.make_node("Gemm", [flat, self.weight((classes, channels)), bias], ["logits"], transB=1))
        self.y_shape = [1, classes]

    def save(self, path):
        tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "network", [tensor("x", self.x_shape)], [tensor("logits", self.y_shape)],
                                  self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        onnx.save(model, path)


def call():
    net = Network([1, 1, 28, 28])
    net.nodes.append(helper.make_node("Identity", ["x"], ["logits"]))
    return net


def small():
    net = Network([1, 1, 28, 28])
    x = net.conv(net.conv(net.quantized("x", 1 / 255, 0), 1, 16, 3, activation="relu"), 16, 32, 3, 2, activation="relu")
    x = net.activated(net.node("Add", [x, net.conv(x, 32, 32, 3)]), "relu")
    net.head(net.conv(x, 32, 64, 3, 2, activation="relu"), 64, 10)
    return net


def resnet18():
    net = Network([1, 3, 224, 224])
    x = net.conv(net.quantized("x"), 3, 64, 7, 2, activation="relu")
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    x = net.quantized(x, zero=0)
    channels = 64
    for filters in (64, 128, 256, 512):
        for block in range(2):
            stride = 2 if filters > 64 and block == 0 else 1
            y = net.conv(x, channels, filters, 3, stride, activation="relu")
            y = net.conv(y, filters, filters, 3)
            if stride == 2:
                x = net.conv(x, channels, filters, 1, 2)
            x = net.activated(net.node("Add", [x, y]), "relu")
            channels = filters
    net.head(x, channels)
    return net


def mobilenet_v2():
    net = Network([1, 3, 224, 224])
    x = net.conv(net.quantized("x"), 3, 32, 3, 2, activation="relu6")
    channels = 32
    for expansion, filters, count, first_stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                                    (6, 160, 3, 2), (6, 320, 1, 1)):
        for block in range(count):
            stride, wide = first_stride if block == 0 else 1, channels * expansion
            y = net.conv(x, channels, wide, 1, activation="relu6") if expansion > 1 else x
            y = net.conv(y, wide, wide, 3, stride, wide, "relu6")
            y = net.conv(y, wide, filters, 1)
            x = net.quantized(net.node("Add", [x, y])) if stride == 1 and channels == filters else y
            channels = filters
    net.head(net.conv(x, channels, 1280, 1, activation="relu6"), 1280)
    return net


for each in (call, small, resnet18, mobilenet_v2):
    each().save("%s/%s.onnx" % (sys.argv[1], each.__name__))
