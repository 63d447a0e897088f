// SPDX-License-Identifier: Apache-2.0
// Writing files so that they appear whole or not at all.
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include <quench/tensors/error.hpp>

namespace quench::detail {

/// Writes beside the file first and renames then; a failed write leaves an older file as it was.
/// Errors   file-not-writable
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::path beside = path;
  beside += ".part";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code failure;
  if (file) std::filesystem::rename(beside, path, failure);
  if (!file || failure) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw Error(diagnosis::file_not_writable, path.string());
  }
}

}  // namespace quench::detail
