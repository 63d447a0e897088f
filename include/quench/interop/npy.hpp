// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format: a header that is a Python dictionary, and one array after it.
//
//   \x93NUMPY 1 0 <length> {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
//
// Reads versions 1 to 3, in both byte orders and both axis orders. Writes version 1, little-endian, in C order.
// Source: numpy.lib.format.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/named_arrays.hpp>

namespace quench::interop {

namespace detail {

/// The array of a .npy file, also of an unsupported type: pickled objects stay packed.
NamedArray parse_any_npy(std::span<const std::byte> bytes);

}  // namespace detail

/// The array of a .npy file in memory; float16 becomes Float32.
/// Errors   file-not-readable: cut off, another dtype, bytes after the array
NamedArray parse_npy(std::span<const std::byte> bytes);

/// The array as a .npy file in memory.
/// Errors   shape-mismatch; file-not-writable if it has thousands of axes or an unsupported type
std::vector<std::byte> format_npy(const NamedArray& array);

/// Reads a .npy file.
/// Errors   as parse_npy, with the path
NamedArray read_npy(const std::filesystem::path& path);

/// Writes a .npy file, completely or not at all.
/// Errors   as format_npy, and file-not-writable with the path
void write_npy(const std::filesystem::path& path, const NamedArray& array);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/npy_impl.hpp>
#endif
