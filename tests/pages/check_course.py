#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_course.py FOLDER: examples/README.md shows what the programs in FOLDER print. Lines of `...` stand for others.

Compared are the blocks after `<!-- NAME prints -->`. Those after `<!-- NAME printed -->` depend on the CPU or take minutes.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from pages import check as pages  # noqa: E402


def main():
    faults = []
    blocks = re.findall(r"<!-- (\w+) prints -->\n```text\n(.*?)```", pages.read("examples/README.md"), re.S)
    for name, shown in blocks:
        run = subprocess.run([os.path.join(sys.argv[1], name)], capture_output=True, text=True, check=True)
        pattern = "".join(r"(?:.*\n)+?" if line.strip() == "..." else re.escape(line) for line in shown.splitlines(keepends=True))
        if not re.fullmatch(pattern, run.stdout):
            faults.append("examples/README.md does not show what %s prints:\n%s" % (name, run.stdout))
    print("\n".join(faults) or "%d programs print what the page shows" % len(blocks))
    return 1 if faults or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
