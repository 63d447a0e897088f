# SPDX-License-Identifier: Apache-2.0
"""What builds and runs programs for RISC-V with the vector extension: clang and QEMU in user mode. GCC 12 has no intrinsics."""
import shutil
import subprocess

VECTORS = "rv64gcv"
LENGTHS = (128, 256)  # bits of a vector register


def compiler():
    """The newest clang++ from 16 on, or None."""
    for name in ["clang++-%d" % version for version in range(22, 15, -1)] + ["clang++"]:
        if shutil.which(name) and int(subprocess.check_output([name, "-dumpversion"], text=True).split(".")[0]) >= 16:
            return name
    return None


def missing():
    """What is not installed, as words; empty if everything is."""
    absent = [] if compiler() else ["clang 16 or later"]
    for tool, package in (("riscv64-linux-gnu-g++", "g++-riscv64-linux-gnu"), ("qemu-riscv64", "qemu-user")):
        if shutil.which(tool) is None:
            absent.append("Debian's package " + package)
    return " and ".join(absent)


def compile_command(march):
    return [compiler(), "--target=riscv64-linux-gnu", "-march=" + march, "-std=c++20", "-static"]


def emulator(vector_length):
    return ["qemu-riscv64", "-cpu", "rv64,v=true,vext_spec=v1.0,vlen=%d" % vector_length]
