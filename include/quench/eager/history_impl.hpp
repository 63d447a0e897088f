// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/eager/history.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <quench/tensors/error.hpp>

namespace quench::eager::detail {

[[noreturn]] inline void throw_called_again(const std::string& evidence, const std::string& name) {
  throw Error(diagnosis::functional_called_once, evidence, name);
}

inline std::vector<HandleId> newest_of(std::span<const History> tensors) {
  std::vector<HandleId> handles;
  for (const History& tensor : tensors) handles.push_back(tensor ? tensor->newest : HandleId());
  return handles;
}

// A handle that is gone may have been replaced by the other. Of a tensor of no handle nothing is known.
inline bool may_be_same(const HandleId& a, const HandleId& b) {
  const auto first = a.lock(), second = b.lock();
  return !first || !second || first == second;
}

inline std::string call_text(TextView operation, std::span<const HandleId> handles) {
  std::string text = tensors::text(operation);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const auto name = handles[i].lock();
    text += (i == 0 ? " of " : " and ") + (name ? *name : "a tensor");
  }
  return text;
}

// The runs of both lists. `name` is that of the handle where they meet.
inline std::vector<Run> joined(const std::vector<Run>& a, const std::vector<Run>& b, const std::string& name) {
  std::vector<Run> all;
  auto i = a.begin();
  for (const Run& run : b) {
    while (i != a.end() && i->handle.owner_before(run.handle)) all.push_back(*i++);
    if (i != a.end() && !run.handle.owner_before(i->handle)) {
      if (i->number != run.number) {
        const auto culprit = run.handle.lock();
        throw_called_again("results of two calls meet in " + name, culprit ? *culprit : "");
      }
      ++i;
    }
    all.push_back(run);
  }
  all.insert(all.end(), i, a.end());
  return all;
}

QUENCH_INLINE std::string Service::name(TextView declared) const { return id_ ? *id_ : tensors::text(declared); }

QUENCH_INLINE void Service::set_name(const std::string& name) {
  if (id_)
    *id_ = name;
  else
    id_ = std::make_shared<std::string>(name);
}

QUENCH_INLINE History Service::history(const std::string& name, const ServedCall& call) {
  if (!id_) set_name(name);
  std::vector<Run> runs;
  for (const History& operand : call.operands)
    if (operand) runs = joined(runs, operand->runs, name);
  const auto place =
      std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return !run.handle.owner_before(id_); });
  if (place != runs.end() && !id_.owner_before(place->handle))
    throw_called_again("on what comes from its own result", name);
  check(name, call);
  runs.insert(place, {id_, call.repeats ? run_ : run_ + 1});
  return std::make_shared<const Trail>(Trail{id_, std::move(runs)});
}

QUENCH_INLINE void Service::check(const std::string& name, const ServedCall& call) const {
  if (operation_.size == 0 || call.operands.empty()) return;
  const std::vector<HandleId> handles = newest_of(call.operands);
  if (!(call.operation == operation_) ||
      !std::equal(handles.begin(), handles.end(), handles_.begin(), handles_.end(), may_be_same)) {
    const std::string before = call_text(operation_, handles_), now = call_text(call.operation, handles);
    throw_called_again("first " + before + ", then " + now + (before == now ? ", which are other objects" : ""), name);
  }
  const auto same = [](const History& now, const auto& before) { return now && now == before.lock(); };
  if (!call.repeats && std::equal(call.operands.begin(), call.operands.end(), tensors_.begin(), tensors_.end(), same))
    throw_called_again("the same tensors again, with other values", name);
}

QUENCH_INLINE void Service::remember(const ServedCall& call) {
  run_ += !call.repeats;
  operation_ = call.operation;
  handles_ = newest_of(call.operands);
  tensors_.assign(call.operands.begin(), call.operands.end());
}

}  // namespace quench::eager::detail
