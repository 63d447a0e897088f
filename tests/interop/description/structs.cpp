// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/description/structs.hpp>

#include <doctest/doctest.h>

#include "interop/imported_networks.hpp"

namespace d = quench::interop::detail;

namespace {

d::WrittenStructs structs_of(const quench::interop::ImportedNetwork& network) {
  const d::ImportedBlock block = d::blocks_of(network);
  const auto top = d::struct_of(network, block, {});
  return d::write_structs(network, *top,
                          {.name = "Net", .stubs = {"quant"}, .parameters = {"image"}, .dequant = "dequant"});
}

}  // namespace

TEST_CASE("description structs: blocks that differ in numbers are one template") {
  imported::Maker net({8, 8, 3});
  int x = 0;
  for (const auto& [in, out, stride] : {std::tuple(3, 4, 1), std::tuple(4, 6, 2), std::tuple(6, 6, 2)}) {
    const std::string scope = "stage" + std::to_string(in + stride);
    x = net.layer(scope + ".relu", "ReLU",
                  net.bn(scope + ".bn", net.conv(scope + ".conv", x, in, out, 3, stride), out));
  }
  net.output("y", x);
  CHECK(structs_of(net.network).blocks ==
        "template <int In, int Out, int Stride>\n"
        "struct Stage {\n"
        "  quench::Conv2d conv{.in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = "
        "1};\n"
        "  quench::BatchNorm2d bn{.channels = Out};\n"
        "  quench::ReLU relu;\n"
        "  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }\n"
        "};\n\n");
}

TEST_CASE("description structs: no parameter of a template has the name of a struct") {
  imported::Maker net({8});
  int x = 0;
  for (const char* name : {"a.in.fc", "b.in.fc"}) x = net.linear(name, x, 8, 8);
  x = net.linear("c.fc", net.linear("c.in.fc", x, 8, 8), 8, 4);
  x = net.linear("e.fc", net.linear("e.in.fc", x, 4, 8), 8, 2);
  net.output("y", x);
  const std::string text = structs_of(net.network).blocks;
  CAPTURE(text);
  CHECK(text.find("struct In {") != text.npos);
  for (const char* parameter : {"<int In>", "<int In,", "int In,", "int In>"}) CHECK(text.find(parameter) == text.npos);
}
