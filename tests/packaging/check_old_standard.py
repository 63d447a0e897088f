#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_old_standard.py COMPILER INCLUDE...

Compiles each header of quench/ itself, which are those that users start with, as C++17. Passes if the first error asks for
C++20 and nothing follows but the end of the compilation.
"""
import os
import re
import subprocess
import sys

compiler, include = sys.argv[1], sys.argv[2]
headers = sorted(name for name in os.listdir(os.path.join(include, "quench")) if name.endswith(".hpp"))
faults = [] if len(headers) >= 5 else ["found only %d headers" % len(headers)]
for header in headers:
    run = subprocess.run([compiler, "-std=c++17", "-fsyntax-only", "-x", "c++", "-I", include, "-"], input="#include <quench/%s>\n" % header,
                         capture_output=True, text=True)
    errors = [line for line in run.stderr.splitlines() if re.search(r"\b(fatal )?error: ", line)]
    if not errors or "quench[cplusplus-20]" not in errors[0] or len(errors) > 2:
        faults.append("%s as C++17 gives %d errors, of which the first is: %s" % (header, len(errors), errors[:1]))
for fault in faults:
    print("FAULT:", fault)
sys.exit(1 if faults else 0)
