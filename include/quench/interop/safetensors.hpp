// SPDX-License-Identifier: Apache-2.0
// The safetensors format: eight bytes with the length of a JSON header, the header, the arrays.
//
//   {"stem.weight": {"dtype": "F32", "shape": [16, 1, 3, 3], "data_offsets": [0, 576]}, ...}
//
// The writer leaves no gaps and puts the widest elements first, so each array is aligned to its element size. The
// reader ignores "__metadata__"; the writer omits it.
// Source: the format's description in the README of https://github.com/huggingface/safetensors.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/named_arrays.hpp>

namespace quench::interop {

/// The arrays of a safetensors file in memory; float16 and bfloat16 become Float32.
/// Arrays of an unsupported dtype have no values.
/// Errors   file-not-readable: cut off, arrays that overlap or leave gaps, a duplicate name
NamedArrays parse_safetensors(std::span<const std::byte> bytes);

/// The arrays as a safetensors file in memory.
/// Errors   file-not-writable if a name is not UTF-8 or is "__metadata__", or an array has no values; shape-mismatch
std::vector<std::byte> format_safetensors(const NamedArrays& arrays);

/// Reads a safetensors file.
/// Errors   as parse_safetensors, with the path
NamedArrays read_safetensors(const std::filesystem::path& path);

/// Writes a safetensors file, completely or not at all.
/// Errors   as format_safetensors, and file-not-writable with the path
void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/safetensors_impl.hpp>
#endif
