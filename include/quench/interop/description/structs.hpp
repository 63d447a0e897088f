// SPDX-License-Identifier: Apache-2.0
// The structs of a description as C++. Structs that differ in whole numbers only are one template.
#pragma once

#include <string>

#include <quench/ground/compiled.hpp>
#include <quench/interop/description/members.hpp>

namespace quench::interop::detail {

/// What the struct of the whole network has besides its parts.
struct TopOfNetwork {
  std::string name{};
  std::string aliases{};                  // lines: `using Inputs = …`
  std::vector<std::string> stubs{};       // the QuantStub of each input; empty for indices
  std::vector<std::string> parameters{};  // of forward
  std::string dequant{};
};

/// All structs, those of blocks first.
struct WrittenStructs {
  std::string blocks{}, top{};
};
WrittenStructs write_structs(const ImportedNetwork& network, WrittenStruct& top, const TopOfNetwork& about);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/structs_impl.hpp>
#endif
