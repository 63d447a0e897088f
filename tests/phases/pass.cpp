// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/pass.hpp>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

#include "networks/small.hpp"

namespace q = quench;

namespace {

struct ImageNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 6, 6>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(x))); }
};

template <class T>
bool same_bits(const T& a, const T& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// A batch in one piece gives what its samples give one by one, and the memory of a model is that of a block.
template <class Net, class Model>
void check_blocks(const Model& model) {
  const q::phases::PassPlan& plan = *model.core().passes().plan();
  const int block = plan.block(1 << 20, 1), size = 2 * block + 3;
  const auto whole = q::random_batches<Net>(q::Seed{5}, 1, size)[0];
  const auto y = model.predict(whole.images);
  CHECK(model.core().passes().bytes() == plan.bytes(block));
  model.predict(whole.images);
  CHECK(model.core().passes().bytes() == plan.bytes(block));
  const std::size_t given = whole.images.size() / static_cast<std::size_t>(size);
  const std::size_t gives = y.size() / static_cast<std::size_t>(size);
  for (const int sample : {0, block - 1, block, 2 * block + 2}) {
    auto one = q::random_batches<Net>(q::Seed{5}, 1, 1)[0];
    const auto at = static_cast<std::size_t>(sample);
    std::copy_n(whole.images.data() + at * given, given, one.images.data());
    const auto of_one = model.predict(one.images);
    CHECK(std::memcmp(of_one.data(), y.data() + at * gives, gives * sizeof(float)) == 0);
  }
  auto several = model;
  several.core().set_workers(q::Workers{3});
  CHECK(same_bits(several.predict(whole.images), y));
}

}  // namespace

TEST_CASE("a batch takes no more memory than a block, in every phase, and has the same bits") {
  const auto batches = q::random_batches<small::UNet>(q::Seed{1}, 2, 4);
  const q::FloatModel<small::UNet> model{q::Seed{2}};
  check_blocks<small::UNet>(model);
  const auto prepared = q::prepare<q::march::NashE>(model);
  check_blocks<small::UNet>(prepared);
  const auto calibrated = q::calibrate(prepared, batches);
  check_blocks<small::UNet>(calibrated);
  check_blocks<small::UNet>(q::convert(calibrated));
  check_blocks<small::UNet>(q::start_qat(calibrated));
}

TEST_CASE("an image goes in as the codes it is") {
  const auto batches = q::random_batches<ImageNet>(q::Seed{1}, 1, 5);
  const q::ImageBatch<q::color::CenteredYuv444>& images = batches[0].images;
  const q::FloatModel<ImageNet> model{q::Seed{2}};
  CHECK(same_bits(model.predict(images), model.predict(images.real_values())));
  const auto check = [&](const auto& quantized) {
    CHECK(same_bits(quantized.predict(images), quantized.predict(images.real_values())));
    const q::phases::PassPlan& plan = *quantized.core().passes().plan();
    CHECK_FALSE(plan.has_reals(q::graph<ImageNet>.inputs[0]));
  };
  check(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)));
  check(q::convert(q::calibrate(q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(model), batches)));
  check(q::start_qat(q::calibrate(q::prepare<q::march::NashE>(model), batches)));
}

TEST_CASE("a copy of a model has passes of its own, and a failed pass is used again") {
  const auto batches = q::random_batches<small::WithFloatEnds>(q::Seed{1}, 1, 4);
  const q::FloatModel<small::WithFloatEnds> model{q::Seed{2}};
  const auto y = model.predict(batches[0].images);
  CHECK(model.core().passes().bytes() > 0);
  const q::FloatModel<small::WithFloatEnds> copy = model;
  CHECK(copy.core().passes().bytes() == 0);
  CHECK(same_bits(copy.predict(batches[0].images), y));
  const auto inputs = q::phases::check_batch<small::WithFloatEnds>(batches[0]);
  const std::size_t bytes = model.core().passes().bytes();
  CHECK_THROWS(model.core().predict(inputs, [](const auto&, q::Shard) { throw std::runtime_error("asked to"); }));
  CHECK(model.core().passes().bytes() == bytes);
  CHECK(same_bits(model.predict(batches[0].images), y));
}

TEST_CASE("a batch in blocks visits each sample once, in order where it is asked to") {
  const q::phases::PassPlan plan(q::graph<small::UNet>, q::training::Form::Float, {},
                                 q::phases::output_nodes(q::graph<small::UNet>));
  q::WorkerPool pool(q::Workers{2});
  for (const int samples : {1, 2, 7, 1000}) {
    int next = 0;
    std::vector<q::Shard> computed(2);
    const auto compute = [&](int slot, q::Shard block) { computed[static_cast<std::size_t>(slot)] = block; };
    q::phases::run_in_order(plan, pool, samples, compute, [&](int slot, q::Shard block) {
      CHECK(computed[static_cast<std::size_t>(slot)].begin == block.begin);
      CHECK(computed[static_cast<std::size_t>(slot)].end == block.end);
      CHECK(block.begin == next);
      CHECK(block.count() > 0);
      next = block.end;
    });
    CHECK(next == samples);
  }
}
