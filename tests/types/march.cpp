// SPDX-License-Identifier: Apache-2.0
#include <quench/types/march.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

namespace march = quench::march;
using quench::Operator;

namespace {

using Names = std::set<std::string>;

template <class Property>
Names all_that(Property property) {
  Names names;
  for (int i = 0; i < static_cast<int>(Operator::FloatFunctional); ++i) {
    const auto op = static_cast<Operator>(i);
    if (property(op)) names.emplace(quench::name_of(op).begin(), quench::name_of(op).end());
  }
  return names;
}

template <class March>
Names refused() {
  return all_that([](Operator op) { return !March::supports(op); });
}
template <class March>
Names without_int16_input() {
  return all_that([](Operator op) { return !March::takes_int16_input(op); });
}
template <class March>
Names without_int16_output() {
  return all_that([](Operator op) { return !March::gives_int16_output(op); });
}

template <class March>
void check_nash(int int16_matmul_operands) {
  CHECK(refused<March>().empty());
  CHECK(without_int16_input<March>() == Names{"MaxPool2d", "AdaptiveMaxPool2d", "MaxPool1d", "AdaptiveMaxPool1d",
                                              "Upsample", "AvgPool2d", "AdaptiveAvgPool2d", "GlobalAvgPool2d",
                                              "AvgPool1d", "AdaptiveAvgPool1d", "Embedding"});
  CHECK(without_int16_output<March>() ==
        Names{"MaxPool2d", "AdaptiveMaxPool2d", "MaxPool1d", "AdaptiveMaxPool1d", "Upsample"});
  CHECK(March::int16_matmul_operands == int16_matmul_operands);
  CHECK(March::high_precision_output == quench::DType::Int32);
}

struct NoMarch {};

}  // namespace

static_assert(march::Nash<march::NashE> && march::Nash<march::NashM> && march::Nash<march::NashP> &&
              march::Nash<march::NashB>);
static_assert(march::March<march::Bayes> && !march::Nash<march::Bayes>);
static_assert(march::March<march::Bernoulli2> && !march::Nash<march::Bernoulli2>);
static_assert(!march::March<NoMarch>);

TEST_CASE("the Nash marches differ in the int16 operands of a matmul") {
  check_nash<march::NashE>(1);
  check_nash<march::NashM>(1);
  check_nash<march::NashP>(2);
  check_nash<march::NashB>(2);
}

TEST_CASE(
    "Bayes has all operators, Bernoulli2 int8 only, without softmax, norms, slopes, lookups, adaptive and 1-d pools, "
    "1-d convs, affines and some functions") {
  CHECK(refused<march::Bayes>().empty());
  CHECK(without_int16_input<march::Bayes>().empty());
  Names refused_by_bernoulli2{"LayerNorm", "RMSNorm", "Embedding", "AdaptiveMaxPool2d", "AdaptiveAvgPool2d"};
  refused_by_bernoulli2.insert({"ChannelAffine", "PReLU", "GELU", "Clamp", "ELU", "Softplus", "Mish", "Abs", "Square",
                                "Exp", "Log", "Sqrt", "Rsqrt", "Reciprocal", "Softmax"});
  refused_by_bernoulli2.insert(
      {"Conv1d", "ConvTranspose1d", "MaxPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "AdaptiveAvgPool1d"});
  CHECK(refused<march::Bernoulli2>() == refused_by_bernoulli2);
  CHECK(without_int16_input<march::Bernoulli2>().size() == static_cast<int>(Operator::FloatFunctional));
  CHECK(without_int16_output<march::Bernoulli2>().size() == static_cast<int>(Operator::FloatFunctional));
  CHECK(march::Bernoulli2::int16_matmul_operands == 0);
}
