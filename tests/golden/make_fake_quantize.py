#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_fake_quantize.py > fake_quantize.hpp: what torch's fake-quantization gives, as hashes.

Needs python3-torch (made with 1.13.0). The inputs come from an integer generator that tests/golden/inputs.hpp repeats, so
only hashes of the results are stored: FNV-1a over the words of outputs, masks and gradients. Sums of the learned scale's
gradient are stored as numbers. Where x / scale leaves int64, torch 1.13 wraps; such values are left out.
Outside the codes torch's gradient is -0 for negative gradients; it is hashed as 0.
"""
import sys

import numpy as np
import torch

from generator import Generator

COUNT = 50000
SCALES = [2.0**-23, 1e-6, 0.017, 0.02, 1.0, 3.7, 1e6, 1e30]
CODES = {4: (-8, 7), 8: (-128, 127), 16: (-32768, 32767)}
MASK = (1 << 64) - 1


def inputs(count, scale, qmin, qmax, seed):
    """Ties between codes, their neighbours, values across the range, floats of any exponent."""
    g, scale = Generator(seed), np.float32(scale)
    inverse = np.float32(1) / scale
    x = np.empty(count, np.float32)
    for i in range(count):
        kind = i % 4
        if kind < 2:
            half = np.float32(g.next() % (2 * (qmax - qmin) + 9) + 2 * qmin - 4)
            x[i] = half * np.float32(0.5) * scale
            if kind == 1:
                x.view(np.uint32)[i] ^= 1
        elif kind == 2:
            x[i] = np.float32(g.next() - (1 << 23)) * np.float32(2.0**-23) * np.float32(1.25 * qmax) * scale
        else:
            x.view(np.uint32)[i] = (g.next() << 8 | g.next() & 0xFF) & 0xFFFFFFFF
            if not np.isfinite(x[i]):
                x[i] = 0
        if not abs(x[i] * inverse) < 2.0**60:
            x[i] = 0
    return x


def gradients(count, seed):
    g = Generator(seed)
    return np.array([np.float32(g.next() - (1 << 23)) * np.float32(2.0**-20) for _ in range(count)], np.float32)


def hash_of(values):
    h = 0xCBF29CE484222325
    for word in values.tolist():
        h = ((h ^ word) * 0x100000001B3) & MASK
    return h


def words(tensor):
    return tensor.contiguous().numpy().view(np.uint32).ravel()


def main():
    np.seterr(all="ignore")
    out = sys.stdout.write
    out("""// SPDX-License-Identifier: Apache-2.0
// What torch %s gives for the inputs of inputs.hpp. Made by make_fake_quantize.py; not written by hand.
// clang-format off
#pragma once

#include <cstdint>

namespace golden {

""" % torch.__version__.split("a")[0])
    out("inline constexpr int count = %d;\n\n" % COUNT)

    out("struct PerTensor {\n  int bits;\n  float scale;\n  std::uint64_t y, mask, grad_x, learned_grad_x;\n  double grad_scale, magnitude;\n};\n")
    out("inline constexpr PerTensor per_tensor[] = {\n")
    seed = 0
    for bits, (qmin, qmax) in CODES.items():
        for scale in SCALES:
            seed += 1
            x = torch.from_numpy(inputs(COUNT, scale, qmin, qmax, seed)).requires_grad_()
            g = torch.from_numpy(gradients(COUNT, seed + 1000))
            s = float(np.float32(scale))
            y, mask = torch.ops.aten.fake_quantize_per_tensor_affine_cachemask(x.detach(), s, 0, qmin, qmax)
            torch.fake_quantize_per_tensor_affine(x, s, 0, qmin, qmax).backward(g)
            sc, zp = torch.tensor([s]), torch.zeros(1)
            xl = x.detach().clone().requires_grad_()
            sl = sc.clone().requires_grad_()
            torch._fake_quantize_learnable_per_tensor_affine(xl, sl, zp, qmin, qmax, 1.0).backward(g)
            # The magnitude of the terms of the sum, for a relative comparison.
            r = (x.detach().double() / s).round()
            term = torch.where(r < qmin, float(qmin), torch.where(r > qmax, float(qmax), (r - x.detach().double() / s)))
            magnitude = float((term.abs() * g.double().abs()).sum())
            out("    {%d, %s, 0x%016xu, 0x%016xu, 0x%016xu, 0x%016xu, %r, %r},\n" % (
                bits, float(np.float32(scale)).hex() + "f", hash_of(words(y.detach())), hash_of(mask.numpy().astype(np.uint32)),
                hash_of(words(x.grad + 0.0)), hash_of(words(xl.grad + 0.0)), float(sl.grad[0]), magnitude))
    out("};\n\n")

    out("// Shape [25, 40, 50].\nstruct PerChannel {\n  int bits, axis;\n  std::uint64_t y, mask, grad_x;\n};\n")
    out("inline constexpr PerChannel per_channel[] = {\n")
    shape = (25, 40, 50)
    for bits, (qmin, qmax) in CODES.items():
        for axis in range(3):
            seed += 1
            channels = shape[axis]
            generator = Generator(seed + 2000)
            scale = np.array([np.float32(generator.next() + 1) * np.float32(2.0**-22) for _ in range(channels)], np.float32)
            x = torch.from_numpy(inputs(COUNT, 1.0, qmin, qmax, seed).reshape(shape)).requires_grad_()
            g = torch.from_numpy(gradients(COUNT, seed + 1000).reshape(shape))
            limit = float(scale.min()) * 2.0**60
            x.data[x.data.abs() >= limit] = 0
            sc, zp = torch.from_numpy(scale), torch.zeros(channels, dtype=torch.int32)
            y, mask = torch.ops.aten.fake_quantize_per_channel_affine_cachemask(x.detach(), sc, zp, axis, qmin, qmax)
            torch.fake_quantize_per_channel_affine(x, sc, zp, axis, qmin, qmax).backward(g)
            out("    {%d, %d, 0x%016xu, 0x%016xu, 0x%016xu},\n" % (
                bits, axis, hash_of(words(y.detach())), hash_of(mask.numpy().astype(np.uint32).ravel()), hash_of(words(x.grad + 0.0))))
    out("};\n\n}  // namespace golden\n")


main()
