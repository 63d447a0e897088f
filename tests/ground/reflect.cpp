// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/reflect.hpp>

#include <array>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "ground/many_members.hpp"

using quench::illegible;
using quench::Illegible;
using quench::member_count;
using quench::TextView;

namespace {

struct Empty {};
struct One {
  int only = 7;
};
struct Self {  // its only member is a struct of its own kind of shape
  One one;
};
template <class T>
struct Mixed {
  int number = 1;
  Empty empty;
  T arrays[3][2]{};
  std::array<One, 4> ones;
  One another[2];
  double real = 0.5;
  Empty last;
};
struct Settings {
  int in_channels = 0, out_channels = 0;
  bool bias = true;
};
struct Defaults {
  Settings first{.in_channels = 3, .out_channels = 16};
  Settings second{.bias = false};
  int stride = first.in_channels;
};

struct Derived : One {
  int more = 0;
};
struct DerivedOnly : One {};
struct DerivedFromEmpty : Empty {
  int more = 0;
};
struct DerivedTwice : Derived, Empty {};
struct Constructed {
  Constructed() {}
  int member = 0;
};
struct Private {
  int seen = 0;

 private:
  [[maybe_unused]] int hidden = 0;
};
struct Virtual {
  virtual ~Virtual() = default;
  int member = 0;
};

static_assert(member_count<Empty> == 0);
static_assert(member_count<One> == 1);
static_assert(member_count<Self> == 1);
static_assert(member_count<Mixed<long>> == 7);
static_assert(member_count<Defaults> == 3);
static_assert(member_count<Members127> == 127);
static_assert(member_count<Members128> == 128);

struct Width {
  int value;
  constexpr Width(int v) : value(v) {}
};
struct Explicit {
  explicit Explicit() = default;
};
struct WidthFirst {
  Width width = 3;
  int behind = 0;
};
struct ExplicitLast {
  int before[2]{};
  Empty empty;
  Explicit last = Explicit();
};
static_assert(illegible<WidthFirst> == Illegible::MemberWithoutDefault);
static_assert(illegible<ExplicitLast> == Illegible::MemberWithoutDefault);

static_assert(illegible<Empty> == Illegible::No);
static_assert(illegible<Mixed<int>> == Illegible::No);
static_assert(illegible<Members128> == Illegible::No);
static_assert(illegible<Members129> == Illegible::MoreThan128Members);
static_assert(illegible<Members300> == Illegible::MoreThan128Members);
static_assert(illegible<Derived> == Illegible::HasBaseClass);
static_assert(illegible<DerivedOnly> == Illegible::HasBaseClass);
static_assert(illegible<DerivedFromEmpty> == Illegible::HasBaseClass);
static_assert(illegible<DerivedTwice> == Illegible::HasBaseClass);
static_assert(illegible<Constructed> == Illegible::NotAnAggregate);
static_assert(illegible<Private> == Illegible::NotAnAggregate);
static_assert(illegible<Virtual> == Illegible::NotAnAggregate);

template <class T>
std::vector<std::string> names() {
  std::vector<std::string> result;
  const T object{};
  quench::for_each_member(object, [&](auto&, TextView name) { result.emplace_back(name.begin(), name.end()); });
  return result;
}

constexpr bool visits_the_members_themselves() {
  Members128 object;
  int sum = 0, next = 0;
  quench::for_each_member(object, [&](int& member, TextView) { sum += member, member = ++next; });
  return sum == 128 && object.a00 == 1 && object.b77 == 128;
}

constexpr bool leaves_defaults_alone() {
  Defaults object;
  int channels = 0;
  quench::for_each_member(object, [&](auto& member, TextView name) {
    if constexpr (requires { member.in_channels; }) channels = channels * 100 + member.in_channels + name.size;
  });
  return channels == 3 * 100 + 5 * 100 + 6 && object.stride == 3;
}

}  // namespace

static_assert(visits_the_members_themselves());
static_assert(leaves_defaults_alone());

// Neither a literal type nor constructed by anyone.
struct AtRunTime {
  std::string text;
  std::vector<One> ones;
  One array[2];
  AtRunTime* next = nullptr;
  ~AtRunTime() = default;
};
static_assert(quench::ground::member_names_of_any<AtRunTime>.name[1] == TextView("ones"));
static_assert(quench::ground::member_names_of_any<AtRunTime>.name[3] == TextView("next"));
static_assert(quench::ground::member_names_of_any<Defaults>.name[2] == TextView("stride"));

TEST_CASE("members are visited in order, by name") {
  CHECK(names<Empty>().empty());
  CHECK(names<Self>() == std::vector<std::string>{"one"});
  CHECK(names<Mixed<char>>() ==
        std::vector<std::string>{"number", "empty", "arrays", "ones", "another", "real", "last"});
  CHECK(names<Defaults>() == std::vector<std::string>{"first", "second", "stride"});
  const auto many = names<Members128>();
  CHECK(many.size() == 128);
  CHECK(many.front() == "a00");
  CHECK(many.back() == "b77");
}
TEST_CASE("members are visited as references") { CHECK(visits_the_members_themselves()); }
TEST_CASE("members keep the defaults of their struct") { CHECK(leaves_defaults_alone()); }
