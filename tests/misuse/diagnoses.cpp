// SPDX-License-Identifier: Apache-2.0
// The wording of run-time errors.
#include <quench/misuse/diagnoses.hpp>

#include <doctest/doctest.h>

namespace q = quench;

namespace {

constexpr const q::Diagnosis* all[] = {&q::diagnosis::value_not_finite,       &q::diagnosis::empty_input,
                                       &q::diagnosis::nothing_observed,       &q::diagnosis::only_zeros_observed,
                                       &q::diagnosis::scale_underflow,        &q::diagnosis::scale_out_of_range,
                                       &q::diagnosis::scales_too_far_apart,   &q::diagnosis::accumulator_may_overflow,
                                       &q::diagnosis::shape_mismatch,         &q::diagnosis::value_out_of_range,
                                       &q::diagnosis::pixel_out_of_range,     &q::diagnosis::file_not_readable,
                                       &q::diagnosis::file_not_writable,      &q::diagnosis::state_not_valid,
                                       &q::diagnosis::backward_before_forward};

constexpr bool is_sentence(q::TextView text) {
  return text.size > 10 && text[0] >= 'A' && text[0] <= 'Z' && text[text.size - 1] == '.';
}

constexpr bool wording_is_right() {
  for (const q::Diagnosis* diagnosis : all) {
    for (char c : diagnosis->slug)
      if (!((c >= 'a' && c <= 'z') || c == '-')) return false;
    // The module stands before `what`, the evidence and a full stop after it.
    if (diagnosis->what.size < 10 || diagnosis->what[diagnosis->what.size - 1] == '.') return false;
    if (!(diagnosis->what[0] >= 'a' && diagnosis->what[0] <= 'z')) return false;
    if (!is_sentence(diagnosis->why) || !is_sentence(diagnosis->cure)) return false;
    if (diagnosis->cure_in_training.size > 0 && !is_sentence(diagnosis->cure_in_training)) return false;
    int same = 0;
    for (const q::Diagnosis* other : all) same += other->what == diagnosis->what;
    if (same != 1) return false;
  }
  return true;
}
static_assert(wording_is_right());

}  // namespace

TEST_CASE("each diagnosis says something of its own, in three sentences") { CHECK(wording_is_right()); }
