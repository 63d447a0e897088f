// SPDX-License-Identifier: Apache-2.0
// A line that shows progress and the time taken. Hosted, POSIX.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

/// Draws a moving bar on a terminal. Elsewhere, for example in a log, writes a line for each tenth.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what, std::FILE* out = stderr)
      : ProgressBar(std::move(what), out, isatty(fileno(out)) == 1) {}
  ProgressBar(std::string what, std::FILE* out, bool is_terminal)
      : what_(std::move(what)), out_(out), is_terminal_(is_terminal) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (is_terminal_) std::fprintf(out_, "\n");
  }

  /// `done` of `all` steps are done. A negative loss is not shown.
  void operator()(std::size_t done, std::size_t all, double loss = -1) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    const std::size_t tenths = 10 * done / all;
    if (is_terminal_ ? seconds < next_ && done < all : tenths == tenths_) return;
    next_ = seconds + 0.5;
    tenths_ = tenths;
    std::fprintf(out_, "%s%-22s ", is_terminal_ ? "\r" : "", what_.c_str());
    if (is_terminal_) {
      const int filled = static_cast<int>(30 * done / all);
      std::fprintf(out_, "[%.*s%*s] ", filled, "==============================", 30 - filled, "");
    }
    std::fprintf(out_, "%3zu %%  %5.1f s", 100 * done / all, seconds);
    if (loss >= 0) std::fprintf(out_, "  loss %.4f", loss);
    if (!is_terminal_) std::fprintf(out_, "\n");
    std::fflush(out_);
  }

 private:
  std::string what_;
  std::FILE* out_;
  bool is_terminal_;
  double next_ = 0;         // when to draw a terminal's bar again
  std::size_t tenths_ = 0;  // at the last line elsewhere
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};
