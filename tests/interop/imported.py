# SPDX-License-Identifier: Apache-2.0
"""imported.py: computes with NumPy what an ImportedNetwork says, for the tests of the importer.

Every operator is written from its definition in the READMEs of quench, apart from quench's own code.
"""
import json
import math
import re
import subprocess

import numpy

ERF = numpy.vectorize(math.erf, otypes=[numpy.float64])


def values(text):
    """A C++ value of a setting as Python's."""
    text = re.sub(r"\b(\w+)::(\w+)\b", r'"\2"', text)
    text = re.sub(r"(\d)f\b", r"\1", text).replace("{", "[").replace("}", "]").replace("true", "True").replace("false", "False")
    return eval(text, {"__builtins__": {}})  # pylint: disable=eval-used


def split_arguments(text):
    parts, depth, part = [], 0, ""
    for char in text:
        depth += (char in "{(") - (char in "})")
        if char == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += char
    return parts + [part.strip()] if part.strip() else parts


def settings_of(text):
    """{.a = 1, .b = {2, 3}} as a dictionary."""
    result = {}
    for part in split_arguments(text[1:-1]) if text else []:
        name, value = part.split(" = ", 1)
        result[name[1:]] = values(value)
    return result


def pair(value):
    return list(value) if isinstance(value, list) else [value, value]


def sides(padding, extents, kernel, stride, dilation):
    """[(top, bottom), (left, right)]"""
    if padding == "Same":
        totals = [max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in zip(extents, kernel, stride, dilation)]
        return [(total // 2, total - total // 2) for total in totals]
    padding = pair(padding)
    return [tuple(padding[:2]), tuple(padding[2:])] if len(padding) == 4 else [(padding[0],) * 2, (padding[1],) * 2]


def windows(x, kernel, stride, dilation, counts):
    """[H', W', kh, kw, C] of a padded map."""
    result = numpy.empty(counts + list(kernel) + [x.shape[2]])
    for i in range(counts[0]):
        for j in range(counts[1]):
            result[i, j] = x[i * stride[0]: i * stride[0] + dilation[0] * (kernel[0] - 1) + 1: dilation[0],
                             j * stride[1]: j * stride[1] + dilation[1] * (kernel[1] - 1) + 1: dilation[1]]
    return result


def sliding(x, s, fill):
    """The windows of a layer over x, padded with `fill`."""
    kernel = pair(s["kernel_size"])
    stride, dilation = pair(s.get("stride", 1)), pair(s.get("dilation", 1))
    margins = sides(s.get("padding", 0), x.shape[:2], kernel, stride, dilation)
    counts = []
    for axis in range(2):
        room = x.shape[axis] + sum(margins[axis]) - dilation[axis] * (kernel[axis] - 1) - 1
        beyond = stride[axis] - 1 if s.get("ceil_mode") else 0
        last = (room + beyond) // stride[axis]
        counts.append(last if s.get("ceil_mode") and last * stride[axis] >= x.shape[axis] + margins[axis][0] else last + 1)
    padded = numpy.pad(x, margins + [(0, 0)], constant_values=fill)
    past = [max((count - 1) * step + d * (k - 1) + 1 - n, 0)
            for count, step, d, k, n in zip(counts, stride, dilation, kernel, padded.shape)]
    padded = numpy.pad(padded, [(0, past[0]), (0, past[1]), (0, 0)], constant_values=numpy.nan)
    return windows(padded, kernel, stride, dilation, counts)


def conv(x, s, p):
    weight, groups = p["weight"], s.get("groups", 1)  # [K, C / groups, kh, kw]
    all_windows = sliding(x, s, 0)
    depth, filters = weight.shape[1], weight.shape[0] // groups
    parts = [numpy.einsum("hwklc,ockl->hwo", all_windows[..., g * depth:(g + 1) * depth], weight[g * filters:(g + 1) * filters])
             for g in range(groups)]
    return numpy.concatenate(parts, -1) + p.get("bias", 0)


def transposed_conv(x, s, p):
    weight, groups = p["weight"], s.get("groups", 1)  # [C, K / groups, kh, kw]
    kernel, stride, dilation = pair(s["kernel_size"]), pair(s.get("stride", 1)), pair(s.get("dilation", 1))
    padding, more = pair(s.get("padding", 0)), pair(s.get("output_padding", 0))
    size = [(n - 1) * st + d * (k - 1) + 1 + o for n, st, d, k, o in zip(x.shape, stride, dilation, kernel, more)]
    depth, filters = weight.shape[0] // groups, weight.shape[1]
    y = numpy.zeros(size + [filters * groups])
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            for a in range(kernel[0]):
                for b in range(kernel[1]):
                    for g in range(groups):
                        y[i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1], g * filters:(g + 1) * filters] += (
                            x[i, j, g * depth:(g + 1) * depth] @ weight[g * depth:(g + 1) * depth, :, a, b])
    return y[padding[0]:size[0] - padding[0], padding[1]:size[1] - padding[1]] + p.get("bias", 0)


def average_pool(x, s):
    if s.get("count_include_pad", True):
        return numpy.nanmean(sliding(x, s, 0), (2, 3))
    return numpy.nanmean(sliding(x, s, numpy.nan), (2, 3))


def adaptive(x, s, reduce):
    sizes = pair(s["output_size"])
    ends = [[(i * n // size, -(-(i + 1) * n // size)) for i in range(size)] for n, size in zip(x.shape, sizes)]
    return numpy.array([[reduce(x[a:b, c:d], (0, 1)) for c, d in ends[1]] for a, b in ends[0]])


def upsample(x, s):
    if "size" in s:
        size = pair(s["size"])
        factors = [n / m for n, m in zip(size, x.shape)]
    else:
        factors = pair(s["scale_factor"])
        size = [math.floor(f * n) for f, n in zip(factors, x.shape)]
    mode = s.get("coordinates")
    for axis in range(2):
        extent, out = x.shape[axis], size[axis]
        o = numpy.arange(out)
        if mode == "Asymmetric":
            at = o / factors[axis]
        elif mode == "AlignCorners":
            at = o * (extent - 1) / (out - 1) if out > 1 else o * 0.0
        else:
            at = (o + 0.5) / factors[axis] - 0.5
            if mode == "PytorchHalfPixel" and out == 1:
                at = at * 0
        at = numpy.round(at, 9)
        if s.get("mode", "Nearest") == "Bilinear":
            at = numpy.clip(at, 0, extent - 1)
            low = numpy.minimum(numpy.floor(at).astype(int), extent - 1)
            high = numpy.minimum(low + 1, extent - 1)
            part = (at - low).reshape([-1, 1, 1] if axis == 0 else [1, -1, 1])
            x = x.take(low, axis) * (1 - part) + x.take(high, axis) * part
        else:
            nearest = {"Floor": numpy.floor, "Ceil": numpy.ceil, "RoundPreferFloor": lambda v: numpy.ceil(v - 0.5),
                       "RoundPreferCeil": lambda v: numpy.floor(v + 0.5)}[s.get("nearest_mode", "Floor")]
            x = x.take(numpy.clip(nearest(at).astype(int), 0, extent - 1), axis)
    return x


def row_norm(x, s, p, has_mean):
    mean = x.mean(-1, keepdims=True) if has_mean else 0
    eps = s.get("eps", 1e-5)
    y = (x - mean) / numpy.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + eps)
    assert s["normalized_shape"] == x.shape[-1]
    assert ("weight" in p) == s.get("elementwise_affine", True) and ("bias" in p) == (
        has_mean and s.get("elementwise_affine", True) and s.get("bias", True))
    return y * p.get("weight", 1) + p.get("bias", 0)


def batch_norm(x, s, p):
    return (x - p["running_mean"]) / numpy.sqrt(p["running_var"] + s.get("eps", 1e-5)) * p["weight"] + p["bias"]


def softmax(x):
    e = numpy.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def linear(x, s, p):
    assert p["weight"].shape == (s["out_features"], s["in_features"]) and s.get("bias", True) == ("bias" in p)
    return x @ p["weight"].T + p.get("bias", 0)


def embedding(x, s, p):
    assert p["weight"].shape == (s["num_embeddings"], s["embedding_dim"])
    return p["weight"][x.astype(int)]


LAYERS = {
    "Conv2d": conv, "ConvTranspose2d": transposed_conv, "Linear": linear,
    "BatchNorm2d": batch_norm, "BatchNorm1d": batch_norm,
    "Embedding": embedding,
    "ChannelAffine": lambda x, s, p: x * p["weight"] + p["bias"],
    "PReLU": lambda x, s, p: numpy.where(x >= 0, x, x * p["weight"]),
    "LayerNorm": lambda x, s, p: row_norm(x, s, p, True), "RMSNorm": lambda x, s, p: row_norm(x, s, p, False),
    "MaxPool2d": lambda x, s, p: numpy.nanmax(sliding(x, {"stride": s["kernel_size"], **s}, numpy.nan), (2, 3)),
    "AvgPool2d": lambda x, s, p: average_pool(x, {"stride": s["kernel_size"], **s}),
    "AdaptiveAvgPool2d": lambda x, s, p: adaptive(x, s, numpy.mean), "AdaptiveMaxPool2d": lambda x, s, p: adaptive(x, s, numpy.max),
    "GlobalAvgPool2d": lambda x, s, p: x.mean((0, 1), keepdims=True),
    "Upsample": lambda x, s, p: upsample(x, s),
    "ReLU": lambda x, s, p: numpy.maximum(x, 0), "ReLU6": lambda x, s, p: numpy.clip(x, 0, 6),
    "LeakyReLU": lambda x, s, p: numpy.where(x >= 0, x, x * s.get("negative_slope", 0.01)),
    "Sigmoid": lambda x, s, p: 1 / (1 + numpy.exp(-x)), "Tanh": lambda x, s, p: numpy.tanh(x),
    "SiLU": lambda x, s, p: x / (1 + numpy.exp(-x)), "GELU": lambda x, s, p: x / 2 * (1 + ERF(x / math.sqrt(2))),
    "HardSwish": lambda x, s, p: x * numpy.clip(x / 6 + 0.5, 0, 1),
    "HardSigmoid": lambda x, s, p: numpy.clip(x * s.get("alpha", 1 / 6) + s.get("beta", 0.5), 0, 1),
    "Clamp": lambda x, s, p: numpy.clip(x, s["low"], s["high"]),
    "ELU": lambda x, s, p: numpy.where(x > 0, x, s.get("alpha", 1) * numpy.expm1(numpy.minimum(x, 0))),
    "Softplus": lambda x, s, p: numpy.logaddexp(0, x), "Mish": lambda x, s, p: x * numpy.tanh(numpy.logaddexp(0, x)),
    "Abs": lambda x, s, p: numpy.abs(x), "Square": lambda x, s, p: x * x, "Exp": lambda x, s, p: numpy.exp(x),
    "Log": lambda x, s, p: numpy.log(x), "Sqrt": lambda x, s, p: numpy.sqrt(x), "Rsqrt": lambda x, s, p: 1 / numpy.sqrt(x),
    "Reciprocal": lambda x, s, p: 1 / x, "Softmax": lambda x, s, p: softmax(x),
}


def in_one_row(s):
    """Settings of a 1-d layer as those of the 2-d layer of a map of one row."""
    result = dict(s)
    for name, other in (("kernel_size", 1), ("stride", 1), ("dilation", 1), ("output_size", 1), ("output_padding", 0)):
        if name in s:
            result[name] = [other, s[name]]
    if "padding" in s and s["padding"] != "Same":
        left, right = pair(s["padding"])
        result["padding"] = [0, 0, left, right] if "Transpose" not in s["type"] else [0, left]
    return result


def layer(kind, x, s, p):
    if not kind.endswith("1d") or kind.startswith("BatchNorm"):
        return LAYERS[kind](x, s, p)
    p = {name: numpy.expand_dims(value, 2) if name == "weight" else value for name, value in p.items()}
    return LAYERS[kind[:-2] + "2d"](x[None], in_one_row({**s, "type": kind}), p)[0]


def blocks(x, r, depth_first):
    h, w, c = x.shape
    parts = x.reshape([h, w, r, r, c // r // r]) if depth_first else x.reshape([h, w, c // r // r, r, r])
    return parts.transpose([0, 2, 1, 3, 4] if depth_first else [0, 3, 1, 4, 2]).reshape([h * r, w * r, c // r // r])


def space_to_depth(x, r):
    h, w, c = x.shape
    return x.reshape([h // r, r, w // r, r, c]).transpose([0, 2, 1, 3, 4]).reshape([h // r, w // r, c * r * r])


def slice_of(x, axis, begin, end):
    return x.take(numpy.arange(x.shape[axis])[begin:end], axis)


def axes_of(value):
    return tuple(value) if isinstance(value, list) else value


FUNCTIONS = {
    "flatten": lambda x: x.reshape(-1), "reshape": lambda x, shape: x.reshape(shape), "permute": lambda x, order: x.transpose(order),
    "slice": slice_of, "pad": numpy.pad, "depth_to_space": lambda x, r: blocks(x, r, True),
    "pixel_shuffle": lambda x, r: blocks(x, r, False), "space_to_depth": space_to_depth,
    "$m.add": numpy.add, "$m.sub": numpy.subtract, "$m.mul": numpy.multiply, "$m.maximum": numpy.maximum, "$m.minimum": numpy.minimum,
    "$m.matmul": numpy.matmul, "$m.add_scalar": numpy.add, "$m.mul_scalar": numpy.multiply,
    "$m.gather": lambda x, places, axis: x.take(places, axis),
    "$m.mean": lambda x, axes, keep=False: x.mean(axes_of(axes), keepdims=keep),
    "$m.sum": lambda x, axes, keep=False: x.sum(axes_of(axes), keepdims=keep),
}


def call_of(step, inputs, parameters):
    function, arguments = re.fullmatch(r"([\w$.]+(?:<\d+>)?)\((.*)\)", step["call"]).groups()
    arguments = [inputs[int(each[1:])] if each.startswith("$") else values(each) for each in split_arguments(arguments)]
    if function == "$m":
        if step["type"] == "Div":
            return arguments[0] / arguments[1]
        return layer(step["type"], arguments[0], settings_of(step["settings"]), parameters)
    if function.startswith("$m.cat"):
        axis = re.search(r"<(\d+)>", function)
        return numpy.concatenate(arguments, int(axis.group(1)) if axis else -1)
    if function in ("$m.add", "$m.sub", "$m.mul", "$m.maximum", "$m.minimum") and not numpy.isscalar(arguments[1]):
        assert arguments[0].ndim == arguments[1].ndim, step  # quench broadcasts equal ranks only
    if function == "$m.matmul":
        assert arguments[0].shape[:-2] == arguments[1].shape[:-2], step
    return FUNCTIONS[function](*arguments)


def compute(network, parameters, inputs):
    """The outputs in the file's order of axes, without the batch, for one sample of each input in the file's order."""
    shift = [min(x["axes"]) if x["axes"] else 0 for x in network["inputs"]]
    results = [numpy.transpose(numpy.asarray(x, numpy.float64), [axis - s for axis in row["axes"]])
               for x, row, s in zip(inputs, network["inputs"], shift)]
    for number, (x, row) in enumerate(zip(results, network["inputs"])):
        assert list(x.shape) == row["shape"], (number, x.shape, row)
    for number, step in enumerate(network["steps"]):
        own = {name.split(".")[1]: value for name, value in parameters.items() if name.split(".")[0] == str(number)}
        with numpy.errstate(all="ignore"):
            y = numpy.asarray(call_of(step, [results[i] for i in step["inputs"]], own))
        y = y if y.ndim else y.reshape(1)
        assert list(y.shape) == step["shape"], (step, y.shape)
        results.append(y)
    outputs = []
    for row in network["outputs"]:
        y = results[row["value"]]
        order = numpy.argsort(row["axes"])
        outputs.append(y.transpose(order) if len(order) else y.reshape(()))
    return outputs


class Importer:
    """The program print_import, kept running."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, path, has_batch=True, shapes=None):
        """The network and its parameters; a refused one has "refused" and "why"."""
        words = [path, "batch" if has_batch else "whole"]
        words += ["%s=%s" % (name, ",".join(map(str, shape))) for name, shape in (shapes or {}).items()]
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("%s ended at %s" % (self.process.args[0], path))
        network = json.loads(line)
        return network, {} if "refused" in network else dict(numpy.load(path + ".npz"))
