#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fast_kernels.py CPU LEVEL CASES [COMPILER FLAGS...]: the fast kernels of a processor equal kernels/, bit for bit.

Builds fast_kernels.cpp with the tests of the CPU's kernels (tests/device/mve or tests/device/dsp) at an optimization level,
and runs CASES random layers of each kernel on an emulated board. A read past the end of a tensor is a fault there.
"""
import glob
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOARDS = {"cortex-m4": ("mps2-an386", "dsp", "soft"), "cortex-m55": ("mps3-an547", "mve", "hard")}


def main():
    cpu, level, cases, compiler = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:] or ["arm-none-eabi-g++"]
    board, kernels, floats = BOARDS[cpu]
    sources = sorted(glob.glob(os.path.join(ROOT, "tests", "device", kernels, "*.cpp")))
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image.elf")
        subprocess.run(compiler + ["-std=c++20", "-mcpu=" + cpu, "-mthumb", "-mfloat-abi=" + floats, level, "-DCASES=" + cases,
                                   "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-ffunction-sections", "-fdata-sections",
                                   "-fno-threadsafe-statics", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-nostdlib", "-Wl,--gc-sections",
                                   "-T", os.path.join(ROOT, "examples", "device", "cortex_m.ld"), "-I", os.path.join(ROOT, "examples"),
                                   "-I", os.path.join(ROOT, "include"), "-I", os.path.join(ROOT, "tests"),
                                   os.path.join(ROOT, "tests", "bare_metal", "fast_kernels.cpp"), *sources, "-lgcc", "-o", image], check=True)
        # QEMU sends to standard error what a board writes.
        run = subprocess.run(["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "none",
                              "-semihosting-config", "enable=on,target=native", "-kernel", image],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    print(run.stdout, end="")
    if run.returncode != 0 or run.stdout != "kernels that are not exact: 0\n":
        sys.exit("%s at %s ended with %d" % (cpu, level, run.returncode))


if __name__ == "__main__":
    main()
