#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py HOST_PROGRAM SOURCE CPU BOARD FLAGS...

Builds SOURCE for a bare Cortex-M without any library, looks into the image, runs it on an emulated board, and compares what
it prints, byte for byte, with what HOST_PROGRAM prints. Prints the image's use of flash (text + data), RAM (data + bss) and
stack, which it limits.
"""
import os
import subprocess
import sys
import tempfile

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "examples")
# Soft-float routines, the heap, exceptions, 64-bit atomics: nothing of that may be linked.
FORBIDDEN = ["__aeabi_f", "__aeabi_d", "__addsf", "__mulsf", "__divsf", "__adddf", "malloc", "free", "_Znw", "_Zdl", "__cxa",
             "_Unwind", "__atomic", "__sync"]
# Arithmetic on floats in the floating-point unit. Loads and moves of exported scales are allowed.
FLOAT_ARITHMETIC = ["vadd.f", "vsub.f", "vmul.f", "vdiv.f", "vmla.f", "vfma.f", "vcvt", "vcmp.f", "vsqrt.f"]
# Bytes of stack that a network may take on any board, with main and the start of the program: measured, not proved.
MAX_STACK = 2560


def output_of(command):
    # QEMU sends to standard error what a board writes.
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    if run.returncode != 0:
        sys.exit("%s ended with %d\n%s" % (command[0], run.returncode, run.stdout))
    return run.stdout


def main():
    host, source, cpu, board, flags = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image.elf")
        output_of(["arm-none-eabi-g++", "-std=c++20", "-mcpu=" + cpu, "-mthumb", "-Os", "-ffreestanding", "-fno-exceptions",
                   "-fno-rtti", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra", "-Werror", "-nostdlib",
                   "-Wl,--gc-sections", "-T", os.path.join(EXAMPLES, "device", "cortex_m.ld"), "-I", EXAMPLES] + flags + [source, "-lgcc", "-o", image])
        symbols = output_of(["arm-none-eabi-nm", image])
        code = output_of(["arm-none-eabi-objdump", "-d", image])
        sections = output_of(["arm-none-eabi-objdump", "-h", image])
        text, data, bss = output_of(["arm-none-eabi-size", image]).splitlines()[1].split()[:3]
        faults = ["links " + word for word in FORBIDDEN if word in symbols]
        faults += ["computes with floats: " + word for word in FLOAT_ARITHMETIC if word in code]
        faults += ["has a section " + word for word in (".ARM.extab", ".gcc_except_table", ".init_array") if word in sections]
        printed = output_of(["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "none",
                             "-semihosting-config", "enable=on,target=native", "-kernel", image])
    expected = output_of([host])
    *lines, stack = printed.splitlines(True)
    printed, stack = "".join(lines), int(stack.split()[1]) if stack.startswith("stack ") else 0
    if not 0 < stack <= MAX_STACK:
        faults.append("takes %d bytes of stack, and may take %d" % (stack, MAX_STACK))
    if not expected or printed != expected:
        faults.append("prints\n%sbut the host\n%s" % (printed, expected))
    print("%s on %s: flash %d bytes, RAM %d bytes, stack %d bytes" % (cpu, board, int(text) + int(data), int(data) + int(bss), stack))
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
