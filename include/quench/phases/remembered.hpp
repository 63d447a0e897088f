// SPDX-License-Identifier: Apache-2.0
// What a const object finds out when it is first asked, and remembers while it holds. Several threads may ask.
#pragma once

#include <memory>
#include <mutex>

namespace quench::phases {

/// A value that follows from something else. A copy remembers what its original does.
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

  /// The value: found by find(), unless there is one of which is_current(value).
  /// Errors   those of find and is_current; what was remembered stays
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
