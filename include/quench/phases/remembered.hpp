// SPDX-License-Identifier: Apache-2.0
// A value that a const object computes when first asked, and keeps until it changes. Several threads may ask.
#pragma once

#include <memory>
#include <mutex>

#include <quench/network/symbol.hpp>

namespace quench::phases {

/// A value derived from other values. A copy keeps the value of its original.
template <class T>
class Remembered {
 public:
  Remembered() = default;
  Remembered(const Remembered& other) : value_(other.remembered()) {}
  Remembered& operator=(const Remembered& other) {
    std::shared_ptr<const T> value = other.remembered();
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    return *this;
  }

  /// The stored value if is_current(value), else the result of find().
  /// Errors   those of find and is_current; the stored value is kept then
  template <class IsCurrent, class Find>
  std::shared_ptr<const T> get(const IsCurrent& is_current, const Find& find) const {
    const std::lock_guard lock(mutex_);
    if (!value_ || !is_current(*value_)) value_ = std::make_shared<const T>(find());
    return value_;
  }

  void forget() {
    const std::lock_guard lock(mutex_);
    value_ = nullptr;
  }

 private:
  std::shared_ptr<const T> remembered() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  mutable std::mutex mutex_;
  mutable std::shared_ptr<const T> value_;
};

}  // namespace quench::phases
