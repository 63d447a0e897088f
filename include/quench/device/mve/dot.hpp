// SPDX-License-Identifier: Apache-2.0
// Sums of products of int8 codes on a Cortex-M with vectors: four filters that see the same codes.
//
// vmladav adds sixteen products to a sum in a register of its own. The codes are loaded once for four filters. dlstp and
// letp make a loop that ends by itself inside a vector: its last loads read nothing beyond a run and give zeros. GCC 12
// does not make such loops, and steps five pointers in five instructions, so the loop is written out. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/device/patches.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// Adds Σ x * w over `length` neighbours to the sums of four filters, `filter_step` codes apart.
[[gnu::always_inline]] inline void add_dot_four(std::int32_t& a, std::int32_t& b, std::int32_t& c, std::int32_t& d,
                                                const std::int8_t* x, const std::int8_t* w, int filter_step,
                                                int length) {
  const std::int8_t *w1 = w + filter_step, *w2 = w1 + filter_step, *w3 = w2 + filter_step;
  __asm__ volatile(
      "dlstp.8 lr, %[length]\n"
      "1:\n\t"
      "vldrb.8 q0, [%[x]], #16\n\t"
      "vldrb.8 q1, [%[w0]], #16\n\t"
      "vmladava.s8 %[a], q0, q1\n\t"
      "vldrb.8 q2, [%[w1]], #16\n\t"
      "vmladava.s8 %[b], q0, q2\n\t"
      "vldrb.8 q1, [%[w2]], #16\n\t"
      "vmladava.s8 %[c], q0, q1\n\t"
      "vldrb.8 q2, [%[w3]], #16\n\t"
      "vmladava.s8 %[d], q0, q2\n\t"
      "letp lr, 1b"
      : [x] "+r"(x), [w0] "+r"(w), [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3), [a] "+Te"(a), [b] "+Te"(b),
        [c] "+Te"(c), [d] "+Te"(d)
      : [length] "r"(length)
      : "q0", "q1", "q2", "lr", "cc", "memory");
}

/// The codes of neighbouring filters at one pixel: y[k] of Σ x * w[k] over `length` neighbours.
/// Errors   none; undefined unless `filters` is at least 4, or if a sum leaves int32
template <class Y>
[[gnu::noinline]] void dot_run(const std::int8_t* x, const std::int8_t* w, Y* y, int filters, int length,
                               const kernels::OutputChannels& output, int first) {
  FourChannels<Y> channels(output, first);
  for (int left = filters;;) {
    std::int32_t a = 0, b = 0, c = 0, d = 0;
    add_dot_four(a, b, c, d, x, w, length, length);
    channels.store(y, int32x4_t{a, b, c, d});
    left -= 4;
    if (left <= 0) return;
    const int next = left < 4 ? left : 4;  // the last four overlap those before
    w += next * length, y += next, channels.move(next);
  }
}

/// The same over a patch, for filters `filter_size` codes apart.
template <class Y>
[[gnu::noinline]] void dot_patch(const std::int8_t* x, const std::int8_t* w, Y* y, int filters, int filter_size,
                                 const Patch& patch, const kernels::OutputChannels& output, int first) {
  FourChannels<Y> channels(output, first);
  for (int left = filters;;) {
    std::int32_t a = 0, b = 0, c = 0, d = 0;
    for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
         ++row, x_row += patch.x_row, w_row += patch.w_row)
      for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run)
        add_dot_four(a, b, c, d, x + at_x, w + at_w, filter_size, patch.length);
    channels.store(y, int32x4_t{a, b, c, d});
    left -= 4;
    if (left <= 0) return;
    const int next = left < 4 ? left : 4;
    w += next * filter_size, y += next, channels.move(next);
  }
}

/// The largest window that is copied to the stack before it is multiplied: 3x3 of 32 channels.
inline constexpr int most_copied_codes = 288;
static_assert(most_copied_codes % 16 == 0);  // copy_patch writes zeros sixteen at a time

/// Copies a patch to where the codes of its filter lie, with zeros in the padding.
[[gnu::noinline]] inline void copy_patch(const std::int8_t* x, const Patch& patch, std::int8_t* to, int filter_size) {
  if (patch.rows * patch.runs * patch.length < filter_size)
    for (int i = 0; i < filter_size; i += 16) vstrbq_s8(to + i, vdupq_n_s8(0));
  for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
       ++row, x_row += patch.x_row, w_row += patch.w_row)
    for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
      const std::int8_t* from = x + at_x;
      std::int8_t* codes = to + at_w;
      __asm__ volatile(
          "dlstp.8 lr, %[length]\n"
          "1:\n\t"
          "vldrb.8 q0, [%[from]], #16\n\t"
          "vstrb.8 q0, [%[codes]], #16\n\t"
          "letp lr, 1b"
          : [from] "+r"(from), [codes] "+r"(codes)
          : [length] "r"(patch.length)
          : "q0", "lr", "cc", "memory");
    }
}

}  // namespace quench::device::mve

#endif
