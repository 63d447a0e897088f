// SPDX-License-Identifier: Apache-2.0
// What refers into an object is asked of an object that stays: no such function can be called on a temporary.
#include <quench/eager.hpp>
#include <quench/interop/state.hpp>
#include <quench/quench.hpp>

#include <doctest/doctest.h>

#include "networks/small.hpp"

namespace q = quench;

namespace {

/// Whether `call` takes an object that stays and no temporary.
template <class T, class Call>
constexpr bool refuses_temporaries(Call) {
  return std::is_invocable_v<Call, T&> && !std::is_invocable_v<Call, T> && !std::is_invocable_v<Call, const T>;
}

// A call of a member, as an object that can be asked whether it compiles.
#define CALL(member) [](auto&& x) -> decltype(static_cast<decltype(x)>(x).member) {}

using Net = small::ResNet;
using March = q::march::NashE;
using Images = q::ImageBatch<q::color::Rgb>;
using Float = q::FloatModel<Net>;
using Prepared = q::PreparedModel<Net, March, q::setter::DefaultCalibration>;
using Calibrated = q::CalibratedModel<Net, March, q::setter::DefaultCalibration>;
using Qat = q::QatModel<Net, March, q::setter::DefaultCalibration>;
using Quantized = q::QuantizedModel<Net, March, q::setter::DefaultCalibration>;
using Histogram = q::HistogramObserver<>;
using FakeQuantize = q::FakeQuantize<q::MinMaxObserver>;
using Tensor = q::eager::Tensor<std::vector<float>, March>;

static_assert(refuses_temporaries<q::interop::NamedArray>(CALL(template as<float>())));
static_assert(refuses_temporaries<q::interop::NamedArrays>(CALL(operator[]("x"))));
static_assert(refuses_temporaries<q::interop::NamedArrays>(CALL(find("x"))));
static_assert(refuses_temporaries<q::interop::NamedArrays>(CALL(begin())));
static_assert(refuses_temporaries<q::interop::NamedArrays>(CALL(end())));
static_assert(std::is_same_v<decltype(std::declval<q::interop::NamedArrays&>().at("x")), q::interop::NamedArray&>);
static_assert(std::is_same_v<decltype(std::declval<q::interop::NamedArrays>().at("x")), q::interop::NamedArray>);
static_assert(refuses_temporaries<Images>(CALL(codes())));
static_assert(refuses_temporaries<q::Nv12Batch>(CALL(bytes())));
static_assert(refuses_temporaries<q::FloatInput>(CALL(values())));
static_assert(refuses_temporaries<q::FloatInput>(CALL(data())));
static_assert(refuses_temporaries<q::FloatInput>(CALL(extents())));
static_assert(refuses_temporaries<q::Error>(CALL(module())));
static_assert(refuses_temporaries<q::Error>(CALL(evidence())));

static_assert(refuses_temporaries<Float>(CALL(parameters())));
static_assert(refuses_temporaries<Float>(CALL(core())));
static_assert(refuses_temporaries<Prepared>(CALL(parameters())));
static_assert(refuses_temporaries<Prepared>(CALL(core())));
static_assert(refuses_temporaries<Prepared>(CALL(quantizers())));
static_assert(refuses_temporaries<Calibrated>(CALL(parameters())));
static_assert(refuses_temporaries<Calibrated>(CALL(core())));
static_assert(refuses_temporaries<Calibrated>(CALL(activation_scales())));
static_assert(refuses_temporaries<Calibrated>(CALL(weight_quantizers())));
static_assert(refuses_temporaries<Qat>(CALL(parameters())));
static_assert(refuses_temporaries<Qat>(CALL(core())));
static_assert(refuses_temporaries<Quantized>(CALL(core())));
static_assert(
    refuses_temporaries<q::Deployment<Net, March, q::setter::DefaultCalibration, q::NoArenaLimit>>(CALL(model())));

static_assert(refuses_temporaries<FakeQuantize>(CALL(qparams())));
static_assert(refuses_temporaries<FakeQuantize>(CALL(observer())));
static_assert(refuses_temporaries<q::LearnedFakeQuantize<>>(CALL(qparams())));
static_assert(refuses_temporaries<q::LearnedFakeQuantize<>>(CALL(parameters())));
static_assert(refuses_temporaries<q::LearnedFakeQuantize<>>(CALL(gradients())));
static_assert(refuses_temporaries<q::PactFakeQuantize<>>(CALL(qparams())));
static_assert(refuses_temporaries<q::PactFakeQuantize<>>(CALL(parameters())));
static_assert(refuses_temporaries<q::PactFakeQuantize<>>(CALL(gradients())));
static_assert(refuses_temporaries<Histogram>(CALL(counts())));

// An extent is a number, and may be asked of a temporary; a place to write one is not.
static_assert(q::Shape(2, 3)[1] == 3);
static_assert(std::is_same_v<decltype(q::Shape(2, 3)[1]), int>);

// An eager tensor that goes gives its array away.
static_assert(std::is_same_v<decltype(std::declval<Tensor&>().values()), const std::vector<float>&>);
static_assert(std::is_same_v<decltype(std::declval<Tensor>().values()), std::vector<float>>);

}  // namespace

TEST_CASE("the array of an eager tensor outlives the tensor") {
  const std::vector<float>& values = Tensor(std::vector<float>{1, 2}).values();
  CHECK(values == std::vector<float>{1, 2});
}
