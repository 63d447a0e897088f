#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_object.py SOURCE -- COMPILER FLAGS...

Compiles SOURCE and looks into the object file: it needs nothing from outside (no heap, no exceptions, no soft-float
routine, no C library) except what a compiler may always call, and it has no exception tables.
"""
import os
import subprocess
import sys
import tempfile

ALWAYS_ALLOWED = {"memcpy", "memmove", "memset", "memcmp"}


def main():
    source, command = sys.argv[1], sys.argv[3:]
    tools = command[0].removesuffix("g++")
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "object.o")
        subprocess.run(command + ["-Os", "-c", source, "-o", target], check=True)
        undefined = subprocess.run([tools + "nm", "-u", target], capture_output=True, text=True, check=True).stdout
        sections = subprocess.run([tools + "objdump", "-h", target], capture_output=True, text=True, check=True).stdout
        size = subprocess.run([tools + "size", target], capture_output=True, text=True, check=True).stdout
    print(size)
    needed = {line.split()[-1] for line in undefined.splitlines() if line.strip()} - ALWAYS_ALLOWED
    faults = ["needs " + symbol for symbol in sorted(needed)]
    faults += ["has a section " + name for name in (".gcc_except_table", ".init_array", ".ctors") if name in sections]
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
