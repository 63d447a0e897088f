#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_user_mode.py HOST_PROGRAM SOURCE ARCHITECTURE FLAGS...

Builds SOURCE for Linux on another ARCHITECTURE (aarch64, riscv64, s390x: the last one is big-endian), runs it under QEMU,
and compares what it prints, byte for byte, with what HOST_PROGRAM prints. Ends with 77, which ctest calls skipped, where
the compiler or the emulator is absent.
"""
import os
import shutil
import sys
import tempfile

from run import output_of

SKIPPED = 77
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"]


def byte_order(program):
    """As the ELF header says."""
    with open(program, "rb") as file:
        return {1: "little-endian", 2: "big-endian"}[file.read(6)[5]]


def main():
    host, source, architecture, flags = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    compiler, emulator = architecture + "-linux-gnu-g++", "qemu-" + architecture
    for tool, package in ((compiler, "g++-%s-linux-gnu" % architecture), (emulator, "qemu-user")):
        if shutil.which(tool) is None:
            print("SKIPPED: there is no %s; Debian's package %s has it" % (tool, package))
            return SKIPPED
    expected = output_of([host])
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        for level in ("-O0", "-O2"):
            output_of([compiler, "-std=c++20", level, "-static"] + STRICT + flags + [source, "-o", program])
            printed = output_of([emulator, program])
            if not expected or printed != expected:
                print("FAULT: %s with %s prints\n%sbut the host\n%s" % (architecture, level, printed, expected))
                return 1
        print("%s, %s: prints what the host prints" % (architecture, byte_order(program)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
