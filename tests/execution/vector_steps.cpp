// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/vector_steps.hpp>

#include "execution/against_device.hpp"
#include "networks/operators.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "networks/small.hpp"
#include "networks/setters.hpp"

namespace q = quench;

namespace {

// Operands that are repeated along any axis, the last one and the first two.
struct Spread {
  using Inputs = q::Inputs<q::Features<4, 3, 70>, q::Features<4, 3, 1>, q::Features<1, 1, 70>>;
  q::QuantStub first, second, third;
  q::FloatFunctional add, mul, maximum, sub, negative;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y, auto z) const {
    auto a = first(x);
    auto b = second(y);
    auto c = third(z);
    auto d = maximum.maximum(mul.mul(add.add(a, b), c), b);
    return dequant(negative.mul_scalar(sub.sub(c, d), -2.0f));
  }
};

struct Upsamples {
  using Inputs = q::Inputs<q::Features<3, 5, 7>>;
  q::QuantStub quant;
  q::Upsample nearest{.scale_factor = {2, 3}}, bilinear{.scale_factor = {3, 2}, .mode = q::InterpolationMode::Bilinear};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(bilinear(nearest(quant(x)))); }
};

template <class Net, class Setter>
int compare_moves(q::DType of) {
  return compare_with_device<Net, Setter>([of](const q::Node& node, q::DType, q::DType dtype) {
    return q::family_of(node.op) == q::Family::Move && dtype == of;
  });
}

template <class Net, class Setter>
int compare_vectors() {
  return compare_with_device<Net, Setter>([](const q::Node& node, q::DType, q::DType dtype) {
    return dtype == q::DType::Int16 ? q::execution::VectorStep<std::int16_t>::serves(node)
                                    : q::execution::VectorStep<std::int8_t>::serves(node);
  });
}

using Int8 = networks::Int8Outputs;
using Int16 = q::setter::Int16WhereSupported;
// One operand of int8 among those of int16.
using Mixed = q::QConfigSetter<q::rule::ByName<"second", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>,
                               q::rule::WhereInt16Supported<>, q::rule::Everything<q::qconfig::Int8>>;

}  // namespace

TEST_CASE("int8 steps with vector kernels give what the steps of a device give") {
  CHECK(compare_vectors<operators::Pools, Int8>() >= 1);
  CHECK(compare_vectors<operators::MaxPools, Int8>() >= 1);
  CHECK(compare_vectors<operators::Windows, Int8>() == 6);
  CHECK(compare_vectors<operators::AdaptivePools, Int8>() == 4);
  CHECK(compare_vectors<operators::Resizes, Int8>() == 8);
  CHECK(compare_vectors<sequences::Pools, Int8>() == 9);
  CHECK(compare_vectors<operators::Arithmetic, Int8>() == 8);
  CHECK(compare_vectors<operators::Choices, Int8>() == 3);
  CHECK(compare_vectors<operators::Joins, Int8>() == 9);
  CHECK(compare_vectors<per_channel::Slopes, Int8>() == 9);
  CHECK(compare_vectors<operators::Functions, Int8>() >= 8);
  CHECK(compare_vectors<operators::HardFunctions, Int8>() >= 6);
  CHECK(compare_vectors<operators::SmoothFunctions, Int8>() >= 6);
  CHECK(compare_vectors<operators::PartlyDefined, Int8>() >= 6);
  CHECK(compare_vectors<operators::RowNorms, Int8>() == 9);
  CHECK(compare_vectors<Spread, Int8>() == 5);
  CHECK(compare_vectors<Upsamples, Int8>() == 2);
  CHECK(compare_vectors<operators::Clamps, Int8>() >= 14);
  CHECK(compare_vectors<small::ResNet, Int8>() >= 2);  // sums with a ReLU
}

TEST_CASE("int16 steps with vector kernels give what the steps of a device give") {
  CHECK(compare_vectors<operators::Arithmetic, Int16>() == 8);
  CHECK(compare_vectors<operators::Choices, Int16>() == 3);
  CHECK(compare_vectors<operators::Joins, Int16>() == 6);
  CHECK(compare_vectors<operators::Corners, Int16>() >= 3);
  CHECK(compare_vectors<operators::Clamps, Int16>() >= 10);
  CHECK(compare_vectors<operators::RowNorms, Int16>() == 9);
  CHECK(compare_vectors<Spread, Int16>() == 5);
  CHECK(compare_vectors<Spread, Mixed>() == 5);
}

TEST_CASE("moves of int8, int16 and accumulators give what the steps of a device give") {
  CHECK(compare_moves<operators::Shapes, Int8>(q::DType::Int8) == 3);
  CHECK(compare_moves<operators::Shapes, Int8>(q::DType::Int32) == 2);
  CHECK(compare_moves<operators::Joins, Int8>(q::DType::Int8) >= 3);
  CHECK(compare_moves<operators::Joins, Int16>(q::DType::Int16) >= 1);
  CHECK(compare_moves<operators::Moved, Int16>(q::DType::Int16) >= 3);
}
