// SPDX-License-Identifier: Apache-2.0
// The calls that lead to a value, as types, and their rules.
//
// A handle is known by its name. A call is known by a hash of the handle, the operation and the calls of its operands.
// A tensor's type lists all calls that lead to it, each once, the newest first (a nested type would grow exponentially
// with diamonds). Two different calls of one handle in a joined list are the mistake functional-called-once. Types
// start again in each forward pass, so a loop over batches is no mistake. A handle run twice on equal calls is found at
// run time (history.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <quench/ground/hash.hpp>
#include <quench/ground/text.hpp>
#include <quench/misuse/catalogue.hpp>
#include <quench/misuse/eager_catalogue.hpp>

namespace quench::eager {

/// True for a handle of an array, or of a block of which there are several. Such a name begins with a dot, and stands
/// for all of them. So types do not list their calls, and each object is checked at run time alone (history.hpp).
constexpr bool is_one_of_several(TextView handle) { return handle.size > 0 && handle[0] == '.'; }

/// One call of a handle.
template <Text Handle, std::uint64_t Identity>
struct Call {
  static constexpr auto handle = Handle;
  static constexpr std::uint64_t identity = Identity;
};

/// The calls that lead to a value, the newest first.
template <class... Calls>
struct CallList {
  static constexpr std::size_t size = sizeof...(Calls);
  /// The identity of the value: that of its newest call.
  static constexpr std::uint64_t identity = [] {
    constexpr std::uint64_t identities[] = {Calls::identity..., 0};
    return identities[0];
  }();
  static constexpr std::uint64_t identities[size + 1] = {Calls::identity..., 0};
  static constexpr TextView handles[size + 1] = {Calls::handle..., {}};
};

/// Broken rules, as types that are named only.
template <class... Rule>
struct RuleList {};

namespace detail {

template <Text Handle, Text Operation, class... Operands>
constexpr std::uint64_t identity_of_call() {
  ground::Hash hash;
  hash.add(Handle);
  hash.add(Operation);
  (hash.add(Operands::identity), ...);
  return hash.value;
}

template <class... Lists>
struct Joined;
template <class... Calls>
struct Joined<CallList<Calls...>> {
  using type = CallList<Calls...>;
};
template <class... First, class... Second, class... Rest>
struct Joined<CallList<First...>, CallList<Second...>, Rest...> {
  using type = typename Joined<CallList<First..., Second...>, Rest...>::type;
};

// The fate of each call of a joined list.
enum class Fate : unsigned char { Kept, SeenBefore, Clashes };

template <class List>
inline constexpr auto fates = [] {
  struct {
    Fate of[List::size + 1]{};
    std::size_t kept = 0;
  } result;
  for (std::size_t i = 0; i < List::size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!(List::handles[i] == List::handles[j])) continue;
      // The first call of a handle stays. A clashing handle is reported once, at its second call.
      const bool equal = List::identities[i] == List::identities[j];
      if (result.of[i] == Fate::Kept) result.of[i] = equal ? Fate::SeenBefore : Fate::Clashes;
      if (result.of[j] == Fate::Clashes) result.of[i] = Fate::SeenBefore;
    }
    result.kept += result.of[i] == Fate::Kept;
  }
  return result;
}();

template <class List>
struct Indices {
  std::size_t of[fates<List>.kept + 1]{};
};

template <class List>
inline constexpr Indices<List> kept_indices = [] {
  Indices<List> result;
  std::size_t count = 0;
  for (std::size_t i = 0; i < List::size; ++i)
    if (fates<List>.of[i] == Fate::Kept) result.of[count++] = i;
  return result;
}();

// A rule that is not broken.
struct NothingToReport {};

// The broken ones of some rules, each once. The rules are only named here: the operation makes one, so that compilers
// print the operation and nothing of the inside.
template <class Broken, class... Rule>
struct BrokenRules {
  using type = Broken;
};
template <class... Broken, class First, class... Rest>
struct BrokenRules<RuleList<Broken...>, First, Rest...>
    : BrokenRules<std::conditional_t<(std::is_same_v<First, NothingToReport> || ... || std::is_same_v<First, Broken>),
                                     RuleList<Broken...>, RuleList<Broken..., First>>,
                  Rest...> {};

template <class List>
struct Unique;
template <class... Calls>
struct Unique<CallList<Calls...>> {
  using List = CallList<Calls...>;
  using Tuple = std::tuple<Calls...>;

  template <std::size_t... K>
  static CallList<std::tuple_element_t<kept_indices<List>.of[K], Tuple>...> keep(std::index_sequence<K...>);
  using type = decltype(keep(std::make_index_sequence<fates<List>.kept>{}));
};

// The rule that call I of a list breaks, if any.
template <class Tuple, class List, std::size_t I>
constexpr auto rule_of_call() {
  if constexpr (fates<List>.of[I] == Fate::Clashes)
    return std::type_identity<misuse::eager::functional_called_once<std::tuple_element_t<I, Tuple>::handle>>{};
  else
    return std::type_identity<NothingToReport>{};
}

template <class List, class Indices = std::make_index_sequence<List::size>>
struct RulesOfCalls;
template <class List, std::size_t... I>
struct RulesOfCalls<List, std::index_sequence<I...>> {
  using type =
      typename BrokenRules<RuleList<>,
                           typename decltype(rule_of_call<typename Unique<List>::Tuple, List, I>())::type...>::type;
};

}  // namespace detail

/// The calls that lead to the result of an operation: those of its operands and the call itself. `Rules` are the broken
/// rules: functional-called-once.
template <Text Handle, Text Operation, class... Operands>
struct CallsOfResult {
 private:
  using Newest = std::conditional_t<is_one_of_several(Handle), CallList<>,
                                    CallList<Call<Handle, detail::identity_of_call<Handle, Operation, Operands...>()>>>;
  using All = typename detail::Joined<Newest, Operands...>::type;

 public:
  using type = typename detail::Unique<All>::type;
  using Rules = typename detail::RulesOfCalls<All>::type;
};

}  // namespace quench::eager
