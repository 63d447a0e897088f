// SPDX-License-Identifier: Apache-2.0
// The data members of a plain struct, in order, with their names.
//
//   quench::for_each_member(net, [](auto& member, quench::TextView name) { ... });
//
// A struct qualifies if it is an aggregate without base classes and has at most `max_members` members (see
// `illegible`). The number of members is the largest number of initializers `{}` that the aggregate takes. A structured
// binding of that length gives the members (both in member_table.hpp), and compiler.hpp gives their names. Each step is
// done once per struct type. Counting initializers is the idea of Boost.PFR (Antony Polukhin). Freestanding.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <quench/ground/compiler.hpp>
#include <quench/ground/member_table.hpp>

namespace quench {

/// The most members that one struct of a description may have.
inline constexpr int max_members = ground::member_table_size;

namespace ground {

/// Converts only to a base class of T.
template <class T>
struct AnyBase {
  template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
  constexpr operator Base() const;
};

// The largest N in [Low, High) for which T takes N initializers. T takes Low of them.
template <class T, int Low, int High>
constexpr int most_initializers() {
  if constexpr (High - Low <= 1) {
    return Low;
  } else {
    constexpr int middle = Low + (High - Low) / 2;
    if constexpr (takes_initializers<T>(MemberCount<middle>{}))
      return most_initializers<T, middle, High>();
    else
      return most_initializers<T, Low, middle>();
  }
}

// Doubles the upper bound first, because most blocks have few members. T takes Low initializers.
template <class T, int Low = 0, int High = 8>
constexpr int count_members() {
  if constexpr (High > member_table_size)
    return most_initializers<T, Low, member_table_size + 2>();
  else if constexpr (takes_initializers<T>(MemberCount<High>{}))
    return count_members<T, High, 2 * High>();
  else
    return most_initializers<T, Low, High>();
}

}  // namespace ground

/// The number of data members of an aggregate T. Anything above `max_members` means "too many".
template <class T>
inline constexpr int member_count = ground::count_members<T>();

/// Why the members of a struct cannot be read. `{}` does not initialize a member without a default.
static_assert(max_members == 128);
enum class Illegible : unsigned char { No, NotAnAggregate, HasBaseClass, MoreThan128Members, MemberWithoutDefault };

/// Why the members of a struct cannot be read, or `No`.
template <class T>
inline constexpr Illegible illegible = [] {
  if constexpr (!std::is_aggregate_v<T>)
    return Illegible::NotAnAggregate;
  else if constexpr (requires { T{ground::AnyBase<T>{}}; })
    return Illegible::HasBaseClass;
  else if constexpr (member_count<T> > max_members)
    return Illegible::MoreThan128Members;
  else
    return ground::takes_one_more<T>(ground::MemberCount<member_count<T>>{}) ? Illegible::MemberWithoutDefault
                                                                             : Illegible::No;
}();

namespace ground {

template <std::size_t N>
struct Addresses {
  Address member[N + 1];
};

template <std::size_t N>
struct Names {
  TextView name[N + 1];
};

template <class T>
struct Constant {
  static constexpr const T& object = object_of<T>;
};
template <class T>
struct Variable {
  static constexpr const T& object = unconstructed<T>.object;
};

template <class Source, int... I>
consteval Names<sizeof...(I)> read_member_names(std::integer_sequence<int, I...>) {
  [[maybe_unused]] constexpr Addresses<sizeof...(I)> addresses =
      bind_members(Source::object, MemberCount<sizeof...(I)>{}, [](const auto&... member) {
        return Addresses<sizeof...(I)>{{Address{&member}..., Address{}}};
      });
  return {{pointed_member<addresses.member[I]>()..., {}}};
}

template <class T>
inline constexpr auto member_names = read_member_names<Constant<T>>(std::make_integer_sequence<int, member_count<T>>{});

/// The names of the members of a struct that need not be a literal type.
template <class T>
inline constexpr auto member_names_of_any =
    read_member_names<Variable<T>>(std::make_integer_sequence<int, member_count<T>>{});

}  // namespace ground

/// Calls `visit(member, name)` for each data member of `object`, in the order of their declaration.
template <class T, class Visitor>
constexpr void for_each_member(T& object, Visitor&& visit) {
  using Struct = std::remove_const_t<T>;
  ground::bind_members(object, ground::MemberCount<member_count<Struct>>{}, [&visit](auto&... member) {
    [[maybe_unused]] const TextView* name = ground::member_names<Struct>.name;
    (visit(member, *name++), ...);
    return true;
  });
}

}  // namespace quench
