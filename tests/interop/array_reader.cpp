// SPDX-License-Identifier: Apache-2.0
// Named arrays are taken one by one; what does not fit is read as nothing, and told all at once.
#include <quench/interop/array_reader.hpp>

#include <algorithm>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
using i::detail::edit_distance, i::detail::Reader;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// What a reader says in the end, or nothing.
template <class Read>
std::optional<quench::Error> fault_of(const i::NamedArrays& arrays, Read&& read) {
  Reader reader(arrays);
  read(reader);
  try {
    reader.finish();
  } catch (const quench::Error& error) {
    return error;
  }
  return std::nullopt;
}

template <class Read>
void check_fault(const i::NamedArrays& arrays, Read&& read, const std::string& slug, const std::string& module,
                 const std::string& evidence) {
  const auto error = fault_of(arrays, read);
  REQUIRE(error.has_value());
  CHECK(slug_of([&] { throw *error; }) == slug);
  CHECK(error->module() == module);
  CHECK(error->evidence() == evidence);
}

void read_nothing(Reader&) {}

// The definition: letter by letter, the best of three ways.
std::size_t defined_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  return std::min({defined_distance(a.substr(1), b) + 1, defined_distance(a, b.substr(1)) + 1,
                   defined_distance(a.substr(1), b.substr(1)) + (a[0] == b[0] ? 0 : 1)});
}

}  // namespace

TEST_CASE("the distance of two names is the fewest letters that are inserted, deleted or replaced") {
  std::vector<std::string> words{""};
  for (std::size_t w = 0; words.size() < 31; ++w)  // of up to four letters
    for (const char* letter : {"a", "b"}) words.push_back(words[w] + letter);
  for (const std::string& a : words)
    for (const std::string& b : words) CHECK(edit_distance(a, b) == defined_distance(a, b));
  CHECK(edit_distance("conv1.weight", "conv.weight") == 1);
}

TEST_CASE("a reader gives the values of arrays, and is content when none is left") {
  const i::NamedArrays arrays{{"f", arrays::of<float>({2, 1}, {1.5f, -2})},
                              {"d", arrays::of<double>({1}, {0.1})},
                              {"none", arrays::of<float>({0}, {})},
                              {"state", arrays::of<double>({2}, {0.1, -0.0})},
                              {"n", arrays::of<std::int64_t>({1}, {INT64_MAX})},
                              {"other", arrays::of<std::int8_t>({1}, {1})},
                              {"bn.num_batches_tracked", arrays::of<std::int64_t>({}, {7})}};
  const auto error = fault_of(arrays, [](Reader& reader) {
    CHECK(reader.has("f"));
    CHECK(!reader.has("g"));
    CHECK(reader.floats("f", {2, 1}) == std::vector<float>{1.5f, -2});
    CHECK(reader.floats("d", {1}) == std::vector<float>{0.1f});
    CHECK(reader.floats("none", {0}).empty());
    CHECK(reader.doubles("state") == std::vector<double>{0.1, -0.0});
    CHECK(reader.count("n") == INT64_MAX);
    reader.ignore("other");
  });
  CHECK(!error.has_value());
}

TEST_CASE("one array that does not fit is read as nothing, and told with its name") {
  const auto floats = [](Reader& reader) { CHECK(reader.floats("x", {2}).empty()); };
  const auto count = [](Reader& reader) { CHECK(reader.count("x") == 0); };
  const auto doubles = [](Reader& reader) { CHECK(!reader.doubles("x").has_value()); };
  const std::string invalid = "state-not-valid", unreadable = "file-not-readable";
  check_fault({}, floats, invalid, "x", "the file lacks it");
  check_fault({}, count, invalid, "x", "the file lacks it");
  check_fault({}, doubles, invalid, "x", "the file lacks it");
  check_fault({{"x", arrays::of<float>({2, 1}, {1, 2})}}, floats, invalid, "x", "needed [2], given [2, 1]");
  check_fault({{"x", arrays::of<std::int64_t>({}, {1})}}, count, invalid, "x", "needed [1], given []");
  check_fault({{"x", arrays::of<std::int64_t>({1}, {-1})}}, count, invalid, "x", "needed at least 0, given -1");
  check_fault({{"x", arrays::of<float>({1}, {1})}}, read_nothing, invalid, "x", "the model has no such parameter");
  for (const float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
    const auto error = fault_of({{"x", arrays::of<float>({2}, {1, bad})}}, floats);
    REQUIRE(error.has_value());
    CHECK(slug_of([&] { throw *error; }) == "value-not-finite");
    CHECK(error->module() == "x");
  }
  const auto large = fault_of({{"x", arrays::of<double>({2}, {1, 1e300})}}, floats);  // no float
  REQUIRE(large.has_value());
  CHECK(slug_of([&] { throw *large; }) == "value-not-finite");
  for (const auto& [array, read] : std::initializer_list<std::pair<i::NamedArray, void (*)(Reader&)>>{
           {arrays::of<std::int16_t>({2}, {1, 2}), floats},
           {arrays::of<float>({1}, {1}), count},
           {arrays::of<float>({1}, {1}), doubles}}) {
    const auto error = fault_of({{"x", array}}, read);
    REQUIRE(error.has_value());
    CHECK(slug_of([&] { throw *error; }) == unreadable);
    CHECK(error->module() == "x");
  }
}

TEST_CASE("several faults are one error, and a missing array is told with the nearest name") {
  const i::NamedArrays arrays{{"conv1.wieght", arrays::of<float>({1}, {1})},
                              {"module.fc.bias", arrays::of<float>({1}, {1})},
                              {"away", arrays::of<float>({1}, {1})},
                              {"bad", arrays::of<float>({1}, {infinity})},
                              {"shape", arrays::of<float>({1}, {1})}};
  const auto error = fault_of(arrays, [](Reader& reader) {
    reader.floats("conv1.weight", {1});
    reader.floats("fc.bias", {1});
    reader.floats("q", {1});
    reader.floats("bad", {1});
    reader.floats("shape", {3});
    reader.try_to("scale", [] { throw quench::Error(quench::diagnosis::value_out_of_range, ""); });
  });
  REQUIRE(error.has_value());
  CHECK(slug_of([&] { throw *error; }) == "state-not-valid");
  CHECK(error->module() == "");
  const std::string& evidence = error->evidence();
  CHECK(
      evidence.starts_with("the file lacks conv1.weight (the file has conv1.wieght), fc.bias (the file has "
                           "module.fc.bias), q; the model does not have away, conv1.wieght, module.fc.bias; bad ("));
  CHECK(evidence.ends_with(", shape (needed [3], given [1]), scale (value-out-of-range)"));
}

TEST_CASE("of very many faults eight are shown, and hostile names are kept short") {
  i::NamedArrays arrays;
  for (char letter = 'a'; letter < 'a' + 20; ++letter)
    arrays["unknown." + std::string(1, letter)] = arrays::of<float>({1}, {1});
  auto error = fault_of(arrays, read_nothing);
  REQUIRE(error.has_value());
  CHECK(error->evidence().ends_with("unknown.h and 12 more"));
  CHECK(error->evidence().find("unknown.i") == std::string::npos);
  const std::string hostile = std::string(100'000, 'x') + "\n\x1b[31m";
  error = fault_of({{hostile, arrays::of<float>({1}, {1})}}, read_nothing);
  REQUIRE(error.has_value());
  CHECK(error->module().size() < 200);
  error = fault_of({{"a\n\x1b[31m", arrays::of<float>({1}, {1})}}, read_nothing);
  REQUIRE(error.has_value());
  for (const char letter : error->module()) CHECK(static_cast<unsigned char>(letter) >= 32);
  // Names that long are compared with none.
  error =
      fault_of({{hostile, arrays::of<float>({1}, {1})}}, [&](Reader& reader) { reader.floats(hostile + "y", {1}); });
  REQUIRE(error.has_value());
  CHECK(error->evidence().find("(the file has") == std::string::npos);
}
