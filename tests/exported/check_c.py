#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_c.py FOLDER CXX C NETWORKS...

Compiles the networks that make_weights has exported into FOLDER as C99, with warnings as errors, runs them, and compares what
they print with host.txt, what the host computes. On an emulated s390x, which is big-endian, and on an emulated Cortex-M4 too,
where there are cross compilers and emulators.
"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "examples")
FLAGS = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]

BEGIN = r"""
#include <stdint.h>
#include <string.h>

void write_character(char c);
void run_networks(void);

static void print(int64_t number, uint32_t base, char end)
{
    char digits[20];
    int count = 0;
    uint64_t rest = (uint64_t)(number < 0 ? -number : number);
    do digits[count++] = "0123456789abcdef"[rest % base];
    while ((rest /= base) > 0);
    if (number < 0) write_character('-');
    while (count > 0) write_character(digits[--count]);
    write_character(end);
}

static void print_scale(float scale, char end)
{
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    print(bits, 16, end);
}

// As exported::fill.
static int32_t next_code(uint32_t *state, uint32_t bytes)
{
    int32_t code;
    *state = *state * 1664525u + 1013904223u;
    if (bytes == 4) return (int32_t)(*state >> 27);
    code = (int32_t)(*state >> 16);
    if (code > 32767) code -= 65536;
    return bytes == 1 ? code / 256 : code;
}
"""
INPUT = """
        static %(type)s codes%(i)s[%(NAME)s_INPUT%(i)s_SIZE];
        for (int32_t i = 0; i < %(NAME)s_INPUT%(i)s_SIZE; ++i) codes%(i)s[i] = (%(type)s)next_code(&state, sizeof(%(type)s));"""
OUTPUT = """
        for (int32_t i = 0; i < %(NAME)s_OUTPUT%(i)s_SIZE; ++i) print(%(name)s_output%(i)s(&arena)[i], 10, '\\n');
        print(%(name)s_argmax%(i)s(&arena), 10, ' ');
        print_scale(%(NAME)s_OUTPUT%(i)s_SCALE(%(NAME)s_OUTPUT%(i)s_SIZE / 2), ' ');
        print_scale(%(NAME)s_OUTPUT%(i)s_SCALE(%(NAME)s_OUTPUT%(i)s_SIZE - 1), '\\n');"""


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    if result.returncode != 0:
        sys.exit("%s ended with %d\n%s" % (" ".join(command), result.returncode, result.stdout))
    return result.stdout


def program(folder, names):
    """C that runs all networks with the inputs of make_weights."""
    includes, body = "", ""
    for name in names:
        with open(os.path.join(folder, name + ".h"), encoding="utf-8") as file:
            ports = re.findall(r"#define \w+?_(INPUT|OUTPUT)((?:_\d+)?)_SIZE \d+  // of (\w+)", file.read())
        includes += '#include "%s.h"\n' % name
        body += "    {\n        static %s_arena arena;\n        uint32_t state = 1;" % name
        facts = {"name": name, "NAME": name.upper()}
        inputs = [dict(facts, i=i, type=code) for kind, i, code in ports if kind == "INPUT"]
        body += "".join(INPUT % one for one in inputs)
        body += "\n        %s_run(&arena%s);" % (name, "".join(", codes" + one["i"] for one in inputs))
        body += "".join(OUTPUT % dict(facts, i=i) for kind, i, _ in ports if kind == "OUTPUT") + "\n    }\n"
    return includes + BEGIN + "\nvoid run_networks(void)\n{\n" + body + "}\n"


def main():
    folder, cxx, compiler, names = sys.argv[1], sys.argv[2], sys.argv[3], ["c_" + name for name in sys.argv[4:]]
    with open(os.path.join(folder, "run_networks.c"), "w", encoding="utf-8") as file:
        file.write(program(folder, names))
    sources = [os.path.join(folder, name + ".c") for name in names + ["run_networks"]]

    def objects(cc, ending, *flags):
        made = [source[:-2] + ending for source in sources]
        for source, target in zip(sources, made):
            run([cc, *FLAGS, *flags, "-c", source, "-o", target])
        return made

    on_host, main_file = os.path.join(folder, "run_c"), os.path.join(HERE, "run_c.cpp")
    run([cxx, "-std=c++20", "-I", EXAMPLES, main_file, *objects(compiler, ".host.o"), "-o", on_host])
    printed = run([on_host]).splitlines()
    with open(os.path.join(folder, "host.txt"), encoding="utf-8") as file:
        expected = file.read().splitlines()
    if printed != expected:
        differing = [i for i, (a, b) in enumerate(zip(printed, expected)) if a != b]
        sys.exit("the C prints %d lines, the host %d; %d differ, first %s" % (len(printed), len(expected), len(differing), differing[:1]))
    print("%d networks print the %d lines of the host" % (len(names), len(expected)))
    if shutil.which("s390x-linux-gnu-g++") and shutil.which("qemu-s390x"):
        on_s390x = on_host + ".s390x"
        run(["s390x-linux-gnu-g++", "-std=c++20", "-static", "-I", EXAMPLES, main_file, *objects("s390x-linux-gnu-gcc", ".s390x.o"), "-o", on_s390x])
        if run(["qemu-s390x", on_s390x]).splitlines() != expected:
            sys.exit("on s390x the C prints something else")
        print("and so they do on big-endian s390x")
    else:
        print("there is no s390x-linux-gnu-g++ or qemu-s390x: not run on a big-endian processor")
    if not shutil.which("arm-none-eabi-gcc"):
        return print("there is no arm-none-eabi-gcc: not compiled for a Cortex-M4")
    made = objects("arm-none-eabi-gcc", ".arm.o", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft", "-ffunction-sections", "-ffreestanding")
    if not shutil.which("qemu-system-arm"):
        return print("there is no qemu-system-arm: not run on a Cortex-M4")
    print(run([sys.executable, os.path.join(HERE, "..", "bare_metal", "run.py"), on_host, main_file, "cortex-m4", "mps2-an386",
               "-mfloat-abi=soft", *made]), end="")


if __name__ == "__main__":
    main()
