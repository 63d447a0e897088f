// SPDX-License-Identifier: Apache-2.0
// A finding: one mistake in one network, with its evidence as values. The find_*.hpp headers make findings from the
// graph. verify.hpp turns each into its rule of the catalogue. Freestanding.
#pragma once

#include <quench/network/graph.hpp>

namespace quench::misuse {

/// The mistakes that a graph can show. Each has a rule of the same name in a catalogue.
enum class Mistake : unsigned char {
  FunctionalCalledOnce,
  ModuleCalledOnce,
  ModuleNeverCalled,
  ModuleNotAMember,
  MissingQuantStub,
  MissingDequantStub,
  AlreadyQuantized,
  InputNotCenteredYuv444,
  IndicesNotLookedUp,
  EmbeddingWithoutIndices,
  ShapeMismatch,
  SettingOutOfRange,
  OperatorHasNoScale,
  TensorHasNoValues,
  CatTakesNoAxis,
  AccumulatorMayOverflow,
  BatchNormNotFoldable,
  InputNeverUsed,
  ResultNeverUsed,
  TieDoesNotMatch,
  TiesNotRead,
  TiedScaleDoesNotMatch,
  TiedScaleNeedsOneQConfig,
  OperatorNotSupportedByMarch,
  Int16NotSupported,
  QConfigNamesNoModule,
  QConfigOutsideQuantizedRegion,
  RuleWithoutEffect,
  ModuleWithoutQConfig,
  OutputNotHighPrecision,
  HighPrecisionNotOutput,
  WeightAxisNotOutputChannels,
  ActivationPerChannel
};

/// Why a rule of a setter decides nothing.
enum class NoEffect : unsigned char {
  AnEarlierRuleDecides,
  NoModuleOfThisKind,
  OutsideQuantizedRegion,
  OwnsNoScale,
  CodesOfAnImage,
  NotAnOutputOfHighPrecision,
  HasHighPrecision
};

/// Why two modules cannot have one scale. The first name of the finding is the culprit.
enum class NoScale : unsigned char {
  NoSuchMember,
  NoScaleOfItsOwn,
  NamedTwice,
  OtherBlockLacksIt  // the other name is that of a block
};

/// The maximum number of source lines in a finding.
inline constexpr int max_lines = 4;

/// One mistake and its evidence. The mistake decides which fields are used.
struct Finding {
  Mistake mistake{};
  TextView name{};   // of the module, or of the function called
  TextView other{};  // the name of a setting, or of a second module
  int number = 0;    // calls, depth, an axis, an input, or the value of a setting
  bool is_real = false;
  NoEffect no_effect{};
  NoScale no_scale{};
  ColorFormat color = ColorFormat::None;
  Shape given{};
  Shape needed{};
  int lines[max_lines]{};
  int line_count = 0;

  constexpr Finding() = default;
  constexpr Finding(Mistake what, TextView where) : mistake(what), name(where) {}
  constexpr Finding(Mistake what, const Graph& graph, const Node& node)
      : mistake(what), name(graph.name_of_node(node)) {
    add_line(node.line);
  }

  friend constexpr bool operator==(const Finding&, const Finding&) = default;

  constexpr void add_line(int line) {
    if (line > 0 && line_count < max_lines) lines[line_count++] = line;
  }
};

/// True if two dotted names differ at most in the indices of arrays: "blocks.0.conv" and "blocks.11.conv".
constexpr bool are_equal_but_for_indices(TextView a, TextView b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto end_of_index = [&](TextView name, int i) {
    while (i < name.size && is_digit(name[i])) ++i;
    return i;
  };
  int i = 0, j = 0;
  while (i < a.size && j < b.size) {
    if ((i == 0 || a[i - 1] == '.') && is_digit(a[i]) && is_digit(b[j])) {
      i = end_of_index(a, i);
      j = end_of_index(b, j);
    } else if (a[i++] != b[j++]) {
      return false;
    }
  }
  return i == a.size && j == b.size;
}

/// The number of characters of `finding.name` that name the block whose own code has the mistake, with the last dot. A
/// block does not call its member, or lists a tie between two members. A rule of a setter is outside of all blocks.
constexpr int size_of_block(const Finding& finding) {
  TextView other;
  if (finding.mistake == Mistake::ModuleNeverCalled) other = finding.name;
  if (finding.mistake == Mistake::TieDoesNotMatch || finding.mistake == Mistake::TiedScaleDoesNotMatch)
    other = finding.other;
  int size = 0;
  for (int i = 0; i < finding.name.size && i < other.size && finding.name[i] == other[i]; ++i)
    if (other[i] == '.') size = i + 1;
  return size;
}

/// True if two findings are one mistake in the code: they are equal, or they are the same in two elements of an array of
/// blocks, whatever the shapes there. Without a line, only the code of a block is one place.
constexpr bool are_one_mistake(const Finding& a, const Finding& b) {
  if (a == b) return true;
  for (int i = 0; i < max_lines; ++i)
    if (a.lines[i] != b.lines[i]) return false;
  if (a.mistake != b.mistake || a.number != b.number || a.is_real != b.is_real || a.color != b.color) return false;
  if (!are_equal_but_for_indices(a.name, b.name) || !are_equal_but_for_indices(a.other, b.other)) return false;
  if (a.line_count > 0) return true;
  const int in_a = size_of_block(a), in_b = size_of_block(b);
  const auto after = [](TextView name, int size) {
    return name.size < size ? name : TextView(name.data + size, name.size - size);
  };
  return in_a > 0 && in_b > 0 && after(a.name, in_a) == after(b.name, in_b) &&
         after(a.other, in_a) == after(b.other, in_b);
}

/// Receives findings. Without an array it only counts them, so that the caller can size the array.
struct Findings {
  Finding* found = nullptr;
  int count = 0;

  constexpr void add(const Finding& finding) {
    if (found != nullptr) found[count] = finding;
    ++count;
  }
};

/// Adds `make(node)` for each node that offends: once for each module, and once for each call of a free function.
template <class Offends, class Make>
constexpr void add_once_per_module(const Graph& graph, Findings& findings, Offends offends, Make make) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (!offends(node)) continue;
    bool seen = false;
    for (int earlier = 0; earlier < n && node.module >= 0 && !seen; ++earlier)
      seen = graph.nodes[earlier].module == node.module && offends(graph.nodes[earlier]);
    if (!seen) findings.add(make(node));
  }
}

}  // namespace quench::misuse
