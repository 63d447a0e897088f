#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_user_mode.py FLAGS... -- SOURCES...

Builds unit tests for Linux on aarch64, and runs them under QEMU on a CPU with dot products of int8 and on one without. Ends
with 77, which ctest calls skipped, where the compiler or the emulator is absent.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"]
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"
BEST_LEVELS = {"max": "NeonDotprod", "cortex-a53": "Neon"}


def main():
    flags, sources = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
    for tool, package in ((COMPILER, "g++-aarch64-linux-gnu"), (EMULATOR, "qemu-user")):
        if shutil.which(tool) is None:
            print("SKIPPED: there is no %s; Debian's package %s has it" % (tool, package))
            return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        units = []  # a folder is one file, because its tests share most of what they include
        for name in sorted({os.path.dirname(source) for source in sources}):
            units.append(os.path.join(folder, "unit%d.cpp" % len(units)))
            with open(units[-1], "w") as unit:
                unit.writelines('#include "%s"\n' % source for source in sources if os.path.dirname(source) == name)
        subprocess.run([COMPILER, "-std=c++20", "-O1", "-static"] + STRICT + flags + units + ["-o", program], check=True)
        for cpu, level in BEST_LEVELS.items():
            print("%s:" % cpu, flush=True)
            environment = dict(os.environ, QUENCH_TEST_INT8_LEVEL=level)
            # Products of int16 are the same on both.
            chosen = [] if level == "NeonDotprod" else ["--test-case-exclude=*int16*"]
            if subprocess.run([EMULATOR, "-cpu", cpu, program, *chosen], env=environment).returncode != 0:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
