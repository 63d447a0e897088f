// SPDX-License-Identifier: Apache-2.0
// Networks of torchvision, timm and others: they have as many parameters, their weights load by PyTorch's names, then they
// compute what torch computes, and with these weights they train and convert. See tests/golden/make_networks.py.
#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>
#include <quench/interop/state.hpp>

#include "golden/inputs.hpp"
#include "golden/networks.hpp"
#include "networks/converts.hpp"
#include "networks/dense_net.hpp"
#include "networks/ds_cnn.hpp"
#include "networks/mobilenet_v3.hpp"
#include "networks/unet.hpp"
#include "networks/vision_transformer.hpp"
#include "networks/yolo.hpp"
#include "temporary_folder.hpp"

namespace i = quench::interop;
namespace q = quench;
using namespace networks;

namespace {

std::uint32_t hash_of_name(const std::string& name) {
  std::uint32_t hash = 0x811c9dc5u;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x01000193u;
  return hash;
}

i::NamedArray array_of(const std::string& name, const std::vector<std::size_t>& shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  int power = 0;
  if (shape.size() > 1)
    while (std::size_t{12} << 2 * power < size / shape[0]) ++power;
  golden::Generator generator{hash_of_name(name)};
  std::vector<float> values(size);
  for (float& value : values) {
    const float v = static_cast<float>(static_cast<int>(generator.next() >> 8) - 32768) * 0x1p-15f;
    value = name.ends_with(".running_var") ? 1 + v / 2
            : shape.size() > 1             ? v / static_cast<float>(1 << power)
            : name.ends_with(".weight")    ? 1 + v / 4
                                           : v / 4;
  }
  return i::NamedArray::of<float>(shape, values);
}

/// PyTorch's state_dict of a network. Each batch norm has statistics there, also where a ChannelAffine computes it.
template <class Net>
i::NamedArrays state_dict(const q::FloatModel<Net>& model) {
  i::NamedArrays arrays;
  for (const auto& [name, array] : i::arrays_of(model)) arrays[name] = array_of(name, array.shape);
  constexpr const q::Graph& graph = q::graph<Net>;
  for (int m = 0; m < graph.module_count; ++m) {
    const q::Operator op = graph.modules[m].op;
    if (op != q::Operator::BatchNorm2d && op != q::Operator::ChannelAffine) continue;
    const std::string name = q::tensors::text(graph.modules[m].name);
    for (const char* what : {".running_mean", ".running_var"})
      arrays[name + what] = array_of(name + what, arrays.at(name + ".weight").shape);
    const std::int64_t batches = 0;
    arrays[name + ".num_batches_tracked"] = i::NamedArray::of<std::int64_t>({}, std::span(&batches, 1));
  }
  return arrays;
}

std::uint64_t hash_of(const i::NamedArrays& arrays) {
  golden::Hash hash;
  for (const auto& [name, array] : arrays) {
    for (const char letter : name) hash.add(static_cast<unsigned char>(letter));
    for (const std::size_t extent : array.shape) hash.add(static_cast<std::uint32_t>(extent));
    if (array.type == i::ArrayType::Float32)
      for (const float value : array.as<float>()) hash.add(std::bit_cast<std::uint32_t>(value));
  }
  return hash.value;
}

template <class Net>
std::vector<q::Batch<Net>> samples_of(const golden::Network& golden) {
  auto batches = q::random_batches<Net>(q::Seed{1}, golden.samples, 1);
  golden::Generator generator{hash_of_name(golden.name)};
  const auto code = [&] { return static_cast<int>((generator.next() >> 8) % 256) - 128; };
  for (auto& batch : batches) {
    if constexpr (requires { batch.images.codes(); })
      for (auto& value : batch.images.codes()) value = static_cast<std::int8_t>(code());
    else
      for (float& value : batch.images) value = static_cast<float>(code()) / 128;
  }
  return batches;
}

/// `Full` has the published parameters; `Net` is smaller and computes. Its weights go through a file.
template <class Full, class Net>
void check(const golden::Network& golden, const char* file) {
  static_assert(q::verified<Full, q::march::NashE>());
  CHECK(parameter_count(q::graph<Full>) == golden.full_parameters);
  CHECK(parameter_count(q::graph<Net>) == golden.parameters);

  q::FloatModel<Net> model{q::Seed{7}};
  const i::NamedArrays arrays = state_dict(model);
  REQUIRE(hash_of(arrays) == golden.file_hash);
  const TemporaryFolder folder;
  if (const std::string path = folder / file; path.ends_with(".npz"))
    i::write_npz(path, arrays);
  else
    i::write_safetensors(path, arrays);
  i::load(model, folder / file);

  std::size_t at = 0;
  int far = 0;
  for (const auto& batch : samples_of<Net>(golden)) {
    const std::vector<float> found = flow::outputs(model, batch);
    REQUIRE(found.size() == static_cast<std::size_t>(golden.outputs));
    for (std::size_t k = 0; k < found.size(); k += static_cast<std::size_t>(golden.step))
      far += !(std::abs(static_cast<double>(found[k]) - golden.kept.at(at++)) <= 1e-5 * golden.largest);
  }
  CHECK(at == golden.kept.size());
  CHECK(far == 0);
  check_model_converts(model, 15);
}

}  // namespace

TEST_CASE("MobileNetV3-small with PyTorch's weights computes what torch computes, and converts") {
  check<MobileNetV3Small<>, MobileNetV3Small<40, 10, 1>>(golden::mobilenet_v3, "net.safetensors");
}
TEST_CASE("DS-CNN with PyTorch's weights computes what torch computes, and converts") {
  check<DsCnn<>, DsCnn<8>>(golden::ds_cnn, "net.npz");
}
TEST_CASE("a YOLO with PyTorch's weights computes what torch computes, and converts") {
  check<Yolo<>, Yolo<32, 4, 2>>(golden::yolo, "net.safetensors");
}
TEST_CASE("a vision transformer with PyTorch's weights computes what torch computes, and converts") {
  check<VisionTransformer<>, SmallVisionTransformer>(golden::vision_transformer, "net.npz");
}
TEST_CASE("a stage of DenseNet with PyTorch's weights computes what torch computes, and converts") {
  check<DenseNetStage<>, DenseNetStage<24, 4, 3>>(golden::dense_net, "net.safetensors");
}
TEST_CASE("a U-Net with PyTorch's weights computes what torch computes, and converts") {
  check<UNet<>, UNet<32, 2>>(golden::unet, "net.npz");
}
