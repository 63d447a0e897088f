#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_plain.py CASE.cpp -- COMPILER FLAGS...

Builds CASE.cpp with WRONG defined: it has an error of plain C++. Passes if the compiler reports as many errors as the line
`errors: g++ N, clang N` of the case says, of which as many are quench's as `of quench: g++ N, clang N` says, and the first
one is the compiler's own. Without WRONG the case must compile.
"""
import re
import subprocess
import sys


def expected(source, heading, kind):
    line = re.search(r"^// %s: g\+\+ (\d+), clang (\d+)" % heading, source, re.M)
    return int(line["g++ clang".split().index(kind) + 1])


def find_faults(source, status, output, kind):
    """What is wrong with the compiler's answer; an empty list if nothing."""
    errors = [line for line in output.splitlines() if re.search(r"\b(fatal )?error: ", line)]
    of_quench = [line for line in errors if "quench[" in line]
    faults = ["the compiler accepts the mistake"] if status == 0 else []
    for heading, found in (("errors", errors), ("of quench", of_quench)):
        if len(found) != expected(source, heading, kind):
            faults.append("%s: needed %d, found %d" % (heading, expected(source, heading, kind), len(found)))
    if errors and "quench[" in errors[0]:
        faults.append("the first error is not the compiler's own")
    return faults


def main():
    case, command = sys.argv[1], sys.argv[3:] + ["-fsyntax-only", "-fdiagnostics-color=never", sys.argv[1]]
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True).stdout
    kind = "clang" if "clang" in version else "g++"
    with open(case, encoding="utf-8") as file:
        source = file.read()
    wrong = subprocess.run(command + ["-DWRONG"], capture_output=True, text=True)
    right = subprocess.run(command, capture_output=True, text=True)
    faults = find_faults(source, wrong.returncode, wrong.stderr, kind)
    if right.returncode:
        faults.append("the cure does not compile: " + right.stderr)
    print(wrong.stderr)
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
