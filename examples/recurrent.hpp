// SPDX-License-Identifier: Apache-2.0
// One step of a GRU and of an LSTM as blocks. The layers `ih` and `hh` have PyTorch's weight_ih and weight_hh, with the
// gates in PyTorch's order, and its two biases.
#pragma once

#include <array>
#include <tuple>

#include <quench/network.hpp>

// region gru
/// h' = n + z (h - n), with r, z = sigmoid(W x + U h) and n = tanh(W x + r (U h)); all with biases.
template <int In, int Hidden>
struct Gru {
  quench::Linear ih{.in_features = In, .out_features = 3 * Hidden};
  quench::Linear hh{.in_features = Hidden, .out_features = 3 * Hidden};
  quench::FloatFunctional gates, reset, candidate, difference, kept, state;
  quench::Sigmoid sigmoid;
  quench::Tanh tanh;

  constexpr auto forward(auto x, auto h) const {
    const auto part = [](auto all, int begin, int end) { return quench::slice(all, -1, begin * Hidden, end * Hidden); };
    auto input = ih(x), hidden = hh(h);
    auto r_and_z = sigmoid(gates.add(part(input, 0, 2), part(hidden, 0, 2)));
    auto n = tanh(candidate.add(part(input, 2, 3), reset.mul(part(r_and_z, 0, 1), part(hidden, 2, 3))));
    return state.add(n, kept.mul(part(r_and_z, 1, 2), difference.sub(h, n)));
  }
};
// end region

/// c' = f c + i g and h' = o tanh(c'), with i, f, o = sigmoid(W x + U h) and g = tanh(W x + U h); all with biases.
template <int In, int Hidden>
struct Lstm {
  quench::Linear ih{.in_features = In, .out_features = 4 * Hidden};
  quench::Linear hh{.in_features = Hidden, .out_features = 4 * Hidden};
  quench::FloatFunctional gates, kept, written, cell, state;
  quench::Sigmoid sigmoid, output_sigmoid;
  quench::Tanh tanh, cell_tanh;

  constexpr auto forward(auto x, auto h, auto c) const {
    const auto part = [](auto all, int begin, int end) { return quench::slice(all, -1, begin * Hidden, end * Hidden); };
    auto all = gates.add(ih(x), hh(h));
    auto i_and_f = sigmoid(part(all, 0, 2));
    auto g = tanh(part(all, 2, 3)), o = output_sigmoid(part(all, 3, 4));
    auto next = cell.add(kept.mul(part(i_and_f, 1, 2), c), written.mul(part(i_and_f, 0, 1), g));
    return std::tuple(state.mul(o, cell_tanh(next)), next);
  }
};

// region step
/// One step, which runs on a device: the state is an input and an output, with one scale.
template <int In, int Hidden>
struct GruStep {
  using Inputs = quench::Inputs<quench::Features<In>, quench::Features<Hidden>>;
  using Ties = quench::TiedScale<"quant_state", "cell.state">;

  quench::QuantStub quant, quant_state;
  Gru<In, Hidden> cell;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto x, auto h) const { return dequant(cell.forward(quant(x), quant_state(h))); }
};

/// Four steps, for training. Each step has modules of its own; the ties make them one cell.
template <int In, int Hidden>
struct GruOfFour {
  using Inputs = quench::Inputs<quench::Features<4, In>, quench::Features<Hidden>>;
  using Ties = quench::Ties<quench::Tie<"steps.0.ih", "steps.1.ih", "steps.2.ih", "steps.3.ih">,
                            quench::Tie<"steps.0.hh", "steps.1.hh", "steps.2.hh", "steps.3.hh">,
                            quench::TiedScale<"steps.0", "steps.1", "steps.2", "steps.3">,
                            quench::TiedScale<"quant_state", "steps.0.state">>;

  quench::QuantStub quant, quant_state;
  std::array<Gru<In, Hidden>, 4> steps;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto sequence, auto h) const {
    auto x = quant(sequence);
    h = quant_state(h);
    int t = 0;
    for (const auto& step : steps) {
      h = step.forward(quench::reshape(quench::slice(x, 0, t, t + 1), {In}), h);
      ++t;
    }
    return dequant(h);
  }
};
// end region

template <int In, int Hidden>
struct LstmStep {
  using State = quench::Features<Hidden>;
  using Inputs = quench::Inputs<quench::Features<In>, State, State>;
  using Ties =
      quench::Ties<quench::TiedScale<"quant_state", "cell.state">, quench::TiedScale<"quant_cell", "cell.cell">>;

  quench::QuantStub quant, quant_state, quant_cell;
  Lstm<In, Hidden> cell;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto x, auto h, auto c) const {
    auto [state, next] = cell.forward(quant(x), quant_state(h), quant_cell(c));
    return std::tuple(dequant(state), dequant(next));
  }
};

template <int In, int Hidden>
struct LstmOfThree {
  using State = quench::Features<Hidden>;
  using Inputs = quench::Inputs<quench::Features<3, In>, State, State>;
  using Ties =
      quench::Ties<quench::Tie<"steps.0.ih", "steps.1.ih", "steps.2.ih">,
                   quench::Tie<"steps.0.hh", "steps.1.hh", "steps.2.hh">,
                   quench::TiedScale<"steps.0", "steps.1", "steps.2">,
                   quench::TiedScale<"quant_state", "steps.0.state">, quench::TiedScale<"quant_cell", "steps.0.cell">>;

  quench::QuantStub quant, quant_state, quant_cell;
  std::array<Lstm<In, Hidden>, 3> steps;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto sequence, auto h, auto c) const {
    auto x = quant(sequence);
    h = quant_state(h);
    c = quant_cell(c);
    int t = 0;
    for (const auto& step : steps) {
      std::tie(h, c) = step.forward(quench::reshape(quench::slice(x, 0, t, t + 1), {In}), h, c);
      ++t;
    }
    return std::tuple(dequant(h), dequant(c));
  }
};
