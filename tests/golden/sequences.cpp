// SPDX-License-Identifier: Apache-2.0
// A state_dict of torch's 1-d layers loads as it is, and gives what torch gives; see make_sequences.py.
#include "golden/sequences.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>

#include <quench/interop/state.hpp>
#include <quench/network.hpp>

#include "golden/inputs.hpp"

namespace q = quench;

namespace {

struct SequenceNet {
  using Inputs = q::Inputs<q::Features<15, 4>>;
  q::Conv1d conv{.in_channels = 4, .out_channels = 6, .kernel_size = 3, .stride = 2, .padding = 1, .bias = false};
  q::BatchNorm1d bn{.channels = 6};
  q::ReLU relu;
  q::Conv1d grouped{.in_channels = 6, .out_channels = 6, .kernel_size = 3, .padding = 2, .dilation = 2, .groups = 3};
  q::Conv1d depthwise{.in_channels = 6, .out_channels = 6, .kernel_size = 4, .padding = q::Padding::Same, .groups = 6};
  q::MaxPool1d pool{.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true};
  q::ConvTranspose1d up{.in_channels = 6,
                        .out_channels = 4,
                        .kernel_size = 4,
                        .stride = 2,
                        .padding = 1,
                        .output_padding = 1,
                        .groups = 2};
  q::AvgPool1d average{.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false};
  q::Linear fc{.in_features = 24, .out_features = 5};
  q::AdaptiveAvgPool1d mean{.output_size = 4};
  q::AdaptiveMaxPool1d most{.output_size = 7};
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = pool(relu(bn(conv(quant(x)))));
    y = up(depthwise(grouped(y)));
    return std::tuple(dequant(fc(q::flatten(average(y)))), dequant(mean(y)), dequant(most(y)));
  }
};

std::vector<float> eighths(golden::Generator& generator, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<int>(generator.next() % 17) - 8) / 8;
  return values;
}

}  // namespace

TEST_CASE("1-d layers with the state_dict of torch give what torch gives") {
  golden::Generator generator{1};
  q::interop::NamedArrays arrays;
  for (const auto& [name, extents] : golden::sequence_parameters) {
    std::vector<std::size_t> shape;
    std::size_t count = 1;
    for (const int extent : extents)
      if (extent > 0) {
        shape.push_back(static_cast<std::size_t>(extent));
        count *= shape.back();
      }
    std::vector<float> values = eighths(generator, count);
    if (std::string(name).ends_with("running_var"))
      for (float& value : values) value = std::abs(value) + 1;
    arrays[name] = q::interop::NamedArray::of<float>(shape, values);
  }
  q::FloatModel<SequenceNet> model{q::Seed{1}};
  q::interop::load_arrays(model, arrays);
  xt::xtensor<float, 3> x({2, 15, 4});
  const auto inputs = eighths(generator, x.size());
  std::copy(inputs.begin(), inputs.end(), x.begin());
  const auto outputs = model.predict(x);
  std::vector<float> all;
  std::apply([&](const auto&... each) { (all.insert(all.end(), each.begin(), each.end()), ...); }, outputs);
  REQUIRE(all.size() == std::size(golden::sequence_outputs));
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(static_cast<double>(all[i]) ==
          doctest::Approx(static_cast<double>(golden::sequence_outputs[i])).epsilon(1e-5));
  }
}
