// SPDX-License-Identifier: Apache-2.0
// Files appear whole or not at all, and every failure says which file and why.
#include <quench/tensors/files.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <locale>
#include <string>
#include <sys/resource.h>

#include "temporary_folder.hpp"
#include "tensors/throws.hpp"

namespace fs = std::filesystem;
namespace q = quench;

namespace {

std::string content(const fs::path& path) {
  const auto bytes = q::tensors::read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string evidence_of(auto&& f) {
  try {
    f();
  } catch (const q::Error& error) {
    return error.evidence();
  }
  return "";
}

}  // namespace

TEST_CASE("what is written is read, zeros and line ends included, and nothing else is left behind") {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\xff\x1a", 7);
  q::tensors::write_file(folder.path / "file", text);
  CHECK(content(folder.path / "file") == text);
  q::tensors::write_file(folder.path / "file", std::as_bytes(std::span(text)).first(2));
  CHECK(content(folder.path / "file") == text.substr(0, 2));
  const std::span<const std::byte> parts[] = {
      std::as_bytes(std::span(text)), {}, std::as_bytes(std::span(text)).first(1)};
  q::tensors::write_file(folder.path / "file", parts);
  CHECK(content(folder.path / "file") == text + "a");
  q::tensors::write_file(folder.path / "file", "");
  CHECK(content(folder.path / "file").empty());
  CHECK(folder.count() == 1);
}

TEST_CASE("a locale that converts characters does not change a file") {
  struct Inverting : std::codecvt<char, char, std::mbstate_t> {
    bool do_always_noconv() const noexcept override { return false; }
    result do_out(state_type&, const char* from, const char* end, const char*& from_next, char* to, char* to_end,
                  char*& to_next) const override {
      for (; from != end && to != to_end; ++from, ++to) *to = static_cast<char>(~*from);
      from_next = from;
      to_next = to;
      return ok;
    }
  };
  const TemporaryFolder folder;
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Inverting));
  q::tensors::write_file(folder.path / "file", "text");
  std::locale::global(before);
  CHECK(content(folder.path / "file") == "text");
}

TEST_CASE("a link stays a link to the file that is written") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path / "runs");
  q::tensors::write_file(folder.path / "runs" / "3", "old");
  fs::create_symlink(fs::path("runs") / "3", folder.path / "latest");
  q::tensors::write_file(folder.path / "latest", "new");
  CHECK(fs::is_symlink(folder.path / "latest"));
  CHECK(content(folder.path / "runs" / "3") == "new");
}

TEST_CASE("a file that is not there, or is none, is not readable") {
  const TemporaryFolder folder;
  const auto nothing = folder.path / "nothing";
  CHECK(slug_of([&] { q::tensors::read_file(nothing); }) == "file-not-readable");
  CHECK(evidence_of([&] { q::tensors::read_file(nothing); }) == nothing.string() + ": No such file or directory");
  CHECK(slug_of([&] { q::tensors::read_file(folder.path); }) == "file-not-readable");
  CHECK(slug_of([&] { q::tensors::read_file("/dev/zero"); }) == "file-not-readable");
}

TEST_CASE("what cannot be written is refused with its reason") {
  const TemporaryFolder folder;
  const auto nowhere = folder.path / "no folder" / "file";
  CHECK(slug_of([&] { q::tensors::write_file(nowhere, "x"); }) == "file-not-writable");
  CHECK(evidence_of([&] { q::tensors::write_file(nowhere, "x"); }) == nowhere.string() + ": No such file or directory");
  CHECK(slug_of([&] { q::tensors::write_file(folder.path, "x"); }) == "file-not-writable");
  CHECK(slug_of([&] { q::tensors::write_file("/dev/null", "x"); }) == "file-not-writable");
  for (const std::filesystem::path& place : {nowhere, folder.path, std::filesystem::path("/dev/null")}) {
    CHECK(slug_of([&] { q::tensors::check_writable(place); }) == "file-not-writable");
    CHECK(evidence_of([&] { q::tensors::check_writable(place); }) ==
          evidence_of([&] { q::tensors::write_file(place, "x"); }));
  }
  CHECK(folder.count() == 0);
}

TEST_CASE("a check whether a file can be written leaves all as it was") {
  const TemporaryFolder folder;
  q::tensors::check_writable(folder.path / "new");
  CHECK(folder.count() == 0);
  q::tensors::write_file(folder.path / "old", "older");
  q::tensors::check_writable(folder.path / "old");
  CHECK(folder.count() == 1);
  CHECK(q::tensors::read_file(folder.path / "old").size() == 5);
}

TEST_CASE("a write that fails half way leaves the old file and nothing beside it") {
  const TemporaryFolder folder;
  q::tensors::write_file(folder.path / "file", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 1 << 16;
  setrlimit(RLIMIT_FSIZE, &limit);
  const std::string large(1 << 18, 'x');
  const std::string evidence = evidence_of([&] { q::tensors::write_file(folder.path / "file", large); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  CHECK(evidence == (folder.path / "file").string() + ": File too large");
  CHECK(content(folder.path / "file") == "old");
  CHECK(folder.count() == 1);
}
