#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""filter.py FILE: the file as Doxygen shall read it.

Of a header: the comment at its top describes the file; names belong to the group of their folder; the fields of a block
(Shapes, Units, Rounding, Errors, Equals, Source) are paragraphs with headings; a comment at the end of a member's line
describes the member. quench.hpp also brings the main page and the groups, from the map of the folders in README.md beside it, and
the page of all errors.
"""
import os
import re
import sys

FIELD = re.compile(r"(Rounding(?= )|(?:Shapes|Units|Errors|Equals|Source|Returns|Binning)(?=  )) +(.*)")


def escaped(text):
    """Text in which nothing is a command of Doxygen or a tag of HTML, except what stands in backticks."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\@#%&<>*$\[\]~|])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("@", "\\@") for part in parts[1::2]]
    return re.sub(r"nash\.md,? section (\d+)", r"[nash.md section \1](@ref nash_\1)", "`".join(parts))


def block(lines, group=None, begin=""):
    """The lines of a comment, without their slashes, as a block of Doxygen. A line that is further indented is code."""
    out, code, field = [begin] if begin else [], False, False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        match = FIELD.fullmatch(line.strip()) if indent <= 1 else None
        field = bool(match) or (field and indent > 1)
        is_code = not field and indent >= 3
        if is_code != code:
            out.append("@code{.cpp}" if is_code else "@endcode")
            code = is_code
        out.append(line if code else "@par %s\n%s" % (match[1], escaped(match[2])) if match else escaped(line.strip()))
    out += ["@endcode"] if code else []
    out += ["@ingroup " + group] if group else []
    return "".join("/// %s\n" % line for line in "\n".join(out).split("\n"))


def joined(text):
    """C++ with adjacent strings as one, and with another character for quotes in them."""
    return re.sub(r'"\s*\n\s*"', "", text).replace('\\"', "\1")


def diagnoses(text):
    """The strings of each Diagnosis by its name: slug, what, why, cure, perhaps another cure."""
    return {name: re.findall(r'"([^"]*)"', strings) for name, strings in
            re.findall(r"inline constexpr Diagnosis (\w+)\{((?:\s*%s,?)+)\};" % r'"[^"]*"', joined(text))}


def errors(folder):
    """The page of all slugs, with their texts."""
    rows = set()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = joined(file.read())
        rows |= {(slug, "compiler", sentences) for slug, sentences in re.findall(r'"quench\[([a-z0-9-]+)\]: ([^"]*)"', text)}
        if name == "diagnoses.hpp":
            rows |= {(slug, "run", "%s. %s" % (what, " ".join(rest))) for slug, what, *rest in diagnoses(text).values()}
    lines = ["@page errors Errors", "Each error begins with its slug, `quench[slug]`. The compiler finds it, or a run, which throws quench::Error.", "",
             "| slug | found by | text |", "|---|---|---|"]
    lines += ["| `%s` | %s | %s |" % (slug, found, escaped(text).replace("|", "&#124;").replace("\1", '"')) for slug, found, text in sorted(rows)]
    return "".join("/// %s\n" % line for line in lines) + "\n"


def header(text, group):
    out, comment, body = [], [], False  # body: of a class or an enumeration
    prologue, rest = re.fullmatch(r"((?://[^\n]*\n)*)(.*)", text, re.S).groups()
    out.append(block([line[2:] for line in prologue.splitlines() if "SPDX" not in line], None, "@file"))
    for line in rest.splitlines():
        if line.strip().startswith("///"):
            comment.append(line.strip()[3:])
            continue
        if comment:
            out.append(block(comment, None if line.startswith(" ") else group))
            comment = []
        diagnosis = re.match(r"inline constexpr Diagnosis (\w+)\{", line)
        if diagnosis:
            what = diagnoses(text)[diagnosis[1]][1]
            out.append(block([what[0].upper() + what[1:] + "."], group))
        if re.match(r"(struct|class|enum class|union) .*\{$", line):
            body = True
        elif line.startswith("}"):
            body = False
        match = re.match(r"(  \w.*?[;,}]|  \w+| {12,}) *// (.*)", line) if body else None  # the last one: of a comment's next line
        out.append("%s  ///< %s\n" % (match[1], escaped(match[2])) if match else line + "\n")
    return "".join(out)


def overview(text):
    """The main page, and a group for each line of the map of the folders."""
    folders = re.findall(r"^\| \[?`(\w+)/`(?:\]\(.*?\))? \| (.*?) \| .*\|$", text, re.M)
    folders = [(name, escaped(re.sub(r"\[(.*?)\]\(.*?\)|\*\*", r"\1", contains)).replace("nash.md", "@ref nash \"nash.md\"")) for name, contains in folders]
    lines = ["@mainpage quench", "Programs include quench.hpp (everything), network.hpp (descriptions and their checks), embedded.hpp (firmware) or",
             "eager.hpp (handles for code of their own). These headers include the folders, each of which contains one kind of thing.",
             "@ref errors lists every error.", "",
             "| folder | contains |", "|---|---|"]
    lines += ["| @ref %s | %s |" % folder for folder in folders]
    blocks = [lines] + [["@defgroup %s %s/" % (name, name), contains[0].upper() + contains[1:] + "."] for name, contains in folders]
    return "".join("".join("/// %s\n" % line for line in lines) + "\n" for lines in blocks)


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith("nash.md"):
        text = re.sub(r"^# (.*)", r"# \1 {#nash}", text, 1, re.M)
        text = re.sub(r"^(## (\d+).*)", r"\1 {#nash_\2}", text, 0, re.M)
    else:
        folder = os.path.normpath(path).split(os.sep + "quench" + os.sep)[-1].split(os.sep)
        text = header(text, folder[0] if len(folder) > 1 else None)
        if folder == ["quench.hpp"]:
            with open(os.path.join(os.path.dirname(path), "README.md"), encoding="utf-8") as file:
                text = overview(file.read()) + errors(os.path.join(os.path.dirname(path), "misuse")) + text
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
