// SPDX-License-Identifier: Apache-2.0
#include <quench/network/modules.hpp>

#include <array>
#include <doctest/doctest.h>
#include <string>
#include <tuple>
#include <vector>

#include <quench/network/activations.hpp>
#include <quench/network/float_functional.hpp>
#include <quench/network/parameterised.hpp>
#include <quench/network/stubs.hpp>

#include "ground/many_members.hpp"

namespace q = quench;

namespace {

struct Options {
  int channels = 3;
  float rate[2]{};
};
struct Nothing {};
enum class Mode { Fast, Slow };
union Either {
  int number;
  float real;
};
class Counter {  // no aggregate: not looked into
 public:
  constexpr Counter() = default;
  q::ReLU hidden;
};
struct Leaf {
  q::Conv2d conv1{.in_channels = 3};
  q::ReLU relu;
};
template <class Inner>
struct ModulesBlock {
  Options options;
  Inner inner;
  q::FloatFunctional skip;
};
struct ModulesNet {
  q::QuantStub quant;
  std::array<Leaf, 12> leaves;
  ModulesBlock<ModulesBlock<ModulesBlock<ModulesBlock<ModulesBlock<Leaf>>>>> deep;  // Leaf is the sixth block
  Leaf pair[2];
  std::array<std::array<q::ReLU, 2>, 2> grid;
  Nothing nothing;
  std::array<Nothing, 3> nothings;
  int number = 0;
  Mode mode = Mode::Slow;
  Either either{};
  const char* text = "text";
  const Options* pointer = nullptr;
  Counter counter;
  struct {
    q::ReLU relu;
  } nameless;
  std::tuple<Leaf, std::tuple<>, std::array<q::ReLU, 2>> chain;
  q::DeQuantStub a, b;
};

template <class AnyNet>
std::vector<std::string> names() {
  std::vector<std::string> result;
  for (int m = 0; m < q::detail::numbered<AnyNet>.count; ++m) {
    const q::TextView name = q::detail::numbered<AnyNet>.name(m);
    result.emplace_back(name.begin(), name.end());
  }
  return result;
}

struct Base {};
struct Inherits : Base {
  q::ReLU relu;
};
struct HasInherits {
  q::QuantStub quant;
  ModulesBlock<std::array<Inherits, 2>> block;
  Inherits second;
};

// What looks like an array to a template is a block all the same; the first of two blocks that cannot be read is named.
template <class Activation, std::size_t Channels>
struct LikeArray {
  Activation activation;
};
struct HasLikeArray {
  LikeArray<q::ReLU, 4> block;
};
struct Many {
  Members129 members;
};
struct TwoFaults {
  Inherits first;
  Many second;
};
static_assert(q::detail::numbered<HasLikeArray>.name(0) == q::TextView("block.activation"));
static_assert(q::detail::module_sizes<TwoFaults>.illegible_block.view() == q::TextView("first"));

// A network of one module, and members that are arrays of none.
struct Least {
  std::array<Leaf, 0> none;
  q::ReLU relu;
};

// The index that the walk gives is the place in the list of names.
static_assert(q::detail::numbered<ModulesNet>.net.quant.module_index.value == 0);
static_assert(q::detail::numbered<ModulesNet>.net.leaves[11].relu.module_index.value == 24);
static_assert(q::detail::numbered<ModulesNet>.name(24) == q::TextView("leaves.11.relu"));
static_assert(q::detail::numbered<ModulesNet>.net.b.module_index.value == q::detail::numbered<ModulesNet>.count - 1);
static_assert(q::detail::numbered<ModulesNet>.net.leaves[11].conv1.in_channels == 3);
static_assert(q::detail::numbered<ModulesNet>.op[1] == q::Operator::Conv2d);
static_assert(q::detail::numbered<ModulesNet>.op[24] == q::Operator::ReLU);
static_assert(q::detail::numbered<Nothing>.count == 0);
static_assert(q::detail::numbered<Least>.count == 1 && q::detail::numbered<Least>.name(0) == q::TextView("relu"));
static_assert(q::detail::module_sizes<ModulesNet>.illegible_reason == q::Illegible::No);
static_assert(q::detail::module_sizes<HasInherits>.illegible_reason == q::Illegible::HasBaseClass);
static_assert(q::detail::module_sizes<HasInherits>.illegible_block.view() == q::TextView("block.inner.0"));

}  // namespace

TEST_CASE("modules are named by the members that lead to them") {
  std::vector<std::string> expected{"quant"};
  for (int i = 0; i < 12; ++i)
    for (const char* member : {".conv1", ".relu"}) expected.push_back("leaves." + std::to_string(i) + member);
  for (const char* name : {"deep.inner.inner.inner.inner.inner.conv1",
                           "deep.inner.inner.inner.inner.inner.relu",
                           "deep.inner.inner.inner.inner.skip",
                           "deep.inner.inner.inner.skip",
                           "deep.inner.inner.skip",
                           "deep.inner.skip",
                           "deep.skip",
                           "pair.0.conv1",
                           "pair.0.relu",
                           "pair.1.conv1",
                           "pair.1.relu",
                           "grid.0.0",
                           "grid.0.1",
                           "grid.1.0",
                           "grid.1.1",
                           "nameless.relu",
                           "chain.0.conv1",
                           "chain.0.relu",
                           "chain.2.0",
                           "chain.2.1",
                           "a",
                           "b"})
    expected.emplace_back(name);
  CHECK(names<ModulesNet>() == expected);
}

TEST_CASE("numbers of elements are written in full") {
  q::detail::Path path;
  path.append("x");
  for (int number : {0, 9, 10, 99, 100, 1234567}) path.append(number);
  CHECK(path.view() == q::TextView("x.0.9.10.99.100.1234567"));
}
