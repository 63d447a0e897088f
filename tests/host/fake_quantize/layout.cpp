// SPDX-License-Identifier: Apache-2.0
#include <quench/host/fake_quantize/layout.hpp>

#include <doctest/doctest.h>

TEST_CASE("a layout counts the values of all blocks, channels and runs") {
  const quench::host::ChannelLayout layout{2, 3, 5};
  CHECK(layout.size() == 30);
  CHECK(layout == quench::host::ChannelLayout{2, 3, 5});
  CHECK_FALSE(layout == quench::host::ChannelLayout{3, 2, 5});
  CHECK(quench::host::ChannelLayout{}.size() == 1);
  CHECK(quench::host::ChannelLayout{2, 0, 5}.size() == 0);
}
