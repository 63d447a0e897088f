# SPDX-License-Identifier: Apache-2.0
# vcpkg install quench --overlay-ports=.github/packaging/vcpkg: packages the sources that this file is part of.
set(VCPKG_BUILD_TYPE release)  # headers only
cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../..")
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DQUENCH_BUILD_TESTS=OFF -DQUENCH_BUILD_EXAMPLES=OFF -DCMAKE_INSTALL_DOCDIR=share/quench/doc)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME quench CONFIG_PATH share/cmake/quench)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
