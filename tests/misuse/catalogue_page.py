#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes into include/quench/misuse/README.md what g++ 12 and clang 16 say first about each mistake.

    tests/misuse/catalogue_page.py G++ CLANG

Everything after the line `<!-- written by ... -->` of the page is written anew: for each line of the page's table of mistakes
a section with its case and the first error of each compiler, without the place and with lines broken. check_refused.py
compares the page with the compilers whenever the tests compile the case.
"""
import os
import re
import shlex
import subprocess
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from pages import check as pages  # noqa: E402

MARK = "<!-- written by tests/misuse/catalogue_page.py -->\n"


def first_error(command, case):
    """The first error: its line, and for g++ the line with the evidence, which clang has in the error itself."""
    run = subprocess.run(shlex.split(command) + ["-std=c++20", "-DQUENCH_SEPARATE_COMPILATION", "-Iinclude", "-DWRONG", "-fsyntax-only",
                                                 "-fdiagnostics-color=never", case],
                         capture_output=True, text=True, cwd=pages.ROOT, env=dict(os.environ, LC_ALL="C.UTF-8"))
    lines = [re.sub(r"^\S+\.[ch]pp:\d+(:\d+)?: ", "", line) for line in run.stderr.splitlines()]
    errors = [i for i, line in enumerate(lines) if line.startswith("error: ")]
    if not errors or "quench[" not in lines[errors[0]]:
        sys.exit("%s: no error of quench comes first:\n%s" % (case, run.stderr))
    evidence = [line for line in lines[errors[0]:] if re.match(r"note: .*allowed<.*evaluates to false", line)]
    shown = lines[errors[0]:errors[0] + 1] + ([] if "requirement" in lines[errors[0]] else evidence[:1])
    return "\n".join(textwrap.fill(line, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) for line in shown)


def section(slug, compilers):
    main_case = "tests/misuse/%s.cpp" % slug
    others = [name for name in sorted(os.listdir(os.path.join(pages.ROOT, "tests/misuse")))
              if name.startswith(slug + "-") and "quench[%s]" % slug in pages.read(os.path.join("tests/misuse", name))]
    to_tests = "../../../tests/misuse/"
    text = "### %s\n\nThe mistake and its cure: [%s](%s%s)." % (slug, os.path.basename(main_case), to_tests, os.path.basename(main_case))
    if others:
        text += " More cases: %s." % ", ".join("[%s](%s%s)" % (name[len(slug) + 1:-len(".cpp")], to_tests, name) for name in others)
    for name, command in compilers:
        text += "\n\n<!-- %s on %s -->\n```text\n%s\n```" % (name, main_case, first_error(command, main_case))
    return text + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page = pages.read(pages.MISUSE)
    known = pages.catalogue_sentences()
    slugs = [slug for slug in re.findall(r"^\| \[`([a-z0-9-]+)`\]", page, re.M) if slug in known]
    compilers = list(zip(("g++ 12", "clang 16"), sys.argv[1:]))
    text = page[:page.index(MARK) + len(MARK)] + "\n" + "\n".join(section(slug, compilers) for slug in slugs)
    with open(os.path.join(pages.ROOT, pages.MISUSE), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
