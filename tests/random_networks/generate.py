#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py SEED COUNT: prints a C++ source with COUNT random networks, each with a random march and setter.

Their descriptions are right, so what may be refused depends on the setter: check.py has the list. Equal seeds give equal
sources. judge.hpp has what each network does.

Covered:
- every operator, with random shapes, strides, paddings, dilations, groups, broadcasts and axes; branches; values used twice;
- batch norms and clamps after layers, blocks, arrays of blocks, sequences;
- ties of layers, with and without batch norms of their own, tied batch norms, ties into blocks; tied scales of modules and blocks;
- one or two inputs, pictures, features of ranks 1 to 4, with a function in float before the QuantStub, and indices of ranks 1 to 3,
  in one table or two;
- one or more outputs after each kind of operator, outputs that are used elsewhere too, functions in float after the DeQuantStub;
- the four Nash marches; the ready-made setters, and setters of rules by name (of a module, a block or one of an array), by kind and
  by use, with qconfigs of all fake-quantizers and of observers of each family.
Not covered: tensors of more than LARGEST elements, more than some twenty calls, ranks 5 and 6, layers and batch norms in float,
handles in hand-written code, the marches without integers.
"""
import random
import re
import sys

FUNCTIONS = ["LeakyReLU", "PReLU", "Sigmoid", "Tanh", "SiLU", "GELU", "HardSwish", "HardSigmoid", "Clamp", "ELU", "Softplus", "Mish", "Abs", "Square", "Softmax"]
MARCHES = ["NashE", "NashM", "NashP", "NashB"]
LARGEST = 300  # elements of a tensor
ANY = (-1e6, 1e6)  # the range of values that nothing bounds
POSITIVE = (0, 1e6)

INT16 = ["Int16", "q::qconfig::Int8WeightInt16FixedActivation", "LearnedInt16", "PactInt16"]
INT8 = ["q::qconfig::Int8", "q::qconfig::LearnedInt8", "q::qconfig::PactInt8", "q::qconfig::Int8FixedActivation", "Int4Weights",
        "Percentile", "Kl", "Histogram", "MinMax"]


def braces(values):
    return "{" + ", ".join(str(v) for v in values) + "}"


def elements(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def meets(size, out, kernel, stride, padding, dilation=(1, 1)):
    """True if some window has an element that is no padding."""
    return all(any(0 <= o * s - p[0] + i * d < n for o in range(m) for i in range(k))
               for n, m, k, s, p, d in zip(size, out, kernel, stride, padding, dilation))


def same_sides(n, k, s, d=1):
    """The padding before and after an axis with TensorFlow's SAME."""
    total = max(((n + s - 1) // s - 1) * s + d * (k - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def padding_of(r, size, kernel, stride, dilation, most):
    """How padding is written, and what it is before and after each axis. `most`: of each axis."""
    kind = r.random()
    if kind < 0.3:
        return "q::Padding::Same", [same_sides(*axis) for axis in zip(size, kernel, stride, dilation)]
    if kind < 0.6:
        sides = [[r.randint(0, m), r.randint(0, m)] for m in most]
        return braces(sides[0] + sides[1]), sides
    both = [r.randint(0, m) for m in most]
    return braces(both), [(p, p) for p in both]


def sides_of(r, size, kernel, stride, dilation, most):
    """The same along one axis, for a 1-d layer."""
    kind = r.random()
    if kind < 0.3:
        return "q::Padding::Same", same_sides(size, kernel, stride, dilation)
    sides = r.randint(0, most), r.randint(0, most)
    return (braces(sides), sides) if kind < 0.6 else (str(sides[0]), (sides[0], sides[0]))


def products(a, b):
    corners = [x * y for x in a for y in b]
    return max(min(corners), ANY[0]), min(max(corners), ANY[1])


class Network:
    """Writes one network: `members` and `lines` of forward; `values` are the quantized tensors so far, each with its shape.

    `ranges` bounds the numbers of each value, because a clamp of negative numbers alone has no scale."""

    def __init__(self, rng, number):
        self.rng, self.number = rng, number
        self.members, self.lines, self.values, self.ties = [], [], [], []
        self.used, self.counts, self.owners = set(), {}, []  # owners: (name, type) of modules with a scale
        self.free = {}  # modules without a scale, which may be called again
        self.in_float = []  # modules that are called in float, and may be called between the stubs once
        self.ranges, self.padded = {}, set()  # padded: values with zeros at their edges
        self.sources = {}  # the results of layers, and the inputs, that a value is computed from without a layer

    def member(self, kind, settings="", owner=True):
        prefix = kind.lower()
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        name = "%s%d" % (prefix, self.counts[prefix] - 1)
        self.members.append("q::%s %s%s;" % (kind, name, "{%s}" % settings))
        if owner:
            self.owners.append((name, kind))
        return name

    def functional(self):
        return self.member("FloatFunctional")

    def value(self, expression, shape, *operands, within=ANY, of_layer=False):
        for operand in operands:
            self.used.add(operand)
        name = "v%d" % len(self.values)
        self.ranges[name] = within
        self.sources[name] = set().union(*(self.sources[operand] for operand in operands)) if operands and not of_layer else {name}
        if any(operand in self.padded for operand in operands):
            self.padded.add(name)
        self.lines.append("auto %s = %s;" % (name, expression))
        self.values.append((name, list(shape)))
        return True

    def pick(self, suits=lambda shape: True):
        """A value that suits, a late one most often."""
        found = [v for v in self.values if suits(v[1])]
        if not found:
            return None
        return found[-1] if self.rng.random() < 0.6 else self.rng.choice(found)

    # Each operation returns whether it was added.
    def conv(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        r, (h, w, c) = self.rng, x[1]
        kernel, stride = [r.choice([1, 2, 3]), r.choice([1, 2, 3])], [r.choice([1, 1, 2]), r.choice([1, 1, 2])]
        dilation = [r.choice([1, 1, 2]), r.choice([1, 1, 2])]
        written, padding = padding_of(r, (h, w), kernel, stride, dilation, (2, 1))
        groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
        out = groups * r.randint(1, 3)
        size = [(n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip((h, w), kernel, stride, padding, dilation)]
        if min(size) < 1 or any(n + sum(p) < d * (k - 1) + 1 for n, k, p, d in zip((h, w), kernel, padding, dilation)):
            return False
        if size[0] * size[1] * out > LARGEST or not meets((h, w), size, kernel, stride, padding, dilation):
            return False
        bias = r.choice(["true", "false"])
        settings = ".in_channels = %d, .out_channels = %d, .kernel_size = %s, .stride = %s, .padding = %s, .dilation = %s, .groups = %d, .bias = %s" % (
            c, out, braces(kernel), braces(stride), written, braces(dilation), groups, bias)
        name = self.member("Conv2d", settings)
        self.layer("%s(%s)" % (name, x[0]), size + [out], x[0])
        return True

    def transposed(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        r, (h, w, c) = self.rng, x[1]
        kernel, stride = [r.choice([2, 3]), r.choice([1, 2, 3])], [r.choice([1, 2]), r.choice([1, 2])]
        padding = [r.randint(0, 1) if k > 1 else 0 for k in kernel]
        extra = [r.randint(0, s - 1) for s in stride]
        groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
        out = groups * r.randint(1, 2)
        size = [(n - 1) * s - 2 * p + k + e for n, k, s, p, e in zip((h, w), kernel, stride, padding, extra)]
        if min(size) < 1 or size[0] * size[1] * out > LARGEST:
            return False
        settings = ".in_channels = %d, .out_channels = %d, .kernel_size = %s, .stride = %s, .padding = %s, .output_padding = %s, .groups = %d, .bias = %s" % (
            c, out, braces(kernel), braces(stride), braces(padding), braces(extra), groups, r.choice(["true", "false"]))
        name = self.member("ConvTranspose2d", settings)
        self.layer("%s(%s)" % (name, x[0]), size + [out], x[0])
        return True

    def conv1d(self):
        x = self.pick(lambda s: len(s) == 2)
        if not x:
            return False
        r, (n, c) = self.rng, x[1]
        kernel, stride, dilation = r.choice([1, 2, 3, 4]), r.choice([1, 1, 2, 3]), r.choice([1, 1, 2])
        written, padding = sides_of(r, n, kernel, stride, dilation, 2)
        groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
        out = groups * r.randint(1, 3)
        size = (n + sum(padding) - dilation * (kernel - 1) - 1) // stride + 1
        if n + sum(padding) < dilation * (kernel - 1) + 1 or size * out > LARGEST:
            return False
        if not meets([n], [size], [kernel], [stride], [padding], [dilation]):
            return False
        settings = ".in_channels = %d, .out_channels = %d, .kernel_size = %d, .stride = %d, .padding = %s, .dilation = %d, .groups = %d, .bias = %s" % (
            c, out, kernel, stride, written, dilation, groups, r.choice(["true", "false"]))
        self.layer("%s(%s)" % (self.member("Conv1d", settings), x[0]), [size, out], x[0])
        return True

    def transposed1d(self):
        x = self.pick(lambda s: len(s) == 2)
        if not x:
            return False
        r, (n, c) = self.rng, x[1]
        kernel, stride, dilation = r.choice([1, 2, 3]), r.choice([1, 2, 3]), r.choice([1, 1, 2])
        padding = r.randint(0, 1) if kernel > 1 else 0
        extra = r.randint(0, max(stride, dilation) - 1)
        groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
        out = groups * r.randint(1, 2)
        size = (n - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + extra
        if size < 1 or size * out > LARGEST:
            return False
        settings = ".in_channels = %d, .out_channels = %d, .kernel_size = %d, .stride = %d, .padding = %d, .output_padding = %d, .groups = %d, .dilation = %d" % (
            c, out, kernel, stride, padding, extra, groups, dilation)
        self.layer("%s(%s)" % (self.member("ConvTranspose1d", settings), x[0]), [size, out], x[0])
        return True

    def pool1d(self):
        x = self.pick(lambda s: len(s) == 2)
        if not x:
            return False
        r, (n, c) = self.rng, x[1]
        kind = r.choice(["MaxPool1d", "AvgPool1d", "AdaptiveMaxPool1d", "AdaptiveAvgPool1d"])
        size = r.randint(1, 9)
        settings, padding = ".output_size = %d" % size, (0, 0)
        if not kind.startswith("Adaptive"):
            kernel, stride, ceil = r.randint(1, 4), r.randint(1, 3), r.random() < 0.3
            written, padding = sides_of(r, n, kernel, stride, 1, kernel // 2)
            room = n + sum(padding) - kernel + (stride - 1 if ceil else 0)
            size = room // stride + 1
            if ceil and (size - 1) * stride >= n + padding[0]:
                size -= 1
            if room < 0:
                return False
            settings = ".kernel_size = %d, .stride = %d, .padding = %s%s" % (kernel, stride, written, ", .ceil_mode = true" if ceil else "")
            if kind == "AvgPool1d" and r.random() < 0.5:
                settings += ", .count_include_pad = false"
        if size * c > LARGEST:
            return False
        low, high = self.ranges[x[0]]
        within = (min(low, 0), max(high, 0)) if kind == "AvgPool1d" and sum(padding) > 0 else (low, high)
        name = self.member(kind, settings, "Avg" in kind)
        return self.value("%s(%s)" % (name, x[0]), [size, c], x[0], within=within)

    def linear(self):
        x = self.pick()
        out = self.rng.randint(1, 6)
        settings = ".in_features = %d, .out_features = %d, .bias = %s" % (x[1][-1], out, self.rng.choice(["true", "false"]))
        name = self.member("Linear", settings)
        self.layer("%s(%s)" % (name, x[0]), x[1][:-1] + [out], x[0])
        return True

    def affine(self):
        x = self.pick()
        call = "%s(%s)" % (self.member("ChannelAffine", ".channels = %d" % x[1][-1]), x[0])
        if self.rng.random() < 0.6:
            return self.value(call, x[1], x[0], within=self.ranges[x[0]])  # training begins at x itself
        call = "%s(%s)" % (self.member("BatchNorm2d", ".channels = %d" % x[1][-1], False), call)
        within = ANY if self.ranges[x[0]][1] > 0 else (ANY[0], 0)
        return self.value(call, x[1], x[0], within=within, of_layer=True)

    def layer(self, call, shape, x):
        """A layer with weights, perhaps with a batch norm and a clamp."""
        if self.rng.random() < 0.4:
            kind = "BatchNorm1d" if len(shape) < 3 else "BatchNorm2d"
            call = "%s(%s)" % (self.member(kind, ".channels = %d" % shape[-1], False), call)
        within = ANY
        if self.rng.random() < 0.4:
            call, within = "%s(%s)" % (self.clamp_member(), call), POSITIVE
        self.value(call, shape, x, within=within, of_layer=True)

    def clamp_member(self):
        kind = self.rng.choice(["ReLU", "ReLU6"])
        if kind not in self.free:
            self.free[kind] = self.member(kind, "", False)
        return self.free[kind]

    def clamp(self):
        x = self.pick()
        high = self.ranges[x[0]][1]
        if high <= 0:
            return False
        return self.value("%s(%s)" % (self.clamp_member(), x[0]), x[1], x[0], within=(0, high))

    def function(self, kind=None):
        x, r = self.pick(), self.rng
        kind = kind or r.choice(FUNCTIONS)
        settings, (low, high) = "", self.ranges[x[0]]
        if kind in ("Sigmoid", "Softmax"):
            within = (0, 1)
        elif kind == "Tanh":
            within = (-1 if low < 0 else 0, 1 if high > 0 else 0)
        elif kind in ("LeakyReLU", "PReLU"):
            slope = r.choice([-1, 1]) * r.uniform(0.05, 0.5)
            settings = ".negative_slope = %.2ff" % slope
            if kind == "PReLU":
                settings = ".num_parameters = %d, .init = %.2ff" % (r.choice([1, x[1][-1]]), slope)
            negative = [slope * low, slope * min(high, 0)] if low < 0 else [max(high, 0)]
            within = (min(negative + [max(low, 0) if high > 0 else negative[0]]), max(negative + [max(high, 0)] if high > 0 else negative))
        elif kind == "HardSigmoid":
            alpha, beta = r.uniform(0.1, 1), r.uniform(0.1, 0.5)
            if r.random() < 0.5:
                settings = ".alpha = %.2ff, .beta = %.2ff" % (alpha, beta)
            if high < 0:
                return False  # may have nothing but zeros
            within = (0, 1)
        elif kind == "Clamp":
            bounds = round(max(low, -4) - r.uniform(-0.5, 0.5), 2), round(min(high, 4) - r.uniform(-0.5, 0.5), 2)
            if bounds[0] >= bounds[1]:
                return False
            settings = ".low = %.2ff, .high = %.2ff" % bounds
            within = (min(max(low, bounds[0]), bounds[1]), min(max(high, bounds[0]), bounds[1]))
        elif kind == "ELU":
            alpha = r.uniform(0.5, 1.5)
            settings = ".alpha = %.2ff" % alpha
            within = (-alpha if low < 0 else 0, max(high, 0))
        elif kind == "Softplus":
            beta = r.uniform(0.5, 2)
            settings = ".beta = %.2ff" % beta
            within = (0, max(high, 0) + 0.7 / beta)
        elif kind == "Abs":
            within = (0, max(-low, high))
        elif kind == "Square":
            if max(-low, high) > 8:
                return False  # grows too fast
            within = (0, max(-low, high) ** 2)
        elif high <= 0:
            return False  # small values, or zeros alone
        else:
            within = (-0.4 if low < 0 else 0, high)
        known = [name for name in self.in_float if name.startswith(kind.lower())]
        if known:
            name = known[0]
            self.in_float.remove(name)
            self.owners.append((name, kind))
        else:
            name = self.member(kind, settings)
        return self.value("%s(%s)" % (name, x[0]), x[1], x[0], within=within)

    def norm(self):
        """A LayerNorm or RMSNorm of the last axes. Rows of one channel may be constant: their norm is nothing but zeros."""
        x = self.pick(lambda s: s[-1] > 1)
        if not x:
            return False
        r, (low, high) = self.rng, self.ranges[x[0]]
        extents = x[1][-r.randint(1, len(x[1])):]
        kind = r.choice(["LayerNorm", "RMSNorm"])
        settings = ".normalized_shape = %s" % braces(extents)
        if r.random() < 0.3:
            settings += ", .eps = %sf" % r.choice(["0.01", "1.0", "1e-6"])
        if r.random() < 0.3:
            settings += ", .elementwise_affine = false"
        elif kind == "LayerNorm" and r.random() < 0.3:
            settings += ", .bias = false"
        most = elements(extents) ** 0.5
        is_signed = kind == "LayerNorm"
        within = (-most if is_signed or low < 0 else 0, most if is_signed or high > 0 else 0)
        return self.value("%s(%s)" % (self.member(kind, settings), x[0]), x[1], x[0], within=within)

    def pool(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        r, (h, w, c) = self.rng, x[1]
        kind = r.choice(["MaxPool2d", "AvgPool2d", "GlobalAvgPool2d", "AdaptiveMaxPool2d", "AdaptiveAvgPool2d"])
        if kind == "GlobalAvgPool2d":
            return self.value("%s(%s)" % (self.member(kind), x[0]), [1, 1, c], x[0], within=self.ranges[x[0]])
        if kind.startswith("Adaptive"):
            size = [r.randint(1, 8), r.randint(1, 8)]
            if size[0] * size[1] * c > LARGEST:
                return False
            name = self.member(kind, ".output_size = %s" % braces(size), kind == "AdaptiveAvgPool2d")
            return self.value("%s(%s)" % (name, x[0]), size + [c], x[0], within=self.ranges[x[0]])
        kernel, stride = [r.randint(1, 3), r.randint(1, 3)], [r.randint(1, 2), r.randint(1, 2)]
        written, padding = padding_of(r, (h, w), kernel, stride, (1, 1), [k // 2 for k in kernel])
        ceil = r.random() < 0.3
        rooms = [n + sum(p) - k + (s - 1 if ceil else 0) for n, k, s, p in zip((h, w), kernel, stride, padding)]
        size = [room // s + 1 for room, s in zip(rooms, stride)]
        if ceil:
            size = [o - ((o - 1) * s >= n + p[0]) for n, o, s, p in zip((h, w), size, stride, padding)]
        if min(rooms) < 0 or size[0] * size[1] * c > LARGEST:
            return False
        settings = ".kernel_size = %s, .stride = %s, .padding = %s" % (braces(kernel), braces(stride), written)
        if ceil:
            settings += ", .ceil_mode = true"
        if kind == "AvgPool2d" and r.random() < 0.5:
            settings += ", .count_include_pad = false"
        name = self.member(kind, settings, kind == "AvgPool2d")
        low, high = self.ranges[x[0]]
        return self.value("%s(%s)" % (name, x[0]), size + [c], x[0], within=(min(low, 0), max(high, 0)))

    def upsample(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        r, recomputed = self.rng, False
        mode = r.choice(["Nearest", "Bilinear"])
        if r.random() < 0.5:
            factor = [r.randint(1, 3), r.randint(1, 2)]
            size, setting = [n * f for n, f in zip(x[1], factor)], ".scale_factor = %s" % braces(factor)
        elif r.random() < 0.5:
            size = [r.randint(1, 2 * n) for n in x[1][:2]]
            setting = ".size = %s" % braces(size)
        else:
            parts = [(r.randint(n, 2 * n), n) for n in (r.randint(1, 5), r.randint(1, 5))]
            size = [n * over // under for n, (over, under) in zip(x[1], parts)]
            setting = ".scale_factor = {%s}" % ", ".join("q::Fraction(%d, %d)" % part for part in parts)
            recomputed = r.random() < 0.5
        size = size[:2] + [x[1][2]]
        if elements(size) > LARGEST:
            return False
        setting += ", .mode = q::InterpolationMode::%s" % mode
        aligned = mode == "Bilinear" and r.random() < 0.3
        setting += ", .align_corners = true" if aligned else ""
        setting += ", .recompute_scale_factor = true" if recomputed else ""
        if not aligned and r.random() < 0.4:
            setting += ", .coordinates = q::CoordinateMode::%s" % r.choice(["HalfPixel", "PytorchHalfPixel", "Asymmetric", "AlignCorners"])
            setting += ", .nearest_mode = q::NearestMode::%s" % r.choice(["Floor", "Ceil", "RoundPreferFloor", "RoundPreferCeil"])
        name = self.member("Upsample", setting, False)
        return self.value("%s(%s)" % (name, x[0]), size, x[0], within=self.ranges[x[0]])

    def binary(self):
        x = self.pick()
        operation = self.rng.choice(["add", "sub", "mul", "add_relu", "maximum", "minimum"])

        def fits(shape):
            return len(shape) == len(x[1]) and all(a == b or a == 1 or b == 1 for a, b in zip(shape, x[1]))
        y = self.pick(lambda s: fits(s)) if self.rng.random() < 0.7 else self.rng.choice([v for v in self.values if fits(v[1])])
        shape = [max(a, b) for a, b in zip(x[1], y[1])]
        if elements(shape) > LARGEST:
            return False
        if operation == "sub" and self.sources[x[0]] & self.sources[y[0]]:
            operation = "add"  # a difference of nothing but zeros, or of one sign, could follow
        if self.rng.random() < 0.5:
            x, y = y, x
        a, b = self.ranges[x[0]], self.ranges[y[0]]
        within = {
            "add": (a[0] + b[0], a[1] + b[1]),
            "add_relu": (0, a[1] + b[1]),
            "sub": (a[0] - b[1], a[1] - b[0]),
            "mul": products(a, b),
            "maximum": (max(a[0], b[0]), max(a[1], b[1])),
            "minimum": (min(a[0], b[0]), min(a[1], b[1])),
        }[operation]
        if within[1] <= 0 and operation == "add_relu":
            return False
        return self.value("%s.%s(%s, %s)" % (self.functional(), operation, x[0], y[0]), shape, x[0], y[0], within=within)

    def cat(self):
        x = self.pick()
        rank = len(x[1])
        axis = self.rng.choice([rank - 1, self.rng.randrange(rank)])
        rest = lambda shape: shape[:axis] + shape[axis + 1:]
        more = [v for v in self.values if len(v[1]) == rank and rest(v[1]) == rest(x[1])]
        operands = [x] + [self.rng.choice(more) for _ in range(self.rng.randint(1, 2))]
        self.rng.shuffle(operands)
        shape = list(x[1])
        shape[axis] = sum(v[1][axis] for v in operands)
        if elements(shape) > LARGEST:
            return False
        names = [v[0] for v in operands]
        within = min(self.ranges[n][0] for n in names), max(self.ranges[n][1] for n in names)
        call = self.rng.choice(["cat", "cat<-1>"]) if axis == rank - 1 else "cat<%d>" % self.rng.choice([axis, axis - rank])
        return self.value("%s.%s(%s)" % (self.functional(), call, ", ".join(names)), shape, *names, within=within)

    def matmul(self):
        x = self.pick(lambda s: len(s) >= 2)
        if not x:
            return False
        fits = [v for v in self.values if len(v[1]) == len(x[1]) and v[1][:-2] == x[1][:-2] and v[1][-2] == x[1][-1]]
        if fits and self.rng.random() < 0.7:
            y, expression = (v := self.rng.choice(fits)), v[0]
            columns = v[1][-1]
        else:
            y = self.rng.choice([v for v in self.values if len(v[1]) == len(x[1]) and v[1][:-2] == x[1][:-2] and v[1][-1] == x[1][-1]])
            order = list(range(len(x[1])))
            order[-2:] = [order[-1], order[-2]]
            expression, columns = "q::permute(%s, %s)" % (y[0], braces(order)), y[1][-2]
        shape = x[1][:-1] + [columns]
        if elements(shape) > LARGEST:
            return False
        within = products((x[1][-1], x[1][-1]), products(self.ranges[x[0]], self.ranges[y[0]]))
        return self.value("%s.matmul(%s, %s)" % (self.functional(), x[0], expression), shape, x[0], y[0], within=within)

    def scalar(self, operation=None):
        x, operation = self.pick(), operation or self.rng.choice(["add_scalar", "mul_scalar"])
        number = self.rng.choice([-2.5, -0.9, -0.3, 0.1, 0.5, 1, 3])  # not -1: x plus -x is nothing but zeros
        low, high = self.ranges[x[0]]
        within = (low + number, high + number) if operation == "add_scalar" else products((low, high), (number, number))
        return self.value("%s.%s(%s, %sf)" % (self.functional(), operation, x[0], float(number)), x[1], x[0], within=within)

    def reduction(self):
        x = self.pick()
        axes = sorted(self.rng.sample(range(len(x[1])), self.rng.randint(1, len(x[1]))))
        keep = len(axes) == len(x[1]) or self.rng.random() < 0.5
        shape = [1 if i in axes else n for i, n in enumerate(x[1]) if keep or i not in axes]
        operation = self.rng.choice(["sum", "mean"])
        count = elements(x[1]) // elements(shape) if operation == "sum" else 1
        return self.value("%s.%s(%s, %s, %s)" % (self.functional(), operation, x[0], braces(axes), "true" if keep else "false"),
                          shape, x[0], within=products(self.ranges[x[0]], (count, count)))

    def move(self, kind=None):
        x, r = self.pick(), self.rng
        shape, kind = x[1], kind or r.choice(["flatten", "reshape", "permute", "slice", "pad"])
        within = self.ranges[x[0]]
        if kind == "flatten":
            return self.value("q::flatten(%s)" % x[0], [elements(shape)], x[0], within=within)
        if kind == "reshape":
            left, extents = elements(shape), []
            for _ in range(r.randint(0, 3)):
                extents.append(r.choice([d for d in range(1, min(left, 8) + 1) if left % d == 0]))
                left //= extents[-1]
            extents.insert(r.randint(0, len(extents)), left)
            return self.value("q::reshape(%s, %s)" % (x[0], braces(extents)), extents, x[0], within=within)
        if kind == "permute":
            order = list(range(len(shape)))
            r.shuffle(order)
            return self.value("q::permute(%s, %s)" % (x[0], braces(order)), [shape[i] for i in order], x[0], within=within)
        if kind == "slice":
            if x[0] in self.padded:
                return False  # may have nothing but zeros
            axis = r.randrange(len(shape))
            begin = r.randrange(shape[axis])
            end = r.randint(begin + 1, shape[axis])
            return self.value("q::slice(%s, %d, %d, %d)" % (x[0], axis, begin, end),
                              [end - begin if i == axis else n for i, n in enumerate(shape)], x[0], within=within)
        margins = [[r.randint(0, 1), r.randint(0, 1)] for _ in shape]
        padded = [n + sum(m) for n, m in zip(shape, margins)]
        if elements(padded) > LARGEST:
            return False
        self.value("q::pad(%s, %s)" % (x[0], braces(braces(m) for m in margins)), padded, x[0],
                   within=(min(within[0], 0), max(within[1], 0)))
        self.padded.add(self.values[-1][0])
        return True

    def block(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        kind, count = self.rng.choice(["Residual", "Excited", "Inverted"]), self.rng.randint(1, 2)
        self.counts["block"] = self.counts.get("block", 0) + 1
        name = "block%d" % self.counts["block"]
        self.members.append("std::array<judge::%s<%d>, %d> %s{};" % (kind, x[1][2], count, name))
        self.owners += [(name, "block"), ("%s.%d" % (name, count - 1), "block")]
        call = x[0]
        for i in range(count):
            call = "%s[%d].forward(%s)" % (name, i, call)
        if count == 2 and self.rng.random() < 0.3:
            for layer in {"Residual": ["conv1", "conv2"], "Excited": ["fc1"], "Inverted": ["expand", "project"]}[kind]:
                self.ties.append('q::Tie<"%s.0.%s", "%s.1.%s">' % (name, layer, name, layer))
        if count == 2 and self.rng.random() < 0.2:
            self.ties.append('q::TiedScale<"%s.0", "%s.1">' % (name, name))
        within = {"Residual": POSITIVE, "Excited": self.ranges[x[0]], "Inverted": ANY}[kind]
        return self.value(call, x[1], x[0], within=within, of_layer=kind != "Excited")

    def sequence(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        self.counts["sequence"] = self.counts.get("sequence", 0) + 1
        name, c, out = "sequence%d" % self.counts["sequence"], x[1][2], self.rng.randint(1, 4)
        layers = [("Conv2d", ".in_channels = %d, .out_channels = %d, .kernel_size = 3, .padding = 1" % (c, out))]
        if self.rng.random() < 0.5:
            layers.append(("BatchNorm2d", ".channels = %d" % out))
        layers.append((self.rng.choice(["ReLU", "HardSwish", "Sigmoid", "GELU"]), ""))
        shape = x[1][:2] + [out]
        if elements(shape) > LARGEST:
            return False
        self.members.append("std::tuple<%s> %s{%s};" % (", ".join("q::" + kind for kind, _ in layers), name, ", ".join(
            "q::%s{%s}" % layer for layer in layers)))
        self.owners += [(name, "block"), (name + ".0", "block")]
        within = POSITIVE if layers[-1][0] in ("ReLU", "Sigmoid") else ANY
        return self.value("q::sequential(%s, %s)" % (name, x[0]), shape, x[0], within=within, of_layer=True)

    def twins(self):
        """Two layers that share weights, perhaps with batch norms of their own or shared ones."""
        r, x = self.rng, self.pick()
        kind = r.choice(["Linear", "Conv2d"]) if len(x[1]) == 3 else "Linear"
        y = r.choice([v for v in self.values if v[1][-1] == x[1][-1] and (kind == "Linear" or len(v[1]) == 3)])
        settings = ".in_features = %d, .out_features = 3" if kind == "Linear" else ".in_channels = %d, .out_channels = 3, .kernel_size = 3, .padding = 1"
        settings, shapes = settings % x[1][-1], [x[1][:-1] + [3], y[1][:-1] + [3]]
        if max(elements(shape) for shape in shapes) > LARGEST:
            return False
        names = [self.member(kind, settings), self.member(kind, settings)]
        self.ties.append('q::Tie<"%s", "%s">' % tuple(names))
        norms = []
        with_norms = r.choice([0, 0, 2, 2, 1])
        for operand, name, shape in zip((x, y), names, shapes):
            call = "%s(%s)" % (name, operand[0])
            if len(norms) < with_norms:
                norms.append(self.member("BatchNorm2d", ".channels = 3", False))
                call = "%s(%s)" % (norms[-1], call)
            within = ANY
            if r.random() < 0.3:
                call, within = "%s(%s)" % (self.clamp_member(), call), POSITIVE
            self.value(call, shape, operand[0], within=within, of_layer=True)
        if len(norms) == 2 and r.random() < 0.4:
            self.ties.append('q::Tie<"%s", "%s">' % tuple(norms))
        return True

    def tie_scales(self):
        modules = [name for name, kind in self.owners if kind not in ("block", "FloatFunctional")]
        if len(modules) > 1 and self.rng.random() < 0.25:
            names = self.rng.sample(modules, min(len(modules), self.rng.choice([2, 2, 3])))
            self.ties.append("q::TiedScale<%s>" % ", ".join('"%s"' % name for name in names))

    def indices(self, argument):
        """An input of indices, looked up in one table or in several."""
        r = self.rng
        shape = [r.randint(1, n) for n in r.choice([(12,), (12,), (6, 4), (3, 3, 3)])]
        for _ in range(r.choice([1, 1, 2])):
            rows, size = r.randint(2, 40), r.randint(1, 6)
            settings = ".num_embeddings = %d, .embedding_dim = %d" % (rows, size)
            if r.random() < 0.4:
                settings += ", .padding_idx = %d" % r.randint(-rows, rows - 1)
            call, within = "%s(%s)" % (self.member("Embedding", settings), argument), ANY
            if r.random() < 0.2:
                call, within = "%s(%s)" % (self.clamp_member(), call), POSITIVE
            self.value(call, shape + [size], within=within)
        return "q::Indices<%s>" % ", ".join(str(n) for n in shape)

    def inputs(self):
        r, types, arguments = self.rng, [], []
        for i in range(r.choice([1, 1, 1, 2])):
            shape = [r.randint(2, 7), r.randint(2, 7), r.randint(1, 5)]
            kind, argument = r.random(), "x%d" % i
            within = ANY
            if r.random() < 0.2:
                types.append(self.indices(argument))
                arguments.append("auto " + argument)
                continue
            if kind < 0.3:
                color, shape[2] = r.choice([("CenteredYuv444", 3), ("CenteredGray", 1)])
                types.append("q::Image<q::color::%s, %d, %d>" % (color, shape[0], shape[1]))
                within = (-1, 1)
            else:
                if kind < 0.45:
                    shape = [r.randint(1, 4) for _ in range(r.choice([1, 2, 4]))]
                elif kind < 0.6:
                    shape = [r.randint(2, 16), r.randint(1, 6)]
                types.append("q::Features<%s>" % ", ".join(str(n) for n in shape))
            entry = argument
            if r.random() < 0.1:
                function = r.choice(["Tanh", "Sigmoid"])
                name = self.member(function, "", False)
                entry, within = "%s(%s)" % (name, entry), (-1 if function == "Tanh" else 0, 1)
                self.in_float.append(name)
            self.counts["quant"] = i + 1
            self.members.append("q::QuantStub quant%d{};" % i)
            if kind >= 0.3 or entry != argument:
                self.owners.append(("quant%d" % i, "QuantStub"))
            self.value("quant%d(%s)" % (i, entry), shape, within=within)
            arguments.append("auto " + argument)
        return types, arguments

    def tail(self):
        """What an output may end with instead of a layer: operators without an accumulator."""
        for _ in range(self.rng.choice([0, 0, 1, 1, 2])):
            self.rng.choice([self.clamp, self.upsample, self.cat, self.binary, lambda: self.scalar("mul_scalar"),
                             lambda: self.function("Softmax"), lambda: self.move("pad"), lambda: self.move("slice")])()

    def outputs(self):
        r = self.rng
        names = [v[0] for v in self.values if v[0] not in self.used]
        elsewhere = [v[0] for v in self.values if v[0] in self.used]
        if elsewhere and r.random() < 0.4:
            names += r.sample(elsewhere, min(len(elsewhere), r.randint(1, 2)))
            r.shuffle(names)
        stubs, results = r.randint(1, 2), []
        self.members.append("q::DeQuantStub %s;" % ", ".join("dequant%d{}" % i for i in range(min(stubs, len(names)))))
        for i, name in enumerate(names):
            result = "dequant%d(%s)" % (i % stubs, name)
            if r.random() < 0.1:
                result = "%s(%s)" % (self.member(r.choice(["Softmax", "Sigmoid", "Tanh"]), "", False), result)  # in float
            results.append(result)
        return "return %s;" % (results[0] if len(results) == 1 else "std::tuple(%s)" % ", ".join(results))

    def is_output(self, module):
        """True if no other module uses the result of this one."""
        pattern = r"auto (v\d+) = .*\b%s\b" % re.escape(module.split(".")[0])
        results = [match[1] for line in self.lines if (match := re.match(pattern, line))]
        return all(result not in self.used for result in results)

    def setter(self):
        r = self.rng
        kind = r.random()
        if kind < 0.15:
            return "q::setter::DefaultQat"
        if kind < 0.25:
            return "q::setter::FixedActivationQat"
        if kind < 0.4:
            return "q::setter::Int16WhereSupported"
        named, kinds, chosen = [], [], r.sample(self.owners, min(len(self.owners), r.randint(0, 3)))
        for name, owner in sorted(chosen, key=lambda owner: -len(owner[0])):  # an element before its array
            qconfig = r.choice(r.choice([INT16, INT8]))
            if r.random() < 0.9 and self.is_output(name):  # most others are refused
                named.append('q::rule::ByName<"%s", %s>, q::rule::AllowLowPrecisionOutput<"%s">' % (name, qconfig, name))
                continue
            same = [o for o in self.owners if o[1] == owner]
            if owner not in ("block", "FloatFunctional", "QuantStub") and len(same) > 1 and r.random() < 0.3:
                kinds.append("q::rule::ByKind<q::%s, %s>" % (owner, qconfig))
            else:
                named.append('q::rule::ByName<"%s", %s>' % (name, qconfig))
        high = r.choice(["q::rule::HighPrecisionOutput<>"] * 3 + [
            "q::rule::HighPrecisionOutput<q::qconfig::Int8WeightHighPrecisionOutput, %s>" % q for q in INT16])
        rules = r.choice([named + kinds + [high], named + [high] + kinds, named + [high] + kinds, [high] + named + kinds])
        if r.random() < 0.3:
            rules.append("q::rule::WhereInt16Supported<%s>" % r.choice([""] * 3 + INT16))
        rules.append("q::rule::Everything<%s>" % r.choice(["q::qconfig::Int8"] * 4 + INT8))
        return "q::QConfigSetter<%s>" % ", ".join(rules)

    def write(self):
        types, arguments = self.inputs()
        operations = [self.conv, self.conv, self.transposed, self.conv1d, self.conv1d, self.transposed1d, self.pool1d, self.linear, self.affine, self.clamp, self.function, self.function, self.norm, self.pool, self.upsample,
                      self.binary, self.binary, self.cat, self.matmul, self.scalar, self.reduction, self.move, self.move,
                      self.block, self.sequence, self.twins]
        added, wanted = 0, self.rng.randint(1, 9)
        while added < wanted:
            added += self.rng.choice(operations)()
        self.tail()
        last = self.outputs()
        self.tie_scales()
        march, setter = self.rng.choice(MARCHES), self.setter()
        text = ["struct Net%d {" % self.number, "  using Inputs = q::Inputs<%s>;" % ", ".join(types)]
        if self.ties:
            text.append("  using Ties = q::Ties<%s>;" % ", ".join(self.ties))
        text += ["  " + member for member in self.members]
        text.append("  constexpr auto forward(%s) const {" % ", ".join(arguments))
        text += ["    " + line for line in self.lines + [last]]
        text += ["  }", "};", "using Setter%d = %s;" % (self.number, setter), ""]
        return text, march


def generate(seed, count, leave_out=()):
    """A source with the networks SEED.0 to SEED.COUNT-1, without those of `leave_out`."""
    text = ['#include "random_networks/judge.hpp"', "", "using namespace judge::qconfigs;", "namespace q = quench;", ""]
    calls = []
    for number in range(count):
        network, march = Network(random.Random("%s.%s" % (seed, number)), number).write()
        if number in leave_out:
            continue
        text += network
        calls.append("  failed += judge::judge<Net%d, q::march::%s, Setter%d>(%d);" % (number, march, number, number))
    return "\n".join(text + ["int main() {", "  int failed = 0;"] + calls + ["  return failed != 0;", "}", ""])


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1]), int(sys.argv[2])))
