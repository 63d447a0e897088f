// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/helpers.hpp>

#include <iterator>
#include <string>
#include <string_view>

#include <quench/flow/exported_name.hpp>

namespace quench::detail::c_text {

/// A C struct or function.
struct Helper {
  std::string_view name, text;
};

/// Each uses only those before it.
inline constexpr Helper helpers[] = {
    {"record", R"(
// A ratio of scales: about multiplier * 2^-(pre_shift + post_shift).
struct record {
    int16_t multiplier;
    uint8_t pre_shift, post_shift;
};
)"},
    {"slope", R"(
// A factor: about multiplier * 2^-shift.
struct slope {
    int16_t multiplier;
    uint8_t shift;
};
)"},
    {"piecewise", R"(
// A piecewise linear function of int16 codes: a line, six tables of equal steps, a line.
struct piecewise {
    int16_t bounds[7];
    struct slope position[6];
    int16_t values[6][64];
    struct slope left, right;
    int16_t left_value, right_value;
};
)"},
    {"row_weight", R"(
// The weight of a value of a row: multiplier * 2^-shift.
struct row_weight {
    int16_t multiplier;
    int8_t shift;
};
)"},
    {"smaller", R"(
static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}
)"},
    {"larger", R"(
static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}
)"},
    {"clamp", R"(
static int32_t clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}
)"},
    {"floor_shift", R"(
// floor(x / 2^n). C does not say what x >> n is for a negative x.
static int32_t floor_shift(int32_t x, int32_t n)
{
    return x < 0 ? ~(~x >> n) : x >> n;
}
)"},
    {"round_shift", R"(
// x / 2^n, rounded to the nearest integer, ties toward +infinity; n in [0, 31].
static int32_t round_shift(int32_t x, int32_t n)
{
    if (n == 0) return x;
    const int32_t doubled = floor_shift(x, n - 1);
    return floor_shift(doubled, 1) + (doubled & 1);
}
)"},
    {"scaled", R"(
// x at another scale, in integers of 16 bits between two rounding shifts.
static int32_t scaled(int32_t x, int32_t multiplier, int32_t pre_shift, int32_t post_shift)
{
    return round_shift(clamp(round_shift(x, pre_shift), -32768, 32767) * multiplier, post_shift);
}
)"},
    {"scaled_by", R"(
static int32_t scaled_by(int32_t x, const struct record *r)
{
    return scaled(x, r->multiplier, r->pre_shift, r->post_shift);
}
)"},
    {"times", R"(
static int32_t times(int32_t distance, const struct slope *s)
{
    return round_shift(distance * s->multiplier, s->shift);
}
)"},
    {"interpolate", R"(
static int32_t interpolate(int32_t x, const struct piecewise *t)
{
    int32_t segment = 0;
    if (x < t->bounds[0]) return clamp(t->left_value + times(x - t->bounds[0], &t->left), -32768, 32767);
    while (segment < 6 && x >= t->bounds[segment + 1]) ++segment;
    if (segment == 6) return clamp(t->right_value + times(x - t->bounds[6], &t->right), -32768, 32767);

    // Entries of a table are 256 apart.
    const int32_t last = 63 * 256;
    int32_t position = times(x - t->bounds[segment], &t->position[segment]);
    if (position > last) position = last;
    const int32_t entry = position == last ? 62 : position / 256;
    const int32_t fraction = position - entry * 256;
    const int16_t *values = t->values[segment] + entry;
    return round_shift(values[0] * (256 - fraction) + values[1] * fraction, 8);
}
)"},
    {"exponential", R"(
// exp of a difference of codes, at most 0: the result times 2^-(15 + 6 * level).
static int32_t exponential(int32_t difference, const struct record *to_exponent, int32_t levels,
                           const struct piecewise *table, int32_t *level)
{
    const int32_t ln_64 = 11357;
    const int32_t d = clamp(scaled_by(difference, to_exponent), -32768, 32767) * levels;
    *level = 0;
    while (*level < levels && d < -ln_64 * (*level + 1)) ++*level;
    return interpolate(clamp(d + *level * ln_64, -32768, 32767), table);
}
)"},
    {"wide_round_shift", R"(
// As round_shift, in 64 bits.
static int64_t wide_round_shift(int64_t x, int32_t n)
{
    if (n == 0) return x;
    const int64_t doubled = x < 0 ? ~(~x >> (n - 1)) : x >> (n - 1);
    return (doubled < 0 ? ~(~doubled >> 1) : doubled >> 1) + (doubled & 1);
}
)"},
    {"inverse_root", R"(
// 1 / sqrt(x), for x from 1 on: the result times 2^-shift.
static int32_t inverse_root(int64_t x, int32_t *shift)
{
    *shift = 31;
    for (; x >> 32 != 0; x /= 4) ++*shift;
    for (; x >> 30 == 0; x *= 4) --*shift;
    uint32_t rest = (uint32_t)x, root = 0;
    for (uint32_t bit = UINT32_C(1) << 30; bit != 0; bit >>= 2) {  // one binary digit at a time
        const uint32_t taken = root + bit;
        root >>= 1;
        if (rest < taken) continue;
        rest -= taken;
        root += bit;
    }
    if (rest > root) ++root;
    return (int32_t)(((UINT32_C(1) << 31) + root / 2) / root);
}
)"},
    {"normalized", R"(
// A value of a row over the scale of the output, from its distance to the mean.
static int32_t normalized(int32_t distance, int32_t root, int32_t root_shift, const struct row_weight *w, int32_t bias)
{
    const int64_t most = INT64_C(1) << 30;
    const int64_t rounded = wide_round_shift((int64_t)distance * (root * w->multiplier), clamp(root_shift + w->shift, 0, 62));
    const int64_t held = rounded > most ? most : rounded < -most ? -most : rounded;
    return round_shift((int32_t)held + bias, 8);
}
)"},
    {"short_share", R"(
// part / whole in 16 fractional bits, half up; whole is below 2^16.
static int32_t short_share(uint32_t part, uint32_t whole)
{
    return (int32_t)((part * 65536 + whole / 2) / whole);
}
)"},
    {"long_share", R"(
// The same for a whole below 2^62, bit by bit: small processors have no 64-bit division.
static int32_t long_share(uint64_t part, uint64_t whole)
{
    uint32_t quotient = 0;
    if (part == whole) return 65536;
    for (int32_t bit = 0; bit < 17; ++bit) {
        part *= 2;
        quotient *= 2;
        if (part < whole) continue;
        part -= whole;
        ++quotient;
    }
    return (int32_t)((quotient + 1) / 2);
}
)"},
};

QUENCH_INLINE std::string helpers_of(std::string_view text) {
  std::string found;
  for (auto helper = std::rbegin(helpers); helper != std::rend(helpers); ++helper)
    if (uses_name(text, helper->name) || uses_name(found, helper->name)) found = std::string(helper->text) + found;
  return found;
}

}  // namespace quench::detail::c_text
