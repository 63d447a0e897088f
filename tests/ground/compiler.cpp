// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/compiler.hpp>

#include <doctest/doctest.h>

using quench::TextView;
using quench::ground::Address;
using quench::ground::last_identifier;
using quench::ground::object_of;
using quench::ground::pointed_member;

namespace {

struct Inner {
  int value;
};
template <int N>
struct Members {
  int first;
  Inner inner_2;
  const int* _under_score;
  double größe;
};

template <quench::Text Braces>
struct WithText {
  int member;
};

constexpr bool reads_the_last_identifier() {
  return last_identifier("a::b)}]", 7) == TextView("b") && last_identifier("x_9", 3) == TextView("x_9") &&
         last_identifier("(&Net::weiß)", 13) == TextView("weiß");
}

using M = Members<3>;
static_assert(pointed_member<Address{&object_of<M>.first}>() == TextView("first"));
static_assert(pointed_member<Address{&object_of<M>.inner_2}>() == TextView("inner_2"));
static_assert(pointed_member<Address{&object_of<M>._under_score}>() == TextView("_under_score"));
static_assert(pointed_member<Address{&object_of<M>.größe}>() == TextView("größe"));
static_assert(pointed_member<Address{&object_of<WithText<"})]">>.member}>() == TextView("member"));
static_assert(reads_the_last_identifier());

}  // namespace

TEST_CASE("the last identifier of a text is found after any brackets") { CHECK(reads_the_last_identifier()); }

TEST_CASE("a member has the name it was declared with") {
  CHECK(pointed_member<Address{&object_of<M>.first}>() == TextView("first"));
  CHECK(pointed_member<Address{&object_of<M>.größe}>() == TextView("größe"));
}
