// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/calibrate.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/prepare.hpp>

namespace {

template <class Function>
struct OneFunction {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  Function function;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(function(quant(x))); }
};

// The message of the error that calibration raises for a batch of one sample; "" if it raises none.
template <class Function>
std::string refusal_of(const std::vector<float>& x) {
  const q::FloatModel<OneFunction<Function>> model{q::Seed{1}};
  auto inputs = xt::xtensor<float, 2>::from_shape({1, x.size()});
  std::copy(x.begin(), x.end(), inputs.begin());
  try {
    q::calibrate(q::prepare<q::march::NashE>(model), std::vector{q::Batch<OneFunction<Function>>{inputs, {0}}});
  } catch (const q::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("calibration refuses data outside the domain of a function") {
  const auto refuses = [](const std::string& message, const std::string& why) {
    INFO(message);
    const std::string slug = "input-outside-domain";
    CHECK(message.find("quench[" + slug + "]: function:") == 0);
    CHECK(message.find(why) != std::string::npos);
  };
  CHECK(refusal_of<q::Log>({1, 2, 3, 0.5f}) == "");
  refuses(refusal_of<q::Log>({1, 0, 3, 4}), "element 1 of its output is -inf, and the domain is x > 0");
  refuses(refusal_of<q::Log>({1, 2, -3, 4}), "element 2 of its output is nan, and the domain is x > 0");
  CHECK(refusal_of<q::Sqrt>({1, 0, 3, 4}) == "");
  refuses(refusal_of<q::Sqrt>({1, 2, 3, -0.5f}), "the domain is x >= 0");
  refuses(refusal_of<q::Rsqrt>({0, 2, 3, 4}), "element 0 of its output is inf, and the domain is x > 0");
  CHECK(refusal_of<q::Reciprocal>({-1, 2, -3, 4}) == "");
  refuses(refusal_of<q::Reciprocal>({-1, 2, 0, 4}), "the domain is x != 0");
  refuses(refusal_of<q::Exp>({1, 2, 3, 89}), "the domain is x <= 88.7");
  CHECK(refusal_of<q::Square>({1, 2, 3, -4}) == "");
}

TEST_CASE("calibration tells how far it is, and the order of batches does not matter to observers that merge") {
  auto batches = q::random_batches<toy::Net>(q::Seed{1}, 3, 6);
  const q::FloatModel<toy::Net> model{q::Seed{2}};
  std::vector<std::size_t> told;
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches,
                                       [&](std::size_t done, std::size_t all) { told.push_back(10 * done + all); });
  CHECK(told == std::vector<std::size_t>{13, 23, 33});
  std::swap(batches[0], batches[2]);
  const auto turned_round = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  CHECK(turned_round.activation_scales() == calibrated.activation_scales());
}
