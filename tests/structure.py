#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""structure.py: what must hold of the project as a whole. Each check returns its faults."""
import os
import re
import shutil
import subprocess
import sys

from pages import check as pages

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Each folder of include/quench, and those that it may include beside itself. A new arrow is a decision.
MAY_INCLUDE = {
    "ground": (),
    "bits": (),
    "types": ("ground",),
    "network": ("ground", "types"),
    "misuse": ("ground", "types", "network"),
    "kernels": ("bits", "types", "network"),
    "device": ("network", "misuse", "kernels"),
    "host": ("ground", "network", "kernels"),
    "tensors": ("ground", "bits", "types", "misuse", "kernels", "host"),
    "observers": ("ground", "host", "tensors"),
    "fake_quantize": ("ground", "host", "tensors", "observers"),
    "qconfig": ("network", "misuse", "observers", "fake_quantize"),
    "execution": ("ground", "network", "device", "host", "tensors"),
    "training": ("ground", "network", "kernels", "host", "tensors", "observers", "execution"),
    "phases": ("ground", "network", "misuse", "host", "tensors", "observers", "qconfig", "execution", "training"),
    "flow": ("ground", "network", "misuse", "device", "tensors", "execution", "training", "phases"),
    "report": ("ground", "types", "tensors", "observers", "qconfig", "execution", "phases", "flow"),
    "eager": ("ground", "types", "misuse", "tensors", "qconfig", "training"),
    "interop": ("ground", "types", "network", "tensors", "observers", "execution", "training", "phases"),
}
FREESTANDING = ("ground", "bits", "types", "network", "misuse", "kernels", "device")
# What depends on the compiler, on the version of xtensor, on whether there is zlib, on the CPU.
CONDITIONAL = ("ground/prerequisites.hpp", "ground/compiler.hpp", "ground/compiled.hpp", "host/isa.hpp", "host/dispatch.hpp", "host/int8/level.hpp", "tensors/float_tensor.hpp", "interop/inflate.hpp", "avx2.hpp", "avx512.hpp", "neon.hpp",
               "dotprod.hpp")
# Kernels of one processor: their tests run where it is emulated (tests/bare_metal/fast_kernels.py).
OF_A_PROCESSOR = ("include/quench/device/fast.hpp", "include/quench/device/dsp/", "include/quench/device/mve/", "include/quench/device/rvv/")
LASTING_MACROS = {"ground/compiled.hpp": {"QUENCH_HEADER_ONLY", "QUENCH_INLINE"},
                  "ground/version.hpp": {"QUENCH_VERSION" + part for part in ("", "_MAJOR", "_MINOR", "_PATCH")}}
UMBRELLAS = {"quench.hpp", "compiled.hpp", "network.hpp", "embedded.hpp", "eager.hpp"}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files(folder, *endings):
    for where, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.relpath(os.path.join(where, name), ROOT)


def headers():
    """(path, folder) of every header; the folder of an umbrella is None."""
    for path in files("include", ".hpp"):
        parts = path.split(os.sep)[2:]
        yield path, parts[0] if len(parts) > 1 else None


def catalogue_text():
    return "".join(read(path) for path in files("include/quench/misuse", "catalogue.hpp"))


def catalogue():
    return set(re.findall(r"quench\[([a-z0-9-]+)\]", catalogue_text()))


def diagnoses():
    """The slugs of run-time errors."""
    return set(re.findall(r'inline constexpr Diagnosis \w+\{\s*"([a-z0-9-]+)"', read("include/quench/misuse/diagnoses.hpp")))


def misuse_cases():
    return [path for path in files("tests/misuse", ".cpp") if "-" in os.path.basename(path)]


def folders_below(folder):
    """All folders that a folder includes, directly or not."""
    found, left = set(), list(MAY_INCLUDE[folder])
    while left:
        target = left.pop()
        if target not in found:
            found.add(target)
            left += MAY_INCLUDE[target]
    return found


def includes_follow_the_map():
    arrows = set()
    for path, folder in headers():
        if folder is None:
            if os.path.basename(path) not in UMBRELLAS:
                yield path + " stands beside the umbrellas"
            continue
        if folder not in MAY_INCLUDE:
            yield path + " is in a folder that the map lacks"
            continue
        for included in re.findall(r"^#include <quench/([^>]+)>", read(path), re.M):
            target = included.split("/")[0]
            arrows.add((folder, target))
            if target != folder and target not in MAY_INCLUDE[folder]:
                yield "%s includes %s, which the map does not allow" % (path, included)
    for folder, targets in MAY_INCLUDE.items():
        for target in targets:
            if (folder, target) not in arrows:
                yield "the map allows %s to include %s, and nothing does" % (folder, target)
    for folder in sorted(MAY_INCLUDE):
        if folder in folders_below(folder):
            yield "the map has a circle through " + folder


def lines_of_namespaces(text):
    """(namespace, line) of each line of code, without comments and strings."""
    text = re.sub(r'"(\\.|[^"\\\n])*"|//(?! namespace)[^\n]*', '""', text)
    opened = []
    for line in text.splitlines():
        begin = re.match(r"(?:inline )?namespace ([\w:]+) \{", line)
        if begin:
            opened.append(begin[1])
        elif re.match(r"\}  // namespace", line):
            opened.pop()
        else:
            yield "::".join(opened), line


def declared_name(line):
    """The name that a line declares at the scope of a namespace, where clang-format indents nothing."""
    line = re.sub(r"\[\[.*?\]\] ?|alignas\(\w+\) ", "", line)
    if re.match(r"[\s}#]|$|(template|requires|static_assert|namespace|friend)\b|QUENCH_INLINE [^(]*\w::~?\w+\(", line):
        return None  # the last one: the body of a member
    match = re.match(r"(?:struct|class|enum class|concept|using) (\w+)", line) or \
        re.search(r"\b(?!operator\b|void\b|decltype\b)([A-Za-z_]\w*)(?:<[^()=]*>)?(?:\(| =|[{;[])", line)
    return match and match[1]


def no_folder_uses_the_detail_of_another():
    """What other folders need is in the namespace of its folder, `quench::phases`, or in `quench`. A local name that equals
    a detail of a folder below counts as its use."""
    code = [(path, folder, list(lines_of_namespaces(read(path)))) for path, folder in headers() if folder]
    owners = {}  # of (namespace, name)
    for path, folder, lines in code:
        for namespace, line in lines:
            if namespace.endswith("detail") and declared_name(line):
                owners.setdefault((namespace, declared_name(line)), set()).add(folder)
    if len(owners) < 500:
        yield "found only %d names in namespaces detail" % len(owners)
    for path, folder, lines in code:
        visible = folders_below(folder)
        for namespace, line in lines:
            around = namespace.split("::")
            scopes = ["::".join(around[:depth]) for depth in range(len(around), 0, -1)]  # from the inside out
            for qualifier, name in re.findall(r"(?<![\w.:>])((?:\w+::)*)(\w+)", line):
                if qualifier and not qualifier.endswith("detail::"):
                    continue
                if not qualifier and not namespace.endswith("detail"):
                    continue
                candidates = [qualifier[:-2]] + [scope + "::" + qualifier[:-2] for scope in scopes] if qualifier else scopes
                found = next((owners[scope, name] for scope in candidates if (scope, name) in owners), {folder})
                if folder not in found and found & visible:
                    yield "%s uses %s%s of %s/" % (path, qualifier, name, min(found))


def the_map_is_documented():
    """include/quench/README.md has a line for each folder, with what the folder may include."""
    listed = {folder: {name for name in includes.split(", ") if name}
              for folder, includes in re.findall(r"^\| \[`(\w+)/`\]\(\1/README\.md\) \| .* \| ?(.*?) ?\|$", read("include/quench/README.md"), re.M)}
    for folder, targets in MAY_INCLUDE.items():
        if listed.get(folder) != set(targets):
            yield "include/quench/README.md says %s of %s, the map %s" % (listed.get(folder), folder, sorted(targets))


def the_api_has_each_folder_and_error():
    """The filter of Doxygen reads the map of the folders and the catalogues."""
    shown = subprocess.run([sys.executable, ".github/docs/filter.py", "include/quench/quench.hpp"], cwd=ROOT, capture_output=True, text=True).stdout
    for name in sorted(set(MAY_INCLUDE) ^ set(re.findall(r"@defgroup (\w+)", shown))):
        yield ".github/docs/filter.py and the map differ in the folder " + name
    for slug in sorted((catalogue() | diagnoses()) ^ set(re.findall(r"^/// \| `([a-z0-9-]+)` \|", shown, re.M))):
        yield ".github/docs/filter.py and the catalogues differ in " + slug


def each_rule_has_a_case():
    cases = {os.path.basename(path)[:-len(".cpp")] for path in misuse_cases()}
    for slug in sorted(catalogue() - cases):
        yield "rule %s has no case tests/misuse/%s.cpp" % (slug, slug)
    for path in misuse_cases():
        for slug in re.findall(r"expect: quench\[([a-z0-9-]+)\]", read(path)):
            if slug not in catalogue():
                yield "%s expects %s, which is no rule" % (path, slug)
        name = os.path.basename(path)[:-len(".cpp")]
        expected = re.findall(r"expect: quench\[([a-z0-9-]+)\]", read(path))
        if name != "several-mistakes" and not any(name == slug or name.startswith(slug + "-") for slug in expected):
            yield "%s does not expect the rule it is named after" % path


def each_mistake_has_its_rule():
    """A mistake that a graph can show, its line in verify.hpp and its rule; none is reported as another."""
    enum = re.search(r"enum class Mistake[^{]*\{(.*?)\};", read("include/quench/misuse/finding.hpp"), re.S)[1]
    mapped = re.findall(r"mistake == Mistake::(\w+).*?type_identity<(\w+)<", read("include/quench/misuse/verify.hpp"), re.S)
    rule_of = {mistake: rule for mistake, rule in mapped}
    for mistake in re.findall(r"\w+", enum):
        rule = re.sub(r"(?<!^)(?=[A-Z])", "_", mistake.replace("QConfig", "Qconfig")).lower()
        if rule_of.get(mistake) != rule or rule.replace("_", "-") not in catalogue():
            yield "the mistake %s is reported as %s" % (mistake, rule_of.get(mistake))


def each_diagnosis_is_tested():
    tests = "".join(read(path) for path in files("tests", ".cpp"))
    for slug in sorted(diagnoses()):
        if '"%s"' % slug not in tests:
            yield "no test expects a quench::Error %s" % slug


def rule_names_are_their_slugs():
    text = catalogue_text()
    for name, slug in re.findall(r"struct (\w+)(?:<[^{]*>)? \{\s*static_assert\(allowed<\w+>,\s*\"quench\[([a-z0-9-]+)\]", text):
        if name != slug.replace("-", "_") or slug not in catalogue():
            yield "rule %s says quench[%s]" % (name, slug)


BODIES = "\n#if QUENCH_HEADER_ONLY\n#include <%s>\n#endif\n"


def bodies_stand_beside_their_header():
    """X_impl.hpp has the bodies of what X.hpp declares. X.hpp ends by including it if it is used header-only, and
    quench/compiled.hpp includes all of them. Bodies that a library has stand once: no file but these two includes them."""
    bodies = {path for path, _ in headers() if path.endswith("_impl.hpp")}
    if len(bodies) < 50:
        yield "found only %d headers of bodies" % len(bodies)
    for path in sorted(bodies):
        owner = path.replace("_impl.hpp", ".hpp")
        if not os.path.exists(os.path.join(ROOT, owner)) or not read(owner).endswith(BODIES % path.replace("include/", "")):
            yield "%s does not end by including its bodies" % owner
        if re.search(r"#include <(.*)>", read(path))[1] != owner.replace("include/", ""):
            yield "%s does not include its own header first" % path
    parts = re.search(r"set\(compiled_parts (.*)\)", read("CMakeLists.txt"))[1]
    rooms = {path.split("/")[2] for path in bodies}
    if sorted(re.split("[| ]", parts)) != sorted(rooms):
        yield "the sources of quench::compiled are of other folders than the bodies: %s" % sorted(rooms)
    listed = re.findall(r"#include <(.*_impl\.hpp)>", read("include/quench/compiled.hpp"))
    if ["include/" + path for path in listed] != sorted(bodies):
        yield "quench/compiled.hpp does not list all bodies in their order"
    for path, _ in headers():
        if path == "include/quench/compiled.hpp":
            continue
        for included in re.findall(r"#include <(.*_impl\.hpp)>", read(path)):
            if "include/" + included != path.replace(".hpp", "_impl.hpp"):
                yield "%s includes %s, whose bodies would stand twice" % (path, included)


def headers_are_whole_when_they_are_needed():
    """Whichever header is included first, with its bodies after it: what a header includes is read to its end before, or
    waits for nothing but its own bodies. (Compilers check each header with its bodies in the library.)"""
    includes = {}
    for path, _ in headers():
        own = path.replace("include/", "").replace(".hpp", "_impl.hpp")
        includes[path.replace("include/", "")] = [(name, name == own) for name in
                                                  re.findall(r"^#include <(quench/.*)>", read(path), re.M)]

    def follow(path, seen, unfinished):
        seen.add(path)
        unfinished.append(path)
        for name, is_own_body in includes[path]:
            if is_own_body:
                unfinished.remove(path)
            elif name in unfinished:
                yield "%s includes %s, which waits for it" % (path, name)
            if name not in seen:
                yield from follow(name, seen, unfinished)
        if path in unfinished:
            unfinished.remove(path)

    for first in includes:
        for fault in follow(first, set(), []):
            yield "%s, if %s is included first" % (fault, first)


def each_header_has_a_test():
    """A test at the same path, which includes the header first. Umbrellas have none: they only include."""
    for path, folder in headers():
        if folder is None:
            for line in re.findall(r"^(?!//|#pragma once$|#include ).+", read(path), re.M):
                yield "%s has more than includes: %s" % (path, line)
        if folder is None or path.endswith("_impl.hpp"):  # tested by their headers
            continue
        test = path.replace("include/quench/", "tests/").replace(".hpp", ".cpp")
        header = path.replace("include/", "")
        if not os.path.exists(os.path.join(ROOT, test)):
            yield "%s has no test %s" % (path, test)
        elif re.search(r"#include <(.*)>", read(test))[1] != header:
            yield "%s does not include its own header first" % test


def tests_can_be_called_by_name():
    """CMake cuts names at semicolons, and a test of half a name runs nothing. Equal names run each other."""
    seen = {}
    for path in files("tests", ".cpp"):
        for name in re.findall(r'TEST_CASE(?:_TEMPLATE)?\("([^"]*)"', read(path)):
            if ";" in name:
                yield "%s: a test's name has a semicolon: %s" % (path, name)
            if seen.setdefault(name, path) != path:
                yield "%s and %s have a test of one name: %s" % (path, seen[name], name)


def headers_are_short():
    for path, _ in headers():
        lines = read(path).count("\n")
        if lines > 400:
            yield "%s has %d lines" % (path, lines)


def older_standards_are_refused_first():
    """Whatever header is included, one without includes of quench is read first. It refuses C++17. (bits/ is C++17.)"""
    for path, folder in headers():
        included = re.findall(r"#include <(quench/[^>]+)>", read(path))
        if not included and folder != "bits" and not path.endswith("ground/prerequisites.hpp"):
            yield path + " does not include quench/ground/prerequisites.hpp"


# Namespaces of folders are for other folders, except those that users write.
FOR_USERS = ("eager", "interop", "kernels")


def each_public_name_has_a_block():
    """A `///` block before the first declaration of each name. Texts of errors (quench::diagnosis) are their own blocks."""
    described = {}  # (namespace, name) -> None, or where it has no block
    for path, _ in headers():
        if path.endswith("_impl.hpp"):
            continue
        opened, has_block = [], False
        for number, line in enumerate(read(path).splitlines(), 1):
            begin = re.match(r"(?:inline )?namespace ([\w:]+) \{", line)
            if line.startswith("///"):
                has_block = True
                continue
            if begin:
                opened += begin[1].split("::")
            elif re.match(r"\}  // namespace", line):
                del opened[-len(line.split()[-1].split("::")):]
            if begin or not line or line[0] in "}#":
                has_block = False
                continue
            code = re.sub(r'"(\\.|[^"\\\n])*"|//[^\n]*', '""', line)
            name = declared_name(code)
            if not name or not opened or {"detail", "diagnosis"} & set(opened) or opened[1:2] in [[folder] for folder in MAY_INCLUDE if folder not in FOR_USERS]:
                continue
            # Forward declarations, specializations, macros, deduction guides, operators, bodies of members, names of other folders
            if not re.match(r"(struct|class) (\w+;$|\w+<)|inline constexpr [\w:<> ]+<|[A-Z_0-9]+\(|\w+\(.*\) -> |using \w+::|.*(\boperator\b|\w::\w+\()", code):
                key = ("::".join(opened), name)
                if has_block:
                    described[key] = None
                else:
                    described.setdefault(key, "%s:%d: %s::%s has no block" % (path, number, *key))
            has_block = has_block and code.rstrip()[-1:] not in (";", "}")
    if len(described) < 400:
        yield "found only %d public names" % len(described)
    yield from filter(None, described.values())


def the_version_is_one():
    """Which ground/version.hpp has; CMake and the recipe of Conan read it there. The changelog starts with it; vcpkg,
    PlatformIO and Arduino need it in files of their own."""
    version = ".".join(re.search(r"#define QUENCH_VERSION_%s (\d+)" % part, read("include/quench/ground/version.hpp"))[1]
                       for part in ("MAJOR", "MINOR", "PATCH"))
    newest = re.search(r"^## (\S+)", read(".github/CHANGELOG.md"), re.M)[1]
    if newest != version:
        yield "the changelog starts with %s, the headers are %s" % (newest, version)
    port = re.search(r'"version": "(.*)"', read(".github/packaging/vcpkg/quench/vcpkg.json"))[1]
    if port != version:
        yield "vcpkg.json says %s, the headers are %s" % (port, version)
    for name, pattern in (("library.json", r'"version": "(.*)"'), ("library.properties", r"(?m)^version=(.*)$")):
        manifest = re.search(pattern, read(".github/packaging/platformio/" + name))[1]
        if manifest != version:
            yield "%s says %s, the headers are %s" % (name, manifest, version)


def algorithms_are_included():
    """Other headers of some standard libraries bring a few algorithms along, those of others do not."""
    used = r"std::(clamp|min|max|minmax|copy|copy_n|fill|fill_n|find|find_if|sort|all_of|any_of|none_of|max_element|min_element|minmax_element)\b"
    for path, _ in headers():
        match = re.search(used, read(path))
        if match and "#include <algorithm>" not in read(path):
            yield "%s uses %s without <algorithm>" % (path, match[0])


def freestanding_part_is():
    """Of the standard library it includes only what has no others in its wake: <iterator> would bring streams and strings,
    which take a compiler as long as all of a description."""
    light = {"array", "bit", "compare", "concepts", "cstddef", "cstdint", "initializer_list", "limits", "tuple", "type_traits",
             "utility", "arm_mve.h", "riscv_vector.h"}
    forbidden = r"\b(throw|new|delete|dynamic_cast|typeid|double)\b|std::(vector|string|function|optional)\b|<(iostream|vector|string)>"
    for path, folder in headers():
        if folder not in FREESTANDING and os.path.basename(path) not in ("network.hpp", "embedded.hpp"):
            continue
        for name in re.findall(r"^#include <(?!quench/)([\w./]+)>", read(path), re.M):
            if name not in light:
                yield "%s includes <%s>, which is not light" % (path, name)
        lines = read(path).splitlines()
        for number, line in enumerate(lines, 1):
            remark = line + "".join(lines[number:number + 1])  # of a declaration over two lines
            code = re.sub(r'"(\\.|[^"])*"', '""', line).split("//")[0].replace("= delete", "")
            if re.search(forbidden, code) or (re.search(r"\bfloat\b", code) and not re.search("evaluated by the compiler|float data|asked for by the firmware", remark)):
                yield "%s:%d: %s" % (path, number, line.strip())


def conditionals_stand_in_few_headers():
    for path, _ in headers():
        own = BODIES % path.replace("include/", "").replace(".hpp", "_impl.hpp")
        if re.search(r"^\s*#\s*(if|ifdef|ifndef|elif)\b", read(path).replace(own, ""), re.M) and not path.endswith(CONDITIONAL) and not path.startswith(OF_A_PROCESSOR):
            yield path + " has a preprocessor conditional"
        defined, undefined = (set(re.findall(r"^\s*#\s*%s\s+(\w+)" % word, read(path), re.M)) for word in ("define", "undef"))
        for macro in sorted(defined - undefined - LASTING_MACROS.get(path.replace("include/quench/", ""), set())):
            yield "%s leaves the macro %s behind" % (path, macro)


def an_operator_stands_in_its_row():
    """No list of operators by property: no range over the enumeration, no `default:` that swallows a new operator. A function
    is its row, its layer and its struct with value and slope."""
    places = ["types/operator.hpp", "network/activations.hpp", "execution/functions.hpp"]
    functions = re.findall(r"op = Operator::(\w+);", read("include/quench/" + places[2]))
    for path, _ in headers():
        text = read(path)
        if re.search(r"\bop (>=|<=|>|<) Operator::", text):
            yield path + " has a range over the operators"
        for switch in re.finditer(r"^( *)switch \(([^\n]*\bop|family_of\([^\n]*\)|row_of\([^\n]*)\) \{\n(.*?)^\1\}", text, re.S | re.M):
            if "default:" in switch[3]:
                yield path + " has a switch over operators with a default"
        if path.replace("include/quench/", "") in places:
            continue
        for name in functions:
            if re.search(r"\bOperator::%s\b" % name, text):
                yield "%s names the function %s, which belongs in %s" % (path, name, ", ".join(places))
    if not functions:
        yield "no function was found"


def files_name_their_licence():
    for folder in ("include", "tests", "examples"):
        for path in files(folder, ".hpp", ".cpp", ".py", "CMakeLists.txt", "run", "mutate"):
            if not re.search(r"SPDX-License-Identifier: Apache-2\.0$", "\n".join(read(path).splitlines()[:2]), re.M):
                yield path + " has no SPDX line"


def files_are_formatted():
    """As .clang-format says. Other versions of clang-format break lines at other places."""
    formatter = next((name for name in ("clang-format-16", "clang-format") if shutil.which(name) and
                      " version 16." in subprocess.run([name, "--version"], capture_output=True, text=True).stdout), None)
    if not formatter:
        print("        clang-format 16 not found, the format is not checked")
        return
    paths = [path for folder in ("include", "tests", "examples") for path in files(folder, ".hpp", ".cpp")]
    result = subprocess.run([formatter, "--dry-run", *paths], cwd=ROOT, capture_output=True, text=True)
    for path in sorted(set(re.findall(r"^(\S+?):\d+:\d+: ", result.stderr, re.M))):
        yield "%s is not as %s formats it" % (path, formatter)


# Classes that only refer to what others own: what they return outlives them.
VIEWS = {"TextView", "TensorOutput", "ByteReader", "BitReader", "TextReader", "Graph", "Call", "Operand"}
# What the models compute with. It is reached through `core()`, which is asked of a model that stays.
INSIDE_A_CORE = {"Core", "FloatCore", "TrainingPass", "FloatTrainingCore", "QatCore", "QuantizedCore", "Pass", "Passes", "PassPlan", "SharedPool",
                 "AnyFakeQuantizer", "ErasedFakeQuantizer", "FakeQuantizerHandle", "Tape", "Parameters", "Parameter", "IntegerNetwork", "IntegerConstants", "IntegerTensors"}
VIEW_TYPE = re.compile(r"(?<!operator)[&*] ?$|\bstd::(span|string_view)\b|\bParameterView\b|\biterator\b|\bxt::\w*view\b|^decltype\(auto\)$")
MEMBER = re.compile(r"((?:[\w:<>,.&* ]|\[\[|\]\]|decltype\(auto\))+?[ &*>]|)((?:operator\S{1,2}|operator [^(]+|\w+))\(([^{;]*)\)([^(){;]*)[{;]")


def members_that_return_views(text):
    """(class, line, member, what stands after its parameters) of public members that return a view and are not static."""
    open_classes, lines, at = [], text.splitlines(), 0
    while at < len(lines):
        line = lines[at]
        at += 1
        indent = len(line) - len(line.lstrip())
        begin = re.match(r"\s*(class|struct) (?:alignas\(\w+\) )?(\w+)[^;]*\{$", line)
        if begin:
            open_classes.append([indent, begin[2], begin[1] == "struct"])
        elif open_classes and re.match(r"\s*\};", line) and indent == open_classes[-1][0]:
            open_classes.pop()
        elif open_classes and re.match(r"\s*(public|private|protected):", line):
            open_classes[-1][2] = "public" in line
        elif open_classes and open_classes[-1][2] and indent == open_classes[-1][0] + 2 and line.strip()[0] not in "/}#:":
            first, statement = at, line.strip()
            while not re.search(r"[{;]", statement) and at < len(lines):
                statement += " " + lines[at].strip()
                at += 1
            while statement.startswith("template <"):
                end = depth = 0
                for end, letter in enumerate(statement):
                    depth += (letter == "<") - (letter == ">")
                    if letter == ">" and depth == 0:
                        break
                statement = statement[end + 1:].strip()
            member = MEMBER.match(statement)
            if not member or re.match(r"(using|friend|static|explicit|return|requires)\b", statement):
                continue
            returned = re.sub(r"\b(constexpr|inline|virtual)\b|\[\[nodiscard\]\]", "", member[1]).strip()
            if member[2].startswith("operator "):  # a conversion
                returned = member[2][len("operator "):].strip()
            if member[2] in ("operator=", "operator+=", "operator-=", "operator++") or returned == "const char*":
                continue
            if VIEW_TYPE.search(returned) and open_classes[-1][1] not in VIEWS | INSIDE_A_CORE:
                yield open_classes[-1][1], first, member[2], member[4]


def views_are_not_of_temporaries():
    """Whatever refers into an object is asked of one that stays: `&`, or `const&` that is deleted for `const&&`."""
    for path, folder in headers():
        if folder in ("kernels", "device", "host"):  # no owners
            continue
        members = list(members_that_return_views(read(path)))
        deleted = {(owner, member) for owner, _, member, behind in members if re.search(r"&& ?= delete", behind)}
        for owner, line, member, behind in members:
            if "&" not in behind or (re.search(r"const ?&", behind) and (owner, member) not in deleted):
                yield "%s:%d: %s::%s returns a view, also of a temporary" % (path, line, owner, member)


def main():
    checks = [
        includes_follow_the_map,
        no_folder_uses_the_detail_of_another,
        the_map_is_documented,
        the_api_has_each_folder_and_error,
        each_rule_has_a_case,
        each_mistake_has_its_rule,
        each_diagnosis_is_tested,
        views_are_not_of_temporaries,
        rule_names_are_their_slugs,
        bodies_stand_beside_their_header,
        headers_are_whole_when_they_are_needed,
        each_header_has_a_test,
        tests_can_be_called_by_name,
        headers_are_short,
        older_standards_are_refused_first,
        each_public_name_has_a_block,
        the_version_is_one,
        algorithms_are_included,
        freestanding_part_is,
        conditionals_stand_in_few_headers,
        an_operator_stands_in_its_row,
        files_name_their_licence,
        files_are_formatted,
        *pages.CHECKS,
    ]
    failed = 0
    for check in checks:
        faults = list(check())
        failed += bool(faults)
        print(("FAILED  " if faults else "ok      ") + check.__name__)
        for fault in faults:
            print("        " + fault)
    print("%d passed, %d failed" % (len(checks) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
