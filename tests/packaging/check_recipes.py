#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_recipes.py conan | vcpkg: makes the package with its tool, from these sources. The tool fetches xtensor and zlib. Ends
with 77 if there is no such tool.
"""
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMANDS = {
    "conan": ["conan", "create", ".github/packaging/conan", "--build=missing", "-s", "compiler.cppstd=20"],
    "vcpkg": ["vcpkg", "install", "quench", "--classic", "--overlay-ports=.github/packaging/vcpkg"],
}
command = COMMANDS[sys.argv[1]]
if not shutil.which(command[0]):
    print(command[0] + " not found, its recipe is not tried")
    sys.exit(77)
sys.exit(subprocess.run(command, cwd=ROOT).returncode)
