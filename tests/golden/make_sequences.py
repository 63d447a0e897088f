#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_sequences.py > sequences.hpp: what torch gives for a network of 1-d layers, with the weights of its state_dict.

Needs python3-torch (made with 1.13.0). The values of the state_dict are eighths, in the order of their names; running
variances are at least 1. Two samples, (C, L) each.
"""
import sys

import torch
from torch import nn

from generator import Generator


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm1d(6)
        self.grouped = nn.Conv1d(6, 6, 3, padding=2, dilation=2, groups=3)
        self.depthwise = nn.Conv1d(6, 6, 4, padding="same", groups=6)
        self.pool = nn.MaxPool1d(3, 2, 1, ceil_mode=True)
        self.up = nn.ConvTranspose1d(6, 4, 4, stride=2, padding=1, output_padding=1, groups=2)
        self.average = nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False)
        self.fc = nn.Linear(4 * 6, 5)
        self.mean = nn.AdaptiveAvgPool1d(4)
        self.most = nn.AdaptiveMaxPool1d(7)

    def forward(self, x):
        y = self.pool(torch.relu(self.bn(self.conv(x))))
        y = self.up(self.depthwise(self.grouped(y)))
        return self.fc(torch.flatten(self.average(y), 1)), self.mean(y), self.most(y)


def values(generator, shape):
    count = torch.Size(shape).numel()
    return torch.tensor([(generator.next() % 17 - 8) / 8 for _ in range(count)]).reshape(shape)


def main():
    generator, net = Generator(1), Net().eval()
    names = sorted(name for name in net.state_dict() if not name.endswith("num_batches_tracked"))
    state = {name: values(generator, net.state_dict()[name].shape) for name in names}
    for name in names:
        if name.endswith("running_var"):
            state[name] = state[name].abs() + 1
    net.load_state_dict(state, strict=False)
    x = values(generator, [2, 15, 4]).permute(0, 2, 1)
    with torch.no_grad():
        logits, *others = net(x)
    outputs = [logits] + [other.permute(0, 2, 1) for other in others]
    out = sys.stdout.write
    out("""// SPDX-License-Identifier: Apache-2.0
// What torch %s gives for a network of 1-d layers. Made by make_sequences.py; not written by hand.
// clang-format off
#pragma once

namespace golden {

/// A parameter of the state_dict: its name and its extents, 0 after the last.
struct SequenceParameter {
  const char* name;
  int extents[3];
};
inline constexpr SequenceParameter sequence_parameters[] = {
""" % torch.__version__.split("a")[0])
    for name in names:
        extents = list(state[name].shape) + [0, 0]
        out('    {"%s", {%s}},\n' % (name, ", ".join(str(n) for n in extents[:3])))
    out("};\n\n/// The logits of two samples, then the means and the largest values, channels last.\n")
    out("inline constexpr float sequence_outputs[] = {\n")
    numbers = [n for output in outputs for n in output.flatten().tolist()]
    for i in range(0, len(numbers), 8):
        out("    " + " ".join("%.8ef," % n for n in numbers[i:i + 8]) + "\n")
    out("};\n\n}  // namespace golden\n")


main()
