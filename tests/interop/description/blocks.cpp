// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/description/blocks.hpp>

#include <doctest/doctest.h>

#include "interop/imported_networks.hpp"

namespace d = quench::interop::detail;

namespace {

/// "a(b c)" for a block a with the parts b and c; a part without a name is "-".
std::string shown_blocks(const d::ImportedBlock& block) {
  std::string text;
  for (const d::ImportedPart& part : block.parts) {
    std::string name;
    for (const std::string& each : part.path) name += (name.empty() ? "" : ".") + each;
    if (name.starts_with('\1')) name[0] = '*';
    text += (text.empty() ? "" : " ") + (name.empty() ? "-" : name);
    if (part.block) text += "(" + shown_blocks(*part.block) + ")";
  }
  return text;
}

}  // namespace

TEST_CASE("description blocks: scopes that follow one another are blocks, and steps without a name join them") {
  CHECK(shown_blocks(d::blocks_of(imported::flat())) == "stem stem_bn stem_relu body - - - classifier");
  CHECK(shown_blocks(d::blocks_of(imported::pyramid())) ==
        "backbone(stage1(down - blocks.0(conv1 act conv2 - -) blocks.1(conv1 act conv2 - -)) "
        "stage2(down - blocks.0(conv1 act conv2 - -) blocks.1(conv1 act conv2 - -)) "
        "stage3(down - blocks.0(conv1 act conv2 - -) blocks.1(conv1 act conv2 - -))) "
        "heads(classes.0 boxes.0(conv) join.0 classes.1 boxes.1(conv) join.1) - neck(up gate) -");
}

TEST_CASE("description blocks: an activation without a name takes the next free place of its sequence") {
  imported::Maker net({8, 8, 3});
  int x = net.layer("", "ReLU", net.conv("a.0", 0, 3, 3, 3));
  x = net.layer("", "ReLU", net.conv("b.0", x, 3, 3, 3));
  x = net.layer("", "ReLU", net.conv("b.1", x, 3, 3, 3));
  net.output("y", x);
  CHECK(shown_blocks(d::blocks_of(net.network)) == "a.0 a.1 b.0 - b.1 b.2");
}

TEST_CASE("description blocks: what repeats without names is a block, and blocks in a row are a sequence") {
  const std::string block = "(- - - - - - - - - - - -)";
  CHECK(shown_blocks(d::blocks_of(imported::gated())) == "- - *blocks.0" + block + " *blocks.1" + block + " *blocks.2" +
                                                             block + " *blocks.3" + block + " *blocks.4" + block +
                                                             " shared - shared - - -");
}

TEST_CASE("description blocks: whole numbers in a text") {
  std::vector<std::string> numbers;
  CHECK(d::without_numbers("$m.f2($0, {1, -23}, 0.5f, 1e-5f, cat<4>)", &numbers) ==
        "$m.f2($0, {#, -#}, 0.5f, 1e-5f, cat<#>)");
  CHECK(numbers == std::vector<std::string>{"1", "23", "4"});
}

TEST_CASE("description blocks: settings that have their defaults") {
  quench::interop::ImportedStep step{.type = "Conv2d", .settings = "{.in_channels = 3, .padding = 1, .bias = false}"};
  CHECK(d::complete_settings(step) ==
        "{.in_channels = 3, .stride = 1, .padding = 1, .dilation = 1, .groups = 1, .bias = false}");
  CHECK(d::short_settings(d::complete_settings(step)) == step.settings);
  step = {.type = "MaxPool2d", .settings = "{.kernel_size = 2}"};
  CHECK(d::complete_settings(step) == step.settings);
  CHECK(d::short_settings("{.in_channels = 3, .stride = 11, .groups = 1}") == "{.in_channels = 3, .stride = 11}");
}

TEST_CASE("description blocks: no struct has more than 128 members") {
  imported::Maker net({8});
  int x = 0;
  for (int n = 0; n < 300; ++n) x = net.linear("fc" + std::string(static_cast<std::size_t>(n % 7) + 1, 'x'), x, 8, 8);
  net.output("y", x);
  const d::ImportedBlock block = d::blocks_of(net.network);
  CHECK(block.parts.size() <= 128);
}
