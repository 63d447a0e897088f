// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/paths.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <quench/interop/description/names.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE const OperatorRow* row_of_step(const ImportedStep& step) {
  return row_named(step.type.empty() || step.type == "FloatFunctional" ? function_of(step.call) : step.type);
}

/// Gives each step a path. One without a name joins the scope of the step before it, if all that it takes is there too.
class StepPaths {
 public:
  explicit StepPaths(const ImportedNetwork& network) : network_(network), paths_(network.steps.size()) {
    std::vector<NamePath> scopes(paths_.size());  // of functions, which the file calls by their operator: "block.Add"
    for (std::size_t k = 0; k < paths_.size(); ++k) {
      const ImportedStep& step = network.steps[k];
      NamePath path = path_of(step.name);
      if (path.empty()) continue;
      if (step.type.empty() || (step.parameters.empty() && is_upper(path.back()[0]))) {
        path.pop_back();
        scopes[k] = std::move(path);
      } else {
        add(path);
        paths_[k] = std::move(path);
      }
    }
    for (std::size_t k = 0; k < paths_.size(); ++k) {
      NamePath& scope = scopes[k];  // or one around it that has layers with names
      while (!scope.empty() && !has_names_.contains(scope)) scope.pop_back();
      if (scope.empty()) continue;
      paths_[k] = std::move(scope);
      paths_[k].emplace_back();
    }
    std::vector<std::size_t> next(paths_.size(), paths_.size());  // the next step with a name
    for (std::size_t k = paths_.size(); k-- > 1;) next[k - 1] = paths_[k].empty() ? next[k] : k;
    std::size_t before = paths_.size();
    for (std::size_t k = 0; k < paths_.size(); ++k) {
      if (paths_[k].empty() && before < paths_.size())
        paths_[k] = joined(k, before, next[k] < paths_.size() ? paths_[next[k]] : NamePath());
      if (!paths_[k].empty()) before = k;
    }
  }

  std::vector<NamePath> result() && { return std::move(paths_); }

 private:
  void add(const NamePath& path) {
    NamePath scope = path;
    while (!scope.empty()) {
      const std::string last = scope.back();
      known_.insert(scope);
      scope.pop_back();
      if (!is_place(last)) has_names_.insert(scope);
    }
  }

  bool is_in(std::size_t step, const NamePath& scope) const {
    const NamePath& path = paths_[step];
    return path.size() > scope.size() && std::equal(scope.begin(), scope.end(), path.begin());
  }

  // A step of the scope gives the value, or takes it.
  bool has_value(const NamePath& scope, int value, std::size_t step) const {
    const int inputs = static_cast<int>(network_.inputs.size());
    if (value >= inputs && is_in(static_cast<std::size_t>(value - inputs), scope)) return true;
    constexpr std::size_t farthest = 256;
    for (std::size_t k = step; k-- > 0 && k + farthest > step && is_in(k, scope);) {
      const std::vector<int>& taken = network_.steps[k].inputs;
      if (std::find(taken.begin(), taken.end(), value) != taken.end()) return true;
    }
    return false;
  }

  NamePath joined(std::size_t k, std::size_t before, const NamePath& next) {
    const ImportedStep& step = network_.steps[k];
    const OperatorRow* row = row_of_step(step);
    const bool is_in_place = row != nullptr && row->elements == Elements::InPlace;
    NamePath scope = paths_[before];
    scope.pop_back();
    if (!is_in_place && step.inputs.size() == 1) {  // a pool or a view may stand between two scopes
      const auto common = std::mismatch(scope.begin(), scope.end(), next.begin(), next.end()).first;
      scope.erase(common, scope.end());
    }
    for (; !scope.empty(); scope.pop_back()) {
      if (has_names_.contains(scope)) {
        if (!std::all_of(step.inputs.begin(), step.inputs.end(), [&](int v) { return has_value(scope, v, k); }))
          continue;
        scope.emplace_back();
        return scope;
      }
      const NamePath& last = paths_[before];
      const bool follows = is_in_place && step.call == "$m($0)" && last.size() == scope.size() + 1 && before + 1 == k &&
                           step.inputs[0] == static_cast<int>(network_.inputs.size() + before);
      if (!follows) continue;
      NamePath place = scope;  // the next one of the sequence, if it is free
      place.push_back(std::to_string(std::stoi(last.back()) + 1));
      if (known_.contains(place) || !is_place(place.back())) continue;
      add(place);
      return place;
    }
    return {};
  }

  const ImportedNetwork& network_;
  std::vector<NamePath> paths_;
  std::set<NamePath> known_, has_names_;  // the scopes with names
};

QUENCH_INLINE std::vector<NamePath> paths_of_steps(const ImportedNetwork& network) {
  return StepPaths(network).result();
}

}  // namespace detail

}  // namespace quench::interop
