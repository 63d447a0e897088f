#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py SEED COUNT: prints a C++ source with COUNT random networks, each with a random march and setter.

The networks have every operator between them, with random shapes, strides, paddings, groups, branches, blocks, shared weights
and outputs. Their descriptions are right, so what may be refused depends on the setter: check.py has the list. Equal seeds give
equal sources. judge.hpp has what each network does.
"""
import random
import sys

FUNCTIONS = ["LeakyReLU", "Sigmoid", "Tanh", "SiLU", "GELU", "HardSwish", "HardSigmoid", "Softmax"]
MARCHES = ["NashE", "NashM", "NashP", "NashB"]
LARGEST = 300  # elements of a tensor

RULES = {
    "int16": "Int16",
    "learned": "q::qconfig::LearnedInt8",
    "pact": "q::qconfig::PactInt8",
    "fixed": "q::qconfig::Int8FixedActivation",
    "int4": "Int4Weights",
    "percentile": "Percentile",
}


def braces(values):
    return "{" + ", ".join(str(v) for v in values) + "}"


def elements(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


class Network:
    """Writes one network: `members` and `lines` of forward; `values` are the quantized tensors so far, each with its shape."""

    def __init__(self, rng, number):
        self.rng, self.number = rng, number
        self.members, self.lines, self.values, self.ties = [], [], [], []
        self.used, self.counts, self.owners = set(), {}, []  # owners: (name, type) of modules with a scale
        self.free = {}  # modules without a scale, which may be called again

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

    def value(self, expression, shape, *operands):
        for operand in operands:
            self.used.add(operand)
        name = "v%d" % len(self.values)
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
        padding, dilation = [r.choice([0, 1, 2]), r.choice([0, 1])], [r.choice([1, 1, 2]), r.choice([1, 1, 2])]
        groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
        out = groups * r.randint(1, 3)
        size = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip((h, w), kernel, stride, padding, dilation)]
        if min(size) < 1 or any(n + 2 * p < d * (k - 1) + 1 for n, k, p, d in zip((h, w), kernel, padding, dilation)):
            return False
        if size[0] * size[1] * out > LARGEST:
            return False
        bias = r.choice(["true", "false"])
        settings = ".in_channels = %d, .out_channels = %d, .kernel_size = %s, .stride = %s, .padding = %s, .dilation = %s, .groups = %d, .bias = %s" % (
            c, out, braces(kernel), braces(stride), braces(padding), braces(dilation), groups, bias)
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

    def linear(self):
        x = self.pick()
        out = self.rng.randint(1, 6)
        settings = ".in_features = %d, .out_features = %d, .bias = %s" % (x[1][-1], out, self.rng.choice(["true", "false"]))
        name = self.member("Linear", settings)
        self.layer("%s(%s)" % (name, x[0]), x[1][:-1] + [out], x[0])
        return True

    def layer(self, call, shape, x):
        """A layer with weights, perhaps with a batch norm and a clamp."""
        if self.rng.random() < 0.4:
            call = "%s(%s)" % (self.member("BatchNorm2d", ".channels = %d" % shape[-1], False), call)
        if self.rng.random() < 0.4:
            call = "%s(%s)" % (self.clamp_member(), call)
        self.value(call, shape, x)

    def clamp_member(self):
        kind = self.rng.choice(["ReLU", "ReLU6"])
        if kind not in self.free:
            self.free[kind] = self.member(kind, "", False)
        return self.free[kind]

    def clamp(self):
        x = self.pick()
        return self.value("%s(%s)" % (self.clamp_member(), x[0]), x[1], x[0])

    def function(self):
        x, kind, r = self.pick(), self.rng.choice(FUNCTIONS), self.rng
        settings = ""
        if kind == "LeakyReLU":
            settings = ".negative_slope = %.2ff" % r.uniform(-0.5, 0.5)
        if kind == "HardSigmoid" and r.random() < 0.5:
            settings = ".alpha = %.2ff, .beta = %.2ff" % (r.uniform(0.1, 1), r.uniform(0, 0.5))
        return self.value("%s(%s)" % (self.member(kind, settings), x[0]), x[1], x[0])

    def pool(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        r, (h, w, c) = self.rng, x[1]
        kind = r.choice(["MaxPool2d", "AvgPool2d", "GlobalAvgPool2d"])
        if kind == "GlobalAvgPool2d":
            return self.value("%s(%s)" % (self.member(kind), x[0]), [1, 1, c], x[0])
        kernel, stride = [r.randint(1, 3), r.randint(1, 3)], [r.randint(1, 2), r.randint(1, 2)]
        padding = [r.randint(0, k // 2) for k in kernel]
        size = [(n + 2 * p - k) // s + 1 for n, k, s, p in zip((h, w), kernel, stride, padding)]
        if any(n + 2 * p < k for n, k, p in zip((h, w), kernel, padding)) or size[0] * size[1] * c > LARGEST:
            return False
        # A window of only padding has no largest value.
        if any((o - 1) * s - p >= n for n, o, s, p in zip((h, w), size, stride, padding)):
            return False
        settings = ".kernel_size = %s, .stride = %s, .padding = %s" % (braces(kernel), braces(stride), braces(padding))
        name = self.member(kind, settings, kind == "AvgPool2d")
        return self.value("%s(%s)" % (name, x[0]), size + [c], x[0])

    def upsample(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        factor = [self.rng.randint(1, 3), self.rng.randint(1, 2)]
        size = [x[1][0] * factor[0], x[1][1] * factor[1], x[1][2]]
        if elements(size) > LARGEST:
            return False
        mode = self.rng.choice(["Nearest", "Bilinear"])
        name = self.member("Upsample", ".scale_factor = %s, .mode = q::InterpolationMode::%s" % (braces(factor), mode), False)
        return self.value("%s(%s)" % (name, x[0]), size, x[0])

    def binary(self):
        x = self.pick()
        operation = self.rng.choice(["add", "sub", "mul", "add_relu", "maximum", "minimum"])

        def fits(shape):
            return len(shape) == len(x[1]) and all(a == b or a == 1 or b == 1 for a, b in zip(shape, x[1]))
        y = self.pick(lambda s: fits(s)) if self.rng.random() < 0.7 else self.rng.choice([v for v in self.values if fits(v[1])])
        shape = [max(a, b) for a, b in zip(x[1], y[1])]
        if elements(shape) > LARGEST:
            return False
        if operation == "sub" and x is y:
            operation = "add"  # a difference of nothing but zeros has no scale
        if self.rng.random() < 0.5:
            x, y = y, x
        return self.value("%s.%s(%s, %s)" % (self.functional(), operation, x[0], y[0]), shape, x[0], y[0])

    def cat(self):
        x = self.pick()
        more = [v for v in self.values if v[1][:-1] == x[1][:-1]]
        operands = [x] + [self.rng.choice(more) for _ in range(self.rng.randint(1, 2))]
        self.rng.shuffle(operands)
        shape = x[1][:-1] + [sum(v[1][-1] for v in operands)]
        if elements(shape) > LARGEST:
            return False
        names = [v[0] for v in operands]
        return self.value("%s.cat(%s)" % (self.functional(), ", ".join(names)), shape, *names)

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
        return self.value("%s.matmul(%s, %s)" % (self.functional(), x[0], expression), shape, x[0], y[0])

    def scalar(self):
        x, operation = self.pick(), self.rng.choice(["add_scalar", "mul_scalar"])
        number = self.rng.choice([-2.5, -1, -0.3, 0.1, 0.5, 1, 3])
        return self.value("%s.%s(%s, %sf)" % (self.functional(), operation, x[0], float(number)), x[1], x[0])

    def reduction(self):
        x = self.pick()
        axes = sorted(self.rng.sample(range(len(x[1])), self.rng.randint(1, len(x[1]))))
        keep = len(axes) == len(x[1]) or self.rng.random() < 0.5
        shape = [1 if i in axes else n for i, n in enumerate(x[1]) if keep or i not in axes]
        operation = self.rng.choice(["sum", "mean"])
        return self.value("%s.%s(%s, %s, %s)" % (self.functional(), operation, x[0], braces(axes), "true" if keep else "false"),
                          shape, x[0])

    def move(self):
        x, r = self.pick(), self.rng
        shape, kind = x[1], r.choice(["flatten", "reshape", "permute", "slice", "pad"])
        if kind == "flatten":
            return self.value("q::flatten(%s)" % x[0], [elements(shape)], x[0])
        if kind == "reshape":
            left, extents = elements(shape), []
            for _ in range(r.randint(0, 3)):
                extents.append(r.choice([d for d in range(1, min(left, 8) + 1) if left % d == 0]))
                left //= extents[-1]
            extents.insert(r.randint(0, len(extents)), left)
            return self.value("q::reshape(%s, %s)" % (x[0], braces(extents)), extents, x[0])
        if kind == "permute":
            order = list(range(len(shape)))
            r.shuffle(order)
            return self.value("q::permute(%s, %s)" % (x[0], braces(order)), [shape[i] for i in order], x[0])
        if kind == "slice":
            axis = r.randrange(len(shape))
            begin = r.randrange(shape[axis])
            end = r.randint(begin + 1, shape[axis])
            return self.value("q::slice(%s, %d, %d, %d)" % (x[0], axis, begin, end),
                              [end - begin if i == axis else n for i, n in enumerate(shape)], x[0])
        margins = [[r.randint(0, 1), r.randint(0, 1)] for _ in shape]
        padded = [n + sum(m) for n, m in zip(shape, margins)]
        if elements(padded) > LARGEST:
            return False
        return self.value("q::pad(%s, %s)" % (x[0], braces(braces(m) for m in margins)), padded, x[0])

    def block(self):
        x = self.pick(lambda s: len(s) == 3)
        if not x:
            return False
        kind, count = self.rng.choice(["Residual", "Excited", "Inverted"]), self.rng.randint(1, 2)
        self.counts["block"] = self.counts.get("block", 0) + 1
        name = "block%d" % self.counts["block"]
        self.members.append("std::array<judge::%s<%d>, %d> %s{};" % (kind, x[1][2], count, name))
        self.owners.append((name, "block"))
        call = x[0]
        for i in range(count):
            call = "%s[%d].forward(%s)" % (name, i, call)
        return self.value(call, x[1], x[0])

    def twins(self):
        """Two linears that share weights."""
        x = self.pick()
        y = self.rng.choice([v for v in self.values if v[1][-1] == x[1][-1]])
        settings = ".in_features = %d, .out_features = 3" % x[1][-1]
        a, b = self.member("Linear", settings), self.member("Linear", settings)
        self.ties.append('q::Tie<"%s", "%s">' % (a, b))
        self.value("%s(%s)" % (a, x[0]), x[1][:-1] + [3], x[0])
        return self.value("%s(%s)" % (b, y[0]), y[1][:-1] + [3], y[0])

    def inputs(self):
        r, types, arguments = self.rng, [], []
        for i in range(r.choice([1, 1, 1, 2])):
            shape = [r.randint(2, 7), r.randint(2, 7), r.randint(1, 5)]
            kind, argument = r.random(), "x%d" % i
            if kind < 0.25:
                color, shape[2] = r.choice([("CenteredYuv444", 3), ("CenteredGray", 1)])
                types.append("q::Image<q::color::%s, %d, %d>" % (color, shape[0], shape[1]))
            else:
                if kind < 0.4:
                    shape = [r.randint(1, 4) for _ in range(r.choice([1, 2, 4]))]
                types.append("q::Features<%s>" % ", ".join(str(n) for n in shape))
            entry = argument
            if kind > 0.9:
                entry = "%s(%s)" % (self.member("Tanh", "", False), entry)  # in float
            self.counts["quant"] = i + 1
            self.members.append("q::QuantStub quant%d{};" % i)
            if kind >= 0.25:
                self.owners.append(("quant%d" % i, "QuantStub"))
            self.value("quant%d(%s)" % (i, entry), shape)
            arguments.append("auto " + argument)
        return types, arguments

    def outputs(self):
        names = [v[0] for v in self.values if v[0] not in self.used]
        self.members.append("q::DeQuantStub dequant{};")
        results = ["dequant(%s)" % name for name in names]
        if self.rng.random() < 0.15:
            results[0] = "%s(%s)" % (self.member("Softmax", "", False), results[0])  # in float
        return "return %s;" % (results[0] if len(results) == 1 else "std::tuple(%s)" % ", ".join(results))

    def setter(self):
        r = self.rng
        kind = r.random()
        if kind < 0.2:
            return "q::setter::DefaultQat"
        if kind < 0.3:
            return "q::setter::FixedActivationQat"
        if kind < 0.5:
            return "q::setter::Int16WhereSupported"
        rules, chosen = [], r.sample(self.owners, min(len(self.owners), r.randint(0, 2)))
        for name, owner in chosen:
            qconfig = RULES[r.choice(["int16", "int16", "learned", "pact", "int4", "percentile"])]
            kinds = [o for o in self.owners if o[1] == owner]
            if owner not in ("block", "FloatFunctional", "QuantStub") and len(kinds) > 1 and r.random() < 0.3:
                rules.append("q::rule::ByKind<q::%s, %s>" % (owner, qconfig))
            else:
                rules.append('q::rule::ByName<"%s", %s>' % (name, qconfig))
        high = "q::rule::HighPrecisionOutput<>"
        rules = rules + [high] if r.random() < 0.2 else [high] + rules
        if r.random() < 0.3:
            rules.append("q::rule::WhereInt16Supported<>")
        rules.append("q::rule::Everything<%s>" % r.choice(["q::qconfig::Int8"] * 3 + [RULES[k] for k in ("learned", "pact", "fixed", "int4", "percentile")]))
        return "q::QConfigSetter<%s>" % ", ".join(rules)

    def write(self):
        types, arguments = self.inputs()
        operations = [self.conv, self.conv, self.transposed, self.linear, self.clamp, self.function, self.function, self.pool, self.upsample,
                      self.binary, self.binary, self.cat, self.matmul, self.scalar, self.reduction, self.move, self.move, self.block, self.twins]
        added, wanted = 0, self.rng.randint(1, 9)
        while added < wanted:
            added += self.rng.choice(operations)()
        last = self.outputs()
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
    text = ['#include "random_networks/judge.hpp"', "", "using judge::Int16, judge::Int4Weights, judge::Percentile;", "namespace q = quench;", ""]
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
