// SPDX-License-Identifier: Apache-2.0
// make_seeds FOLDER: a small file of each kind for each fuzz target, in FOLDER/target/.
#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>

#include "interop/arrays.hpp"
#include "interop/files.hpp"

namespace i = quench::interop;

int main(int, char** arguments) {
  const std::filesystem::path folder = arguments[1];
  const auto write = [&](const char* target, const char* name, const std::vector<std::byte>& bytes) {
    std::filesystem::create_directories(folder / target);
    quench::tensors::write_file(folder / target / name, std::span<const std::byte>(bytes));
  };
  for (const auto& [name, array] : arrays::of_every_type())
    if (!name.empty() && name.find('/') == std::string::npos) write("npy", name.c_str(), i::format_npy(array));
  write("npy", "fortran", files::npy_fortran);
  write("npy", "half", files::npy_big_endian_half);
  write("npy", "version_3", files::npy_version_3);
  write("npy", "fields", files::npy_fields);
  write("npz", "ours", i::format_npz(arrays::small()));
  write("npz", "saved", files::npz_saved);
  write("npz", "compressed", files::npz_compressed);
  write("npz", "zip64", files::npz_zip64);
  write("npz", "stream", files::npz_stream);
  write("npz", "types", files::npz_types);
  write("safetensors", "ours", i::format_safetensors(arrays::small()));
  write("safetensors", "all", i::format_safetensors(arrays::of_every_type()));
  write("safetensors", "file", files::safetensors_file);
  write("safetensors", "types", files::safetensors_types);
  write("idx", "bytes", files::idx_bytes);
  write("idx", "doubles", files::idx_doubles);
  write("idx", "gzip", files::idx_gzip);
  write("idx", "members", files::idx_gzip_members);
  write("inflate", "stored", files::deflate_stored);
  write("inflate", "fixed", files::deflate_fixed);
  write("inflate", "dynamic", files::deflate_dynamic);
  write("inflate", "run", files::deflate_run);
  write("inflate", "blocks", files::deflate_blocks);
  const auto header = [](const std::vector<std::byte>& file, std::size_t begin) {
    return std::vector<std::byte>(file.begin() + static_cast<std::ptrdiff_t>(begin), file.end());
  };
  write("text_reader", "npy", header(files::npy_fields, 9));
  write("text_reader", "safetensors", header(files::safetensors_file, 7));
}
