// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/names.hpp>

#include <doctest/doctest.h>

namespace d = quench::interop::detail;

TEST_CASE("modules are named after weights and nodes, where these have names") {
  CHECK(d::module_of_weight("features.3.conv.weight") == "features.3.conv");
  CHECK(d::module_of_weight("conv2d_0.w_0") == "conv2d_0");
  CHECK(d::module_of_weight("onnx::Conv_123").empty());
  CHECK(d::module_of_weight("3.weight").empty());
  CHECK(d::module_of_weight(".weight").empty());
  CHECK(d::module_of_weight("a b.weight").empty());
  CHECK(d::module_of_node("/features/features.3/conv/Conv") == "features.3.conv");
  CHECK(d::module_of_node("StatefulPartitionedCall/model/conv2d/BiasAdd") == "model.conv2d");
  CHECK(d::module_of_node("/layer1/layer1.0/Add_1") == "layer1.0");
  CHECK(d::module_of_node("Conv_0").empty());
  CHECK(d::module_of_node("/a b/Conv").empty());
  CHECK(d::is_later_call("block.fc_12", "block.fc"));
  for (const char* other : {"block.fc", "block.fc_", "block.fc_a", "block.fc1", "block.f_1"})
    CHECK_FALSE(d::is_later_call(other, "block.fc"));
  CHECK(d::last_of_node("/layer1/Add_1") == "add_1");
  CHECK(d::last_of_node("Add_1").empty());
}
