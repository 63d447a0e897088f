// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/find_march.hpp>

#include <doctest/doctest.h>

#include "mistakes.hpp"

namespace q = quench;

namespace {

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::GELU before;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  q::MaxPool2d pool{.kernel_size = 2};
  q::GELU gelu;
  q::AvgPool2d average{.kernel_size = 2};
  q::Softmax softmax;
  q::FloatFunctional matmul;
  q::DeQuantStub dequant;
  q::Softmax after;
  constexpr auto forward(auto x) const {
    auto y = softmax(average(gelu(pool(pool(relu(conv(quant(before(x)))))))));
    y = q::reshape(y, {2, 2});
    return after(dequant(matmul.matmul(y, q::permute(y, {1, 0}))));
  }
};

// int16 out of the named modules, int8 out of all others.
template <q::Text... Names>
struct Int16 {
  static constexpr q::DType of(int module) {
    const bool named = ((q::graph<Net>.find_module(Names) == module) || ...);
    return named ? q::DType::Int16 : q::DType::Int8;
  }
};

template <class March>
Mistakes operators() {
  return texts_of(findings_of_step<q::misuse::detail::Operators<Net, March>>());
}
template <class March, class DTypes>
Mistakes dtypes() {
  return texts_of(findings_of_step<q::misuse::detail::DTypesOf<Net, March, DTypes>>());
}

template <int Extent>
struct Sum {
  using Inputs = q::Inputs<q::Features<Extent, 256, 2>>;
  q::QuantStub quant;
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(sum.mean(quant(x), {0, 1})); }
};
struct AllInt16 {
  static constexpr q::DType of(int) { return q::DType::Int16; }
};

}  // namespace

TEST_CASE("an operator that a march lacks is found inside the quantized region only") {
  CHECK(operators<q::march::Bernoulli2>() ==
        Mistakes{"operator-not-supported-by-march gelu", "operator-not-supported-by-march softmax"});
  CHECK(operators<q::march::NashE>().empty());
  CHECK(operators<q::march::Bayes>().empty());
}

TEST_CASE("int16 is refused where the march computes int8 only, once for each module") {
  CHECK(dtypes<q::march::NashE, q::Int8Everywhere>().empty());
  CHECK(dtypes<q::march::NashE, Int16<"conv">>() == Mistakes{"int16-not-supported pool"});
  CHECK(dtypes<q::march::NashE, Int16<"gelu">>() == Mistakes{"int16-not-supported average"});
  CHECK(dtypes<q::march::NashE, Int16<"average">>().empty());
  CHECK(dtypes<q::march::NashE, Int16<"softmax">>() == Mistakes{"int16-not-supported matmul"});
  CHECK(dtypes<q::march::NashM, Int16<"softmax">>() == Mistakes{"int16-not-supported matmul"});
  CHECK(dtypes<q::march::NashP, Int16<"softmax">>().empty());
  CHECK(dtypes<q::march::NashB, Int16<"softmax">>().empty());
  CHECK(dtypes<q::march::Bayes, Int16<"conv", "gelu", "softmax">>().empty());
  CHECK(dtypes<q::march::Bernoulli2, Int16<"average">>() ==
        Mistakes{"int16-not-supported average", "int16-not-supported softmax"});
}

TEST_CASE("a sum of int16 values overflows at fewer than a sum of int8 values") {
  using Fits = q::misuse::detail::DTypesOf<Sum<255>, q::march::NashE, AllInt16>;
  using Overflows = q::misuse::detail::DTypesOf<Sum<256>, q::march::NashE, AllInt16>;
  using Int8 = q::misuse::detail::DTypesOf<Sum<256>, q::march::NashE, q::Int8Everywhere>;
  CHECK(texts_of(findings_of_step<Fits>()).empty());
  CHECK(texts_of(findings_of_step<Overflows>()) == Mistakes{"accumulator-may-overflow sum"});
  CHECK(texts_of(findings_of_step<Int8>()).empty());
}
