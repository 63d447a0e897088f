// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/load_onnx.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>
#include <quench/tensors/files.hpp>

#include "interop/imported.hpp"
#include "interop/onnx_model.hpp"
#include "temporary_folder.hpp"
#include "tensors/throws.hpp"

namespace {

namespace i = quench::interop;
namespace o = onnx_model;

/// With names of its own: a file's layers are found by their order.
struct Loaded {
  using Inputs = quench::Inputs<quench::Features<4, 4, 3>>;
  quench::QuantStub quant;
  quench::Linear last{.in_features = 32, .out_features = 2};  // declared before the layers that are called before it
  quench::Conv2d first{.in_channels = 3, .out_channels = 2, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d norm{.channels = 2};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(last(quench::flatten(norm(first(quant(x)))))); }
};

struct Small {
  using Inputs = quench::Inputs<quench::Features<3>>;
  quench::QuantStub quant;
  quench::Linear fc{.in_features = 3, .out_features = 2};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(quant(x))); }
};

struct Looked {
  using Inputs = quench::Inputs<quench::Indices<2>>;
  quench::Embedding words{.num_embeddings = 4, .embedding_dim = 3, .padding_idx = 0};
  quench::Linear fc{.in_features = 3, .out_features = 2};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(words(x))); }
};

i::ImportedNetwork network(int kernel = 3, bool has_bias = false, bool has_last = true) {
  imported::Maker net({4, 4, 3});
  int x = net.bn("b", net.conv("a", 0, 3, 2, kernel, 1, 1, has_bias), 2);
  x = net.flatten(x);
  if (has_last) x = net.linear("c", x, 32, 2);
  net.output("y", x);
  return std::move(net.network);
}

quench::Error error_of(i::ImportedNetwork given) {
  try {
    i::detail::arrays_for(quench::graph<Loaded>, std::move(given));
  } catch (const quench::Error& error) {
    return error;
  }
  FAIL("no error");
  throw 0;
}

std::string evidence_about(i::ImportedNetwork given) {
  const quench::Error error = error_of(std::move(given));
  return error.evidence();
}

}  // namespace

TEST_CASE("load_onnx: layers are matched in the order of their calls") {
  const i::NamedArrays arrays = i::detail::arrays_for(quench::graph<Loaded>, network());
  CHECK(arrays.size() == 8);
  CHECK(arrays.at("first.weight") == network().steps[0].parameters.at("weight"));
  CHECK(arrays.at("norm.running_var") == network().steps[1].parameters.at("running_var"));
  CHECK(arrays.at("last.weight") == network().steps[3].parameters.at("weight"));
  quench::FloatModel<Loaded> model;
  i::load_arrays(model, arrays);
  const std::vector<float> columns = network().steps[3].parameters.at("weight").values<float>();
  for (const auto& view : model.parameters())  // in quench's order already
    if (view.name == "last.weight") CHECK(std::equal(columns.begin(), columns.end(), view.values.begin()));
}

TEST_CASE("load_onnx: the table of an embedding") {
  imported::Maker net({2});
  net.network.inputs[0].is_indices = true;
  net.output("y", net.linear("l", net.embedding("e", 0, 4, 3), 3, 2));
  const i::NamedArrays arrays = i::detail::arrays_for(quench::graph<Looked>, std::move(net.network));
  CHECK(arrays.at("words.weight").shape == std::vector<std::size_t>{4, 3});
  quench::FloatModel<Looked> model;
  i::load_arrays(model, arrays);
  CHECK(i::arrays_of(model).at("words.weight") == arrays.at("words.weight"));
  imported::Maker other({2});
  other.output("y", other.linear("l", other.embedding("e", 0, 5, 3), 3, 2));
  CHECK(slug_of([&] { i::detail::arrays_for(quench::graph<Looked>, std::move(other.network)); }) == "state-not-valid");
}

TEST_CASE("load_onnx: where both sides disagree, the error names both") {
  const quench::Error kernel = error_of(network(1));
  CHECK(kernel.slug() == "state-not-valid");
  CHECK(kernel.module() == "first");
  CHECK(
      kernel.evidence() ==
      "layer 1 with parameters, in the order of calls: the model has first, a Conv2d with a weight [2, 3, 3, 3] and no "
      "bias; the file has Conv2d$m($0) 'a', a Conv2d with a weight [2, 3, 1, 1] and no bias");
  CHECK(evidence_about(network(3, true)).ends_with("'a', a Conv2d with a weight [2, 3, 3, 3] and a bias"));
  CHECK(evidence_about(network(3, false, false))
            .ends_with("a Linear with a weight [2, 32] and a bias; the file has no more"));
  i::ImportedNetwork longer = network();
  longer.steps.push_back(longer.steps[3]);
  CHECK(evidence_about(longer).ends_with("the model has no more"));
}

TEST_CASE("load_onnx: a file, and a file that does not fit, which leaves the model as it was") {
  const auto floats = [](std::initializer_list<float> values) {
    o::Message bytes;
    for (const float value : values) bytes += o::Message(reinterpret_cast<const char*>(&value), 4);
    return o::part(9, bytes);
  };
  const auto model_file = [&](std::uint64_t out) {
    const o::Message weight = out == 2 ? floats({1, 2, 3, 4, 5, 6}) : floats({1, 2, 3});
    const o::Message gemm = o::part(1, "x") + o::part(1, "weight") + o::part(1, "bias") + o::part(2, "y") +
                            o::part(4, "Gemm") + o::part(5, o::part(1, "transB") + o::number(20, 2) + o::number(3, 1));
    return o::number(1, 7) + o::part(8, o::number(2, 13)) +
           o::part(7, o::part(11, o::value("x", {1, 3})) + o::part(1, gemm) +
                          o::part(5, o::tensor("weight", 1, {out, 3}, weight)) +
                          o::part(5, o::tensor("bias", 1, {out}, out == 2 ? floats({7, 8}) : floats({7}))) +
                          o::part(12, o::value("y", {1, out})));
  };
  const TemporaryFolder folder;
  quench::FloatModel<Small> model;
  quench::tensors::write_file(folder / "net.onnx", model_file(2));
  i::load_onnx(model, folder / "net.onnx");
  const auto loaded = i::arrays_of(model);
  CHECK(loaded.at("fc.weight").values<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(loaded.at("fc.bias").values<float>() == std::vector<float>{7, 8});
  quench::tensors::write_file(folder / "other.onnx", model_file(1));
  CHECK(slug_of([&] { i::load_onnx(model, folder / "other.onnx"); }) == "state-not-valid");
  CHECK(slug_of([&] { i::load_onnx(model, folder / "none.onnx"); }) == "file-not-readable");
  CHECK(i::arrays_of(model) == loaded);
}
