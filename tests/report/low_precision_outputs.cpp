// SPDX-License-Identifier: Apache-2.0
// Each output of int8 is named, with the reason and a cure, and no other.
#include <quench/report/low_precision_outputs.hpp>

#include <doctest/doctest.h>

#include <string>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/report/compare.hpp>
#include <quench/report/summary.hpp>

#include "networks/outputs.hpp"

namespace q = quench;

namespace {

template <class Net, class March = q::march::NashE, class Setter = q::setter::DefaultQat>
std::string lines() {
  return q::detail::text_of(q::low_precision_outputs<Net, March, Setter>());
}

const std::string narrow =
    "\noutputs of only 8 bits:\n"
    "  boxes, after up: NashE has no int16 of Upsample. Call `up` after the DeQuantStub, in float, or before the last "
    "layer.\n"
    "  dequant, after shared: `shared` is also used by `pool`, which takes it only as int8 on NashE. Give the output a "
    "layer of its own.\n"
    "  dequant, after pool: NashE has no int16 of MaxPool2d. Call `pool` after the DeQuantStub, in float, or before "
    "the "
    "last layer.\n"
    "  dequant, after blurred: NashE has no int16 of Upsample. Call `blurred` after the DeQuantStub, in float, or "
    "before "
    "the last layer.\n"
    "  dequant, after spread: NashE has no int16 of Upsample. Call `spread` after the DeQuantStub, in float, or before "
    "the last layer.\n";

// A mean of so many values that int16 codes could make its sum wrap around; `conv` is an output as well.
struct WideMean {
  using Inputs = q::Inputs<q::Features<300, 300, 2>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::FloatFunctional mean;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = conv(quant(x));
    return std::tuple(dequant(q::permute(y, {2, 0, 1})), dequant(mean.mean(y, {0, 1})));
  }
};

struct Joined {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d left{.in_channels = 2, .out_channels = 2, .kernel_size = 1}, right = left;
  q::ReLU relu;
  q::FloatFunctional join;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    return dequant(relu(join.cat(left(x), right(x))));
  }
};

// The operand is named once, whatever the cat repeats.
struct Repeated {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Upsample up{.scale_factor = 2};
  q::FloatFunctional join;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = up(quant(x));
    return dequant(join.cat(x, x));
  }
};

using Everything = q::rule::Everything<q::qconfig::Int8>;
using NoHigh = q::QConfigSetter<Everything>;
using Named = q::QConfigSetter<q::rule::ByName<"join", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>, Everything>;
using Allowed = q::QConfigSetter<q::rule::AllowLowPrecisionOutput<"join">, Everything>;
using Int16 = q::QConfigSetter<q::rule::ByKind<q::FloatFunctional, q::qconfig::Int8WeightInt16Activation>, Everything>;

}  // namespace

TEST_CASE("an output is named with the operator, the other user or the part of a cat that keeps it at int8") {
  CHECK(lines<outputs::Narrow>() == narrow);
  CHECK(lines<WideMean>() ==
        "\noutputs of only 8 bits:\n"
        "  dequant, after conv: `conv` is also used by `mean`, which takes it only as int8 on NashE. Give the output a "
        "layer of its own.\n");
  CHECK(q::low_precision_outputs<Repeated, q::march::NashE, q::setter::DefaultQat>().size() == 1);
}

TEST_CASE("outputs of int16 and int32 are not named") {
  CHECK(lines<outputs::Maps>() == "");
  CHECK(lines<outputs::Maps, q::march::NashB>() == "");
  CHECK(lines<outputs::Rows, q::march::NashP>() == "");
  CHECK(lines<outputs::Rows>().find("dequant, after silu: `silu` is also used by `weighted`") != std::string::npos);
  CHECK(lines<Joined>() == "");
}

TEST_CASE("a rule that makes an output int8 is named, unless the setter accepts it") {
  const std::string by_rule =
      "\noutputs of only 8 bits:\n"
      "  dequant, after relu: A rule of the setter makes `join` int8. Put `quench::rule::HighPrecisionOutput<>` before "
      "it, or accept int8 with `quench::rule::AllowLowPrecisionOutput<\"join\">`.\n";
  CHECK(lines<Joined, q::march::NashE, NoHigh>() == by_rule);
  CHECK(lines<Joined, q::march::NashE, Named>() == by_rule);
  CHECK(lines<Joined, q::march::NashE, Allowed>() == "");
  CHECK(q::verified_setter<Joined, q::march::NashE, Allowed>());
  // The parts of a cat that a rule makes int16.
  CHECK(q::low_precision_outputs<Joined, q::march::NashE, Int16>().size() == 2);
}

TEST_CASE("a march without int16 says so of each operator, and one with int16 everywhere names nothing") {
  const auto maps = q::low_precision_outputs<outputs::Maps, q::march::Bernoulli2, q::setter::DefaultQat>();
  REQUIRE(maps.size() == 8);
  CHECK(maps[0].module == "relu");
  CHECK(maps[0].why == "Bernoulli2 has no int16 of ReLU.");
  CHECK(lines<outputs::Narrow, q::march::Bayes>() == "");
}

TEST_CASE("summary and compare print the lines in each phase after prepare") {
  const auto batches = q::random_batches<outputs::Narrow>(q::Seed{5}, 2, 3);
  const q::FloatModel<outputs::Narrow> model{q::Seed{7}};
  const auto prints = [](const auto& report) { return report.text().find(narrow) != std::string::npos; };
  const auto prepared = q::prepare<q::march::NashE>(model);
  const auto calibrated = q::calibrate(prepared, batches);
  const auto quantized = q::convert(calibrated);
  CHECK_FALSE(prints(q::summary(model)));
  CHECK(prints(q::summary(prepared)));
  CHECK(prints(q::summary(calibrated)));
  CHECK(prints(q::summary(q::start_qat(calibrated))));
  CHECK(prints(q::summary(quantized)));
  CHECK(prints(q::compare(model, quantized, batches)));
}
