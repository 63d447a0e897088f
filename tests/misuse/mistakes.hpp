// SPDX-License-Identifier: Apache-2.0
// The mistakes of a network as texts, "slug module", for tests of the finders. They are found here at run time, by the same
// functions that the compiler runs, so that sanitizers see them.
#pragma once

#include <string>
#include <vector>

#include <quench/network.hpp>

// A graph of an input and one call, made by hand, so that its settings may be wrong.
struct OneCall {
  quench::Node nodes[2];
  int operands[1] = {0};

  constexpr OneCall(quench::Operator op, const quench::Settings& settings, quench::Shape x) {
    nodes[0].shape = x;
    nodes[1].op = op;
    nodes[1].settings = settings;
    nodes[1].operand_count = 1;
  }
  constexpr quench::Graph graph() const {
    quench::Graph graph;
    graph.nodes = nodes;
    graph.node_count = 2;
    graph.operands = operands;
    return graph;
  }
};

inline std::string slug_of(quench::misuse::Mistake mistake) {
  using quench::misuse::Mistake;
  switch (mistake) {
    case Mistake::FunctionalCalledOnce: return "functional-called-once";
    case Mistake::ModuleCalledOnce: return "module-called-once";
    case Mistake::ModuleNeverCalled: return "module-never-called";
    case Mistake::ModuleNotAMember: return "module-not-a-member";
    case Mistake::MissingQuantStub: return "missing-quant-stub";
    case Mistake::MissingDequantStub: return "missing-dequant-stub";
    case Mistake::AlreadyQuantized: return "already-quantized";
    case Mistake::InputNotCenteredYuv444: return "input-not-centered-yuv444";
    case Mistake::IndicesNotLookedUp: return "indices-not-looked-up";
    case Mistake::EmbeddingWithoutIndices: return "embedding-without-indices";
    case Mistake::ShapeMismatch: return "shape-mismatch";
    case Mistake::SettingOutOfRange: return "setting-out-of-range";
    case Mistake::OperatorHasNoScale: return "operator-has-no-scale";
    case Mistake::TensorHasNoValues: return "tensor-has-no-values";
    case Mistake::CatTakesNoAxis: return "cat-takes-no-axis";
    case Mistake::AccumulatorMayOverflow: return "accumulator-may-overflow";
    case Mistake::BatchNormNotFoldable: return "batch-norm-not-foldable";
    case Mistake::InputNeverUsed: return "input-never-used";
    case Mistake::ResultNeverUsed: return "result-never-used";
    case Mistake::TieDoesNotMatch: return "tie-does-not-match";
    case Mistake::TiesNotRead: return "ties-not-read";
    case Mistake::TiedScaleDoesNotMatch: return "tied-scale-does-not-match";
    case Mistake::TiedScaleNeedsOneQConfig: return "tied-scale-needs-one-qconfig";
    case Mistake::OperatorNotSupportedByMarch: return "operator-not-supported-by-march";
    case Mistake::Int16NotSupported: return "int16-not-supported";
    case Mistake::QConfigNamesNoModule: return "qconfig-names-no-module";
    case Mistake::QConfigOutsideQuantizedRegion: return "qconfig-outside-quantized-region";
    case Mistake::RuleWithoutEffect: return "rule-without-effect";
    case Mistake::ModuleWithoutQConfig: return "module-without-qconfig";
    case Mistake::OutputNotHighPrecision: return "output-not-high-precision";
    case Mistake::HighPrecisionNotOutput: return "high-precision-not-output";
    case Mistake::WeightAxisNotOutputChannels: return "weight-axis-not-output-channels";
    case Mistake::ActivationPerChannel: return "activation-per-channel";
  }
  return "no mistake";
}

template <class Step>
std::vector<quench::misuse::Finding> findings_of_step() {
  quench::misuse::Findings count;
  Step::find(count);
  std::vector<quench::misuse::Finding> found(static_cast<std::size_t>(count.count));
  quench::misuse::Findings findings{found.data(), 0};
  Step::find(findings);
  return found;
}

template <class Net>
std::vector<quench::misuse::Finding> findings_of() {
  return findings_of_step<quench::misuse::detail::Description<Net>>();
}

using Mistakes = std::vector<std::string>;

inline Mistakes texts_of(const std::vector<quench::misuse::Finding>& findings) {
  Mistakes texts;
  for (const auto& finding : findings)
    texts.push_back(slug_of(finding.mistake) + " " + std::string(finding.name.begin(), finding.name.end()));
  return texts;
}

template <class Net>
Mistakes mistakes_of() {
  return texts_of(findings_of<Net>());
}

// A network of one quantized input around `Body`, a struct with members and `run(x)`.
template <class Body, int... Extents>
struct Wrapped {
  using Inputs = quench::Inputs<quench::Features<Extents...>>;
  quench::QuantStub quant;
  Body body;
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(body.run(quant(x))); }
};
