#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_firmware.py HOST_PROGRAM: builds firmware with the files of device/board.md, and with the module for Zephyr, whose
function is a stand-in. Each prints under QEMU what HOST_PROGRAM prints. Checks the fields of the manifests of PlatformIO and
Arduino, and that what they name is there. Ends with 77 if a tool is missing.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGING = os.path.join(ROOT, ".github", "packaging")
EMULATOR = ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "none", "-semihosting-config",
            "enable=on,target=native", "-kernel"]
CMAKE = ["cmake", "-G", "Unix Makefiles", "-D", "CMAKE_TOOLCHAIN_FILE=cortex_m4.cmake"]
# As Zephyr does: the headers of all modules are in one interface, which each program links.
ZEPHYR = """add_library(zephyr_interface INTERFACE)
function(zephyr_include_directories)
  target_include_directories(zephyr_interface INTERFACE ${ARGV})
endfunction()
set(CONFIG_QUENCH y)
add_subdirectory(%s zephyr_module)
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit("FAULT: %s ends with %d\n%s" % (" ".join(command), done.returncode, done.stdout))
    return done.stdout


def printed(image, folder):
    """What an image prints, without the stack that it takes, which is the last line."""
    return "".join(run(EMULATOR + [image], folder).splitlines(True)[:-1])


def module_of_zephyr():
    """The folder of the module's CMakeLists.txt, as zephyr/module.yml names it."""
    fields = dict(re.findall(r"^ *(\w+): (\S+)$", read(PACKAGING, "zephyr", "module.yml"), re.M))
    if set(fields) != {"name", "cmake", "kconfig"} or not os.path.isfile(os.path.join(PACKAGING, fields["kconfig"])):
        sys.exit("FAULT: zephyr/module.yml has the fields %s" % fields)
    if not re.search(r"^config QUENCH$", read(PACKAGING, fields["kconfig"]), re.M):
        sys.exit("FAULT: Kconfig has no QUENCH, which CMakeLists.txt asks for")
    return os.path.join(PACKAGING, fields["cmake"])


def faults_of_manifests():
    platformio = json.loads(read(PACKAGING, "platformio", "library.json"))
    for field in ("name", "version", "description", "keywords", "license", "headers"):
        if not isinstance(platformio.get(field), str) or not platformio[field]:
            yield "library.json needs a text for %s" % field
    arduino = dict(line.split("=", 1) for line in read(PACKAGING, "platformio", "library.properties").splitlines())
    for field in ("name", "version", "author", "maintainer", "sentence", "paragraph", "category", "architectures"):
        if not arduino.get(field):
            yield "library.properties needs %s" % field
    include = os.path.join(ROOT, platformio["build"]["includeDir"])
    with tempfile.TemporaryDirectory() as single:
        run([sys.executable, os.path.join(PACKAGING, "single_header.py"), os.path.join(ROOT, "include"), single], ROOT)
        for folder, header in ((include, platformio["headers"]), (single, arduino["includes"])):
            if not os.path.isfile(os.path.join(folder, header)):
                yield "a manifest names the header %s" % header
    for name in platformio["export"]["include"]:
        if name != "library.json" and not os.path.exists(os.path.join(ROOT, name)):
            yield "library.json exports %s" % name


def main():
    faults = list(faults_of_manifests())
    module = module_of_zephyr()
    for tool in ("arm-none-eabi-g++", "qemu-system-arm", "cmake", "make"):
        if not shutil.which(tool):
            for fault in faults:
                print("FAULT:", fault)
            print(tool + " not found, no firmware is built")
            return 1 if faults else 77
    files = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", read(ROOT, "include", "quench", "device", "board.md"), re.S))
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT, os.path.join(folder, "quench"))
        for name, text in files.items():
            write(folder, name, text)
        write(folder, "main.cpp", '#include "%s"\n' % os.path.join(ROOT, "tests", "bare_metal", "many_operators.cpp"))
        os.environ["CPLUS_INCLUDE_PATH"] = os.path.join(ROOT, "tests")  # the weights of this program are there
        expected = run([sys.argv[1]], folder)
        run(["make"], folder)
        run(CMAKE + ["-B", "build"], folder)
        run(["cmake", "--build", "build"], folder)
        write(folder, "CMakeLists.txt", files["CMakeLists.txt"].replace("add_subdirectory(quench)\n", ZEPHYR % module)
              .replace("quench::embedded", "zephyr_interface"))
        run(CMAKE + ["-D", "CMAKE_CXX_STANDARD=20", "-B", "zephyr"], folder)
        run(["cmake", "--build", "zephyr"], folder)
        for image in ("firmware.elf", "build/firmware.elf", "zephyr/firmware.elf"):
            if not expected or printed(image, folder) != expected:
                faults.append("%s does not print what the host prints" % image)
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
