# SPDX-License-Identifier: Apache-2.0
"""Compilers for a Cortex-M: arm-none-eabi-g++, or a clang that takes headers, libgcc and linker from it."""
import os
import shutil
import subprocess

GCC = "arm-none-eabi-g++"


def compiler(name, cpu, floats):
    """The command of a compiler for a processor with `floats` as ABI."""
    target = ["-mcpu=" + cpu, "-mthumb", "-mfloat-abi=" + floats]
    if "clang" not in os.path.basename(name):
        return [name, *target]
    said = subprocess.run([GCC, *target, "-x", "c++", "-E", "-v", os.devnull], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                          check=True).stderr
    folders = said.split("search starts here:")[-1].split("End of search list")[0].split()
    libgcc = subprocess.check_output([GCC, *target, "-print-libgcc-file-name"], text=True).strip()
    # Not those of the compiler itself: arm_mve.h is clang's own.
    folders = [folder for folder in folders if "/../" in folder]
    return [name, "--target=arm-none-eabi", *target, "-nostdinc++", "-nostdlibinc", *["-isystem" + folder for folder in folders],
            "--ld-path=" + shutil.which("arm-none-eabi-ld"), "-L" + os.path.dirname(libgcc)]
