// SPDX-License-Identifier: Apache-2.0
// The training step of training.cpp in libtorch.   training_libtorch THREADS STEPS
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace nn = torch::nn;

struct Network : nn::Module {
  nn::Conv2d conv1{conv(1, 16, 1)}, conv2{conv(16, 32, 2)}, conv3{conv(32, 32, 1)}, conv4{conv(32, 64, 2)};
  nn::Linear classifier{64, 10};
  static nn::Conv2dOptions conv(int in, int out, int stride) {
    return nn::Conv2dOptions(in, out, 3).stride(stride).padding(1);
  }
  Network() {
    register_module("conv1", conv1), register_module("conv2", conv2), register_module("conv3", conv3);
    register_module("conv4", conv4), register_module("classifier", classifier);
  }
  at::Tensor forward(at::Tensor x) {
    const at::Tensor y = torch::relu(conv2(torch::relu(conv1(x))));
    return classifier(torch::relu(conv4(torch::relu(conv3(y) + y))).mean({2, 3}));
  }
};

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  const int steps = argc > 2 ? std::atoi(argv[2]) : 50;
  Network network;
  torch::optim::SGD sgd(network.parameters(), 0.01);
  const at::Tensor x = at::rand({64, 1, 28, 28}), labels = at::randint(10, {64}, at::kLong);
  for (int i = -3; i < steps; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    sgd.zero_grad();
    torch::nll_loss(torch::log_softmax(network.forward(x), 1), labels).backward();
    sgd.step();
    const double taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    if (i >= 0) std::printf("%.4f\n", taken);
  }
}
