// SPDX-License-Identifier: Apache-2.0
// The data members of a plain struct, in order, with their names.
//
//   quench::for_each_member(net, [](auto& member, quench::TextView name) { ... });
//
// A struct qualifies if it is an aggregate without base classes and has at most `max_members` members (see `legible`).
// How it works: the number of members is the number of initializers that the aggregate takes; a structured binding of
// that length gives the members (member_table.hpp); compiler.hpp gives their names. Each step is done once per struct
// type. The idea of counting initializers is that of Boost.PFR (Antony Polukhin). Freestanding.
#pragma once

#include <type_traits>
#include <utility>

#include <quench/ground/compiler.hpp>
#include <quench/ground/member_table.hpp>

namespace quench {

/// The most members that one struct of a description may have.
inline constexpr int max_members = detail::member_table_size;

namespace detail {

/// Converts to a member of any type.
struct AnyMember {
  constexpr AnyMember(int) {}
  template <class Member>
  constexpr operator Member() const;
};

/// The same, but for T itself: a single initializer then means the first member, not a copy.
template <class T>
struct AnyMemberOf {
  constexpr AnyMemberOf(int) {}
  template <class Member>
    requires(!std::is_same_v<Member, T>)
  constexpr operator Member() const;
};

template <class T, int Count>
using Initializer = std::conditional_t<Count == 1, AnyMemberOf<T>, AnyMember>;

/// Converts to a base class of T only.
template <class T>
struct AnyBase {
  template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
  constexpr operator Base() const;
};

template <class T, int... I>
constexpr bool takes_initializers(std::integer_sequence<int, I...>) {
  return requires { T{Initializer<T, sizeof...(I)>(I)...}; };
}

// Each initializer in braces: then an array member takes one initializer instead of one for each element.
template <class T, int... I>
constexpr bool takes_braced(std::integer_sequence<int, I...>) {
  return requires { T{{Initializer<T, sizeof...(I)>(I)}...}; };
}

template <class T, int... I>
constexpr bool takes_braced_and_one(std::integer_sequence<int, I...>) {
  return requires { T{{AnyMemberOf<T>(I)}..., AnyMemberOf<T>(0)}; };
}

// The largest N in [Low, High) for which T takes N initializers; it takes Low of them.
template <class T, bool Braced, int Low, int High>
constexpr int most_initializers() {
  if constexpr (High - Low <= 1) {
    return Low;
  } else {
    constexpr int middle = Low + (High - Low) / 2;
    constexpr bool fits = Braced ? takes_braced<T>(std::make_integer_sequence<int, middle>{})
                                 : takes_initializers<T>(std::make_integer_sequence<int, middle>{});
    if constexpr (fits)
      return most_initializers<T, Braced, middle, High>();
    else
      return most_initializers<T, Braced, Low, middle>();
  }
}

// Doubles the upper bound first: most blocks have a handful of members.
template <class T, int High = 8>
constexpr int count_initializers() {
  if constexpr (High <= max_members && takes_initializers<T>(std::make_integer_sequence<int, High>{}))
    return count_initializers<T, 2 * High>();
  else
    return most_initializers<T, false, High == 8 ? 0 : High / 2, (High > max_members + 2 ? max_members + 2 : High)>();
}

template <class T>
constexpr int count_members() {
  constexpr int count = count_initializers<T>();
  if constexpr (count > max_members || takes_braced<T>(std::make_integer_sequence<int, count>{})) {
    return count;
  } else {
    // Either a member is an array `M m[n]`, counted n times above, or a member is an empty struct, which takes no braces.
    constexpr int braced = most_initializers<T, true, 0, count>();
    return takes_braced_and_one<T>(std::make_integer_sequence<int, braced>{}) ? count : braced;
  }
}

}  // namespace detail

/// The number of data members of T, an aggregate; anything above `max_members` means "too many".
template <class T>
inline constexpr int member_count = detail::count_members<T>();

/// Why the members of a struct cannot be read.
enum class Illegible : unsigned char { No, NotAnAggregate, HasBaseClass, MoreThan128Members };

/// Whether the members of T can be read, and if not, why.
template <class T>
inline constexpr Illegible illegible = [] {
  if constexpr (!std::is_aggregate_v<T>)
    return Illegible::NotAnAggregate;
  else if constexpr (requires { T{detail::AnyBase<T>{}}; })
    return Illegible::HasBaseClass;
  else
    return member_count<T> > max_members ? Illegible::MoreThan128Members : Illegible::No;
}();

namespace detail {

template <int N>
struct Addresses {
  Address member[N + 1];
};

template <int N>
struct Names {
  TextView name[N + 1];
};

template <class T, int... I>
consteval Names<sizeof...(I)> read_member_names(std::integer_sequence<int, I...>) {
  constexpr Addresses<sizeof...(I)> addresses =
      bind_members(object_of<T>, MemberCount<sizeof...(I)>{}, [](const auto&... member) {
        return Addresses<sizeof...(I)>{{Address{&member}..., Address{}}};
      });
  return {{pointed_member<addresses.member[I]>()..., {}}};
}

template <class T>
inline constexpr auto member_names = read_member_names<T>(std::make_integer_sequence<int, member_count<T>>{});

}  // namespace detail

/// Calls `visit(member, name)` for each data member of `object`, in the order of their declaration.
template <class T, class Visitor>
constexpr void for_each_member(T& object, Visitor&& visit) {
  using Struct = std::remove_const_t<T>;
  detail::bind_members(object, detail::MemberCount<member_count<Struct>>{}, [&visit](auto&... member) {
    [[maybe_unused]] const TextView* name = detail::member_names<Struct>.name;
    (visit(member, *name++), ...);
    return true;
  });
}

}  // namespace quench
