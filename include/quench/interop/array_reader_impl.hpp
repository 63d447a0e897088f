// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/array_reader.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

#include <quench/observers/observer.hpp>

namespace quench::interop {

namespace detail {

/// The fewest letters to insert, delete or replace to turn one name into the other.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0u : 1u);
      diagonal = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, replaced}));
    }
  }
  return row.back();
}

QUENCH_INLINE std::vector<float> Reader::floats(const std::string& name, const std::vector<std::size_t>& shape) {
  const NamedArray* array = take(name, &shape);
  std::vector<float> values;
  if (array == nullptr) return values;
  try_to(name, [&] {
    std::vector<float> read =
        array->type == ArrayType::Float64 ? narrowed(array->values<double>()) : array->values<float>();
    if (!read.empty()) finite_range(read);
    values = std::move(read);
  });
  return values;
}

QUENCH_INLINE std::optional<std::vector<double>> Reader::doubles(const std::string& name) {
  const NamedArray* array = take(name, nullptr);
  std::optional<std::vector<double>> values;
  if (array != nullptr) try_to(name, [&] { values = array->values<double>(); });
  return values;
}

QUENCH_INLINE std::string Reader::text_of(const std::string& name) {
  const NamedArray* array = take(name, nullptr);
  std::string result;
  if (array != nullptr)
    try_to(name, [&] {
      const std::vector<std::uint8_t> characters = array->values<std::uint8_t>();
      result.assign(characters.begin(), characters.end());
    });
  return result;
}

QUENCH_INLINE std::int64_t Reader::count(const std::string& name) {
  const std::vector<std::size_t> shape{1};
  const NamedArray* array = take(name, &shape);
  std::int64_t value = 0;
  if (array == nullptr) return value;
  try_to(name, [&] {
    const std::int64_t read = array->values<std::int64_t>()[0];
    if (read < 0) throw Error(diagnosis::state_not_valid, "needed at least 0, given " + std::to_string(read));
    value = read;
  });
  return value;
}

QUENCH_INLINE void Reader::finish() {
  // PyTorch saves counts of batches, which nothing needs.
  std::vector<std::string> left;
  for (const auto& [name, array] : *arrays_)
    if (taken_.count(name) == 0 && !name.ends_with(".num_batches_tracked")) left.push_back(name);
  const std::size_t count = missing_.size() + left.size() + faults_.size();
  if (count == 0) return;
  if (count == 1 && faults_.size() == 1) throw faults_[0];
  if (count == 1 && left.size() == 1)
    throw Error(diagnosis::state_not_valid, "the model has no such parameter", limited(left[0]));
  if (count == 1)
    throw Error(diagnosis::state_not_valid, "the file lacks it" + nearest(missing_[0], left), missing_[0]);
  std::string evidence;
  const auto add_list = [&](const std::string& what, std::size_t size, const auto& item) {
    for (std::size_t i = 0; i < std::min(size, most_shown); ++i)
      evidence += (i > 0 ? ", " : (evidence.empty() ? "" : "; ") + what) + item(i);
    if (size > most_shown) evidence += " and " + std::to_string(size - most_shown) + " more";
  };
  add_list("the file lacks ", missing_.size(), [&](std::size_t i) { return missing_[i] + nearest(missing_[i], left); });
  add_list("the model does not have ", left.size(), [&](std::size_t i) { return limited(left[i]); });
  add_list("", faults_.size(), [&](std::size_t i) {
    return faults_[i].module() + " (" + (faults_[i].evidence().empty() ? slug(faults_[i]) : faults_[i].evidence()) +
           ")";
  });
  throw Error(diagnosis::state_not_valid, evidence);
}

QUENCH_INLINE const NamedArray* Reader::take(const std::string& name, const std::vector<std::size_t>* shape) {
  taken_.insert(name);
  const auto found = arrays_->find(name);
  if (found == arrays_->end()) {
    missing_.push_back(name);
    return nullptr;
  }
  if (shape == nullptr || found->second.shape == *shape) return &found->second;
  note(Error(diagnosis::state_not_valid, "needed " + text(*shape) + ", given " + shown(found->second.shape), name));
  return nullptr;
}

QUENCH_INLINE std::string Reader::nearest(const std::string& name, const std::vector<std::string>& names) {
  if (name.size() > longest_name) return "";
  const std::string* best = nullptr;
  std::size_t least = name.size() / 2 + 1;
  for (std::size_t i = 0; i < std::min(names.size(), most_compared); ++i) {
    if (names[i].size() > longest_name) continue;
    if (names[i].ends_with("." + name) || name.ends_with("." + names[i]))
      return " (the file has " + limited(names[i]) + ")";
    if (const std::size_t distance = edit_distance(name, names[i]); distance < least) {
      least = distance;
      best = &names[i];
    }
  }
  return best == nullptr ? "" : " (the file has " + limited(*best) + ")";
}

QUENCH_INLINE std::string Reader::limited(const std::string& name) {
  const std::string quoted = shown(name);
  return quoted.substr(1, quoted.size() - 2);
}

QUENCH_INLINE std::string Reader::slug(const Error& error) {
  return {error.slug().data, static_cast<std::size_t>(error.slug().size)};
}

}  // namespace detail

}  // namespace quench::interop
