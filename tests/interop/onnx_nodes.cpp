// SPDX-License-Identifier: Apache-2.0
// Computes in float the calls that onnx_nodes.py writes, and compares them with what the ONNX standard expects.
//   onnx_nodes FILE      the calls; prints the name of each that agrees, and ends with 1 if one does not
#include <quench/network.hpp>
#include <quench/training/operators.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "network/calls.hpp"

namespace q = quench;
namespace t = quench::training;

namespace {

using Symbols = std::vector<q::Symbol>;

struct Tensor {
  std::vector<int> shape;
  std::vector<float> values;
};

struct Case {
  std::string name, call;
  int samples = 1;
  std::map<std::string, std::vector<double>> numbers;
  std::vector<Tensor> inputs, outputs;
  Tensor weight, bias;

  double real(const std::string& key) const { return numbers.at(key).at(0); }
  int integer(const std::string& key) const { return static_cast<int>(real(key)); }
  q::Axes axes(const std::string& key) const {
    q::Axes result = 0;
    result.count = 0;
    for (const double value : numbers.at(key)) result.values[result.count++] = static_cast<int>(value);
    return result;
  }
  q::Pair pair(const std::string& key) const {
    const q::Axes two = axes(key);
    return {two.values[0], two.values[1]};
  }
  q::Padding padding() const {
    const q::Axes sides = axes("padding");
    return sides.count == 0 ? q::Padding::Same
                            : q::Padding(sides.values[0], sides.values[1], sides.values[2], sides.values[3]);
  }
};

q::Shape shape_of(const Tensor& tensor) {
  q::Shape shape;
  for (const int extent : tensor.shape) shape.extents[shape.rank++] = extent;
  return shape;
}

using Function = std::function<Symbols(const Case&, const Symbols&)>;

template <class Layer>
Function of_one() {
  return [](const Case&, const Symbols& x) { return Symbols{Layer{}(x.at(0))}; };
}

template <q::Symbol (q::FloatFunctional::*Operation)(q::Symbol, q::Symbol, q::CallLine) const>
Function of_all() {
  return [](const Case&, const Symbols& x) {
    q::Symbol result = x.at(0);
    for (std::size_t i = 1; i < x.size(); ++i)
      result = (q::FloatFunctional{}.*Operation)(result, x[i], q::CallLine::here());
    return Symbols{result};
  };
}

float to_float(double value) { return static_cast<float>(value); }

const std::map<std::string, Function> functions = {
    {"Abs", of_one<q::Abs>()},
    {"Exp", of_one<q::Exp>()},
    {"Log", of_one<q::Log>()},
    {"Sqrt", of_one<q::Sqrt>()},
    {"Reciprocal", of_one<q::Reciprocal>()},
    {"Sigmoid", of_one<q::Sigmoid>()},
    {"Tanh", of_one<q::Tanh>()},
    {"Relu", of_one<q::ReLU>()},
    {"HardSwish", of_one<q::HardSwish>()},
    {"Softplus", of_one<q::Softplus>()},
    {"Identity", of_one<q::Identity>()},
    {"Dropout", of_one<q::Dropout>()},
    {"GlobalAveragePool", of_one<q::GlobalAvgPool2d>()},
    {"GlobalMaxPool",
     [](const Case&, const Symbols& x) { return Symbols{q::AdaptiveMaxPool2d{.output_size = 1}(x.at(0))}; }},
    {"Add", of_all<&q::FloatFunctional::add>()},
    {"Sub", of_all<&q::FloatFunctional::sub>()},
    {"Mul", of_all<&q::FloatFunctional::mul>()},
    {"Max", of_all<&q::FloatFunctional::maximum>()},
    {"Min", of_all<&q::FloatFunctional::minimum>()},
    {"MatMul", of_all<&q::FloatFunctional::matmul>()},
    {"Div", [](const Case&, const Symbols& x) { return Symbols{q::Div{}(x.at(0), x.at(1))}; }},
    {"Neg", [](const Case&, const Symbols& x) { return Symbols{q::FloatFunctional{}.mul_scalar(x.at(0), -1)}; }},
    {"LeakyRelu",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::LeakyReLU{.negative_slope = to_float(c.real("alpha"))}(x.at(0))};
     }},
    {"Elu",
     [](const Case& c, const Symbols& x) { return Symbols{q::ELU{.alpha = to_float(c.real("alpha"))}(x.at(0))}; }},
    {"HardSigmoid",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::HardSigmoid{.alpha = to_float(c.real("alpha")), .beta = to_float(c.real("beta"))}(x.at(0))};
     }},
    {"Clip",
     [](const Case& c, const Symbols& x) {  // either bound may be absent
       q::Symbol y = x.at(0);
       if (c.numbers.contains("min")) y = q::FloatFunctional{}.maximum(y, to_float(c.real("min")));
       if (c.numbers.contains("max")) y = q::FloatFunctional{}.minimum(y, to_float(c.real("max")));
       return Symbols{y};
     }},
    {"PRelu", [](const Case& c,
                 const Symbols& x) { return Symbols{q::PReLU{.num_parameters = c.weight.shape.at(0)}(x.at(0))}; }},
    {"ChannelAffine",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::ChannelAffine{.channels = c.weight.shape.at(0)}(x.at(0))};
     }},
    {"Softmax",
     [](const Case& c, const Symbols& x) {  // of another axis: moved to the end and back
       return Symbols{q::permute(q::Softmax{}(q::permute(x.at(0), c.axes("order"))), c.axes("order"))};
     }},
    {"LayerNormalization",
     [](const Case& c, const Symbols& x) {
       const q::LayerNorm norm{.normalized_shape = c.axes("normalized_shape"), .eps = to_float(c.real("epsilon"))};
       return Symbols{norm(x.at(0))};
     }},
    {"Linear",
     [](const Case& c, const Symbols& x) {
       const q::Linear linear{
           .in_features = c.weight.shape.at(1), .out_features = c.weight.shape.at(0), .bias = !c.bias.values.empty()};
       return Symbols{linear(x.at(0))};
     }},
    {"Conv",
     [](const Case& c, const Symbols& x) {
       const q::Conv2d conv{.in_channels = c.weight.shape.at(3) * c.integer("group"),
                            .out_channels = c.weight.shape.at(0),
                            .kernel_size = {c.weight.shape.at(1), c.weight.shape.at(2)},
                            .stride = c.pair("strides"),
                            .padding = c.padding(),
                            .dilation = c.pair("dilations"),
                            .groups = c.integer("group"),
                            .bias = false};
       return Symbols{conv(x.at(0))};
     }},
    {"ConvTranspose",
     [](const Case& c, const Symbols& x) {
       const q::ConvTranspose2d conv{.in_channels = c.weight.shape.at(3),
                                     .out_channels = c.weight.shape.at(0),
                                     .kernel_size = {c.weight.shape.at(1), c.weight.shape.at(2)},
                                     .stride = c.pair("strides"),
                                     .padding = c.pair("padding"),
                                     .output_padding = c.pair("output_padding"),
                                     .bias = false,
                                     .dilation = c.pair("dilations")};
       return Symbols{conv(x.at(0))};
     }},
    {"MaxPool",
     [](const Case& c, const Symbols& x) {
       const q::MaxPool2d pool{.kernel_size = c.pair("kernel_shape"),
                               .stride = c.pair("strides"),
                               .padding = c.padding(),
                               .dilation = c.pair("dilations"),
                               .ceil_mode = c.integer("ceil_mode") != 0};
       return Symbols{pool(x.at(0))};
     }},
    {"AveragePool",
     [](const Case& c, const Symbols& x) {
       const q::AvgPool2d pool{.kernel_size = c.pair("kernel_shape"),
                               .stride = c.pair("strides"),
                               .padding = c.padding(),
                               .ceil_mode = c.integer("ceil_mode") != 0,
                               .count_include_pad = c.integer("count_include_pad") != 0};
       return Symbols{pool(x.at(0))};
     }},
    {"MaxPool1d",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::MaxPool1d{.kernel_size = c.integer("kernel_shape"), .stride = c.integer("strides")}(x.at(0))};
     }},
    {"AveragePool1d",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::AvgPool1d{.kernel_size = c.integer("kernel_shape"), .stride = c.integer("strides")}(x.at(0))};
     }},
    {"ConvTranspose1d",
     [](const Case& c, const Symbols& x) {
       const q::ConvTranspose1d conv{.in_channels = c.weight.shape.at(2),
                                     .out_channels = c.weight.shape.at(0),
                                     .kernel_size = c.weight.shape.at(1),
                                     .stride = c.integer("strides"),
                                     .bias = false};
       return Symbols{conv(x.at(0))};
     }},
    {"Concat",
     [](const Case& c, const Symbols& x) {
       const q::FloatFunctional f;
       switch (c.integer("axis")) {
         case -3: return Symbols{f.cat<-3>(x.at(0), x.at(1))};
         case -2: return Symbols{f.cat<-2>(x.at(0), x.at(1))};
         case -1: return Symbols{f.cat<-1>(x.at(0), x.at(1))};
         case 0: return Symbols{f.cat<0>(x.at(0), x.at(1))};
         case 1: return Symbols{f.cat<1>(x.at(0), x.at(1))};
         case 2: return Symbols{f.cat<2>(x.at(0), x.at(1))};
         default: throw std::runtime_error("an axis of cat that has no line here");
       }
     }},
    {"Slices",  // one result for each three numbers after the axes: every axis from begin to end
     [](const Case& c, const Symbols& x) {
       Symbols results;
       const auto& runs = c.numbers.at("runs");  // axis, begin, end
       for (std::size_t first = 0; first < runs.size(); first += static_cast<std::size_t>(3 * c.integer("axes"))) {
         q::Symbol y = x.at(0);
         for (std::size_t i = first; i < first + static_cast<std::size_t>(3 * c.integer("axes")); i += 3)
           y = q::slice(y, static_cast<int>(runs[i]), static_cast<int>(runs[i + 1]), static_cast<int>(runs[i + 2]));
         results.push_back(y);
       }
       return results;
     }},
    {"Gather",
     [](const Case& c, const Symbols& x) {
       const q::Axes places = c.axes("places");
       if (places.count != 3) throw std::runtime_error("a number of places that has no line here");
       const int three[] = {places.values[0], places.values[1], places.values[2]};
       return Symbols{q::FloatFunctional{}.gather(x.at(0), three, c.integer("axis"))};
     }},
    {"Transpose", [](const Case& c, const Symbols& x) { return Symbols{q::permute(x.at(0), c.axes("perm"))}; }},
    {"Reshape", [](const Case& c, const Symbols& x) { return Symbols{q::reshape(x.at(0), c.axes("shape"))}; }},
    {"Squeeze", [](const Case& c, const Symbols& x) { return Symbols{q::squeeze(x.at(0), c.integer("axis"))}; }},
    {"Unsqueeze",
     [](const Case& c, const Symbols& x) {
       q::Symbol y = x.at(0);
       for (const double axis : c.numbers.at("axes")) y = q::unsqueeze(y, static_cast<int>(axis));
       return Symbols{y};
     }},
    {"Pad",
     [](const Case& c, const Symbols& x) {
       const auto& n = c.numbers.at("margins");
       const auto at = [&](std::size_t i) {
         return q::Margin{static_cast<int>(n.at(2 * i)), static_cast<int>(n.at(2 * i + 1))};
       };
       return Symbols{q::pad(x.at(0), {at(0), at(1), at(2)})};
     }},
    {"DepthToSpace",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::depth_to_space(x.at(0), c.integer("blocksize"),
                                        c.integer("crd") != 0 ? q::DepthMode::Crd : q::DepthMode::Dcr)};
     }},
    {"SpaceToDepth",
     [](const Case& c, const Symbols& x) { return Symbols{q::space_to_depth(x.at(0), c.integer("blocksize"))}; }},
    {"ReduceMean",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::FloatFunctional{}.mean(x.at(0), c.axes("axes"), c.integer("keepdims") != 0)};
     }},
    {"ReduceSum",
     [](const Case& c, const Symbols& x) {
       return Symbols{q::FloatFunctional{}.sum(x.at(0), c.axes("axes"), c.integer("keepdims") != 0)};
     }},
};

// Computes the recorded nodes in their order. Gives what does not agree, or nothing.
std::string compare(const Case& c) {
  Calls calls;
  Symbols x;
  std::vector<std::vector<float>> values(Calls::capacity);
  for (const Tensor& input : c.inputs) {
    x.push_back(calls.input(shape_of(input)));
    values[static_cast<std::size_t>(x.back().node())] = input.values;
  }
  const Symbols y = functions.at(c.call)(c, x);
  for (int n = static_cast<int>(x.size()); n < calls.recorder.node_count; ++n) {
    const q::Node& node = calls.nodes[n];
    if (!node.shapes_agree) return "a node has no shape";
    std::vector<t::Operand> operands;
    for (int i = 0; i < node.operand_count; ++i) {
      const int from = calls.operands[node.first_operand + i];
      operands.push_back({values[static_cast<std::size_t>(from)].data(), nullptr, calls.nodes[from].shape});
    }
    std::vector<float>& result = values[static_cast<std::size_t>(n)];
    result.resize(static_cast<std::size_t>(node.shape.elements()) * static_cast<std::size_t>(c.samples));
    if (q::family_of(node.op) == q::Family::View) {  // a pass reads the values where they are
      result = values[static_cast<std::size_t>(calls.operands[node.first_operand])];
      continue;
    }
    const t::LayerParameters parameters{.weight = c.weight.values.data(),
                                        .bias = c.bias.values.empty() ? nullptr : c.bias.values.data()};
    t::forward({&node, c.samples, operands.data(), {result.data(), nullptr, node.shape}}, parameters);
  }
  if (y.size() != c.outputs.size()) return "another number of outputs";
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (calls[y[i]].shape != shape_of(c.outputs[i])) return "another shape";
    const auto& ours = values[static_cast<std::size_t>(y[i].node())];
    const auto& expected = c.outputs[i].values;
    if (ours.size() != expected.size()) return "another number of values";
    float largest = 0;
    for (const float value : expected) largest = std::max(largest, std::fabs(value));
    for (std::size_t k = 0; k < ours.size(); ++k)
      if (!(std::fabs(ours[k] - expected[k]) <= 1e-5f * largest))
        return std::to_string(ours[k]) + " where " + std::to_string(expected[k]) + " is expected";
  }
  return {};
}

Tensor read_tensor(std::istream& file) {
  Tensor tensor;
  std::size_t rank = 0, size = 0;
  file >> rank;
  tensor.shape.resize(rank);
  for (int& extent : tensor.shape) file >> extent;
  file >> size;
  tensor.values.resize(size);
  for (float& value : tensor.values) file >> value;
  return tensor;
}

std::vector<Case> read_cases(std::istream& file) {
  std::vector<Case> cases;
  for (std::string kind; file >> kind;) {
    if (kind == "case") {
      cases.emplace_back();
      file >> cases.back().name >> cases.back().call >> cases.back().samples;
    } else if (kind == "numbers") {
      std::string key;
      std::size_t count = 0;
      file >> key >> count;
      auto& numbers = cases.back().numbers[key];
      numbers.resize(count);
      for (double& number : numbers) file >> number;
    } else if (kind == "input") {
      cases.back().inputs.push_back(read_tensor(file));
    } else if (kind == "output") {
      cases.back().outputs.push_back(read_tensor(file));
    } else if (kind == "weight") {
      cases.back().weight = read_tensor(file);
    } else if (kind == "bias") {
      cases.back().bias = read_tensor(file);
    } else {
      throw std::runtime_error("the file of cases has a line that begins with " + kind);
    }
  }
  return cases;
}

}  // namespace

int main(int, char** arguments) {
  std::ifstream file{arguments[1]};
  int failed = 0;
  for (const Case& c : read_cases(file)) {
    const std::string fault = compare(c);
    failed += !fault.empty();
    std::printf("%s %s %s\n", fault.empty() ? "agrees" : "DIFFERS", c.name.c_str(), fault.c_str());
  }
  return failed == 0 ? 0 : 1;
}
