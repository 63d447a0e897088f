// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/member_table.hpp>

#include <cstddef>
#include <doctest/doctest.h>

#include "ground/many_members.hpp"

using quench::ground::bind_members;
using quench::ground::MemberCount;
using quench::ground::takes_initializers;

namespace {

// An array of N elements decomposes like a struct of N members.
template <int N>
constexpr bool row_binds_each_in_order() {
  int array[std::size_t{N}]{};
  for (int i = 0; i < N; ++i) array[i] = i + 1;
  return bind_members(array, MemberCount<N>{}, [](auto&... element) {
    int expected = 0;
    bool in_order = sizeof...(element) == N;
    ((in_order = in_order && element == ++expected), ...);
    return in_order;
  });
}

template <int Low, int High>
constexpr bool rows_bind() {
  if constexpr (Low == High)
    return row_binds_each_in_order<Low>();
  else
    return rows_bind<Low, (Low + High) / 2>() && rows_bind<(Low + High) / 2 + 1, High>();
}

// A struct of N members takes N initializers and not one more.
struct One {
  int a;
};
struct Two {
  int a[5];
  One b;
};
struct Three {
  One a;
  One b[2];
  Two c;
};

constexpr bool rows_count() {
  return takes_initializers<One>(MemberCount<0>{}) && takes_initializers<One>(MemberCount<1>{}) &&
         !takes_initializers<One>(MemberCount<2>{}) && takes_initializers<Two>(MemberCount<2>{}) &&
         !takes_initializers<Two>(MemberCount<3>{}) && takes_initializers<Three>(MemberCount<3>{}) &&
         !takes_initializers<Three>(MemberCount<4>{}) && takes_initializers<Members127>(MemberCount<127>{}) &&
         !takes_initializers<Members127>(MemberCount<128>{}) && takes_initializers<Members128>(MemberCount<128>{}) &&
         !takes_initializers<Members128>(MemberCount<129>{}) && takes_initializers<Members129>(MemberCount<129>{});
}

constexpr bool members_can_be_written() {
  Members128 object;
  return bind_members(object, MemberCount<128>{}, [&](auto&... member) {
    int value = 0;
    ((member = ++value), ...);
    return object.a00 == 1 && object.b77 == 128;
  });
}

}  // namespace

static_assert(rows_bind<1, 128>());
static_assert(members_can_be_written());
static_assert(rows_count());

TEST_CASE("each row of the table binds its members in their order") { CHECK(rows_bind<1, 128>()); }
TEST_CASE("bound members are the members, not copies") { CHECK(members_can_be_written()); }
TEST_CASE("a struct takes as many initializers as it has members, arrays counted once") { CHECK(rows_count()); }
