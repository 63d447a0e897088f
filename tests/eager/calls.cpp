// SPDX-License-Identifier: Apache-2.0
// The calls that a tensor's type lists.
#include <quench/eager/calls.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace q = quench;
using namespace q::eager;

namespace {

template <q::Text Handle, class... Operands>
using Result = typename CallsOfResult<Handle, "add", Operands...>::type;

using X = Result<"x">;
using Y = Result<"y">;

// Different handles, operations and operands are different calls.
static_assert(X::size == 1 && X::identity != Y::identity);
static_assert(Result<"f", X, Y>::identity != Result<"f", Y, X>::identity);
static_assert(Result<"f", X, Y>::identity != CallsOfResult<"f", "mul", X, Y>::type::identity);
static_assert(Result<"f", X, Y>::identity != Result<"g", X, Y>::identity);
static_assert(Result<"fx">::identity != CallsOfResult<"f", "xadd">::type::identity);

// The newest call stands first; each call stands once.
using F = Result<"f", X, Y>;
static_assert(F::size == 3 && F::handles[0] == q::TextView("f"));
static_assert(Result<"g", X, X>::size == 2);

// A diamond: both branches come from f, and it counts once.
using A = Result<"a", F>;
using B = Result<"b", F, A>;
using JoinedResult = Result<"joined", A, B>;
static_assert(JoinedResult::size == 6);

// A name that begins with a dot stands for several handles, so its calls are not listed.
static_assert(is_one_of_several(".add") && !is_one_of_several("a.dd") && !is_one_of_several(""));
static_assert(std::is_same_v<Result<".add", X, Y>, CallList<Call<"x", X::identity>, Call<"y", Y::identity>>>);
static_assert(std::is_same_v<Result<".add", Result<".add", X>>, X>);
static_assert(Result<".stub">::size == 0 && Result<".stub">::identity == 0);
static_assert(std::is_same_v<Result<"f", Result<".stub">>, Result<"f", CallList<>>>);

// What a clash is, as a value: the rule itself is a misuse case.
template <class... Lists>
using All = typename detail::Joined<Lists...>::type;
template <class List>
constexpr int clashes() {
  int count = 0;
  for (std::size_t i = 0; i < List::size; ++i) count += detail::fates<List>.of[i] == detail::Fate::Clashes;
  return count;
}
using FAgain = CallList<Call<"f", 1>>;
static_assert(clashes<All<F, F>>() == 0);
static_assert(clashes<All<F, FAgain>>() == 1);
static_assert(clashes<All<FAgain, A>>() == 1);

}  // namespace

TEST_CASE("joined lists hold each call once") {
  CHECK(JoinedResult::size == 6);
  CHECK(clashes<All<F, FAgain>>() == 1);
}
