// SPDX-License-Identifier: Apache-2.0
// The IDX format of MNIST and Fashion-MNIST: one array, plain or packed with gzip.
//
//   const auto images = read_idx("train-images-idx3-ubyte.gz");  // UInt8, {60000, 28, 28}
//   const std::span<const std::uint8_t> pixels = images.as<std::uint8_t>();
//
// A file begins with two zeros, the type, the number of axes and the extents. All numbers are big-endian.
// Source: the page of the MNIST database, http://yann.lecun.com/exdb/mnist.
#pragma once

#include <filesystem>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/interop/named_arrays.hpp>

namespace quench::interop {

/// The array of an IDX file in memory, plain or packed with gzip.
/// Errors   file-not-readable: cut off, damaged, no IDX file, bytes after the array
NamedArray parse_idx(std::span<const std::byte> bytes);

/// Reads an IDX file. The content, not the name, tells whether it is packed with gzip.
/// Errors   as parse_idx, with the path
NamedArray read_idx(const std::filesystem::path& path);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/idx_impl.hpp>
#endif
