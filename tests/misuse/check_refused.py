#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_refused.py CASE.cpp [--precompiled FOLDER] -- COMPILER FLAGS...

Builds CASE.cpp with WRONG defined. Passes if the compiler refuses it with exactly the errors that the comments at the top
of the file announce, one for each line `expect: quench[slug] evidence...`:
- each error is the sentence of an announced slug, three sentences long, and prints the rule with all of its evidence;
- there is no other error, and none is missing;
- a mistake takes at most 15 lines of output from g++, 25 from clang;
- the lines that a page shows of this case are among those that g++ 12 or clang 16 prints.
FOLDER has precompiled headers of this compiler and these flags: the first header of a case is read from there.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from pages import check as pages  # noqa: E402

LINES_A_MISTAKE = {"g++": 15, "clang": 25}


def expectations(source):
    """[(slug, [evidence, ...]), ...] of a case."""
    return [(m[1], m[2].split()) for m in re.finditer(r"expect: quench\[([a-z0-9-]+)\] ?(.*)", source)]


def errors(output):
    """The compiler's errors, each as (its first line, everything printed about it)."""
    lines = output.splitlines()
    starts = [i for i, line in enumerate(lines) if re.search(r"\b(fatal )?error:", line)]
    blocks = []
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else len(lines)
        before = start  # g++ prints the instantiation in front of the error
        while before > 0 and re.search(r"In instantiation of|required from|In file included from|^ +from", lines[before - 1]):
            before -= 1
        blocks.append((lines[start], "\n".join(lines[before:end])))
    return blocks


def evidence_printed(block, slug, evidence):
    """Whether the rule of the slug is printed with each word of the evidence among its arguments."""
    rules = re.findall(slug.replace("-", "_") + r"<.*", block)
    return rules and all(any(re.search(r'(?<![\w.])%s(?![\w.])' % re.escape(word), rule) for rule in rules) for word in evidence)


def find_faults(source, status, output, kind):
    """What is wrong with the compiler's answer; an empty list if nothing."""
    expected = expectations(source)
    if not expected:
        return ["the case announces no mistake: it needs a line `expect: quench[slug] evidence`"]
    if status == 0:
        return ["the compiler accepts the mistake"]
    faults = []
    unmatched = list(expected)
    for first_line, block in errors(output):
        announced = re.search(r"quench\[([a-z0-9-]+)\]: \S.*?[.] \S.*?[.] \S.*[.]$", first_line)
        match = next((e for e in unmatched if announced and e[0] == announced[1] and evidence_printed(block, *e)), None)
        if match:
            unmatched.remove(match)
        else:
            faults.append("unexpected error: " + first_line)
    faults += ["missing: quench[%s] %s" % (slug, " ".join(evidence)) for slug, evidence in unmatched]
    count = len(output.splitlines())
    if count > LINES_A_MISTAKE[kind] * len(expected):
        faults.append("%d lines of output for %d mistakes" % (count, len(expected)))
    return faults


def page_faults(texts, case, compiler, output):
    """The lines that pages show as those of this compiler about this case, and that it does not print."""
    printed = {pages.normalized(line) for line in output.splitlines()}
    for text in texts:
        for _, shown_compiler, shown_case, block, _ in pages.OUTPUT.findall(text):
            if shown_compiler == compiler and shown_case == case:
                yield from ("a page shows what %s does not say: %s" % (compiler, line)
                            for line in pages.shown_errors(block) if line not in printed)


def precompiled_flags(folder, source, kind):
    """What makes the compiler read the first header of the case from the folder; nothing where it is not there."""
    header = re.search(r"^#include [<\"](.*)[>\"]", source, re.M)[1]
    file = os.path.join(folder, header + ".gch")
    if not os.path.exists(file):
        return []
    return ["-I", folder] if kind == "g++" else ["-include-pch", file]


def main():
    case, separator = sys.argv[1], sys.argv.index("--")
    command = sys.argv[separator + 1:]
    with open(case, encoding="utf-8") as file:
        source = file.read()
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True).stdout
    kind = "clang" if "clang" in version else "g++"
    if sys.argv[2] == "--precompiled":
        command[1:1] = precompiled_flags(sys.argv[3], source, kind)
    run = subprocess.run(command + ["-DWRONG", "-fsyntax-only", "-fdiagnostics-color=never", case], capture_output=True, text=True)
    output = run.stderr + run.stdout
    faults = find_faults(source, run.returncode, output, kind)
    number = subprocess.run([command[0], "-dumpversion"], capture_output=True, text=True, check=True).stdout
    compiler = "%s %s" % (kind, number.strip().split(".")[0])
    faults += page_faults([pages.read(page) for page in (pages.FRONT, pages.MISUSE)], os.path.relpath(case, pages.ROOT), compiler, output)
    print(output)
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
