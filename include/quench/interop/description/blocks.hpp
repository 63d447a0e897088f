// SPDX-License-Identifier: Apache-2.0
// The blocks of an imported network: what a person would have made a struct of.
//
// Names of the file make blocks first: the steps of "layer1.0" become one, if they follow one another. Then what
// repeats without names becomes a block too: a run of steps with one input and one output that stands at several places,
// with other numbers perhaps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>

namespace quench::interop::detail {

struct ImportedBlock;

/// A call in a block: of a step or of another block.
struct ImportedPart {
  int step = -1;
  std::shared_ptr<const ImportedBlock> block{};
  std::vector<std::string> path{};       // from the block to it, with the names of the file; empty: without a name
  std::vector<int> inputs{}, outputs{};  // values of the network
};

/// Calls in their order, and what they take from outside and are used for outside.
struct ImportedBlock {
  std::vector<ImportedPart> parts{};
  std::vector<int> inputs{}, outputs{};
};

/// The network as a block with the steps in their order. The calls of a part stand together in it.
ImportedBlock blocks_of(const ImportedNetwork& network);

/// True for a call that has no scale and no parameters, such as that of a ReLU: one member may serve all of them.
bool is_shareable(const ImportedStep& step);

/// A text without its whole numbers, which are appended to `numbers`: "{.groups = 8}" becomes "{.groups = #}".
std::string without_numbers(std::string_view text, std::vector<std::string>* numbers = nullptr);

/// The settings of a step with the stride, padding, dilation and groups of a convolution also where they have their
/// defaults, so that convolutions with and without a stride have the same text but for numbers.
std::string complete_settings(const ImportedStep& step);
/// The settings of a convolution without those that have their defaults.
std::string short_settings(std::string settings);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/blocks_impl.hpp>
#endif
