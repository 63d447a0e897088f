#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_pkg_config.py PREFIX COMPILER FLAGS...

Moves a copy of what is installed to another folder, and builds trainer and firmware there with what pkg-config says. Ends with
77 if there is no pkg-config.
"""
import os
import shutil
import subprocess
import sys
import tempfile

prefix, command, here = sys.argv[1], sys.argv[2:], os.path.dirname(os.path.abspath(__file__))
if not shutil.which("pkg-config"):
    print("pkg-config not found, its files are not checked")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    moved = shutil.copytree(prefix, os.path.join(folder, "moved"))
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(moved, "share", "pkgconfig"))

    def flags(package):
        text = subprocess.run(["pkg-config", "--cflags", "--libs", package], env=environment, capture_output=True, text=True, check=True).stdout
        if moved not in text:
            sys.exit("pkg-config does not find the moved headers: " + text)
        return text.split()

    if "-pthread" not in flags("quench"):
        sys.exit("quench.pc does not say -pthread")
    subprocess.run([*command, "-fsyntax-only", os.path.join(here, "firmware.cpp"), *flags("quench-embedded")], check=True)
    trainer = os.path.join(folder, "trainer")
    subprocess.run([*command, os.path.join(here, "trainer.cpp"), *flags("quench"), "-o", trainer], check=True)
    subprocess.run([trainer], check=True)
