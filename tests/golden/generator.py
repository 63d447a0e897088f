# SPDX-License-Identifier: Apache-2.0
"""The integer generator of the golden data. Tests in C++ repeat it."""


class Generator:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self.state >> 8
