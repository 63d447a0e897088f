// SPDX-License-Identifier: Apache-2.0
// Which names an exported struct can have. Its header must compile in every firmware, so a name is refused if C++ or the
// C library reserves it, or if the header itself uses it. A macro of the firmware is found by the header, with #error.
#pragma once

#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>

namespace quench::detail {

/// Keywords of C++, and macros and structs of compilers and of the C library that no ending gives away.
bool is_reserved(std::string_view name);

/// True if the text of a header uses the name, outside comments and not as a member of something else.
bool uses_name(std::string_view text, std::string_view name);

/// Errors   file-not-writable: the file's name is no name for a struct whose header has this text
void check_exported_name(const std::string& name, std::string_view text, const std::string& path);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/flow/exported_name_impl.hpp>
#endif
