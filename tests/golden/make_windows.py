#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_windows.py > windows.hpp: what torch's convolutions and pools give for windows of all kinds, as hashes.

Needs python3-torch (made with 1.13.0). Values and gradients are multiples of 3600, which every count of a window's pixels
divides here, so all results are integers, and all sums are exact. torch has no padding of four sides: the maps are padded
first, with zeros, or for max pools with minus infinity. torch's own padding="same" is taken where it can be, at a stride of
1. Else the four sides are those of TensorFlow's page on its "SAME".
"""
import random
import sys

import numpy as np
import torch
import torch.nn.functional as F

COUNT = 80  # of each kind
CHANNELS, FILTERS, UNIT = 2, 3, 3600
MASK = (1 << 64) - 1


class Generator:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self.state >> 8

    def array(self, shape, most, unit):
        values = [(self.next() % (2 * most + 1) - most) * unit for _ in range(int(np.prod(shape)))]
        return torch.tensor(values, dtype=torch.float32).reshape(shape)


def hash_of(tensor):
    """FNV-1a over the integers of a map, channels last."""
    h = 0xCBF29CE484222325
    values = tensor.detach().permute(0, 2, 3, 1).round().to(torch.int64)
    for word in values.flatten().tolist():
        h = ((h ^ (word & 0xFFFFFFFF)) * 0x100000001B3) & MASK
    return h


def same(extent, kernel, stride, dilation):
    """https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2, with the extent of a dilated kernel."""
    kernel = (kernel - 1) * dilation + 1
    total = max(kernel - (stride if extent % stride == 0 else extent % stride), 0)
    return [total // 2, total - total // 2]


def case(rng, kind):
    size, kernel = [rng.randint(1, 9) for _ in range(2)], [rng.randint(1, 4) for _ in range(2)]
    stride, dilation = [rng.randint(1, 3) for _ in range(2)], [rng.choice([1, 1, 2]) for _ in range(2)]
    if kind == "AvgPool2d":
        dilation = [1, 1]
    is_same = rng.random() < 0.4
    most = [3, 3] if kind == "Conv2d" else [k // 2 for k in kernel]
    sides = [rng.randint(0, m) for m in most for _ in range(2)]
    if is_same:
        sides = [p for axis in range(2) for p in same(size[axis], kernel[axis], stride[axis], dilation[axis])]
    return size, kernel, stride, sides, is_same, dilation


def compute(kind, x, w, kernel, stride, sides, is_same, dilation):
    top, bottom, left, right = sides
    if kind == "Conv2d":
        if is_same and stride == [1, 1]:
            return F.conv2d(x, w, padding="same", dilation=dilation)
        return F.conv2d(F.pad(x, (left, right, top, bottom)), w, stride=stride, dilation=dilation)
    if kind == "MaxPool2d":
        return F.max_pool2d(F.pad(x, (left, right, top, bottom), value=-float("inf")), kernel, stride, dilation=dilation)
    return F.avg_pool2d(F.pad(x, (left, right, top, bottom)), kernel, stride)


def braces(values):
    return "{" + ", ".join(str(v) for v in values) + "}"


def main():
    out = sys.stdout.write
    out("""// SPDX-License-Identifier: Apache-2.0
// What torch %s gives for windows of all kinds. Made by make_windows.py; not written by hand.
// clang-format off
#pragma once

#include <cstdint>

#include <quench/network/settings.hpp>
#include <quench/types/operator.hpp>

namespace golden {

struct WindowCase {
  quench::Operator op;
  std::uint32_t seed;
  quench::Pair x, kernel_size, stride;
  quench::Padding padding;
  quench::Pair dilation, y;
  std::uint64_t hash, gradient_hash;  // of the output, and of the gradient of x
};

inline constexpr WindowCase window_cases[] = {
""" % torch.__version__.split("a")[0])
    rng, seed = random.Random(20261130), 0
    for kind in ["Conv2d", "MaxPool2d", "AvgPool2d"]:
        found = 0
        while found < COUNT:
            size, kernel, stride, sides, is_same, dilation = case(rng, kind)
            seed += 1
            generator = Generator(seed)
            x = generator.array([1] + size + [CHANNELS], 8, UNIT).permute(0, 3, 1, 2).contiguous().requires_grad_()
            w = generator.array([FILTERS] + kernel + [CHANNELS], 3, 1).permute(0, 3, 1, 2).contiguous()
            try:
                y = compute(kind, x, w, kernel, stride, sides, is_same, dilation)
            except RuntimeError:
                continue  # the window does not fit
            if not torch.isfinite(y).all():
                continue  # a window of padding only
            n, c, h, width = y.shape
            g = generator.array([n, h, width, c], 8, UNIT).permute(0, 3, 1, 2)
            y.backward(g)
            padding = "quench::Padding::Same" if is_same else braces(sides)
            out("    {quench::Operator::%s, %d, %s, %s, %s, %s, %s, %s, 0x%016xu, 0x%016xu},\n" % (
                kind, seed, braces(size), braces(kernel), braces(stride), padding, braces(dilation), braces([h, width]),
                hash_of(y), hash_of(x.grad)))
            found += 1
    out("};\n\n}  // namespace golden\n")


main()
