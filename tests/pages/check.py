#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages of the project: every .md file. tests/structure.py runs the checks below; each returns its faults.

    tests/pages/check.py            prints the faults
    tests/pages/check.py --write    copies the regions of programs and the tables into the pages

A page shows code as a region of a program that the tests compile, and a table as a row of the library's own tables:

    <!-- examples/fashion_net.hpp: fashion_net -->      before a block of C++
    <!-- table of operators -->                         before a table

tests/misuse/catalogue_page.py fills the blocks with the output of compilers; tests/misuse/check_refused.py compares them.
"""
import os
import re
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FRONT = "README.md"
MISUSE = "include/quench/misuse/README.md"
CODE = re.compile(r"(<!-- (\S+): (\w+) -->\n```cpp\n)(.*?)(```)", re.S)
TABLE = re.compile(r"(<!-- table of ([\w ]+) -->\n)((?:\|.*\n)*)")
OUTPUT = re.compile(r"(<!-- (g\+\+ 12|clang 16) on (\S+) -->\n```text\n)(.*?)(```)", re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def pages():
    for where, folders, names in os.walk(ROOT):
        folders[:] = sorted(folder for folder in folders if folder not in (".git", "build"))
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(where, name), ROOT)


def region(path, name):
    """The region of a program without its indentation; None if there is none."""
    if not os.path.exists(os.path.join(ROOT, path)):
        return None
    match = re.search(r"// region %s\n(.*?)^ *// end region" % name, read(path), re.S | re.M)
    return match and textwrap.dedent(match[1]).strip("\n") + "\n"


# Tables.

def operator_rows():
    """The rows of types/operator.hpp, each a map from designators to their words."""
    text = read("include/quench/types/operator.hpp")
    words = r"\.(\w+) = (?:\w::)?(\"\w+\"|\w+)"
    for row in re.findall(r"^      \{(\.op = .*)\},$", text, re.M):
        yield {key: value.strip('"') for key, value in re.findall(words, row)}


def matmul_operands():
    marches = re.findall(r"struct (\w+) : detail::AnyNash \{.*?int16_matmul_operands = (\d)", read("include/quench/types/march.hpp"), re.S)
    of = {count: ", ".join(name for name, operands in marches if operands == count) for count in ("1", "2")}
    return "%s one operand; %s both" % (of["1"], of["2"])


def operators():
    """(name, int16 in, int16 out, int32 out, on Bernoulli2, calls) of each operator between the stubs."""
    for row in operator_rows():
        scale = row.get("scale", "Own")
        if row["op"] in ("Input", "QuantStub", "DeQuantStub", "FloatFunctional"):
            continue
        takes, gives = ("yes" if row.get(key) != "false" else "" for key in ("takes_int16", "gives_int16"))
        if scale in ("OfInput", "OfInputTimesFactor") and gives:
            gives = "as in"
        int32 = "yes" if row.get("has_accumulator") else "as in" if row.get("passes_accumulators") else ""
        if row["op"] == "MatMul":
            takes = matmul_operands()
        if row.get("begins_quantized"):
            takes = "indices"
        calls = "any number" if scale == "OfInput" else "once"
        if scale == "None":  # a batch norm
            takes = gives = int32 = ""
            calls = "after its layer"
        bernoulli2 = "int8" if row.get("is_in_bernoulli2") != "false" else ""
        yield "`%s`" % row["name"], takes, gives, int32, bernoulli2, calls


def grouped(rows, key):
    """Rows that are equal but for their names, as one."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row[0])
    return [[", ".join(names), *what] for what, names in groups.items()]


def as_table(head, rows):
    return "".join("| %s |\n" % " | ".join(cells) for cells in [head, ["---"] * len(head), *rows])


def table_of_operators():
    return as_table(["operator", "int16 in", "int16 out", "int32 out", "Bernoulli2", "calls"], grouped(operators(), lambda row: row[1:]))


def table_of_dtypes():
    functions = {"`%s`" % row["name"] for row in operator_rows() if row["family"] == "Function"}

    def dtypes(row):
        if row[0] in functions:
            return ("int8 and int16, functions of one value",)
        if not any(row[1:4]) and row[5] == "after its layer":
            return ("part of the layer before it",)
        if row[1] == "indices":
            return ("int32 indices in; int8 or int16 out",)
        if row[3] == "yes":
            return ("int8 and int16; int32 as an output",)
        return ("int8 and int16" if row[1] and row[2] else "int8 in; int8 or int16 out" if row[2] else "int8",)
    return as_table(["dtypes", "operators"], [list(reversed(row)) for row in grouped(operators(), dtypes)])


def headers_of(folder):
    """The headers of a folder that declare something; those of bodies belong to them."""
    where = os.path.join(ROOT, "include/quench", folder)
    return sorted(name for name in os.listdir(where) if name.endswith(".hpp") and not name.endswith("_impl.hpp"))


def first_sentence(path):
    """What a header says of itself first, without its full stop."""
    comment = re.search(r"\A// SPDX.*\n((?:// .*\n)+)", read(path))
    text = " ".join(line[3:].strip() for line in comment[1].splitlines()) if comment else ""
    return re.match(r"(.*?)\.?(?=$|(?<=\.) [A-Z`])", text)[1].rstrip(".")


def table_of_headers(folder):
    return as_table(["header", "contains"], [["`%s`" % name, first_sentence(os.path.join("include/quench", folder, name))]
                                            for name in headers_of(folder)])


def table_of(name):
    """A generated table by its name; None if there is none of that name."""
    if name.startswith("headers of "):
        return table_of_headers(name[len("headers of "):])
    return {"operators": table_of_operators, "dtypes": table_of_dtypes}.get(name, lambda: None)()


def filled(text):
    """The page with its regions and tables as they are now."""
    text = CODE.sub(lambda m: m[1] + (region(m[2], m[3]) or m[4]) + m[5], text)
    return TABLE.sub(lambda m: m[1] + (table_of(m[2]) or m[3]), text)


def code_is_tested():
    """Each block of C++ is a region of a program of examples/ or tests/, and each generated table is as its source says."""
    for page in pages():
        text = read(page)
        blocks = CODE.findall(text)
        if len(re.findall(r"^ *```(?:cpp|c\+\+|cc)\b", text, re.M)) != len(blocks):
            yield "%s: a block of C++ without the comment `<!-- file: region -->` before it" % page
        for _, path, name, code, _ in blocks:
            if not path.startswith(("examples/", "tests/")):
                yield "%s shows %s, which is no program of the tests" % (page, path)
            elif region(path, name) is None:
                yield "%s: %s has no region %s" % (page, path, name)
            elif region(path, name) != code:
                yield "%s differs from region %s of %s" % (page, name, path)
        for _, name, table in TABLE.findall(text):
            if table_of(name) != table:
                yield "%s: the table of %s is another one; run tests/pages/check.py --write" % (page, name)
    for page, name in ((FRONT, "dtypes"), ("include/quench/types/README.md", "operators")):
        if "<!-- table of %s -->" % name not in read(page):
            yield "%s lacks the table of %s" % (page, name)


# Links.

def without_code(text):
    return re.sub(r"`[^`\n]*`", "Code", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M))


def anchors(text):
    """The anchors that a renderer gives to headings: small letters, no punctuation, hyphens for spaces, of links the text."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M), re.M):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")
        number = 0
        while (anchor if number == 0 else "%s-%d" % (anchor, number)) in found:
            number += 1
        found.add(anchor if number == 0 else "%s-%d" % (anchor, number))
    return found


def links(page):
    """(target as written, page or file, anchor) of each relative link."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(read(page))):
        if not re.match(r"\w+:", target):
            path, _, anchor = target.partition("#")
            yield target, os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page, anchor


def links_resolve():
    for page in pages():
        for target, path, anchor in links(page):
            if not os.path.exists(os.path.join(ROOT, path)):
                yield "%s links to %s, which does not exist" % (page, target)
            elif anchor and (not path.endswith(".md") or anchor not in anchors(read(path))):
                yield "%s links to %s, which has no such heading" % (page, target)


def pages_are_near():
    """Every page is at most two links away from the front page. A link to a folder is one to its README."""
    reached = {FRONT}
    for _ in range(2):
        for page in sorted(reached):
            for _, path, _ in links(page):
                path = os.path.join(path, "README.md") if os.path.isdir(os.path.join(ROOT, path)) else path
                if path.endswith(".md") and os.path.exists(os.path.join(ROOT, path)):
                    reached = reached | {path}
    for page in sorted(set(pages()) - reached):
        yield "%s is more than two links away from %s" % (page, FRONT)


def each_header_is_on_the_page_of_its_folder():
    folders = os.listdir(os.path.join(ROOT, "include/quench"))
    for folder in sorted(folder for folder in folders if os.path.isdir(os.path.join(ROOT, "include/quench", folder))):
        page = os.path.join("include/quench", folder, "README.md")
        text = read(page) if os.path.exists(os.path.join(ROOT, page)) else ""
        for name in headers_of(folder):
            if "`%s`" % name not in text:
                yield "%s does not name %s" % (page, name)


def each_folder_has_a_page():
    for where, folders, names in os.walk(os.path.join(ROOT, "include")):
        depth = os.path.relpath(where, ROOT).count(os.sep)
        if depth <= 2 and "README.md" not in names:
            yield "%s has no README.md" % os.path.relpath(where, ROOT)
    for folder in ("examples", "tests", "tests/benchmark"):
        if not os.path.exists(os.path.join(ROOT, folder, "README.md")):
            yield "%s has no README.md" % folder


# The front page.

def sentences(text):
    """The sentences of a page; a span of code is one word, a cell of a table ends a sentence."""
    text = re.sub(r"<!--.*?-->", "", without_code(text), flags=re.S)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#|]|\d+\.) ?)|\|", text):
        for sentence in re.split(r"(?<=[.!?])[\s\"”)]+(?=[^a-z]|quench\b)", block):
            yield " ".join(sentence.split())


def front_page_is_short():
    text = read(FRONT)
    if text.count("\n") > 190:
        yield "%s has %d lines, more than 190" % (FRONT, text.count("\n"))
    if len(text.encode()) > 10240:
        yield "%s has %d bytes, more than 10240" % (FRONT, len(text.encode()))
    for sentence in sentences(text):
        words = len(re.findall(r"[\w'’-]*\w[\w'’.-]*", sentence))
        if words > 30:
            yield "%s: a sentence of %d words, more than 30: %s" % (FRONT, words, sentence)


# Errors of compilers.

def shown_errors(block):
    """The lines of a compiler in a block. A page may break a long line; what follows is indented."""
    joined = re.sub(r"\n +", " ", block)
    return [normalized(line) for line in joined.splitlines() if line.strip()]


def normalized(line):
    """A line of compiler output without what depends on the locale, on the place of the project and on lines of its headers."""
    line = re.sub(r"[‘’]", "'", line)
    line = re.sub(r"^\S*?([\w.-]+\.[ch]pp):\d+(:\d+)?: ", "", line)
    return " ".join(line.split())


def catalogue_sentences():
    """Slug -> the texts that its rules have."""
    found = {}
    folder = "include/quench/misuse"
    for name in sorted(os.listdir(os.path.join(ROOT, folder))):
        if name.endswith("catalogue.hpp"):
            for literals in re.findall(r"static_assert\(\s*allowed<\w+>,((?:\s*\"(?:\\.|[^\"\\])*\")+)\);", read(os.path.join(folder, name))):
                text = "".join(re.findall(r"\"((?:\\.|[^\"\\])*)\"", literals)).replace('\\"', '"')
                found.setdefault(re.match(r"quench\[([a-z0-9-]+)\]", text)[1], []).append(text)
    return found


def diagnoses():
    return re.findall(r'inline constexpr Diagnosis \w+\{\s*"([a-z0-9-]+)"', read("include/quench/misuse/diagnoses.hpp"))


def misuse_page_is_the_catalogue():
    """Each slug has its line and, if compilers report it, its errors, which are sentences of the catalogue."""
    text, of_slug = read(MISUSE), catalogue_sentences()
    listed = set(re.findall(r"^\| \[?`([a-z0-9-]+)`", text, re.M))
    for slug in sorted((set(of_slug) | set(diagnoses())) ^ listed):
        yield "%s and the catalogues differ in %s" % (MISUSE, slug)
    shown = {}
    for page in (FRONT, MISUSE):
        for _, compiler, case, block, _ in OUTPUT.findall(read(page)):
            for line in shown_errors(block):
                error = re.match(r"error: .*?(quench\[([a-z0-9-]+)\]: .*)", line)
                if not error:
                    continue
                shown.setdefault(error[2], set()).add(compiler)
                if error[1] not in [" ".join(sentence.split()) for sentence in of_slug.get(error[2], [])]:
                    yield "%s says about %s what the catalogue does not: %s" % (page, case, error[1])
    for slug in sorted(of_slug):
        for compiler in sorted({"g++ 12", "clang 16"} - shown.get(slug, set())):
            yield "%s does not show what %s says about %s" % (MISUSE, compiler, slug)


CHECKS = [code_is_tested, links_resolve, pages_are_near, each_folder_has_a_page,
          each_header_is_on_the_page_of_its_folder, front_page_is_short, misuse_page_is_the_catalogue]


def main():
    if sys.argv[1:] == ["--write"]:
        for page in pages():
            text = read(page)
            if filled(text) != text:
                with open(os.path.join(ROOT, page), "w", encoding="utf-8") as file:
                    file.write(filled(text))
                print("wrote " + page)
        return 0
    faults = [fault for check in CHECKS for fault in check()]
    print("\n".join(faults) or "all pages are as they should be")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
