#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""single_header.py INCLUDE OUT [FORWARD]

Writes OUT/quench_embedded.hpp, all that a device needs, and OUT/quench_all.hpp, everything. Both have the text of the headers
in INCLUDE, in the order in which a compiler reads them. A program may include both, in any order.
Also writes FORWARD/quench/: each header of quench, which includes the single header that contains it. So a program that is
written for the headers compiles with the single ones.
"""
import os
import re
import sys

BODIES = re.compile(r"^#if QUENCH_HEADER_ONLY\n(#include <quench/\S+_impl\.hpp>\n)#endif\n", re.M)  # a single header is header-only
INCLUDE = re.compile(r"^#include <(quench/\S+)>.*\n", re.M)
EMBEDDED = '''// SPDX-License-Identifier: Apache-2.0
// quench %(version)s in one file: what a device needs, in place of <quench/embedded.hpp> and <quench/network.hpp>.
// Made by .github/packaging/single_header.py; do not edit.
#ifndef QUENCH_SINGLE_HEADER
#if defined(QUENCH_VERSION)
#error quench[single-header]: a header <quench/...> is included before the single header. Both define the same names. Include either the headers, or quench_embedded.hpp and quench_all.hpp.
#include <either, as the error above says>
#endif
%(text)s
#define QUENCH_SINGLE_HEADER
#endif
'''
ALL = '''// SPDX-License-Identifier: Apache-2.0
// quench %(version)s in one file: everything, in place of <quench/quench.hpp> and all other headers. It needs xtensor.
// Made by .github/packaging/single_header.py; do not edit.
#pragma once

#if defined(QUENCH_SEPARATE_COMPILATION)
#error quench[single-header]: quench_all.hpp is compiled with -DQUENCH_SEPARATE_COMPILATION. It contains the bodies, which each file would define again. Compile without this macro, or include the headers <quench/...>.
#include <either, as the error above says>
#endif
%(embedded)s%(text)s'''


def read(include, header):
    with open(os.path.join(include, header), encoding="utf-8") as file:
        return file.read()


def expand(include, header, seen):
    """The text of a header. All headers of quench that it includes, and that no header has included before, precede its text."""
    if header in seen:
        return ""
    seen.add(header)
    prologue, text = read(include, header).split("#pragma once\n")
    prologue = prologue.replace("// SPDX-License-Identifier: Apache-2.0\n", "\n// <%s>\n" % header)
    depth, declarations = 0, re.split(BODIES, text)[0]
    for line in declarations.splitlines():  # an include under a condition would be lost to the includes that follow it
        depth += bool(re.match(r"#\s*if", line)) - line.startswith("#endif")
        if depth and INCLUDE.match(line + "\n"):
            sys.exit("%s includes a header of quench under a condition: %s" % (header, line))
    includes = list(INCLUDE.finditer(declarations))
    end = includes[-1].end() if includes else 0
    text = BODIES.sub(r"\1", text[:end] + prologue + text[end:])
    return re.sub(r"\n{3,}", "\n\n", INCLUDE.sub(lambda match: expand(include, match[1], seen), text))


def roots(include):
    """What quench_all.hpp includes, in its order. It starts with what quench_embedded.hpp includes."""
    rest = sorted(os.path.relpath(os.path.join(where, name), include) for where, _, names in os.walk(include) for name in names
                  if name.endswith(".hpp") and not name.endswith("_impl.hpp"))
    return ["quench/embedded.hpp", "quench/quench.hpp"] + rest


def main():
    include, out, forward = sys.argv[1], sys.argv[2], sys.argv[3:]
    version = ".".join(re.findall(r"#define QUENCH_VERSION_\w+ (\d+)", read(include, "quench/ground/version.hpp")))
    seen = set()
    embedded = EMBEDDED % {"version": version, "text": expand(include, roots(include)[0], seen)}
    on_devices = set(seen)
    everything = ALL % {"version": version, "embedded": embedded,
                        "text": "".join(expand(include, header, seen) for header in roots(include)[1:])}
    written = {os.path.join(out, "quench_embedded.hpp"): embedded, os.path.join(out, "quench_all.hpp"): everything}
    for folder in forward:
        for header in seen:
            written[os.path.join(folder, header)] = "#pragma once\n#include <quench_%s.hpp>\n" % ("embedded" if header in on_devices else "all")
    for path, text in written.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
