#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_schedules.py: prints the learning rates of PyTorch's schedules that schedules.cpp holds as constants.

Needs python3-torch (made with 1.13.1).
"""
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, StepLR


def rates(make, steps, learning_rate=0.1):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=learning_rate)
    schedule = make(optimizer)
    result = []
    for step in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < steps:
            schedule.step()
    return result


for text, make, steps in [
        ("OneCycleLR(max_lr=0.1, total_steps=20)", lambda o: OneCycleLR(o, 0.1, total_steps=20), 20),
        ("OneCycleLR(max_lr=2, total_steps=9, pct_start=0.5, div_factor=10, final_div_factor=100)",
         lambda o: OneCycleLR(o, 2, total_steps=9, pct_start=0.5, div_factor=10, final_div_factor=100), 9),
        ("OneCycleLR(max_lr=1, total_steps=3)", lambda o: OneCycleLR(o, 1, total_steps=3), 3),
        ("OneCycleLR(max_lr=1, total_steps=5, pct_start=0.0)", lambda o: OneCycleLR(o, 1, total_steps=5, pct_start=0.0), 5),
        ("OneCycleLR(max_lr=1, total_steps=5, pct_start=1.0)", lambda o: OneCycleLR(o, 1, total_steps=5, pct_start=1.0), 5),
        ("CosineAnnealingLR(T_max=8, eta_min=0.01), lr=0.1", lambda o: CosineAnnealingLR(o, 8, 0.01), 9),
        ("StepLR(step_size=3, gamma=0.5), lr=0.1", lambda o: StepLR(o, 3, 0.5), 10)]:
    print(text)
    print("  " + ", ".join("%.12g" % rate for rate in rates(make, steps)))
