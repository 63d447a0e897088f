// SPDX-License-Identifier: Apache-2.0
// One convolution on a machine without operating system: the kernel, or seven nested loops that test every pixel.
// Built and counted by tests/benchmark/kernels, which defines the capital names.
#include <quench/kernels/conv2d.hpp>

namespace q = quench;
namespace k = quench::kernels;

namespace {

constexpr int out_extent = EXTENT + 2 * PADDING - KERNEL + 1;
std::int8_t x[EXTENT * EXTENT * CHANNELS], w[FILTERS * KERNEL * KERNEL * CHANNELS / GROUPS];
std::int8_t y[out_extent * out_extent * FILTERS];
std::int32_t bias[FILTERS];
q::Requantization records[FILTERS];

[[maybe_unused, gnu::noinline]] void naive(const std::int8_t* image, const std::int8_t* filters, std::int8_t* out,
                                           const k::Convolution& conv, const k::OutputChannels& output) {
  const k::Window& window = conv.window;
  const int depth = conv.x[2] / conv.groups, group_filters = conv.y[2] / conv.groups;
  for (int n = 0; n < 1; ++n)
    for (int oy = 0; oy < conv.y[0]; ++oy)
      for (int ox = 0; ox < conv.y[1]; ++ox)
        for (int c = 0; c < conv.y[2]; ++c) {
          std::int32_t acc = output.bias[c];
          for (int ky = 0; ky < window.kernel_size.height; ++ky)
            for (int kx = 0; kx < window.kernel_size.width; ++kx)
              for (int i = 0; i < depth; ++i) {
                const int iy = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
                const int ix = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
                if (iy < 0 || iy >= conv.x[0] || ix < 0 || ix >= conv.x[1]) continue;
                const int at = (iy * conv.x[1] + ix) * conv.x[2] + c / group_filters * depth + i;
                acc += image[at] *
                       filters[((c * window.kernel_size.height + ky) * window.kernel_size.width + kx) * depth + i];
              }
          const std::int32_t code = q::requantize<8>(acc, output.requantization[c]);
          out[(oy * conv.y[1] + ox) * conv.y[2] + c] = static_cast<std::int8_t>(code);
        }
}

[[maybe_unused, gnu::noinline]] void kernel(const std::int8_t* image, const std::int8_t* filters, std::int8_t* out,
                                            const k::Convolution& conv, const k::OutputChannels& output) {
  k::conv2d(image, filters, out, conv, output);
}

}  // namespace

extern "C" void* memset(void* target, int value, unsigned count) {
  for (volatile char* byte = static_cast<char*>(target); count > 0; --count) *byte++ = static_cast<char>(value);
  return target;
}

extern "C" void _start() {
  for (q::Requantization& record : records) record = {16384, 2, 15};
  [[maybe_unused]] const k::Convolution conv{q::Shape(EXTENT, EXTENT, CHANNELS),
                                             q::Shape(out_extent, out_extent, FILTERS),
                                             {.kernel_size = KERNEL, .padding = PADDING},
                                             GROUPS};
  [[maybe_unused]] const k::OutputChannels output{bias, records};
#ifdef RUN_NAIVE
  naive(x, w, y, conv, output);
#endif
#ifdef RUN_KERNEL
  kernel(x, w, y, conv, output);
#endif
  asm volatile("mov r7, #1\n svc 0" : : "r"(x), "r"(w), "r"(y));  // exit
}
