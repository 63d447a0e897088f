// SPDX-License-Identifier: Apache-2.0
// The code of the pages of folders with models: training, phases, flow, report, interop.
#include <doctest/doctest.h>
#include <sstream>
#include <thread>

#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>
#include <quench/interop/state.hpp>
#include <quench/quench.hpp>

#include "networks/small.hpp"
#include "temporary_folder.hpp"

namespace q = quench;
using small::ResNet;

namespace {

auto labelled() { return q::random_labelled_batches<ResNet>(q::Seed{1}, 3, 8); }

}  // namespace

TEST_CASE("page: a training loop with a schedule and two workers") {
  const auto train_batches = labelled();
  // region training
  q::DataParallel model{q::FloatModel<ResNet>{q::Seed{7}}, q::Workers{2}};
  const q::OneCycle schedule{.max_learning_rate = 0.05f, .total_steps = 3};
  q::Sgd sgd{.momentum = 0.9f, .weight_decay = 5e-4f};
  long step = 0;
  for (const auto& batch : train_batches) {
    const auto loss = q::cross_entropy(model.forward(batch.images), batch.labels);
    model.backward(loss.gradient);
    sgd.learning_rate = schedule(step++);
    sgd.step(model);
  }
  // end region
  CHECK(step == 3);
}

TEST_CASE("page: two threads ask one model") {
  const auto batches = labelled();
  // region phases
  const q::FloatModel<ResNet> model{q::Seed{7}};
  std::thread other([&] { model.predict(batches[0].images); });
  auto logits = model.predict(batches[1].images);  // [8, 5]
  other.join();
  // end region
  CHECK(logits.shape(1) == 5);
}

TEST_CASE("page: what stands before and after a quantized model, and its limit of memory") {
  const q::FloatModel<ResNet> model{q::Seed{7}};
  const auto batches = labelled();
  const TemporaryFolder folder;
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  const q::ImageBatch<q::color::Gray> photos(2, 20, 20);
  // region flow
  auto camera = q::attach_input<q::GrayToCentered>(q::attach_input<q::Resize>(quantized));
  auto classes = q::append<q::ArgMax>(camera).predict(photos);  // photos of any size
  // end region
  CHECK(classes.size() == 2);
  // region deploy
  auto deployment = q::deploy<q::processor::J6E, q::ArenaLimit<65536>>(quantized);  // at most 64 KiB for tensors
  q::export_cpp(deployment, folder / "resnet_weights.hpp");                         // struct resnet_weights
  // end region
  CHECK(deployment.arena_bytes <= 65536);
  // region c
  q::export_c(deployment, folder / "net.h");  // and net.c beside it
  // end region
}

TEST_CASE("page: models and optimizers in files") {
  const TemporaryFolder folder;
  const auto training = folder / "training.npz", path = folder / "net.safetensors", runs = folder / "int.safetensors";
  q::FloatModel<ResNet> model{q::Seed{7}};
  q::Adam adam;
  const auto batches = labelled();
  // region save
  q::interop::save(model, path);            // a state_dict for PyTorch
  q::interop::save(adam, model, training);  // the optimizer too: training resumes bit for bit
  q::interop::load(adam, model, training);

  q::interop::save(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)), runs);
  auto quantized = q::interop::load_quantized<ResNet, q::march::NashE>(runs);  // needs no float model and no data
  // end region
  CHECK(quantized.predict(batches[0].images).shape(1) == 5);
  // region torch
  // In Python: safetensors.torch.save_file(net.state_dict(), "net.safetensors")
  q::FloatModel<ResNet> from_pytorch;
  q::interop::load(from_pytorch, path);  // names and layout are those of PyTorch
  // end region
  CHECK(from_pytorch.predict(batches[0].images) == model.predict(batches[0].images));
  // region arrays
  q::interop::NamedArrays arrays = q::interop::read_safetensors(path);
  std::span<const float> weights = arrays.at("stem.weight").as<float>();  // [4, 1, 3, 3], as PyTorch has them
  q::interop::write_npz(folder / "net.npz", arrays);
  // end region
  CHECK(weights.size() == 36);
}
