#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py SEED COUNT [--each N] [--jobs N] [--keep FOLDER] [--library FILE] -- COMPILER FLAGS...

Generates COUNT random networks with setters, N to a source, and runs them. Passes if each one
- is accepted, and then calibrates, converts and runs with the same bits in QAT, on the host and on a device; or
- is refused for a reason of REFUSED below: the descriptions are right, so only a setter may be refused; or
- throws an error of THROWN below, which only data can show.
Prints what is wrong, with the network; and how many were accepted and refused, by reason. 2,000 networks, from the top of the
project:

    python3 tests/random_networks/check.py 1 2000 -- clang++-16 -std=c++20 -O0 -I include -I tests -pthread

The bodies of quench are compiled once (FILE is a library that has them, from the same compiler), and so is the header that all
sources include.
"""
import argparse
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from generate import generate  # noqa: E402

# Why a right network may be refused with a random setter.
REFUSED = {
    "int16-not-supported",  # int16 by name or kind into a pool, an upsample or a second operand
    "output-not-high-precision",  # a rule by name or kind before HighPrecisionOutput
    "qconfig-names-no-module",  # the rule names a module that an earlier rule decides
    "rule-without-effect",  # a kind of which all modules are decided, or a low precision allowed where no output has it
    "tied-scale-needs-one-qconfig",  # of a rule that names one module of a TiedScale
}
# What only data can show.
THROWN = {
    "scales-too-far-apart",
    "scale-underflow",  # magnitudes below 0.000016
}


def offenders(output):
    """{number: first error} of the networks in the compiler's errors."""
    found, context = {}, []
    for line in output.splitlines():
        if re.search(r"In instantiation of|required from|In substitution of|in .constexpr. expansion|^In file included|^ +from", line):
            context.append(line)
            continue
        if re.search(r"\berror:", line):
            numbers = re.findall(r"\bNet(\d+)\b", " ".join(context) + line)
            if numbers:
                found.setdefault(int(numbers[0]), line.strip())
            context = []
        elif not re.match(r"\s+(\d* \||\|)", line) and "note:" not in line:
            context = []
    return found


def prepare(command, library, sources, folder):
    """The two halves of a compilation, before and after the source, with what the sources share compiled in `folder`."""
    command, precompiled = command + ["-DQUENCH_SEPARATE_COMPILATION"], []
    if sources > 1:
        header = folder / "precompiled.hpp"
        header.write_text('#include "random_networks/judge.hpp"\n')
        subprocess.run(command + ["-x", "c++-header", str(header), "-o", str(header) + ".gch"], check=True)
        precompiled = ["-include", str(header)]
    if not library:
        bodies, library = folder / "bodies.cpp", folder / "bodies.o"
        bodies.write_text("#include <quench/compiled.hpp>\n")
        subprocess.run(command + ["-c", str(bodies), "-o", str(library)], check=True)
    return command + precompiled, [str(library)]


def check_source(seed, count, compiler, folder):
    """The outcomes of the networks by number."""
    outcomes, left_out = {}, set()
    source, program = folder / "networks.cpp", folder / "networks"
    before, after = compiler
    for _ in range(count):
        source.write_text(generate(seed, count, left_out))
        build = subprocess.run(before + [str(source)] + after + ["-o", str(program)], capture_output=True, text=True)
        if build.returncode == 0:
            break
        found = offenders(build.stderr)
        if not found:
            return {-1: "does not compile: " + build.stderr[-2000:]}
        for number, line in found.items():
            slug = re.search(r"quench\[([a-z0-9-]+)\]", line)
            outcomes[number] = "refused %s:by the compiler" % slug[1] if slug else "is accepted and does not compile: " + line
            left_out.add(number)
    run = subprocess.run([str(program)], capture_output=True, text=True, cwd=folder)
    for number, text in re.findall(r"^net (\d+): (.*)$", run.stdout, re.M):
        if not outcomes.get(int(number), "").startswith("differs"):
            outcomes[int(number)] = text
    for number in range(count):
        if number not in outcomes:
            outcomes[number] = "crashed (exit code %d)" % run.returncode
            break
    return outcomes


def fault_of(outcome):
    """What is wrong with an outcome; empty if nothing."""
    if outcome == "the same bits":
        return ""
    refused = re.match(r"refused (.*)", outcome)
    if refused:
        slugs = {word.split(":")[0] for word in refused[1].split()} - {"by", "the", "compiler"}
        return "" if slugs and slugs <= REFUSED else outcome
    thrown = re.match(r"threw quench\[([a-z0-9-]+)\]", outcome)
    if thrown and thrown[1] in THROWN:
        return ""
    return outcome


def main():
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--library", type=pathlib.Path)
    options, command = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1:]
    sizes = [min(options.each, options.count - begin) for begin in range(0, options.count, options.each)]
    tally, faults = collections.Counter(), 0

    def check(part):
        with tempfile.TemporaryDirectory() as folder:
            place = options.keep / str(part) if options.keep else pathlib.Path(folder)
            place.mkdir(parents=True, exist_ok=True)
            return part, check_source(options.seed * 1000000 + part, sizes[part], compiler, place)

    with tempfile.TemporaryDirectory() as shared, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        compiler = prepare(command, options.library, len(sizes), pathlib.Path(shared))
        for part, outcomes in pool.map(check, range(len(sizes))):
            for number, outcome in sorted(outcomes.items()):
                words = outcome.split(":")[0].split() if outcome.startswith("refused") else outcome.split("]")[0].split()[:3]
                tally[" ".join(words[:3])] += 1
                if fault_of(outcome):
                    faults += 1
                    print("FAULT: seed %d, Net%d: %s" % (options.seed * 1000000 + part, number, outcome[:400]), flush=True)
    for outcome, number in tally.most_common():
        print("%6d %s" % (number, outcome))
    print("%d networks, %d faults" % (sum(tally.values()), faults))
    return 1 if faults or tally["the same bits"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
