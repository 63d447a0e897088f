// SPDX-License-Identifier: Apache-2.0
// The members of the structs that a description writes: where each part of a block is, and what it is called.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/description/blocks.hpp>

namespace quench::interop::detail {

struct WrittenStruct;

/// A member of a struct or an element of a sequence: a layer, a struct or a sequence. Without any of them it is an element
/// that the sequence does not call.
struct WrittenMember {
  std::string name{};  // empty for an element
  int step = -1;
  std::shared_ptr<WrittenStruct> block{};
  std::vector<WrittenMember> elements{};  // of a sequence
};

/// A block of the network, or a struct of members that blocks around it call.
struct WrittenStruct {
  const ImportedBlock* block = nullptr;  // null: has no forward
  std::vector<WrittenMember> members{};
  std::vector<std::vector<std::size_t>> places{};  // of each part: its place among the members, then in the member, …
  std::string wanted_name{};
  int height = 0;  // above the structs that it contains

  // What `write_structs` finds:
  std::string type{};                    // its name
  std::vector<std::string> arguments{};  // of the template
  std::vector<std::string> hints{};      // what the arguments mean
};

/// The struct of the whole network. `reserved`: names that no member of it may have.
std::shared_ptr<WrittenStruct> struct_of(const ImportedNetwork& network, const ImportedBlock& block,
                                         const std::vector<std::string>& reserved);

/// The dotted name of the module of each step. Empty for a function.
std::vector<std::string> module_names(const ImportedNetwork& network, const WrittenStruct& top);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/members_impl.hpp>
#endif
