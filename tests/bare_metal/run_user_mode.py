#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_user_mode.py HOST_PROGRAM SOURCE ARCHITECTURE FLAGS...

Builds SOURCE for Linux on another ARCHITECTURE (aarch64, riscv64, riscv64-vectors, s390x: the last one is big-endian), runs
it under QEMU, and compares what it prints, byte for byte, with what HOST_PROGRAM prints. Ends with 77, which ctest calls skipped, where
the compiler or the emulator is absent.
"""
import os
import shutil
import sys
import tempfile

import riscv64
from run import output_of

SKIPPED = 77
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"]


def byte_order(program):
    """As the ELF header says."""
    with open(program, "rb") as file:
        return {1: "little-endian", 2: "big-endian"}[file.read(6)[5]]


def tools_of(architecture):
    """What is missing, as words; the command that compiles; the commands that run a program."""
    if architecture == "riscv64-vectors":
        return riscv64.missing(), riscv64.compile_command(riscv64.VECTORS), [riscv64.emulator(length) for length in riscv64.LENGTHS]
    compiler, emulator = architecture + "-linux-gnu-g++", "qemu-" + architecture
    missing = ["%s; Debian's package %s has it" % (tool, package)
               for tool, package in ((compiler, "g++-%s-linux-gnu" % architecture), (emulator, "qemu-user")) if shutil.which(tool) is None]
    return " and no ".join(missing), [compiler, "-std=c++20", "-static"], [[emulator]]


def main():
    host, source, architecture, flags = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    missing, compiler, emulators = tools_of(architecture)
    if missing:
        print("SKIPPED: there is no " + missing)
        return SKIPPED
    expected = output_of([host])
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        for level in ("-O0", "-O2"):
            output_of(compiler + [level] + STRICT + flags + [source, "-o", program])
            for emulator in emulators:
                printed = output_of(emulator + [program])
                if not expected or printed != expected:
                    print("FAULT: %s with %s prints\n%sbut the host\n%s" % (" ".join(emulator), level, printed, expected))
                    return 1
        print("%s, %s: prints what the host prints" % (architecture, byte_order(program)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
