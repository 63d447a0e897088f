// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/files.hpp>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <locale>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include <quench/tensors/error.hpp>

namespace quench::tensors {

QUENCH_INLINE std::string system_reason() {
  return errno == 0 ? "the system gives no reason" : std::error_code(errno, std::generic_category()).message();
}

QUENCH_INLINE std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& why) {
    throw Error(diagnosis::file_not_readable, path.string() + ": " + why);
  };
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);  // fails for folders, pipes and devices
  if (failure) refuse(failure.message());
  errno = 0;
  std::ifstream file;
  file.imbue(std::locale::classic());  // another locale may convert bytes
  file.open(path, std::ios::binary);
  if (!file) refuse(system_reason());
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::size_t>(file.gcount()) != bytes.size()) refuse("it became shorter while it was read");
  return bytes;
}

namespace detail {

[[noreturn]] inline void refuse_to_write(const std::filesystem::path& path, const std::string& why) {
  throw Error(diagnosis::file_not_writable, path.string() + ": " + why);
}

/// The second file that takes the place of the first.
struct Replacement {
  std::filesystem::path place, beside;
  std::ofstream file;
};

inline Replacement open_replacement(const std::filesystem::path& path) {
  std::error_code failure;
  const auto place =
      std::filesystem::is_symlink(path, failure) ? std::filesystem::weakly_canonical(path, failure) : path;
  const auto status = std::filesystem::status(place, failure);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    refuse_to_write(path, "it is no regular file");
  Replacement replacement{place, place, {}};
  replacement.beside += "." + std::to_string(std::random_device()()) + ".part";
  replacement.file.imbue(std::locale::classic());
  errno = 0;
  replacement.file.open(replacement.beside, std::ios::binary | std::ios::trunc);
  if (!replacement.file) refuse_to_write(path, system_reason());
  return replacement;
}

}  // namespace detail

QUENCH_INLINE void check_writable(const std::filesystem::path& path) {
  detail::Replacement replacement = detail::open_replacement(path);
  replacement.file.close();
  std::error_code failure;
  std::filesystem::remove(replacement.beside, failure);
}

QUENCH_INLINE void write_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts) {
  auto [place, beside, file] = detail::open_replacement(path);
  errno = 0;
  for (const std::span<const std::byte> part : parts)
    file.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size()));
  file.close();
  std::error_code failure;
  std::string reason;
  if (!file) {
    reason = system_reason();
  } else {
    std::filesystem::rename(beside, place, failure);
    if (failure) reason = failure.message();
  }
  if (reason.empty()) return;
  std::filesystem::remove(beside, failure);
  detail::refuse_to_write(path, reason);
}

QUENCH_INLINE void write_file(const std::filesystem::path& path, std::string_view bytes) {
  write_file(path, std::as_bytes(std::span(bytes)));
}

QUENCH_INLINE void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  write_file(path, std::span(&bytes, 1));
}

}  // namespace quench::tensors
