// SPDX-License-Identifier: Apache-2.0
// Writes the description of an imported network, as a person would have written it, and names its weights.
//
//   const ImportedNetwork network = ...;                                    // of import_onnx.hpp
//   const Description description = describe(network, {.name = "MobileNet"});
//   description.text                                                        // the contents of MobileNet.hpp
//   write_safetensors("MobileNet.safetensors", weights_of(std::move(network), description));
//
// Members have the names of the file, so "features.3.conv.weight" is the weight of the module "features.3.conv". What
// has no name is called by its operator. What repeats is a block, a template if its numbers differ. One network always
// gives the same text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>
#include <quench/types/march.hpp>

namespace quench::interop {

/// A march by its name.
struct NamedMarch {
  std::string name;  // "NashE", as in quench::march
  bool (*supports)(Operator) = nullptr;
};

/// Empty if there is no march of this name.
std::optional<NamedMarch> march_named(std::string_view name);

/// What the file does not say.
struct DescriptionOptions {
  /// Of the struct. It becomes an identifier that C++ does not use, and begins with a capital: "my-net" gives MyNet.
  std::string name = "Net";
  /// The march for which the description is verified.
  std::optional<NamedMarch> march{};
};

/// A description, and what it calls the steps of the network.
struct Description {
  std::string name{};  // of the struct
  std::string text{};
  /// The dotted name of the module of each step; empty for a free function.
  std::vector<std::string> modules{};
  /// What the march lacks: "HardSwish at features.3.act, which is HardSwish '/features/3/act'".
  std::vector<std::string> lacks{};
};

/// The description of a network as C++.
/// Errors   model-not-understood: no inputs or no steps, more than 2000 calls, a result or an input that nothing uses
Description describe(const ImportedNetwork& network, const DescriptionOptions& options = {});

/// The parameters of a network by the names of its description, for `load`. It takes them out of the network.
NamedArrays weights_of(ImportedNetwork&& network, const Description& description);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/description_impl.hpp>
#endif
