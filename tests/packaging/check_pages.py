#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_pages.py PREFIX: what is installed for people to read is there, and each relative link of a page leads to a file."""
import os
import re
import sys

prefix = sys.argv[1]
doc = os.path.join(prefix, "share", "doc", "quench")
needed = ["share/doc/quench/" + name for name in ("README.md", "LICENSE", "CHANGELOG.md")] + ["include/quench/kernels/nash.md"]
faults = ["%s is not installed" % name for name in needed if not os.path.exists(os.path.join(prefix, name))]
links = 0
for where, _, names in os.walk(doc):
    for name in names:
        if name.endswith(".md"):
            with open(os.path.join(where, name), encoding="utf-8") as file:
                text = re.sub(r"```.*?```", "", file.read(), flags=re.S)
            for link in re.findall(r"\]\(([^)\s#:]+)(?:#[^)]*)?\)", text):
                links += 1
                if not os.path.exists(os.path.join(where, link)):
                    faults.append("%s links to %s, which is not installed" % (os.path.relpath(os.path.join(where, name), prefix), link))
if links < 20:
    faults.append("found only %d links" % links)
for fault in faults:
    print("FAULT:", fault)
sys.exit(1 if faults else 0)
