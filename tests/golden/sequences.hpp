// SPDX-License-Identifier: Apache-2.0
// What torch 1.13.0 gives for a network of 1-d layers. Made by make_sequences.py; not written by hand.
// clang-format off
#pragma once

namespace golden {

/// A parameter of the state_dict: its name and its extents, 0 after the last.
struct SequenceParameter {
  const char* name;
  int extents[3];
};
inline constexpr SequenceParameter sequence_parameters[] = {
    {"bn.bias", {6, 0, 0}},
    {"bn.running_mean", {6, 0, 0}},
    {"bn.running_var", {6, 0, 0}},
    {"bn.weight", {6, 0, 0}},
    {"conv.weight", {6, 4, 3}},
    {"depthwise.bias", {6, 0, 0}},
    {"depthwise.weight", {6, 1, 4}},
    {"fc.bias", {5, 0, 0}},
    {"fc.weight", {5, 24, 0}},
    {"grouped.bias", {6, 0, 0}},
    {"grouped.weight", {6, 2, 3}},
    {"up.bias", {4, 0, 0}},
    {"up.weight", {6, 2, 4}},
};

/// The logits of two samples, then the means and the largest values, channels last.
inline constexpr float sequence_outputs[] = {
    -1.26066923e-01f, -4.40277576e+00f, -9.03170943e-01f, -5.70768499e+00f, 3.77294707e+00f, 2.87623227e-01f, -1.90727115e-02f, 1.39148045e+00f,
    -9.43567812e-01f, 9.64193523e-01f, -7.12223291e-01f, -2.52980262e-01f, -3.97383064e-01f, 1.55876696e-01f, -2.97791934e+00f, -2.21405268e-01f,
    6.12899840e-01f, -5.74009120e-01f, -2.82426685e-01f, -9.27506506e-01f, 3.40186954e-01f, -6.64805055e-01f, 1.51038215e-01f, -7.44501591e-01f,
    -9.25855160e-01f, 5.86709678e-01f, 9.33411598e-01f, -3.30906063e-01f, -1.41619906e-01f, -4.47983332e-02f, -2.98534989e-01f, 4.46193755e-01f,
    4.77219462e-01f, -3.22201222e-01f, -6.80020034e-01f, -7.21723795e-01f, 2.94940293e-01f, -1.02731466e-01f, -1.08859694e+00f, -8.65235507e-01f,
    -3.48556757e-01f, 1.03030123e-01f, 1.30013812e+00f, 2.87649655e+00f, 5.80483198e-01f, 3.12625360e+00f, 1.30013812e+00f, 2.87649655e+00f,
    5.80483198e-01f, 3.12625360e+00f, -2.79015398e+00f, 1.73361540e+00f, 2.97103214e+00f, -5.90322316e-01f, -6.87893271e-01f, 1.45414126e+00f,
    2.97103214e+00f, -7.54274368e-01f, 1.63340247e+00f, 1.10226655e+00f, 1.25009489e+00f, 1.92337680e+00f, 1.63340247e+00f, -4.60497886e-01f,
    1.25009489e+00f, 1.92337680e+00f, 1.31169701e+00f, -1.10450387e-01f, 4.92518574e-01f, 1.22180104e+00f, 2.35031152e+00f, 7.91364074e-01f,
    6.05465829e-01f, 2.47726893e+00f, 2.35031152e+00f, 1.81587291e+00f, 6.05465829e-01f, 2.47726893e+00f, 3.55868578e-01f, 1.81587291e+00f,
    1.66076612e+00f, -8.74009132e-02f, 3.55868578e-01f, 1.04347634e+00f, 1.66076612e+00f, 4.26992178e-01f, 2.74537563e-01f, 6.09441400e-02f,
    9.81569588e-01f, 1.65992403e+00f, 1.38265371e-01f, -7.93341100e-01f, 9.81569588e-01f, 1.65992403e+00f, -2.69374609e-01f, 3.60737920e-01f,
    4.95695055e-01f, 5.38065732e-01f,
};

}  // namespace golden
