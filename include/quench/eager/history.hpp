// SPDX-License-Identifier: Apache-2.0
// The calls that lead to a tensor, at run time: what types cannot see.
//
// Types know handles by their names. At run time each object is a handle, and its calls are numbered. The check finds:
// - a handle that is called with another operation, or on results of other handles, than before;
// - a handle that is called again on the same tensors with other values;
// - two calls of one handle whose results meet.
// A call for the next batch is on new tensors of the same handles. So the check does not find two calls in one pass on
// new tensors of the same handles, if their results never meet.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/ground/text.hpp>

namespace quench::eager::detail {

/// A handle of which only the identity counts. It expires with the handle. The text is its name.
using HandleId = std::weak_ptr<const std::string>;

/// Calls of a handle in sequence that compute equal values are one run.
struct Run {
  HandleId handle;
  std::uint64_t number;
};

struct Trail {
  HandleId newest;
  std::vector<Run> runs;  // the newest and all before it, each handle once, sorted by handles
};

/// What lead to a tensor. Copies of a tensor share it, and each call makes a new one. Null for a tensor of no handle.
using History = std::shared_ptr<const Trail>;

/// One call of a handle.
struct ServedCall {
  TextView operation;
  std::span<const History> operands;  // none if the handle takes an array
  bool repeats;                       // its values are those of the call before
};

/// The identity of a handle, and the call that it serves. Both move with the handle. A copy of a handle is another
/// handle, which serves no call yet. An assignment changes neither.
class Service {
 public:
  Service() = default;
  Service(Service&& other) noexcept
      : id_(std::move(other.id_)),
        run_(other.run_),
        operation_(std::exchange(other.operation_, {})),
        handles_(std::move(other.handles_)),
        tensors_(std::move(other.tensors_)) {}
  Service(const Service& other) {
    if (other.id_) set_name(*other.id_);
  }
  Service& operator=(const Service&) { return *this; }
  Service& operator=(Service&&) noexcept { return *this; }
  ~Service() = default;

  /// The name that was set, or the declared one.
  std::string name(TextView declared) const;
  void set_name(const std::string& name);

  /// The history of the result of a call. `name` is that of the handle.
  /// Errors   functional-called-once
  History history(const std::string& name, const ServedCall& call);

  /// To be called after each call that has not failed.
  void remember(const ServedCall& call);

  /// Any call may follow.
  void forget() {
    operation_ = {};
    forget_tensors();
  }
  /// The same call may follow on the same tensors.
  void forget_tensors() { tensors_.clear(); }

 private:
  void check(const std::string& name, const ServedCall& call) const;

  std::shared_ptr<std::string> id_;  // made with the name, or in the first call
  std::uint64_t run_ = 0;
  TextView operation_;  // empty if no call is remembered
  std::vector<HandleId> handles_;
  std::vector<std::weak_ptr<const Trail>> tensors_;
};

}  // namespace quench::eager::detail

#if QUENCH_HEADER_ONLY
#include <quench/eager/history_impl.hpp>
#endif
