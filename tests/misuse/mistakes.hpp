// SPDX-License-Identifier: Apache-2.0
// The mistakes of a network as texts, "slug module", for tests of the finders. They are found here at run time, by the same
// functions that the compiler runs, so that sanitizers see them.
#pragma once

#include <string>
#include <vector>

#include <quench/network.hpp>

inline std::string slug_of(quench::misuse::Mistake mistake) {
  const char* slugs[] = {"functional-called-once",   "module-called-once",
                         "module-never-called",      "module-not-a-member",
                         "missing-quant-stub",       "missing-dequant-stub",
                         "already-quantized",        "input-not-centered-yuv444",
                         "shape-mismatch",           "setting-out-of-range",
                         "accumulator-may-overflow", "batch-norm-not-foldable",
                         "tie-does-not-match",       "operator-not-supported-by-march",
                         "int16-not-supported"};
  return slugs[static_cast<int>(mistake)];
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
