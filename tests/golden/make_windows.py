#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_windows.py > windows.hpp: what torch's convolutions and pools give for windows of all kinds, as hashes.

Needs python3-torch (made with 1.13.0). Values and gradients are multiples of 3600, so that convolutions and nearly all
means are exact; the hashes are those of rounded results. torch pads both sides of an axis alike. For four sides the maps are
padded first: with minus infinity for max pools, else with zeros, and a mean is divided by the sum of ones. torch's own
padding="same" is taken where it can be, at a stride of 1. Else the four sides are those of TensorFlow's page on its "SAME".
"""
import random
import sys

import numpy as np
import torch
import torch.nn.functional as F

from generator import Generator

COUNT = 80  # of each kind
CHANNELS, FILTERS, UNIT = 2, 3, 3600
MASK = (1 << 64) - 1


class Arrays(Generator):
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


class Case:
    def __init__(self, rng, kind):
        def pair(values):
            return [rng.choice(values) for _ in range(2)]
        self.kind = kind
        self.size, self.kernel, self.stride, self.dilation = pair(range(1, 10)), pair([1, 2, 3, 4]), pair([1, 2, 3]), pair([1, 1, 2])
        if kind.startswith("Adaptive"):
            self.size, self.out = pair(range(1, 8)), pair(range(1, 10))
        if kind == "AvgPool2d":
            self.dilation = [1, 1]
        way = rng.choice(["same", "four", "both", "both"])
        self.is_same = way == "same"
        most = [3, 3] if kind == "Conv2d" else [k // 2 for k in self.kernel]
        self.both = [rng.randint(0, m) for m in most] if way == "both" else None
        self.sides = [rng.randint(0, m) for m in most for _ in range(2)]
        if self.is_same:
            axes = zip(self.size, self.kernel, self.stride, self.dilation)
            self.sides = [p for axis in axes for p in same(*axis)]
        if self.both:
            self.sides = [p for p in self.both for _ in range(2)]
        self.ceil = kind in ("MaxPool2d", "AvgPool2d") and way == "both" and rng.random() < 0.7
        self.include = kind != "AvgPool2d" or rng.random() < 0.5

    def pad(self, x, value=0.0):
        top, bottom, left, right = self.sides
        return F.pad(x, (left, right, top, bottom), value=value)

    def compute(self, x, w):
        if self.kind == "Conv2d":
            if self.is_same and self.stride == [1, 1]:
                return F.conv2d(x, w, padding="same", dilation=self.dilation)
            return F.conv2d(self.pad(x), w, stride=self.stride, dilation=self.dilation)
        if self.kind == "MaxPool2d" and self.both:
            return F.max_pool2d(x, self.kernel, self.stride, self.both, self.dilation, self.ceil)
        if self.kind == "MaxPool2d":
            return F.max_pool2d(self.pad(x, -float("inf")), self.kernel, self.stride, dilation=self.dilation)
        if self.kind == "AvgPool2d" and self.both:
            return F.avg_pool2d(x, self.kernel, self.stride, self.both, self.ceil, self.include)
        if self.kind == "AvgPool2d":
            ones = torch.ones_like(x)
            counted = self.pad(ones, 1.0 if self.include else 0.0)
            sums = [F.avg_pool2d(v, self.kernel, self.stride, divisor_override=1) for v in (self.pad(x), counted)]
            return sums[0] / sums[1]
        return F.adaptive_max_pool2d(x, self.out) if self.kind == "AdaptiveMaxPool2d" else F.adaptive_avg_pool2d(x, self.out)


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
  quench::Pair dilation;
  bool ceil_mode, count_include_pad;
  quench::Pair y;
  std::uint64_t hash, gradient_hash;  // of the output, and of the gradient of x
};

inline constexpr WindowCase window_cases[] = {
""" % torch.__version__.split("a")[0])
    rng, seed = random.Random(20261130), 0
    for kind in ["Conv2d", "MaxPool2d", "AvgPool2d", "AdaptiveMaxPool2d", "AdaptiveAvgPool2d"]:
        found = 0
        while found < COUNT:
            case = Case(rng, kind)
            seed += 1
            generator = Arrays(seed)
            x = generator.array([1] + case.size + [CHANNELS], 8, UNIT).permute(0, 3, 1, 2).contiguous().requires_grad_()
            w = generator.array([FILTERS] + case.kernel + [CHANNELS], 3, 1).permute(0, 3, 1, 2).contiguous()
            try:
                y = case.compute(x, w)
            except RuntimeError:
                continue  # the window does not fit
            if not torch.isfinite(y).all():
                continue  # a window of padding only
            n, c, h, width = y.shape
            g = generator.array([n, h, width, c], 8, UNIT).permute(0, 3, 1, 2)
            y.backward(g)
            padding = "quench::Padding::Same" if case.is_same else braces(case.sides)
            out("    {quench::Operator::%s, %d, %s, %s, %s, %s, %s, %s, %s, %s, 0x%016xu, 0x%016xu},\n" % (
                kind, seed, braces(case.size), braces(case.kernel), braces(case.stride), padding, braces(case.dilation),
                str(case.ceil).lower(), str(case.include).lower(), braces([h, width]), hash_of(y), hash_of(x.grad)))
            found += 1
    out("};\n\n}  // namespace golden\n")


main()
