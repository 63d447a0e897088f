#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_observers.py > observers.hpp: what the observers of torch.ao 1.13 (and quantiles of numpy) make of known data.

The data come from an integer generator that observer_inputs.hpp repeats, so only results are stored: the bits of
float32 scales (symmetric, quant_min -128, quant_max 127) and digests of what the observers hold. Needs python3-torch 1.13 on
a CPU with AVX2 (the order of torch.sum depends on it), numpy and half a minute.
"""
import re
import struct
import warnings

import numpy
import torch
from torch.ao.quantization import observer

KINDS = ["Uniform", "Normal", "HeavyTail", "OneSided", "Constant", "Sparse"]
MASK = (1 << 64) - 1
HISTOGRAMS = 20


class Generator:
    """The linear congruential generator of Knuth's MMIX; its upper 24 bits."""

    def __init__(self, seed):
        self.state = seed

    def draw(self, count):
        numbers = numpy.empty(count, dtype=numpy.int64)
        state = self.state
        for i in range(count):
            state = (state * 6364136223846793005 + 1442695040888963407) & MASK
            numbers[i] = state >> 40
        self.state = state
        return numbers

    def values(self, kind, count, scale, offset):
        """float(shape(kind) * scale + offset), computed in double."""
        if kind == "Constant":
            shape = numpy.zeros(count)
        elif kind in ("Uniform", "HeavyTail"):
            shape = (self.draw(count) - (1 << 23)) * 2.0 ** -23  # [-1, 1)
            if kind == "HeavyTail":
                shape = (shape / (1 + 2.0 ** -10 - abs(shape))).astype(numpy.float32).astype(float)
        else:  # the sum of four: nearly normal, within [-2, 2]
            shape = (self.draw(4 * count).reshape(count, 4).sum(axis=1) - (1 << 25)) * 2.0 ** -24
            if kind == "OneSided":
                shape = numpy.maximum(shape, 0)
            elif kind == "Sparse":
                shape = numpy.maximum(shape - 1, 0)
        return (shape * scale + offset).astype(numpy.float32)


def bits(values):
    return [struct.unpack("<I", struct.pack("<f", float(v)))[0] for v in numpy.asarray(values).reshape(-1)]


def digest(words):
    """FNV-1a over 32-bit words."""
    value = 0xcbf29ce484222325
    for word in words:
        value = ((value ^ word) * 0x100000001b3) & MASK
    return value


def f32(value):
    return float(numpy.float32(value))


def literal(value):
    """A C++ literal."""
    return re.sub(r"\.?0*p", "p", value.hex()) + "f"


def per_tensor_cases():
    """(kind, [(count, scale, offset), ...])"""
    cases = []
    for kind in ("Uniform", "Normal", "HeavyTail", "OneSided", "Sparse"):
        for scale in (0.1, 1, 5.3, 300):
            n = 6000
            cases += [
                (kind, [(4 * n, scale, 0)]),
                (kind, [(n, scale, 0)] * 4),
                (kind, [(n, scale * (1 + 0.7 * i), 0) for i in range(4)]),  # growing
                (kind, [(n, scale / (1 + 0.7 * i), 0) for i in range(4)]),  # shrinking
                (kind, [(n, scale, 0), (n, scale * 1.001, 0), (n, scale * 40, 0), (n, scale * 3, scale)]),
                (kind, [(n, scale, scale * i) for i in (0, 1, -2, 3)]),  # wandering
            ]
    cases += [
        ("Constant", [(100, 0, 5)]),
        ("Constant", [(100, 0, -0.75), (50, 0, -0.75)]),
        ("Constant", [(1000, 0, 3), (1, 0, 1), (1000, 0, 2), (1000, 0, 9.5)]),
        ("Normal", [(1, 1, 0), (1, 1, 0), (2, 1, 0), (5000, 1, 0)]),
        ("Normal", [(5000, 0.1, 0), (5000, 10, 0), (5000, 0.1, 0)]),
        ("Normal", [(5000, 1, 100), (5000, 2, 100)]),
        ("Normal", [(5000, 3e4, -1e6), (5000, 3e5, 1e6)]),
        ("Normal", [(5000, 1e9, 0), (5000, 3e10, 1e9)]),
        ("Uniform", [(5000, 1e-4, 0), (5000, 2e-4, 0)]),
        ("HeavyTail", [(65536, 0.5, 0), (65536, 0.5, 0)]),
        ("Normal", [(100000, 1, 0), (100000, 1.1, 0)]),
    ]
    return [(kind, [(n, f32(s), f32(o)) for n, s, o in batches]) for kind, batches in cases]


def channel_cases():
    """(kind, shape, axis, batches, scale)"""
    return [(kind, shape, axis, batches, f32(scale))
            for kind, scale in (("Normal", 2), ("HeavyTail", 0.3), ("Uniform", 17))
            for shape, axis in (((16, 3, 3, 8), 0), ((2, 9, 9, 24), 3), ((2, 9, 9, 24), -1), ((5, 7, 11), 1), ((4, 6), -2),
                                ((300, 1), 0))
            for batches in (1, 5)]


def search_case(generator):
    """Whole counts around a centre, with tails of three kinds and noise, or 128ths of them; a range."""
    kind, centre, width, height, noise, parts, least, length = (int(n) for n in generator.draw(8))
    kind, centre, width = kind % 3, centre % 2048, 1 + width % 200
    height, noise, parts = 1 << (4 + height % 17), noise % 3, 1 if parts % 2 else 128
    drawn = generator.draw(2048)
    counts = []
    for b in range(2048):
        distance, square = abs(b - centre), width * width
        around = square + distance * distance
        count = (height * square // around if kind == 0 else height * square * square // (around * around) if kind == 1 else
                 height >> min(distance // width, 40))
        counts.append(count + int(drawn[b]) % (1 + count) if noise == 1 else count + int(drawn[b]) % 2 * noise // 2)
    minimum = f32((least - (1 << 23)) * 2.0 ** -21)
    maximum = f32(minimum + (1 + length) * 2.0 ** -20)
    return numpy.array(counts, dtype=numpy.float64).astype(numpy.float32) / numpy.float32(parts), minimum, maximum


def searched(counts, minimum, maximum):
    made = observer.HistogramObserver(**PER_TENSOR)
    made.histogram.copy_(torch.from_numpy(counts))
    made.min_val.fill_(minimum)
    made.max_val.fill_(maximum)
    low, high = made._non_linear_param_search()
    return bits(low) + bits(high) + bits(torch.sum(made.histogram / 3))


def qparams(made):
    scale, zero_point = made.calculate_qparams()
    assert not zero_point.any()
    return bits(scale.numpy())


PER_TENSOR = dict(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric, quant_min=-128, quant_max=127)
PER_CHANNEL = dict(dtype=torch.qint8, qscheme=torch.per_channel_symmetric, quant_min=-128, quant_max=127)


def histogram(tensors, truncate):
    """A HistogramObserver's scale and the digest of what it holds. torch 1.13 cuts the range that it counts over to
    integers; without `truncate` it does not, as later releases."""
    if truncate:
        vars(observer).pop("int", None)
    else:
        observer.int = lambda x: x.item() if isinstance(x, torch.Tensor) else int(x)
    made = observer.HistogramObserver(**PER_TENSOR)
    for x in tensors:
        made(x)
    held = bits(made.histogram.numpy()) + bits(made.min_val) + bits(made.max_val)
    return qparams(made)[0], digest(held)


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    assert "CPU capability usage: AVX2" in torch.__config__.show()
    total = 0
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// What the observers of torch.ao make of the data of observer_inputs.hpp. Made by make_observers.py with torch 1.13.0.")
    print("// clang-format off\n#pragma once\n")
    print("#include <golden/observer_inputs.hpp>\n")
    print("namespace golden_observers {\n")
    print("// Kind and batches; bits of the scales of MinMaxObserver, MovingAverageMinMaxObserver, HistogramObserver and a")
    print("// HistogramObserver that does not cut its range to integers; digests of what the last two hold; bits of the float32")
    print("// nearest to numpy.quantile of the magnitudes at 9999 / 10000.")
    print("inline const PerTensorCase per_tensor[] = {")
    for seed, (kind, batches) in enumerate(per_tensor_cases()):
        generator = Generator(seed)
        tensors = [torch.from_numpy(generator.values(kind, *batch)) for batch in batches]
        total += sum(x.numel() for x in tensors)
        least_max = observer.MinMaxObserver(**PER_TENSOR)
        average = observer.MovingAverageMinMaxObserver(averaging_constant=0.01, **PER_TENSOR)
        for x in tensors:
            least_max(x)
            average(x)
        cut, cut_digest = histogram(tensors, True)
        constant_first = tensors[0].min() == tensors[0].max() and len(tensors) > 1
        whole, whole_digest = (0, 0) if constant_first else histogram(tensors, False)  # torch forgets constants
        magnitudes = abs(torch.cat(tensors).numpy().astype(float))
        percentile = bits(numpy.quantile(magnitudes, 9999 / 10000))[0]
        text = ", ".join("{%d, %s, %s}" % (n, literal(s), literal(o)) for n, s, o in batches)
        print("    {%d, Kind::%s, {%s},\n     0x%08x, 0x%08x, 0x%08x, 0x%08x, 0x%016x, 0x%016x, 0x%08x}," %
              (seed, kind, text, qparams(least_max)[0], qparams(average)[0], cut, whole, cut_digest, whole_digest, percentile))
    print("};\n")
    print("// Kind, extents, axis, batches, scale of the values; digests of the scales of PerChannelMinMaxObserver and of")
    print("// MovingAveragePerChannelMinMaxObserver. Values of batch b are (b + 1) times as large.")
    print("inline const PerChannelCase per_channel[] = {")
    for seed, (kind, shape, axis, batches, scale) in enumerate(channel_cases()):
        generator = Generator(1000 + seed)
        least_max = observer.PerChannelMinMaxObserver(ch_axis=axis, **PER_CHANNEL)
        average = observer.MovingAveragePerChannelMinMaxObserver(averaging_constant=0.01, ch_axis=axis, **PER_CHANNEL)
        for b in range(batches):
            x = torch.from_numpy(generator.values(kind, int(numpy.prod(shape)), f32(scale * (b + 1)), 0)).reshape(shape)
            least_max(x)
            average(x)
            total += x.numel()
        print("    {%d, Kind::%s, {%s}, %d, %d, %s, 0x%016x, 0x%016x}," %
              (1000 + seed, kind, ", ".join(map(str, shape)), axis, batches, literal(scale), digest(qparams(least_max)),
               digest(qparams(average))))
    print("};\n")
    print("inline constexpr int histograms = %d;\n" % HISTOGRAMS)
    print("// Digests of the ranges that the search finds in histograms, and of torch.sum of a third of each.")
    print("inline constexpr std::uint64_t searched[] = {")
    for seed in range(20):
        generator = Generator(2000 + seed)
        found = []
        for _ in range(HISTOGRAMS):
            found += searched(*search_case(generator))
        print("    0x%016x," % digest(found))
    print("};\n")
    print("inline constexpr long values_in_all = %d;\n" % total)
    print("}  // namespace golden_observers")


if __name__ == "__main__":
    main()
