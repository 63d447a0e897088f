#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_recurrent.py > recurrent_states.hpp: what torch's nn.GRU and nn.LSTM give for a sequence.

Needs python3-torch (made with 1.13.0). Parameters and inputs are multiples of 1/64, so that both sides start from the
same floats; tests/golden/recurrent.cpp makes them in the same order.
"""
import torch

from generator import Generator

INPUTS, HIDDEN, SAMPLES, STEPS = 5, 4, 3, 4
SEED = 7


def tensor(generator, shape):
    count = torch.Size(shape).numel()
    return torch.tensor([(generator.next() % 129 - 64) / 64 for _ in range(count)], dtype=torch.float32).reshape(shape)


def run(kind):
    generator = Generator(SEED)
    layer = kind(INPUTS, HIDDEN, batch_first=True)
    with torch.no_grad():
        for name in ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]:
            parameter = getattr(layer, name)
            parameter.copy_(tensor(generator, parameter.shape))
        x = tensor(generator, [SAMPLES, STEPS, INPUTS])
        states = [tensor(generator, [1, SAMPLES, HIDDEN]) for _ in range(2 if kind is torch.nn.LSTM else 1)]
        outputs, last = layer(x, states[0] if len(states) == 1 else tuple(states))
    return outputs, last


def write(name, shape, values):
    bounds = "".join(f"[{extent}]" for extent in shape)
    numbers = ", ".join(value.hex() + "f" for value in values.flatten().tolist())
    print(f"inline constexpr float {name}{bounds} = {{{numbers}}};")


print(f"""// SPDX-License-Identifier: Apache-2.0
// What torch {torch.__version__.split('+')[0]} gives for a sequence. Made by make_recurrent.py; not written by hand.
// clang-format off
#pragma once

namespace golden {{
""")
print(f"inline constexpr unsigned recurrent_seed = {SEED};")
print(f"inline constexpr int recurrent_samples = {SAMPLES}, recurrent_steps = {STEPS};")
size = SAMPLES * STEPS * HIDDEN
gru, _ = run(torch.nn.GRU)
lstm, (_, cell) = run(torch.nn.LSTM)
write("gru_states", [size], gru)
write("lstm_states", [size], lstm)
write("lstm_last_cell", [SAMPLES * HIDDEN], cell)
print("\n}  // namespace golden")
