// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/pooling.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool pools_by_hand() {
  constexpr int8_t x[] = {-1, -2, -3, -4}, largest[] = {-1, -1, -2, -1, -1, -2, -3, -3, -4};
  constexpr int8_t sums[] = {-1, -3, -2, -4, -10, -6, -3, -7, -4};
  const k::Pool pool{q::Shape(2, 2, 1), q::Shape(3, 3, 1), {.kernel_size = 2, .padding = 1}};
  int8_t most[9]{}, mean[9]{}, whole[1]{};
  k::max_pool2d(x, most, pool);
  k::avg_pool2d(x, mean, pool, q::Requantization{16384, 0, 14});  // a mean of 4, at a quarter of the scale
  k::global_avg_pool2d(x, q::Shape(2, 2, 1), whole, {16384, 0, 16});
  for (int i = 0; i < 9; ++i)
    if (most[i] != largest[i] || mean[i] != sums[i]) return false;
  return whole[0] == -2;
}

int pooling_output_extent(int extent, int kernel, int stride, int padding, int dilation) {
  const int room = extent + 2 * padding - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

k::Pool random_pool(Random& random) {
  k::Pool pool;
  const int channels = uniform(random, 1, 9);
  if (uniform(random, 0, 3) == 0) {  // windows that share the map
    pool.x = q::Shape{uniform(random, 1, 8), uniform(random, 1, 8), channels};
    pool.y = q::Shape{uniform(random, 1, 9), uniform(random, 1, 9), channels};
    pool.is_adaptive = true;
    return pool;
  }
  do {
    pool.x = q::Shape{uniform(random, 1, 8), uniform(random, 1, 8), channels};
    pool.window = {pair(random, 1, 4), pair(random, 1, 5), pair(random, 0, 2), pair(random, 1, 3)};
    const k::Window& w = pool.window;
    pool.y = q::Shape(
        pooling_output_extent(pool.x[0], w.kernel_size.height, w.stride.height, w.padding.height, w.dilation.height),
        pooling_output_extent(pool.x[1], w.kernel_size.width, w.stride.width, w.padding.width, w.dilation.width),
        channels);
    if (uniform(random, 0, 2) == 0) pool.y[0] += uniform(random, 0, 3), pool.y[1] += uniform(random, 0, 3);
  } while (pool.y[0] < 1 || pool.y[1] < 1);
  return pool;
}

// A pool whose windows contain a pixel each, of which a mean counts some padding, or none.
k::Pool random_mean(Random& random) {
  k::Pool pool = random_pool(random);
  k::Window& w = pool.window;
  w.dilation = {1, 1};
  w.padding = {std::min(w.padding.height, w.kernel_size.height / 2),
               std::min(w.padding.width, w.kernel_size.width / 2)};
  if (!pool.is_adaptive)
    pool.y = q::Shape((pool.x[0] + w.padding.height - 1) / w.stride.height + 1,
                      (pool.x[1] + w.padding.width - 1) / w.stride.width + 1, pool.x[2]);
  if (uniform(random, 0, 1) == 0)
    pool.counted = {w.padding.height, uniform(random, 0, 2), w.padding.width, uniform(random, 0, 2)};
  return pool;
}

// All codes of one window; those in the padding are not there.
template <class T>
std::vector<T> window_of(const std::vector<T>& x, const k::Pool& pool, int place) {
  const std::vector<int> at = index_of(place, pool.y);
  const k::Window& w = pool.window;
  std::vector<T> values;
  if (pool.is_adaptive) {
    const auto begin = [](int i, int extent, int outputs) { return i * extent / outputs; };
    const auto end = [](int i, int extent, int outputs) { return ((i + 1) * extent + outputs - 1) / outputs; };
    for (int iy = begin(at[0], pool.x[0], pool.y[0]); iy < end(at[0], pool.x[0], pool.y[0]); ++iy)
      for (int ix = begin(at[1], pool.x[1], pool.y[1]); ix < end(at[1], pool.x[1], pool.y[1]); ++ix)
        values.push_back(x[place_of({iy, ix, at[2]}, pool.x)]);
    return values;
  }
  for (int ky = 0; ky < w.kernel_size.height; ++ky)
    for (int kx = 0; kx < w.kernel_size.width; ++kx) {
      const int iy = at[0] * w.stride.height + ky * w.dilation.height - w.padding.height;
      const int ix = at[1] * w.stride.width + kx * w.dilation.width - w.padding.width;
      if (iy >= 0 && ix >= 0 && iy < pool.x[0] && ix < pool.x[1])
        values.push_back(x[place_of({iy, ix, at[2]}, pool.x)]);
    }
  return values;
}

template <class T>
void compare_max_pools() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1500; ++draw) {
    CAPTURE(draw);
    const k::Pool pool = random_pool(random);
    auto x = codes<T>(random, pool.x.elements());
    if (draw % 2 == 0)
      for (T& code : x) code = static_cast<T>(code | std::numeric_limits<T>::min());  // negative: below the padding
    std::vector<T> y(static_cast<std::size_t>(pool.y.elements()));
    k::max_pool2d(x.data(), y.data(), pool);
    for (int i = 0; i < pool.y.elements(); ++i) {
      T largest = std::numeric_limits<T>::min();
      for (const T code : window_of(x, pool, i)) largest = std::max(largest, code);
      CAPTURE(i);
      REQUIRE(y[static_cast<std::size_t>(i)] == largest);
    }
  }
}

template <class X, class Y>
void compare_average_pools(int allowed) {
  CAPTURE(seed);
  Random random(seed);
  double largest = 0;
  int several = 0;
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    const k::Pool pool = random_mean(random);
    const double scale = std::ldexp(uniform(random, 0.5, 3.0), bits<Y> - bits<X>);  // s_x / s_y
    const auto count_of = [&](int place) {
      const std::vector<int> at = index_of(place, pool.y);
      return pool.rows().count(at[0]) * pool.columns().count(at[1]);
    };
    std::vector<int> counts;
    for (int i = 0; i < pool.y.elements(); ++i)
      if (std::find(counts.begin(), counts.end(), count_of(i)) == counts.end()) counts.push_back(count_of(i));
    std::vector<q::Requantization> records;
    for (const int count : counts) records.push_back(derived(scale / count, bits<Y>, From::Accumulator));
    several += counts.size() > 1;
    const auto x = codes<X>(random, pool.x.elements());
    std::vector<Y> y(static_cast<std::size_t>(pool.y.elements()));
    k::avg_pool2d(x.data(), y.data(), pool, {records.data(), counts.size() > 1 ? counts.data() : nullptr});
    for (int i = 0; i < pool.y.elements(); ++i) {
      std::int64_t sum = 0;
      for (const X code : window_of(x, pool, i)) sum += code;
      const auto record =
          static_cast<std::size_t>(std::find(counts.begin(), counts.end(), count_of(i)) - counts.begin());
      CAPTURE(i);
      REQUIRE(y[static_cast<std::size_t>(i)] == requantized(sum, records[record], bits<Y>));
      largest = std::max(largest,
                         distance(y[static_cast<std::size_t>(i)], static_cast<double>(sum) * scale / counts[record]));
    }
    std::vector<Y> whole(static_cast<std::size_t>(pool.x[2]));
    k::global_avg_pool2d(x.data(), pool.x, whole.data(), records[0]);
    for (std::size_t c = 0; c < whole.size(); ++c) {
      std::int64_t sum = 0;
      for (std::size_t i = c; i < x.size(); i += whole.size()) sum += x[i];
      REQUIRE(whole[c] == requantized(sum, records[0], bits<Y>));
    }
  }
  CHECK(several > 300);
  CHECK(largest <= allowed);
  CHECK(largest >= 1);  // or the comparison compares nothing
}

}  // namespace

static_assert(pools_by_hand());

TEST_CASE("small pools give what was computed by hand") { CHECK(pools_by_hand()); }

TEST_CASE("a max pool gives the largest code of each window, and padding is no code") {
  compare_max_pools<int8_t>();
  compare_max_pools<int16_t>();
}

TEST_CASE("a window without a single pixel gives the lowest code") {
  // One pixel, padded to three: taps of a dilated window of two meet the padding on both sides.
  const int8_t x = 5;
  int8_t y = 0;
  k::max_pool2d(&x, &y, {q::Shape(1, 1, 1), q::Shape(1, 1, 1), {.kernel_size = 2, .padding = 1, .dilation = 2}});
  CHECK(y == -128);
}

TEST_CASE(
    "an average pool divides by the pixels that a window counts, within 1 of the real mean for int8, within 3 for "
    "int16") {
  compare_average_pools<int8_t, int8_t>(1);
  compare_average_pools<int8_t, int16_t>(3);
  compare_average_pools<int16_t, int8_t>(1);
  compare_average_pools<int16_t, int16_t>(3);
}

TEST_CASE("the largest sum of a pool stays inside int32") {
  const int count = 65535;
  const std::vector<int16_t> x(count, -32768);
  const q::Requantization record = derived(1.0 / count, 16, From::Accumulator);
  int16_t y = 0;
  k::global_avg_pool2d(x.data(), q::Shape(1, count, 1), &y, record);
  CHECK(y == requantized(std::int64_t{count} * -32768, record, 16));
}
