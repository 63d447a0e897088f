// SPDX-License-Identifier: Apache-2.0
// Where each tensor of an integer network lies in one static arena, planned by the compiler.
//
// A tensor lives from the step that computes it to the last step that reads it. Inputs (the codes at the QuantStubs, and
// indices) live from the start, outputs (the operands of DeQuantStubs) to the end. Two tensors may overlap if they do
// not overlap in time. An elementwise operation overwrites an operand that is not read later. Tensors are placed
// by time, each at the lowest offset that is free all its life. That takes linear time, so the compiler plans 1000 layers
// within its limits. If the arena is not the least possible and there are at most 200 tensors, the order largest first is
// tried too, of equal ones the longest-lived first, and the smaller arena wins. Freestanding.
#pragma once

#include <quench/device/fusion.hpp>
#include <quench/network/dtypes.hpp>
#include <quench/network/trace.hpp>

namespace quench::device {

/// Offsets and sizes of tensors are multiples of this many bytes.
inline constexpr int alignment = 4;

constexpr int bytes_of(DType dtype) {
  return dtype == DType::Int16 ? 2 : dtype == DType::Int32 || dtype == DType::Float32 ? 4 : 1;
}

/// A piece of the arena: the tensors of one or several steps, each computed in place of the one before.
struct Buffer {
  int bytes = 0;
  int first = 0;  // step that writes it first
  int last = 0;   // step that reads it last
  int offset = 0;

  constexpr bool lives_with(const Buffer& other) const { return first <= other.last && other.first <= last; }
};

template <int Nodes>
struct MemoryPlan {
  int buffer_of[array_size(Nodes)]{};  // of each node; -1 without integers
  Buffer buffers[array_size(Nodes)]{};
  int buffer_count = 0;
  int arena_bytes = 0;  // including inputs and outputs
  int lower_bound = 0;  // the largest sum of the tensors live at one step

  constexpr int offset_of(int node) const { return buffers[buffer_of[node]].offset; }
};

namespace detail {

// True if an operator may write its output over operand `i`: it reads each element before it writes that place. It
// reads a broadcast operand more than once.
constexpr bool works_in_place(const Graph& graph, const Node& node, int i) {
  const Node& x = graph.operand_node(node, i);
  return row_of(node.op).elements == Elements::InPlace && x.domain == Domain::Quantized && x.shape == node.shape;
}

/// What planning needs beside the buffers, each for one number of each buffer.
struct PlanScratch {
  int* order;
  int* live;
  int* earliest;
};

// The lowest offset at which a buffer overlaps no other buffer of its lifetime.
constexpr int lowest_free_offset(const Buffer* buffers, const int* placed, int placed_count, const Buffer& buffer) {
  int offset = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (int p = 0; p < placed_count; ++p) {
      const Buffer& other = buffers[placed[p]];
      if (!other.lives_with(buffer)) continue;
      if (offset < other.offset + other.bytes && other.offset < offset + buffer.bytes) {
        offset = other.offset + other.bytes;
        moved = true;
      }
    }
  }
  return offset;
}

// Forgets the live buffers that nothing reads from a step on. Returns how many are left.
constexpr int keep_live(const Buffer* buffers, int* live, int live_count, int step) {
  int kept = 0;
  for (int p = 0; p < live_count; ++p)
    if (buffers[live[p]].last >= step) live[kept++] = live[p];
  return kept;
}

// Places all buffers in the order of the scratch. Returns the size of the arena.
constexpr int place(Buffer* buffers, const PlanScratch& scratch, int count) {
  const int* const order = scratch.order;
  for (int i = count - 1; i >= 0; --i) {  // the first step of this buffer and all later ones
    const int first = buffers[order[i]].first;
    scratch.earliest[i] = i + 1 < count && scratch.earliest[i + 1] < first ? scratch.earliest[i + 1] : first;
  }
  int arena = 0, live_count = 0;
  for (int i = 0; i < count; ++i) {
    Buffer& buffer = buffers[order[i]];
    live_count = keep_live(buffers, scratch.live, live_count, scratch.earliest[i]);
    buffer.offset = lowest_free_offset(buffers, scratch.live, live_count, buffer);
    scratch.live[live_count++] = order[i];
    arena = buffer.offset + buffer.bytes > arena ? buffer.offset + buffer.bytes : arena;
  }
  return arena;
}

template <class Before>
constexpr void sort_indices(int* order, int count, Before before) {
  for (int i = 1; i < count; ++i)
    for (int j = i; j > 0 && before(order[j], order[j - 1]); --j) {
      const int moved = order[j];
      order[j] = order[j - 1];
      order[j - 1] = moved;
    }
}

// Assigns one buffer to each step, or the buffer of an operand that it may overwrite, and finds lifetimes.
template <int Nodes>
constexpr void assign_buffers(const Graph& graph, const DType* dtypes, MemoryPlan<Nodes>& plan) {
  int last_use[array_size(Nodes)]{};
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    for (int i = 0; i < node.operand_count; ++i) {
      const int step = step_of(graph, graph.operand(node, i));
      // The operand of a DeQuantStub is an output: it lives to the end.
      const int use = node.op == Operator::DeQuantStub ? graph.node_count : step_of(graph, n);
      last_use[step] = use > last_use[step] ? use : last_use[step];
    }
  }
  const auto last_read = [&last_use](int n) { return last_use[n] > n ? last_use[n] : n; };
  const auto add_buffer = [&](int n, int first) {
    const int unaligned = saturating_product(graph.nodes[n].shape.elements(), bytes_of(dtypes[n]));
    const int bytes = saturating_sum(unaligned, alignment - 1) / alignment * alignment;
    plan.buffer_of[n] = plan.buffer_count;
    plan.buffers[plan.buffer_count++] = {bytes, first, last_read(n), 0};
  };
  for (int n = 0; n < graph.node_count; ++n) {  // inputs come first, so that buffers are in the order of their time
    plan.buffer_of[n] = -1;
    if (is_given(graph.nodes[n])) add_buffer(n, 0);
  }
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (node.domain != Domain::Quantized || is_given(node)) continue;
    if (is_absorbed(graph, node)) {
      plan.buffer_of[n] = plan.buffer_of[step_of(graph, n)];
      continue;
    }
    for (int i = 0; i < node.operand_count && plan.buffer_of[n] < 0; ++i) {
      if (!works_in_place(graph, node, i)) continue;
      const int operand = graph.operand(node, i);
      Buffer& buffer = plan.buffers[plan.buffer_of[operand]];
      if (buffer.last != n || bytes_of(dtypes[operand]) != bytes_of(dtypes[n])) continue;
      plan.buffer_of[n] = plan.buffer_of[operand];
      buffer.last = last_read(n);
    }
    if (plan.buffer_of[n] < 0) add_buffer(n, n);
  }
}

constexpr int largest_sum_of_live_buffers(const Buffer* buffers, const PlanScratch& scratch, int count) {
  for (int b = 0; b < count; ++b) scratch.order[b] = b;
  sort_indices(scratch.order, count, [buffers](int a, int b) { return buffers[a].first < buffers[b].first; });
  int largest = 0, live_count = 0;
  for (int b = 0; b < count; ++b) {  // the sum grows only at the start of a buffer
    live_count = keep_live(buffers, scratch.live, live_count, buffers[scratch.order[b]].first);
    scratch.live[live_count++] = scratch.order[b];
    int sum = 0;
    for (int p = 0; p < live_count; ++p) sum = saturating_sum(sum, buffers[scratch.live[p]].bytes);
    largest = sum > largest ? sum : largest;
  }
  return largest;
}

/// The most buffers that are placed by size too, which takes quadratic time.
inline constexpr int max_placed_by_size = 200;

}  // namespace detail

/// Places buffers in memory. Buffers may overlap if their lifetimes do not. `scratch` has room for 3 * `count` numbers.
/// Returns the size of the memory.
constexpr int place_buffers(Buffer* buffers, int* scratch, int count) {
  const detail::PlanScratch parts{scratch, scratch + count, scratch + 2 * count};
  const int lower_bound = detail::largest_sum_of_live_buffers(buffers, parts, count);
  const auto place_by_time = [&] {
    for (int b = 0; b < count; ++b) parts.order[b] = b;
    return detail::place(buffers, parts, count);
  };
  const int by_time = place_by_time();
  if (by_time == lower_bound || count > detail::max_placed_by_size) return by_time;
  const auto life = [buffers](int b) { return buffers[b].last - buffers[b].first; };
  detail::sort_indices(parts.order, count, [&](int a, int b) {
    return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : life(a) > life(b);
  });
  const int by_size = detail::place(buffers, parts, count);
  return by_size <= by_time ? by_size : place_by_time();
}

/// Plans the arena of a network. `dtypes` has an entry for each node, see `write_dtypes`.
template <int Nodes>
constexpr MemoryPlan<Nodes> make_memory_plan(const Graph& graph, const DType* dtypes) {
  MemoryPlan<Nodes> plan;
  detail::assign_buffers(graph, dtypes, plan);
  const int count = plan.buffer_count;
  int scratch[3 * array_size(Nodes)]{};
  plan.arena_bytes = place_buffers(plan.buffers, scratch, count);
  plan.lower_bound =
      detail::largest_sum_of_live_buffers(plan.buffers, {scratch, scratch + count, scratch + 2 * count}, count);
  return plan;
}

/// The plan of a network with the integers of a dtype table.
template <class Net, DTypeTable DTypes = Int8Everywhere>
inline constexpr auto memory_plan = [] {
  constexpr int nodes = graph<Net>.node_count;
  DType dtypes[array_size(nodes)]{};
  write_dtypes<DTypes>(graph<Net>, dtypes);
  return make_memory_plan<nodes>(graph<Net>, dtypes);
}();

}  // namespace quench::device
