// SPDX-License-Identifier: Apache-2.0
// What accumulators begin with and what becomes of them, in the order in which vectors are packed.
#include <quench/host/integer/epilogue.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;

namespace {

std::int32_t wrapped(std::int64_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }
std::int64_t half_of(int shift) { return (std::int64_t{1} << shift) / 2; }
std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

TEST_CASE("the upper half of a product decides where the second shift is longer than 16") {
  conv_cases::Random random;
  for (int post = 17; post <= 31; ++post)
    for (const int multiplier : {16384, 16385, random.between(16384, 32767), 32767}) {
      h::NarrowRecords records;
      records.clear(16);
      records.set(0, 16, {static_cast<std::int16_t>(multiplier), 0, static_cast<std::uint8_t>(post)});
      const std::int16_t* record = records.pair(0);
      int faults = 0;
      for (int t = INT16_MIN; t <= INT16_MAX; ++t) {
        const int narrow = ((t * record[0] >> 16) + record[32]) >> record[64];
        faults += narrow == (std::int64_t{t} * multiplier + half_of(post)) >> post ? 0 : 1;
      }
      CHECK(faults == 0);
    }
}

TEST_CASE("narrow records stand as two vectors of channels are packed, a last one with itself") {
  conv_cases::Random random;
  for (const int vectors : {1, 2, 3, 4, 5})
    for (const int groups : {1, 3}) {
      const int stride = 16 * vectors, size = groups * stride;
      std::vector<q::Requantization> records;
      h::NarrowRecords narrow;
      narrow.clear(at(size));
      for (int channel = 0; channel < size; ++channel) {
        records.push_back({static_cast<std::int16_t>(random.between(16384, 32767)), 0,
                           static_cast<std::uint8_t>(random.between(17, 31))});
        narrow.set(channel, stride, records.back());
      }
      for (int group = 0; group < size; group += stride)
        for (int first = 0; first < stride; first += 32) {
          const std::int16_t* pair = narrow.pair(group + first);
          for (int i = 0; i < 32; ++i) {  // four channels of a vector, four of the next
            const int vector = first + 16 < stride ? i % 8 / 4 : 0;
            const q::Requantization& record = records[at(group + first + 16 * vector + i / 8 * 4 + i % 4)];
            CHECK(pair[i] == record.multiplier);
            CHECK(pair[32 + i] == half_of(record.post_shift - 16));
            CHECK(pair[64 + i] == record.post_shift - 16);
          }
        }
    }
}

TEST_CASE("an epilogue has what each channel begins with at its place, and zeros elsewhere") {
  conv_cases::Random random;
  for (int draw = 0; draw < 100; ++draw) {
    const int channels = random.between(1, 20), depth = random.between(1, 40), offset = random.one_in(2) ? 128 : 0;
    const auto weight = random.codes<std::int8_t>(channels * depth);
    const conv_cases::Output output(random, channels, std::int64_t{depth} * 128 * 128);
    std::vector<int> places;
    for (int k = 0; k < channels; ++k) places.push_back(31 - k);
    h::Epilogue epilogue;
    epilogue.set(output.channels, weight.data(), depth, offset, places, 32, 1);
    bool is_narrow = true;
    std::vector<bool> is_taken(32);
    for (int k = 0; k < channels; ++k) {
      const q::Requantization& record = output.records[at(k)];
      const std::size_t place = at(31 - k);
      std::int64_t sum = 0;
      for (int i = 0; i < depth; ++i) sum += weight[at(k * depth + i)];
      const std::int64_t bias = output.channels.bias != nullptr ? output.bias[at(k)] : 0;
      CHECK(epilogue.sum_first[place] == wrapped(bias - offset * sum));
      CHECK(epilogue.first[place] == wrapped(bias - offset * sum + half_of(record.pre_shift)));
      CHECK(epilogue.pre[place] == record.pre_shift);
      CHECK(epilogue.multiplier[place] == record.multiplier);
      CHECK(epilogue.half[place] == half_of(record.post_shift));
      CHECK(epilogue.post[place] == record.post_shift);
      is_narrow &= record.post_shift > 16;
      is_taken[place] = true;
    }
    CHECK(epilogue.is_narrow() == is_narrow);
    for (std::size_t i = 0; i < 32; ++i)
      if (!is_taken[i]) CHECK((epilogue.sum_first[i] | epilogue.first[i] | epilogue.multiplier[i]) == 0);
  }
}

TEST_CASE("an epilogue says whether its sums have room for the half of the first shift") {
  const std::vector<std::int8_t> weight{-128, 127};
  const int largest = 128 * 255;
  for (const int sign : {-1, 1})
    for (const int pre : {0, 1, 20}) {
      const int room = INT32_MAX - largest - static_cast<int>(half_of(pre));
      for (const int over : {0, 1}) {
        const std::int32_t bias = sign * (room + over);
        const q::Requantization record{16384, static_cast<std::uint8_t>(pre), 20};
        h::Epilogue epilogue;
        epilogue.set({&bias, &record}, weight.data(), 2, 128, {0}, 16, 1);
        CHECK(epilogue.fits() == (over == 0));
      }
    }
  h::Epilogue of_sums;
  of_sums.set({}, weight.data(), 2, 128, {0}, 16, 1);
  CHECK(of_sums.fits());
  CHECK(of_sums.sum_first[0] == 128);
}
