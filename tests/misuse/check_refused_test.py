#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check of misuse cases must itself be able to fail: each kind of bad case is refused by it."""
import sys

from check_refused import find_faults, page_faults

SOURCE = "// With WRONG defined this must not compile; expect: quench[functional-called-once] add0\n"
SENTENCE = "quench[functional-called-once]: What. Why. What instead."
GOOD = ("catalogue.hpp: In instantiation of 'struct functional_called_once<Text<5>{\"add0\"}, 2>':\n"
        "catalogue.hpp:1:1: error: static assertion failed: " + SENTENCE + "\n")
PAGE = "<!-- g++ 12 on a.cpp -->\n```text\nerror: static assertion failed: " + SENTENCE.replace(" Why", "\n  Why") + "\n```\n"


def expect(name, faults, wanted):
    ok = not faults if wanted is None else any(wanted in fault for fault in faults)
    print(("ok      " if ok else "FAILED  ") + name)
    return ok


def main():
    other = "main.cpp:3:1: error: 'x' was not declared\n"
    results = [
        expect("a good case passes", find_faults(SOURCE, 1, GOOD, "g++"), None),
        expect("a mistake that compiles", find_faults(SOURCE, 0, "", "g++"), "accepts the mistake"),
        expect("a case without expectation", find_faults("int main() {}", 1, GOOD, "g++"), "announces no mistake"),
        expect("another error beside it", find_faults(SOURCE, 1, GOOD + other, "g++"), "unexpected error"),
        expect("another error alone", find_faults(SOURCE, 1, other, "g++"), "missing"),
        expect("the same error twice", find_faults(SOURCE, 1, GOOD + GOOD, "g++"), "unexpected error"),
        expect("other evidence", find_faults(SOURCE, 1, GOOD.replace('"add0"', '"add01"'), "g++"), "missing"),
        expect("evidence inside another name", find_faults(SOURCE, 1, GOOD.replace('"add0"', '"block.add0"'), "g++"), "missing"),
        expect("another slug", find_faults(SOURCE, 1, GOOD.replace("functional", "module"), "g++"), "missing"),
        expect("two sentences", find_faults(SOURCE, 1, GOOD.replace("Why. ", ""), "g++"), "unexpected error"),
        expect("too much output", find_faults(SOURCE, 1, GOOD + "note\n" * 14, "g++"), "lines of output"),
        expect("a page that shows a broken line of the compiler", list(page_faults([PAGE], "a.cpp", "g++ 12", GOOD)), None),
        expect("a page that shows another sentence", list(page_faults([PAGE.replace("Why", "How")], "a.cpp", "g++ 12", GOOD)), "shows"),
        expect("a page about another compiler", list(page_faults([PAGE.replace("Why", "How")], "a.cpp", "g++ 13", GOOD)), None),
        expect("clang prints more", find_faults(SOURCE, 1, GOOD + "note\n" * 14, "clang"), None),
    ]
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
