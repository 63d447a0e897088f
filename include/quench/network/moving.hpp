// SPDX-License-Identifier: Apache-2.0
// Functions made of reshape, permute and slice, named as in PyTorch. The graph has those operators; messages name the
// function. Axes do not count the batch; negative ones count from the end. Freestanding.
#pragma once

#include <array>
#include <cstddef>

#include <quench/network/symbol.hpp>

namespace quench {

namespace detail {

// One call of such a function. While `forward` is counted, shapes are unknown and have rank 0.
struct MovingCall {
  TextView function;
  int line;

  constexpr Symbol call(Operator op, Symbol x, Settings settings) const {
    settings.function = function;
    return x.call(op, {}, line, settings);
  }
  constexpr Symbol reshape(Symbol x, std::initializer_list<int> extents) const {
    return call(Operator::Reshape, x, axes_settings(extents));
  }
  constexpr Symbol permute(Symbol x, std::initializer_list<int> order) const {
    return call(Operator::Permute, x, axes_settings(order));
  }
  // A node in place of the one that a setting does not allow.
  constexpr Symbol refuse(Operator op, Symbol x, TextView setting, int value) const {
    Settings settings;
    settings.refused = setting;
    settings.axes[0] = value;
    return call(op, x, settings);
  }
};

constexpr int from_begin(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

constexpr Symbol unsqueeze(Symbol x, int axis, const MovingCall& call) {
  const Shape shape = x.traced_shape();
  const int place = from_begin(axis, shape.rank + 1);
  if (place < 0 || place > shape.rank) return call.refuse(Operator::Reshape, x, "axis", axis);
  if (shape.rank == max_rank) return call.refuse(Operator::Reshape, x, "number of extents", max_rank + 1);
  Settings extents;
  for (int i = 0; i <= shape.rank; ++i)
    extents.axes[extents.axis_count++] = i == place ? 1 : shape[i < place ? i : i - 1];
  return call.call(Operator::Reshape, x, extents);
}

template <std::size_t Count>
constexpr std::array<Symbol, Count> split(Symbol x, const int (&sizes)[Count], int axis, const MovingCall& call) {
  std::array<Symbol, Count> parts;
  int begin = 0;
  for (std::size_t i = 0; i < Count; ++i) {
    Settings settings = axes_settings(axis);
    settings.begin[0] = begin;
    begin = saturating_sum(begin, sizes[i] < 0 ? 0 : sizes[i]);
    settings.end[0] = begin;
    parts[i] =
        sizes[i] < 1 ? call.refuse(Operator::Slice, x, "size", sizes[i]) : call.call(Operator::Slice, x, settings);
  }
  return parts;
}

// The spatial extents and channels around a block of r x r pixels: [H, W, C r r] and [H r, W r, C].
struct PixelBlocks {
  int h = 1, w = 1, c = 1, r = 1;
  bool fits = false;

  static constexpr PixelBlocks in_channels(const Shape& x, int r) {
    if (x.rank != 3 || r < 1 || r > 46340 || x[2] % (r * r) != 0) return {};
    return {x[0], x[1], x[2] / (r * r), r, true};
  }
  static constexpr PixelBlocks in_pixels(const Shape& x, int r) {
    if (x.rank != 3 || r < 1 || r > 46340 || x[0] % r != 0 || x[1] % r != 0) return {};
    return {x[0] / r, x[1] / r, x[2], r, true};
  }
};

constexpr Symbol pixels_from_channels(Symbol x, int r, bool channels_first, TextView setting, const MovingCall& call) {
  const Shape shape = x.traced_shape();
  const auto b = PixelBlocks::in_channels(shape, r);
  const Symbol parts = !b.fits ? shape.rank != 3 ? call.refuse(Operator::Reshape, x, "number of axes", shape.rank)
                                                 : call.refuse(Operator::Reshape, x, setting, r)
                       : channels_first ? call.reshape(x, {b.h, b.w, b.c, b.r, b.r})
                                        : call.reshape(x, {b.h, b.w, b.r, b.r, b.c});
  const Symbol moved = channels_first ? call.permute(parts, {0, 3, 1, 4, 2}) : call.permute(parts, {0, 2, 1, 3, 4});
  return call.reshape(moved, {saturating_product(b.h, b.r), saturating_product(b.w, b.r), b.c});
}

constexpr Symbol channels_from_pixels(Symbol x, int r, bool channels_first, TextView setting, const MovingCall& call) {
  const Shape shape = x.traced_shape();
  const auto b = PixelBlocks::in_pixels(shape, r);
  const Symbol parts = b.fits            ? call.reshape(x, {b.h, b.r, b.w, b.r, b.c})
                       : shape.rank != 3 ? call.refuse(Operator::Reshape, x, "number of axes", shape.rank)
                                         : call.refuse(Operator::Reshape, x, setting, r);
  const Symbol moved = channels_first ? call.permute(parts, {0, 2, 4, 1, 3}) : call.permute(parts, {0, 2, 1, 3, 4});
  return call.reshape(moved, {b.h, b.w, saturating_product(b.c, saturating_product(b.r, b.r))});
}

}  // namespace detail

/// A new axis of extent 1 before `axis`: unsqueeze(x, -1) of [4, 3] gives [4, 3, 1].
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol unsqueeze(Symbol x, int axis, CallLine line = CallLine::here()) {
  return detail::unsqueeze(x, axis, {"unsqueeze", line});
}

/// Without one axis, whose extent is 1: squeeze(x, 0) of [1, 4, 3] gives [4, 3]. PyTorch ignores an axis of another
/// extent; quench refuses it.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol squeeze(Symbol x, int axis, CallLine line = CallLine::here()) {
  const detail::MovingCall call{"squeeze", line};
  const Shape shape = x.traced_shape();
  const int place = detail::from_begin(axis, shape.rank);
  if (place < 0 || place >= shape.rank || shape[place] != 1) return call.refuse(Operator::Reshape, x, "axis", axis);
  Settings extents;
  for (int i = 0; i < shape.rank; ++i)
    if (i != place) extents.axes[extents.axis_count++] = shape[i];
  return call.call(Operator::Reshape, x, extents);
}

/// Parts of these sizes along an axis, in order: auto [a, b] = split(x, {3, 5}, -1). The sizes add up to the extent.
/// Errors   setting-out-of-range (compile time)
template <std::size_t Count>
[[nodiscard]] constexpr std::array<Symbol, Count> split(Symbol x, const int (&sizes)[Count], int axis,
                                                        CallLine line = CallLine::here()) {
  const detail::MovingCall call{"split", line};
  const Shape shape = x.traced_shape();
  const int place = detail::from_begin(axis, shape.rank);
  int total = 0;
  for (const int size : sizes) total = saturating_sum(total, size < 0 ? 0 : size);
  if (place < 0 || place >= shape.rank || total == shape[place]) return detail::split(x, sizes, axis, call);
  std::array<Symbol, Count> parts;
  for (Symbol& part : parts) part = call.refuse(Operator::Slice, x, "sum of sizes", total);
  return parts;
}

/// `Count` parts along an axis, as even as PyTorch's: auto [a, b, c] = chunk<3>(x, -1) of 10 channels has 4, 4 and 2.
/// PyTorch may return fewer parts than asked for; quench refuses that.
/// Errors   setting-out-of-range (compile time)
template <int Count>
  requires(Count >= 1)
[[nodiscard]] constexpr auto chunk(Symbol x, int axis, CallLine line = CallLine::here()) {
  const detail::MovingCall call{"chunk", line};
  const Shape shape = x.traced_shape();
  const int place = detail::from_begin(axis, shape.rank);
  const int extent = place >= 0 && place < shape.rank ? shape[place] : Count;
  const int size = extent / Count + (extent % Count != 0);
  const long long rest = extent - (Count - 1LL) * size;
  std::array<Symbol, index(Count)> parts;
  if (rest < 1) {
    for (Symbol& part : parts) part = call.refuse(Operator::Slice, x, "chunks", Count);
    return parts;
  }
  int sizes[index(Count)];
  for (int& each : sizes) each = size;
  sizes[index(Count - 1)] = static_cast<int>(rest);
  return detail::split(x, sizes, axis, call);
}

/// [H, W, C r r] -> [H r, W r, C] with r = `upscale_factor`. Channel (c r + i) r + j becomes row i and column j of a
/// block of channel c, as in PyTorch.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol pixel_shuffle(Symbol x, int upscale_factor, CallLine line = CallLine::here()) {
  return detail::pixels_from_channels(x, upscale_factor, true, "upscale_factor", {"pixel_shuffle", line});
}

/// [H r, W r, C] -> [H, W, C r r] with r = `downscale_factor`: the inverse of `pixel_shuffle`.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol pixel_unshuffle(Symbol x, int downscale_factor, CallLine line = CallLine::here()) {
  return detail::channels_from_pixels(x, downscale_factor, true, "downscale_factor", {"pixel_unshuffle", line});
}

/// The order of the channels that `depth_to_space` spreads, as ONNX names it: block row, block column, channel (DCR) or
/// channel, block row, block column (CRD, which is `pixel_shuffle`).
enum class DepthMode : unsigned char { Dcr, Crd };

/// ONNX's DepthToSpace: [H, W, C r r] -> [H r, W r, C] with r = `blocksize`.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol depth_to_space(Symbol x, int blocksize, DepthMode mode = DepthMode::Dcr,
                                              CallLine line = CallLine::here()) {
  return detail::pixels_from_channels(x, blocksize, mode == DepthMode::Crd, "blocksize", {"depth_to_space", line});
}

/// ONNX's SpaceToDepth: [H r, W r, C] -> [H, W, r r C] with r = `blocksize`: the inverse of `depth_to_space` with Dcr.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol space_to_depth(Symbol x, int blocksize, CallLine line = CallLine::here()) {
  return detail::channels_from_pixels(x, blocksize, false, "blocksize", {"space_to_depth", line});
}

}  // namespace quench
