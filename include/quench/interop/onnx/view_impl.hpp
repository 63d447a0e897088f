// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/view.hpp>

#include <algorithm>
#include <utility>

namespace quench::interop {

namespace detail {

QUENCH_INLINE OnnxView OnnxView::of(int value, const OnnxShape& shape, const std::vector<std::size_t>& order,
                                    std::size_t rank, std::size_t batch_axis) {
  OnnxView view{value, shape, {}, std::vector<OnnxFactors>(rank)};
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (shape[i] == 1) continue;
    view.file[order[i]].push_back(view.factors.size());
    view.factors.push_back(shape[i]);
  }
  if (batch_axis < rank) view.file[batch_axis].push_back(batch);
  return view;
}

QUENCH_INLINE std::int64_t OnnxView::extent_of(const OnnxFactors& group) const {
  std::int64_t product = 1;
  for (const std::size_t factor : group)
    if (factor != batch) product *= factors[factor];
  return product;
}

QUENCH_INLINE OnnxShape OnnxView::file_shape(std::int64_t batch_extent) const {
  OnnxShape result;
  for (const OnnxFactors& axis : file) {
    const bool has_batch = std::find(axis.begin(), axis.end(), batch) != axis.end();
    result.push_back(extent_of(axis) * (has_batch ? batch_extent : 1));
  }
  return result;
}

QUENCH_INLINE std::size_t OnnxView::batch_axis() const {
  const auto found = std::find(file.begin(), file.end(), OnnxFactors{batch});
  return static_cast<std::size_t>(found - file.begin());
}

QUENCH_INLINE OnnxView OnnxView::transposed(const std::vector<std::size_t>& order) const {
  OnnxView result = *this;
  for (std::size_t i = 0; i < order.size(); ++i) result.file[i] = file[order[i]];
  return result;
}

QUENCH_INLINE void OnnxView::join_neighbours() {
  std::vector<bool> joins(factors.size() + 1, false);  // a factor joins the one before it
  for (const OnnxFactors& axis : file)
    for (std::size_t i = 1; i < axis.size(); ++i)
      if (axis[i] != batch && axis[i - 1] != batch && axis[i] == axis[i - 1] + 1) joins[axis[i]] = true;
  std::vector<std::size_t> number(factors.size());
  OnnxShape joined;
  for (std::size_t f = 0; f < factors.size(); ++f) {
    if (joins[f])
      joined.back() *= factors[f];
    else
      joined.push_back(factors[f]);
    number[f] = joined.size() - 1;
  }
  for (OnnxFactors& axis : file) {
    OnnxFactors kept;
    for (const std::size_t factor : axis)
      if (factor == batch || !joins[factor]) kept.push_back(factor == batch ? batch : number[factor]);
    axis = std::move(kept);
  }
  factors = std::move(joined);
}

QUENCH_INLINE bool OnnxView::reshape(const OnnxShape& target, std::int64_t batch_extent) {
  // Runs of neighbours in memory, in the order of the file. Each is cut into the pieces that the target needs.
  struct Run {
    std::size_t first;    // factor; `batch` for the batch
    std::int64_t extent;  // what is left to cut
    OnnxShape pieces;
  };
  std::vector<Run> runs;
  std::size_t last = batch;
  for (const OnnxFactors& axis : file)
    for (const std::size_t factor : axis) {
      const bool continues = factor != batch && last != batch && factor == last + 1;
      if (!continues) runs.push_back({factor, factor == batch ? batch_extent : 1, {}});
      if (factor != batch) runs.back().extent *= factors[factor];
      last = factor;
    }

  struct Piece {
    std::size_t run, place;
  };
  std::vector<std::vector<Piece>> axes(target.size());
  std::size_t at = 0;
  const auto take = [&](std::size_t axis, std::int64_t extent) {
    axes[axis].push_back({at, runs[at].pieces.size()});
    runs[at].pieces.push_back(extent);
    runs[at].extent /= extent;
  };
  const auto is_batch = [&] { return at < runs.size() && runs[at].first == batch; };
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    std::int64_t left = target[axis];
    if (left == 1 && is_batch() && batch_extent == 1) {
      axes[axis].push_back({at++, 0});
      continue;
    }
    while (left > 1) {
      if (at == runs.size()) return false;
      if (is_batch()) {
        if (left % batch_extent != 0) misunderstand("it joins parts of the batch with other axes");
        left /= batch_extent;
        axes[axis].push_back({at++, 0});
        continue;
      }
      if (runs[at].extent % left == 0) {
        take(axis, left);
        left = 1;
      } else if (left % runs[at].extent == 0) {
        left /= runs[at].extent;
        take(axis, runs[at].extent);
      } else {
        return false;
      }
      if (runs[at].extent == 1) ++at;
    }
  }
  for (; is_batch(); ++at)  // a batch of 1 that goes: it stays in the last axis
    if (batch_extent == 1 && !axes.empty()) axes.back().push_back({at, 0});
  if (at != runs.size()) return false;

  std::vector<std::size_t> by_memory;  // the runs in the order of their factors
  for (std::size_t r = 0; r < runs.size(); ++r)
    if (runs[r].first != batch) by_memory.push_back(r);
  std::sort(by_memory.begin(), by_memory.end(),
            [&](std::size_t a, std::size_t b) { return runs[a].first < runs[b].first; });
  std::vector<std::size_t> number(runs.size(), batch);  // of the first piece of each run
  OnnxShape cut;
  for (const std::size_t r : by_memory) {
    number[r] = cut.size();
    cut.insert(cut.end(), runs[r].pieces.begin(), runs[r].pieces.end());
  }
  factors = std::move(cut);
  file.assign(target.size(), {});
  for (std::size_t axis = 0; axis < target.size(); ++axis)
    for (const Piece& piece : axes[axis])
      file[axis].push_back(number[piece.run] == batch ? batch : number[piece.run] + piece.place);
  join_neighbours();
  return true;
}

}  // namespace detail

}  // namespace quench::interop
