// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz format: a zip file with a .npy file for each array.
//
// Reads the files of numpy.savez and numpy.savez_compressed, including zip64. Writes what numpy.savez would, without
// compression, below 4 GiB. The reader trusts the list of members at the end of the file, not the header of each
// member. Arrays of unsupported dtypes (bool, text, objects) have no values. Nothing is ever unpickled.
// Source: PKWARE's APPNOTE.TXT 6.3.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/npy.hpp>

namespace quench::interop {

/// The arrays of a .npz file in memory, by their names without ".npy".
/// Errors   file-not-readable: damaged, a member that is no .npy file, members that overlap, a duplicate name
NamedArrays parse_npz(std::span<const std::byte> bytes);

/// The arrays as a .npz file in memory.
/// Errors   shape-mismatch; file-not-writable: a name that is too long or not UTF-8, 4 GiB or more
std::vector<std::byte> format_npz(const NamedArrays& arrays);

/// Reads a .npz file.
/// Errors   as parse_npz, with the path
NamedArrays read_npz(const std::filesystem::path& path);

/// Writes a .npz file, completely or not at all.
/// Errors   as format_npz, and file-not-writable with the path
void write_npz(const std::filesystem::path& path, const NamedArrays& arrays);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/npz_impl.hpp>
#endif
