#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_resize.py > resize.hpp: what torch and the reference of ONNX give for maps that are resized in all ways.

Needs python3-torch (made with 1.13.0) and python3-onnx (made with 1.12.0). Values and gradients are multiples of `unit`,
the product of the denominators of both axes' coordinates, so that exact results are whole numbers; the hashes are those of
rounded results. Both compute coordinates in floating point. Where the exact coordinate is a whole number or a tie, theirs may
be just below it, and so may a real factor times an extent; such draws are left out and counted. So are draws in which torch on
a CPU ignores the factor: one that changes no extent of an axis, or, of "nearest", doubles it, but is not 1 or 2. ONNX's node
tests are copied as they are, those of modes that quench has. The reference does not round the extent of an output in the
coordinates "align_corners" and "pytorch_half_pixel", unlike the text of the standard. So these are called with sizes only, and one
node test is left out.
"""
import math
import random
import sys
from fractions import Fraction

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx.backend.test.case import node as onnx_node
from onnx.backend.test.case.node import resize as onnx_resize

from generator import Generator

CHANNELS, COUNT = 2, 60
MASK = (1 << 64) - 1
COORDINATES = {"half_pixel": "HalfPixel", "pytorch_half_pixel": "PytorchHalfPixel", "asymmetric": "Asymmetric",
               "align_corners": "AlignCorners"}
NEAREST = {"floor": "Floor", "ceil": "Ceil", "round_prefer_floor": "RoundPreferFloor", "round_prefer_ceil": "RoundPreferCeil"}
ODD_NODE_TEST = "test_resize_downsample_scales_linear_align_corners"  # (1.2 - 1) and (2.4 - 1) in place of out - 1
left_out = {"torch": 0, "onnx": 0, "ignored": 0}


def hash_of(values):
    """FNV-1a over the integers of a map, channels last."""
    h = 0xCBF29CE484222325
    for word in np.rint(values).astype(np.int64).ravel().tolist():
        h = ((h ^ (word & 0xFFFFFFFF)) * 0x100000001B3) & MASK
    return h


def values(generator, shape, unit):
    return np.array([(generator.next() % 17 - 8) * unit for _ in range(int(np.prod(shape)))], dtype=np.float64).reshape(shape)


def point(o, extent, outputs, factor, coordinates):
    if outputs == 1 and coordinates in ("pytorch_half_pixel", "align_corners"):
        return Fraction(0)
    if coordinates == "asymmetric":
        return o / factor
    if coordinates == "align_corners":
        return Fraction(o * (extent - 1), outputs - 1)
    return (o + Fraction(1, 2)) / factor - Fraction(1, 2)


def divisor(outputs, factor, coordinates):
    return max(outputs - 1, 1) if coordinates == "align_corners" else 2 * factor.numerator


def rounded(at, extent, mode):
    half = Fraction(1, 2)
    pixel = {"floor": math.floor(at), "ceil": math.ceil(at), "round_prefer_floor": math.ceil(at - half),
             "round_prefer_ceil": math.floor(at + half)}[mode]
    return min(max(pixel, 0), extent - 1)


class Case:
    """The size of an input, and of its output by a size, a factor or a recomputed factor."""

    def __init__(self, rng, ways):
        self.x = [rng.randint(1, 9) for _ in range(2)]
        self.way = rng.choice(ways)
        self.factor = [Fraction(rng.randint(1, 12), rng.randint(1, 9)) for _ in range(2)]
        self.y = [rng.randint(1, 13) for _ in range(2)]
        if self.way != "size":
            self.y = [math.floor(f * n) for f, n in zip(self.factor, self.x)]
        self.given = list(self.factor)
        if self.way != "factor" and min(self.y) > 0:
            self.factor = [Fraction(m, n) for m, n in zip(self.y, self.x)]

    def fits(self):
        return 1 <= min(self.y) and max(self.y) <= 20

    def settings(self):
        given = self.given if self.way != "size" else [Fraction(0)] * 2
        size = self.y if self.way == "size" else [-1, -1]
        return "{%d, %d}, {%d, %d}, {{%d, %d}, {%d, %d}}, %s" % (
            *self.x, *size, *[n for f in given for n in (f.numerator, f.denominator)], "true" if self.way == "recomputed" else "false")

    def pixels(self, coordinates, mode):
        return [[rounded(point(o, n, m, f, coordinates), n, mode) for o in range(m)]
                for n, m, f in zip(self.x, self.y, self.factor)]


def row(case, bilinear, align, coordinates, nearest, seed, unit, y_hash, gradient_hash):
    return "    {%s, %s, %s, CoordinateMode::%s, NearestMode::%s, %du, %d, {%d, %d}, 0x%016xu, 0x%016xu},\n" % (
        case.settings(), "Bilinear" if bilinear else "Nearest", align, coordinates, nearest, seed, unit, *case.y, y_hash, gradient_hash)


def torch_cases(rng):
    kinds = {"nearest": ("asymmetric", "floor"), "nearest-exact": ("half_pixel", "round_prefer_ceil"),
             "bilinear": ("half_pixel", None), "aligned": ("align_corners", None)}
    seed = 0
    for kind, (coordinates, mode) in kinds.items():
        found = 0
        while found < COUNT:
            case = Case(rng, ["size", "factor", "recomputed"])
            if not case.fits():
                continue
            special = {"nearest": (1, 2), "nearest-exact": (), "bilinear": (1,), "aligned": ()}[kind]
            if any(m == k * n and f != k for k in special for m, n, f in zip(case.y, case.x, case.factor)):
                left_out["ignored"] += 1
                continue
            settings = {"mode": "bilinear" if mode is None else kind}
            if mode is None:
                settings["align_corners"] = kind == "aligned"
            if case.way == "size":
                settings["size"] = case.y
            else:
                settings.update(scale_factor=[float(f) for f in case.given], recompute_scale_factor=case.way == "recomputed")
            seed += 1
            generator = Generator(seed)
            unit = 1 if mode else math.prod(divisor(m, f, coordinates) for m, f in zip(case.y, case.factor))
            x = torch.tensor(values(generator, [1] + case.x + [CHANNELS], unit), dtype=torch.float32)
            x = x.permute(0, 3, 1, 2).contiguous().requires_grad_()
            y = F.interpolate(x, **settings)
            if mode:
                place = torch.arange(case.x[0] * case.x[1], dtype=torch.float32).reshape(1, 1, *case.x)
                rows, columns = case.pixels(coordinates, mode)
                exact = [[r * case.x[1] + c for c in columns] for r in rows]
                if F.interpolate(place, **settings)[0, 0].tolist() != exact:
                    left_out["torch"] += 1
                    continue
            elif list(y.shape[2:]) != case.y:
                left_out["torch"] += 1
                continue
            g = values(generator, [1] + case.y + [CHANNELS], unit)
            y.backward(torch.tensor(g, dtype=torch.float32).permute(0, 3, 1, 2))
            hashes = [hash_of(v.detach().permute(0, 2, 3, 1).numpy()) for v in (y, x.grad)]
            names = ("OfMode", "Floor") if kind != "nearest-exact" else ("HalfPixel", "RoundPreferCeil")
            yield row(case, mode is None, "true" if kind == "aligned" else "false", *names, seed, unit, *hashes)
            found += 1


def onnx_cases(rng):
    seed = 1000
    for coordinates in COORDINATES:
        for mode in [None] + list(NEAREST):
            found = 0
            while found < COUNT // 5:
                case = Case(rng, ["size"] if coordinates in ("align_corners", "pytorch_half_pixel") else ["size", "factor"])
                if not case.fits():
                    continue
                seed += 1
                unit = 1 if mode else math.prod(divisor(m, f, coordinates) for m, f in zip(case.y, case.factor))
                x = values(Generator(seed), case.x + [CHANNELS], unit)
                def coefficients(ratio):
                    return onnx_resize.nearest_coeffs(ratio, mode) if mode else onnx_resize.linear_coeffs(ratio)
                settings = {"output_size": case.y} if case.way == "size" else {"scale_factors": [float(f) for f in case.factor]}
                y = np.stack([onnx_resize.interpolate_nd(x[:, :, c], coefficients, coordinate_transformation_mode=coordinates,
                                                         **settings) for c in range(CHANNELS)], axis=-1)
                if mode:
                    rows, columns = case.pixels(coordinates, mode)
                    place = np.arange(case.x[0] * case.x[1], dtype=np.float64).reshape(case.x)
                    theirs = onnx_resize.interpolate_nd(place, coefficients, coordinate_transformation_mode=coordinates, **settings)
                    if theirs.tolist() != [[r * case.x[1] + c for c in columns] for r in rows]:
                        left_out["onnx"] += 1
                        continue
                elif list(y.shape[:2]) != case.y:
                    left_out["onnx"] += 1
                    continue
                yield row(case, mode is None, "false", COORDINATES[coordinates], NEAREST[mode or "floor"], seed, unit, hash_of(y), 0)
                found += 1


def node_tests():
    onnx_node._NodeTestCases.clear()
    for name in dir(onnx_resize.Resize):
        if name.startswith("export_"):
            getattr(onnx_resize.Resize, name)()
    for test in onnx_node._NodeTestCases:
        node, = test.model.graph.node
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        attributes = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
        coordinates = attributes.get("coordinate_transformation_mode", "half_pixel")
        if attributes.get("mode", "nearest") == "cubic" or coordinates not in COORDINATES or test.name == ODD_NODE_TEST:
            continue
        (inputs, (y,)), = test.data_sets
        inputs = dict(zip([i for i in node.input if i], inputs))
        names = list(inputs)
        x, last = inputs[names[0]], inputs[names[-1]]
        by_size = names[-1] == "sizes"
        if x.shape[:2] != (1, 1) or not np.all(last[:2] == 1):
            sys.exit("%s has several maps" % test.name)
        yield test.name[len("test_"):], x[0, 0], y[0, 0], last[2:], by_size, attributes.get("mode", "nearest"), coordinates, attributes.get("nearest_mode", "round_prefer_floor")


def array(name, numbers):
    return "inline constexpr float %s[] = {%s};\n" % (name, ", ".join(float(n).hex() + "f" for n in numbers.ravel()))


def main():
    rng = random.Random(20261130)
    torch_rows, onnx_rows, nodes = list(torch_cases(rng)), list(onnx_cases(rng)), list(node_tests())
    out = sys.stdout.write
    out("""// SPDX-License-Identifier: Apache-2.0
// What torch %s and the reference of ONNX %s give for resized maps. Made by make_resize.py; not written by hand.
// Left out, because coordinates in floating point fell on the other side of a whole number or tie: %d of torch, %d of ONNX.
// Left out, because torch ignores the factor: %d.
// clang-format off
#pragma once

#include <cstdint>

#include <quench/network/settings.hpp>

namespace golden::resize {

using quench::CoordinateMode;
using quench::NearestMode;
constexpr auto Nearest = quench::InterpolationMode::Nearest, Bilinear = quench::InterpolationMode::Bilinear;

struct Case {
  quench::Pair x, size;
  quench::ScaleFactor scale_factor;
  bool recompute_scale_factor;
  quench::InterpolationMode mode;
  bool align_corners;
  CoordinateMode coordinates;
  NearestMode nearest_mode;
  std::uint32_t seed;
  int unit;
  quench::Pair y;
  std::uint64_t hash, gradient_hash;  // of the output, and of the gradient of x; ONNX has none
};

""" % (torch.__version__.split("a")[0], onnx.__version__, left_out["torch"], left_out["onnx"], left_out["ignored"]))
    for name, rows in (("torch_cases", torch_rows), ("onnx_cases", onnx_rows)):
        out("inline constexpr Case %s[] = {\n%s};\n\n" % (name, "".join(rows)))
    out("""// The node tests of the ONNX project (Apache-2.0).
struct Node {
  const char* name;
  quench::Pair x, y, size;
  quench::ScaleFactor scale_factor;
  quench::InterpolationMode mode;
  CoordinateMode coordinates;
  NearestMode nearest_mode;
  const float *values, *expected;
};

""")
    for name, x, y, *_ in nodes:
        out(array(name + "_x", x) + array(name + "_y", y))
    out("\ninline constexpr Node nodes[] = {\n")
    for name, x, y, last, by_size, mode, coordinates, nearest in nodes:
        size = [int(n) for n in last] if by_size else [-1, -1]
        factor = "{}" if by_size else "{%s, %s}" % tuple(float(n).hex() + "f" for n in last)
        out('    {"%s", {%d, %d}, {%d, %d}, {%d, %d}, %s, %s, CoordinateMode::%s, NearestMode::%s, %s_x, %s_y},\n' % (
            name, *x.shape, *y.shape, *size, factor, "Bilinear" if mode == "linear" else "Nearest", COORDINATES[coordinates],
            NEAREST[nearest], name, name))
    out("};\n\n}  // namespace golden::resize\n")


main()
