// SPDX-License-Identifier: Apache-2.0
// The modules of a network and their dotted names, "layer1.0.conv1", found by walking its members.
//
// A member is a module (a layer, a stub, a FloatFunctional), a block (any other struct) or an array or std::tuple of
// these. Other members are skipped. Names are built once. Freestanding.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

#include <quench/ground/apply.hpp>
#include <quench/ground/reflect.hpp>
#include <quench/network/symbol.hpp>
#include <quench/network/ties.hpp>

namespace quench::detail {

// A std::tuple or std::array, recognized without including <array>.
template <class T>
concept TupleLike = requires { std::tuple_size<T>::value; };

template <class T>
concept ArrayLike = std::is_array_v<T> || (TupleLike<T> && requires(T array) { array.begin(); });

template <class T>
concept ArrayOfScalars = std::is_scalar_v<std::remove_all_extents_t<T>> ||
                         (ArrayLike<T> && requires { requires std::is_scalar_v<typename T::value_type>; });

// A class that is meant as a block, even if its members cannot be read.
template <class T>
concept HasForward = requires(const T& block, Symbol x) { block.forward(x); } || requires(const T& block, Symbol x) {
  block.forward(x, x);
} || requires(const T& block, Symbol x) { block.forward(x, x, x); };

// The dotted name of the current member.
struct Path {
  static constexpr int capacity = 1024;
  char characters[capacity]{};
  int size = 0;

  constexpr TextView view() const { return {characters, size}; }
  constexpr void append(TextView text) {
    if (size > 0) characters[size++] = '.';
    for (char c : text) characters[size++] = c;
  }
  constexpr void append(int number) {
    characters[size++] = '.';
    int divisor = 1;
    while (number / divisor >= 10) divisor *= 10;
    for (; divisor > 0; divisor /= 10) characters[size++] = static_cast<char>('0' + number / divisor % 10);
  }
};

/// Receives names. Without arrays it only counts.
struct NameWriter {
  int* begin = nullptr;  // one more than names
  char* characters = nullptr;
  int count = 0;
  int character_count = 0;

  constexpr void add(TextView name) {
    if (begin != nullptr) {
      for (int i = 0; i < name.size; ++i) characters[character_count + i] = name[i];
      begin[count + 1] = character_count + name.size;
    }
    ++count;
    character_count += name.size;
  }
};

/// Walks the members of a network and its blocks, depth first in the order of declaration. It gives each module its
/// index and writes its operator and name, and the names of modules that are tied. Without arrays it only counts. One
/// type serves all blocks, because a type for each would compile the walk again.
struct ModuleWalk {
  Operator* op = nullptr;
  NameWriter modules{};
  NameWriter tied{};  // the first and the second module of each tie
  bool* ties_scales = nullptr;
  Path path{};

  // Why the first unreadable block cannot be read, if any.
  Illegible illegible_reason = Illegible::No;
  Path illegible_block{};

  // The first block with ties that nothing reads, if any.
  bool has_ties_unread = false;
  Path ties_unread_in{};

  template <class Block>
  constexpr void walk(Block& block) {
    if constexpr (constexpr Illegible why = illegible<Block>; why != Illegible::No) {
      if (illegible_reason != Illegible::No) return;
      illegible_reason = why;
      illegible_block = path;
    } else {
      for_each_member(block, *this);
      add_ties<ties_of<Block>>();
      if (HasTiesUnread<Block> && !has_ties_unread) {
        has_ties_unread = true;
        ties_unread_in = path;
      }
    }
  }

  template <class Member>
  constexpr void operator()(Member& member, TextView name) {
    const int size = path.size;
    path.append(name);
    visit(member);
    path.size = size;
  }

 private:
  template <class Member>
  constexpr void visit(Member& member) {
    if constexpr (ModuleType<Member>) {
      member.module_index.value = modules.count;
      add(member.op);
    } else if constexpr (ArrayOfScalars<Member>) {
      // Skipped at once: tables of numbers may be large.
    } else if constexpr (ArrayLike<Member>) {
      int index = 0;
      for (auto& element : member) visit_element(element, index++);
    } else if constexpr (TupleLike<Member>) {
      [[maybe_unused]] int index = 0;
      ground::apply([&](auto&... element) { (visit_element(element, index++), ...); }, member);
    } else if constexpr (std::is_aggregate_v<Member>) {
      if constexpr (std::is_class_v<Member>) walk(member);
    } else if constexpr (HasForward<Member>) {  // only now: it looks into the body of forward
      walk(member);
    }
  }

  template <class Element>
  constexpr void visit_element(Element& element, int index) {
    const int size = path.size;
    path.append(index);
    visit(element);
    path.size = size;
  }

  constexpr void add(Operator operation) {
    if (op != nullptr) op[modules.count] = operation;
    modules.add(path.view());
  }

  template <class Ties>
  constexpr void add_ties() {
    for (int t = 0; t < Ties::count; ++t) {
      if (ties_scales != nullptr) ties_scales[tied.count / 2] = Ties::list[t].is_of_scale;
      for (const TextView name : {Ties::list[t].first, Ties::list[t].second}) {
        const int size = path.size;
        path.append(name);
        tied.add(path.view());
        path.size = size;
      }
    }
  }
};

/// The number of modules, ties and characters in a network, and the first unreadable block, if any.
template <class Net>
inline constexpr ModuleWalk module_sizes = [] {
  Net net = ground::object_of<Net>;
  ModuleWalk walk;
  walk.walk(net);
  return walk;
}();

template <int Count, int Characters>
struct NameList {
  int begin[array_size(Count + 1)]{};
  char characters[array_size(Characters)]{};

  constexpr TextView operator[](int i) const { return {characters + begin[i], begin[i + 1] - begin[i]}; }
};

/// A network whose modules know their index, the modules by index, and the names of its ties.
template <class Net, int Count, int Characters, int Tied, int TiedCharacters>
struct NumberedNetwork {
  Net net = ground::object_of<Net>;
  Operator op[array_size(Count)]{};
  NameList<Count, Characters> names{};
  NameList<Tied, TiedCharacters> tied{};
  bool ties_scales[array_size(Tied / 2)]{};

  static constexpr int count = Count;
  static constexpr int tie_count = Tied / 2;
  constexpr TextView name(int module) const { return names[module]; }
  constexpr NamedTie tie(int i) const { return {tied[2 * i], tied[2 * i + 1], ties_scales[i]}; }
};

template <class Net>
inline constexpr auto numbered = [] {
  constexpr ModuleWalk sizes = module_sizes<Net>;
  NumberedNetwork<Net, sizes.modules.count, sizes.modules.character_count, sizes.tied.count, sizes.tied.character_count>
      result;
  ModuleWalk walk{result.op,
                  {result.names.begin, result.names.characters},
                  {result.tied.begin, result.tied.characters},
                  result.ties_scales};
  walk.walk(result.net);
  return result;
}();

}  // namespace quench::detail
