# SPDX-License-Identifier: Apache-2.0
"""Descriptions are formatted as clang-format has them.

    description_format.py FOLDER [CLANG_FORMAT]
"""
import pathlib
import shutil
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
tool = sys.argv[2] if len(sys.argv) > 2 else shutil.which("clang-format-16") or shutil.which("clang-format")
if tool is None:
    print("clang-format is not there")
    sys.exit(77)
style = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"
files = sorted(folder.glob("*.hpp"))
wrong = []
for file in files:
    text = file.read_text()
    formatted = subprocess.run([tool, f"--style=file:{style}"], input=text, capture_output=True, text=True, check=True)
    if formatted.stdout != text:
        wrong.append(file.name)
print(f"{len(files)} files, not formatted: {wrong}")
sys.exit(bool(wrong) or not files)
