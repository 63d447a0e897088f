#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fast_kernels.py CPU LEVEL CASES [COMPILER FLAGS...]: the fast kernels of a processor equal kernels/, bit for bit.

Builds fast_kernels.cpp with the tests of the CPU's kernels (tests/device/mve, tests/device/dsp or tests/device/rvv) at an
optimization level, and runs CASES random layers of each kernel on an emulated board. A read past the end of a tensor is a
fault there. The CPU riscv64 is a process of Linux, which runs with vectors of two lengths. It ends with 77, which ctest calls
skipped, where a tool for it is absent. For boards COMPILER is arm-none-eabi-g++ or a clang++.
"""
import glob
import os
import subprocess
import sys
import tempfile

import cortex_m
import riscv64

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOARDS = {"cortex-m4": ("mps2-an386", "dsp", "soft"), "cortex-m55": ("mps3-an547", "mve", "hard")}


WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def sources(kernels):
    return [os.path.join(ROOT, "tests", "bare_metal", "fast_kernels.cpp"),
            *sorted(glob.glob(os.path.join(ROOT, "tests", "device", kernels, "*.cpp")))]


def include_folders():
    return [word for folder in ("examples", "include", "tests") for word in ("-I", os.path.join(ROOT, folder))]


def build_for_board(image, cpu, level, cases, compiler):
    """The command that runs the image."""
    board, kernels, floats = BOARDS[cpu]
    subprocess.run(cortex_m.compiler(compiler[0], cpu, floats) + compiler[1:] +
                   ["-std=c++20", level, "-DCASES=" + cases, "-ffreestanding", "-fno-exceptions", "-fno-rtti",
                    "-ffunction-sections", "-fdata-sections", "-fno-threadsafe-statics", *WARNINGS, "-nostdlib", "-Wl,--gc-sections",
                    "-T", os.path.join(ROOT, "examples", "device", "cortex_m.ld"), *include_folders(), *sources(kernels),
                    "-lgcc", "-o", image], check=True)
    return ["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "none",
            "-semihosting-config", "enable=on,target=native", "-kernel", image]


def build_for_riscv64(image, level, cases):
    """The commands that run the image, one for each length of vectors. As one source, because that compiles faster."""
    source = image + ".cpp"
    with open(source, "w", encoding="utf-8") as file:
        file.writelines('#include "%s"\n' % path for path in sources("rvv"))
    subprocess.run(riscv64.compile_command(riscv64.VECTORS) + [level, "-DCASES=" + cases, "-fno-exceptions", "-fno-rtti", *WARNINGS,
                   "-Wshadow", "-Wconversion", "-Wsign-conversion", *include_folders(), source, "-o", image], check=True)
    return [riscv64.emulator(length) + [image] for length in riscv64.LENGTHS]


def main():
    cpu, level, cases, compiler = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:] or [cortex_m.GCC]
    if cpu == "riscv64" and riscv64.missing():
        print("SKIPPED: there is no " + riscv64.missing())
        return 77
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image.elf")
        commands = build_for_riscv64(image, level, cases) if cpu == "riscv64" else [build_for_board(image, cpu, level, cases, compiler)]
        for command in commands:
            # QEMU sends to standard error what a board writes.
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
            print(run.stdout, end="")
            if run.returncode != 0 or run.stdout != "kernels that are not exact: 0\n":
                sys.exit("%s at %s ended with %d" % (cpu, level, run.returncode))
    return 0


if __name__ == "__main__":
    sys.exit(main())
