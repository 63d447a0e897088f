#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_single_header.py OUT HOST_PROGRAM -- COMPILER FLAGS...

Writes the single headers into OUT, and into OUT/forward the headers with which the misuse cases compile. Passes if
- the compiler reads the same tokens from a single header as from the headers of quench, so that it can only do the same;
- a program for a device, compiled with nothing but quench_embedded.hpp, prints what HOST_PROGRAM prints;
- each wrong way to include a single header gives one error, and nothing follows but the end of the compilation.
"""
import os
import re
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(ROOT, ".github", "packaging"))
sys.dont_write_bytecode = True
import single_header

out, host_program, command = sys.argv[1], sys.argv[2], sys.argv[4:]
headers, forward = os.path.join(ROOT, "include"), os.path.join(out, "forward")
faults = []


def compile(source, *flags):
    return subprocess.run([*command, *flags, "-x", "c++", "-"], input=source, capture_output=True, text=True)


def tokens(folder, *included):
    run = compile("".join("#include <%s>\n" % header for header in included), "-E", "-P", "-I", folder)
    if run.returncode:
        sys.exit(run.stderr)
    return run.stdout.split()


def compare(single, *included):
    expected, found = tokens(headers, *included), tokens(out, *single)
    if expected != found:
        at = next((i for i, (a, b) in enumerate(zip(expected, found)) if a != b), min(len(expected), len(found)))
        faults.append("%s: %d tokens in place of %d; after %s the headers have %s, the single header %s" % (
            single, len(found), len(expected), " ".join(found[at - 8:at]), expected[at:at + 3], found[at:at + 3]))
    return len(expected)


def expect_one_error(slug, source, *flags):
    run = compile(source, "-E", "-I", out, "-I", headers, *flags)
    errors = [line for line in run.stderr.splitlines() if re.search(r"\b(fatal )?error: ", line)]
    if not errors or "quench[%s]" % slug not in errors[0] or len(errors) > 2:
        faults.append("%r gives %d errors, of which the first is: %s" % (source, len(errors), errors[:1]))


subprocess.run([sys.executable, single_header.__file__, headers, out, forward], check=True)
roots = single_header.roots(headers)
print(compare(["quench_embedded.hpp"], roots[0]), "tokens for devices,", compare(["quench_all.hpp"], *roots), "in all")
compare(["quench_embedded.hpp", "quench_all.hpp", "quench_embedded.hpp"], *roots)

header, everything = "#include <quench/network.hpp>\n", "#include <quench_all.hpp>\n"
for single in ("#include <quench_embedded.hpp>\n", everything):
    expect_one_error("single-header", single + header)
    expect_one_error("single-header", header + single)
    expect_one_error("cplusplus-20", single, "-std=c++17")
expect_one_error("single-header", everything, "-DQUENCH_SEPARATE_COMPILATION")

program, source = os.path.join(out, "many_operators"), os.path.join(TESTS, "bare_metal", "many_operators.cpp")
built = subprocess.run([*command, "-I", out, "-I", forward, "-I", TESTS, "-I", os.path.join(ROOT, "examples"), source, "-o", program])
printed, expected = (subprocess.run([run], capture_output=True).stdout for run in (program if built.returncode == 0 else "false", host_program))
if not expected or printed != expected:
    faults.append("a program with quench_embedded.hpp prints\n%s\nand with the headers\n%s" % (printed, expected))

for fault in faults:
    print("FAULT:", fault)
sys.exit(1 if faults else 0)
