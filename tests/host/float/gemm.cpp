// SPDX-License-Identifier: Apache-2.0
// Float matrix products against sums in double, on every instruction set.
#include <quench/host/float/gemm.hpp>

#include <doctest/doctest.h>

#include "host/float/cases.hpp"
#include "host/isas.hpp"

namespace host = quench::host;
using host::FloatGemm;

namespace {

struct Matrices {
  std::vector<float> a, b, c;

  Matrices(std::mt19937& random, const FloatGemm& gemm)
      : a(values(random, (gemm.transpose_a ? gemm.k : gemm.m) * gemm.lda)),
        b(values(random, (gemm.transpose_b ? gemm.n : gemm.k) * gemm.ldb)),
        c(values(random, gemm.m * gemm.ldc)) {}

  static std::vector<float> values(std::mt19937& random, std::ptrdiff_t size) {
    return float_cases::normal_values(random, static_cast<std::size_t>(size));
  }
};

std::size_t place(std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t stride) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(column);
}

// The whole of c, with what stands between its rows.
std::vector<float_cases::Sum> product(const FloatGemm& gemm, const Matrices& matrices) {
  std::vector<float_cases::Sum> c(matrices.c.size());
  for (int i = 0; i < gemm.m; ++i)
    for (int n = 0; n < gemm.ldc; ++n) {
      float_cases::Sum& sum = c[place(i, n, gemm.ldc)];
      if (n >= gemm.n || gemm.accumulate) sum.add(matrices.c[place(i, n, gemm.ldc)]);
      for (int k = 0; n < gemm.n && k < gemm.k; ++k)
        sum.add(matrices.a[gemm.transpose_a ? place(k, i, gemm.lda) : place(i, k, gemm.lda)],
                matrices.b[gemm.transpose_b ? place(n, k, gemm.ldb) : place(k, n, gemm.ldb)]);
    }
  return c;
}

FloatGemm dense(int m, int n, int k, bool transpose_a, bool transpose_b) {
  return {transpose_a, transpose_b, m, n, k, transpose_a ? m : k, transpose_b ? k : n, n, false};
}

void check(const FloatGemm& gemm, std::mt19937& random) {
  CAPTURE(gemm.m);
  CAPTURE(gemm.n);
  CAPTURE(gemm.k);
  CAPTURE(gemm.transpose_a);
  CAPTURE(gemm.transpose_b);
  const Matrices matrices(random, gemm);
  const auto expected = product(gemm, matrices);
  for (const host::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    std::vector<float> c = matrices.c;
    host::float_gemm(gemm, matrices.a.data(), matrices.b.data(), c.data(), isa);
    CHECK(float_cases::faults(expected, c.data()) == 0);
  }
}

}  // namespace

TEST_CASE("float matrix products of random shapes and strides are those of double within the rounding of their sums") {
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(1, most)(random); };
  for (int i = 0; i < 150; ++i) {
    FloatGemm gemm = dense(up_to(70), up_to(110), up_to(i % 5 == 0 ? 900 : 60), i % 2 != 0, i / 2 % 2 != 0);
    gemm.lda += up_to(3) - 1;
    gemm.ldb += up_to(3) - 1;
    gemm.ldc += up_to(3) - 1;
    gemm.accumulate = random() % 2 != 0;
    check(gemm, random);
  }
}

TEST_CASE("float matrix products of every small shape are those of double") {
  std::mt19937 random(1);
  for (int m = 1; m <= 18; ++m)
    for (const int n : {1, 3, 4, 5, 8, 15, 16, 17, 33, 48, 49, 64, 80})
      check(dense(m, n, 1 + (m + n) % 7, m % 2 != 0, n % 3 == 0), random);
  for (const int m : {255, 256, 257, 520}) check(dense(m, 19, 5, false, false), random);
  for (const int k : {383, 384, 385, 769}) check(dense(9, 33, k, false, true), random);
}

TEST_CASE("a float matrix product over nothing is zero, or what c was") {
  std::mt19937 random(1);
  for (const int n : {7, 100}) {
    FloatGemm gemm = dense(5, n, 0, false, false);
    check(gemm, random);
    gemm.accumulate = true;
    check(gemm, random);
  }
  host::float_gemm(dense(0, 7, 3, false, false), nullptr, nullptr, nullptr);
  host::float_gemm(dense(7, 0, 3, false, false), nullptr, nullptr, nullptr);
}

TEST_CASE("a float matrix product has the same bits wherever its matrices stand") {
  std::mt19937 random(1);
  for (const FloatGemm& gemm : {dense(37, 50, 100, false, false), dense(64, 64, 500, true, true)}) {
    const Matrices matrices(random, gemm);
    for (const host::Isa isa : isas()) {
      std::vector<float> expected(matrices.c.size());
      host::float_gemm(gemm, matrices.a.data(), matrices.b.data(), expected.data(), isa);
      for (std::size_t shift = 1; shift < 16; ++shift) {
        const auto shifted = [&](std::vector<float> values) {
          values.insert(values.begin(), shift, 0.0f);
          return values;
        };
        const std::vector<float> a = shifted(matrices.a), b = shifted(matrices.b);
        std::vector<float> c = shifted(matrices.c);
        host::float_gemm(gemm, a.data() + shift, b.data() + shift, c.data() + shift, isa);
        c.erase(c.begin(), c.begin() + static_cast<std::ptrdiff_t>(shift));
        CHECK(c == expected);
      }
    }
  }
}

TEST_CASE("NaN and infinity reach the sums that they stand in, and no other") {
  std::mt19937 random(1);
  const FloatGemm gemm = dense(13, 21, 30, false, false);
  Matrices matrices(random, gemm);
  matrices.a[place(4, 29, gemm.lda)] = std::numeric_limits<float>::quiet_NaN();
  matrices.b[place(3, 20, gemm.ldb)] = std::numeric_limits<float>::infinity();
  for (const host::Isa isa : isas()) {
    host::float_gemm(gemm, matrices.a.data(), matrices.b.data(), matrices.c.data(), isa);
    for (int i = 0; i < gemm.m; ++i)
      for (int n = 0; n < gemm.n; ++n) {
        const float found = matrices.c[place(i, n, gemm.ldc)];
        CHECK(std::isnan(found) == (i == 4));
        CHECK(std::isinf(found) == (i != 4 && n == 20));
      }
  }
}
