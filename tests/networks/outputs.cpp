// SPDX-License-Identifier: Apache-2.0
// Each kind of output has the same bits in training, on the host and on a device, and loses little to its own rounding.
#include "networks/outputs.hpp"

#include <quench/report/summary.hpp>

#include "networks/converts.hpp"

namespace q = quench;

namespace {

template <class Net, class March, class Setter = q::setter::DefaultQat>
int outputs_of(q::DType dtype) {
  q::DType dtypes[q::array_size(q::graph<Net>.node_count)]{};
  q::write_dtypes<q::SetterDecisions<Net, March, Setter>>(q::graph<Net>, dtypes);
  int count = 0;
  for (int n = 0; n < q::graph<Net>.node_count; ++n)
    count += q::graph<Net>.nodes[n].op == q::Operator::DeQuantStub &&
             dtypes[q::graph<Net>.operand(q::graph<Net>.nodes[n], 0)] == dtype;
  return count;
}

template <class March>
void check_marches() {
  CHECK(outputs_of<outputs::Maps, March>(q::DType::Int16) == 8);
  CHECK(outputs_of<outputs::Maps, March>(q::DType::Int32) == 1);
  CHECK(outputs_of<outputs::Rows, March>(q::DType::Int16) == 4 + March::int16_matmul_operands);  // `silu` is the second
  CHECK(outputs_of<outputs::Rows, March>(q::DType::Int32) == 1);
  CHECK(outputs_of<outputs::Narrow, March>(q::DType::Int8) == 6);  // two of them an image
  networks::check_converts<outputs::Maps, q::setter::DefaultQat, March>(20);
  networks::check_converts<outputs::Rows, q::setter::DefaultQat, March>(20);
  networks::check_converts<outputs::Narrow, q::setter::DefaultQat, March>(20);
}

using OnlyInt8 = q::QConfigSetter<q::rule::Everything<q::qconfig::Int8>>;

// An output whose only rounding is its own, apart from those of the input and the weights.
template <class Last>
struct Ends {
  using Inputs = q::Inputs<q::Features<4, 4, 4>>;
  q::QuantStub quant;
  q::Conv2d dense{.in_channels = 4, .out_channels = 8, .kernel_size = 1};
  Last last;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(last.forward(dense(quant(x)))); }
};
struct EndsInReLU {
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(x); }
};
struct EndsInCat {
  q::FloatFunctional join;
  constexpr auto forward(auto x) const { return join.cat(x, x); }
};
struct EndsInPad {
  constexpr auto forward(auto x) const { return q::pad(x, {{1, 1}, {1, 1}, {0, 0}}); }
};
struct EndsInProduct {
  q::FloatFunctional factor;
  constexpr auto forward(auto x) const { return factor.mul_scalar(x, 3.0f); }
};

template <class Net, class Setter>
double quality() {
  const auto batches = q::random_batches<Net>(q::Seed{5}, 3, 16);
  const q::FloatModel<Net> model{q::Seed{7}};
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
  return flow::signal_to_noise(flow::outputs(model, batches[0]), flow::outputs(quantized, batches[0]));
}
// Shares of so many classes that the scale of int16 would lie below the smallest one.
template <int Classes>
struct ManyClasses {
  using Inputs = q::Inputs<q::Features<Classes>>;
  q::QuantStub quant;
  q::Softmax softmax;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(softmax(quant(x))); }
};

// The largest error where one class has 1.5 and all others 1, in steps of int8, also after training.
template <int Classes>
double steps_of_softmax() {
  using Net = ManyClasses<Classes>;
  q::Batch<Net> batch{};
  batch.images = xt::ones<float>({1, Classes});
  batch.images(0, 3) = 1.5f;
  const q::FloatModel<Net> model{q::Seed{1}};
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), std::vector{batch});
  auto qat = q::start_qat(calibrated);
  qat.forward(batch.images);
  const auto trained = q::convert(qat);
  CHECK(flow::same_bits(flow::outputs(qat, batch), flow::outputs(trained, batch)));
  CHECK(q::summary(q::convert(calibrated)).held_scales.empty());
  const auto x = flow::outputs(model, batch), y = flow::outputs(q::convert(calibrated), batch),
             z = flow::outputs(trained, batch);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    worst = std::max({worst, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])),
                      std::abs(static_cast<double>(x[i]) - static_cast<double>(z[i]))});
  return worst / (static_cast<double>(x[3]) / 127.5);
}

template <class Last>
double gain() {
  return quality<Ends<Last>, q::setter::DefaultQat>() - quality<Ends<Last>, OnlyInt8>();
}

}  // namespace

TEST_CASE("each kind of output has the same bits in training, on the host and on a device") {
  check_marches<q::march::NashE>();
  check_marches<q::march::NashM>();
  check_marches<q::march::NashP>();
  check_marches<q::march::NashB>();
}

TEST_CASE("an output with the scale of calibration in training is int16 as well") {
  networks::check_converts<outputs::Maps, q::setter::FixedActivationQat>(20);
}

TEST_CASE("a march without int16 keeps the accumulators alone") {
  CHECK(outputs_of<outputs::Maps, q::march::Bernoulli2>(q::DType::Int16) == 0);
  CHECK(outputs_of<outputs::Maps, q::march::Bernoulli2>(q::DType::Int32) == 1);
}

TEST_CASE("an int16 output loses less than one of int8") {
  for (const double more : {gain<EndsInReLU>(), gain<EndsInCat>(), gain<EndsInPad>(), gain<EndsInProduct>()}) {
    CAPTURE(more);
    CHECK(more > 1.5);
  }
}

TEST_CASE("a softmax of thousands of classes is within a step of int8") {
  CHECK(steps_of_softmax<2048>() < 1);
  CHECK(steps_of_softmax<6625>() < 1);
}
