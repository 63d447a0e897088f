// SPDX-License-Identifier: Apache-2.0
// Reads and writes whole files. Every failure is reported, and a file is written completely or not at all.
//
// Data goes to a second file, which is then renamed. So a reader meanwhile, or a full disk, leaves the old file. The
// data is not flushed to the disk: a power failure may still lose it.
#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <quench/ground/compiled.hpp>

namespace quench::tensors {

/// The reason why the last system call failed.
std::string system_reason();

/// The bytes of a regular file.
/// Errors   file-not-readable, with the path
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// Opens a file as `write_file` does, and leaves it as it was. To be called before long work whose result is written.
/// Errors   file-not-writable, with the path
void check_writable(const std::filesystem::path& path);

/// Replaces the content of a file; a link stays a link to it. A failed write leaves an older file unchanged.
/// Errors   file-not-writable, with the path
void write_file(const std::filesystem::path& path, std::string_view bytes);
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
/// The parts one after the other.
void write_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);

}  // namespace quench::tensors

#if QUENCH_HEADER_ONLY
#include <quench/tensors/files_impl.hpp>
#endif
