# SPDX-License-Identifier: Apache-2.0
"""conan create .github/packaging/conan: packages the sources that this file is part of. Conan 2."""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Quench(ConanFile):
    name = "quench"
    description = "Quantization primitives"
    license = "Apache-2.0"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_zlib": [True, False]}
    default_options = {"with_zlib": True}

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._root, "include", "quench", "ground", "version.hpp"))
        self.version = ".".join(re.findall(r"#define QUENCH_VERSION_\w+ (\d+)", text))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "*.md", "*.hpp", "*.cpp", ".github/packaging/*", "examples/*"):
            copy(self, pattern, self._root, self.export_sources_folder, excludes="build/*")

    def requirements(self):
        self.requires("xtensor/0.24.7", transitive_headers=True)
        if self.options.with_zlib:
            self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True, transitive_libs=True)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.settings.clear()

    def generate(self):
        CMakeToolchain(self).generate()
        CMakeDeps(self).generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure(variables={"QUENCH_BUILD_TESTS": "OFF", "QUENCH_BUILD_EXAMPLES": "OFF"})
        cmake.install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for name in ("quenchConfig.cmake", "quenchConfigVersion.cmake", "quenchTargets.cmake"):  # Conan writes its own
            os.remove(os.path.join(self.package_folder, "share", "cmake", "quench", name))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "quench")
        self.cpp_info.set_property("cmake_build_modules", [os.path.join("share", "cmake", "quench", "quenchCompiled.cmake")])
        for name in ("embedded", "quench"):
            part = self.cpp_info.components[name]
            part.set_property("cmake_target_name", "quench::" + name)
            part.set_property("pkg_config_name", "quench" if name == "quench" else "quench-embedded")
            part.bindirs = part.libdirs = []
        part = self.cpp_info.components["quench"]
        part.requires = ["embedded", "xtensor::xtensor"]
        if self.settings.os in ("Linux", "FreeBSD"):
            part.system_libs = ["pthread"]
        if self.options.with_zlib:
            part.requires.append("zlib::zlib")
            part.defines = ["QUENCH_WITH_ZLIB=1"]
