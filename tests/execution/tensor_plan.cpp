// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/tensor_plan.hpp>

#include <doctest/doctest.h>

#include <random>

namespace q = quench;

TEST_CASE("tensors that live at one time are apart, others share memory") {
  struct Tensor {
    std::size_t bytes;
    int first, last, number;
  };
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    q::TensorPlan plan;
    std::vector<Tensor> tensors;
    std::size_t all = 0;
    for (int n = 0; n < 30; ++n) {
      Tensor tensor{random() % 5000 + 1, n, n + static_cast<int>(random() % 4), 0};
      tensor.number = plan.add(tensor.bytes, tensor.first, tensor.last);
      tensors.push_back(tensor);
      all += tensor.bytes;
    }
    plan.place();
    CHECK(plan.bytes(1) < all);
    for (const int samples : {1, 7}) {
      const auto count = static_cast<std::size_t>(samples);
      for (const Tensor& a : tensors) {
        const std::size_t begin = plan.offset(a.number, samples), end = begin + a.bytes * count;
        CHECK(begin % q::TensorPlan::line == 0);
        CHECK(end <= plan.bytes(samples));
        for (const Tensor& b : tensors) {
          if (a.number == b.number || a.first > b.last || b.first > a.last) continue;
          const std::size_t other = plan.offset(b.number, samples);
          CHECK((end <= other || other + b.bytes * count <= begin));
        }
      }
    }
  }
}

TEST_CASE("a chain of tensors needs the memory of two") {
  q::TensorPlan plan;
  for (int n = 0; n < 10; ++n) plan.add(640, n, n + 1);
  plan.place();
  CHECK(plan.bytes(1) == 2 * 640);
  CHECK(plan.bytes(3) == 6 * 640);
}
