// SPDX-License-Identifier: Apache-2.0
// Headers of files: numbers, texts, JSON strings, values that are passed over.
#include <quench/interop/text_reader.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

using quench::interop::detail::TextReader;

namespace {

std::string json_string(std::string_view text) { return TextReader(text).json_string(); }
bool is_refused(auto&& f) { return slug_of(f) == "file-not-readable"; }
bool is_passed_over(std::string_view text) {
  TextReader reader(text);
  return !is_refused([&] { reader.skip_json(); }) && reader.at_end();
}

}  // namespace

TEST_CASE("characters, words and numbers are taken one after another") {
  TextReader reader(" {\n12 , True'it\"s' ");
  CHECK(reader.take('{'));
  CHECK_FALSE(reader.take(','));
  CHECK(reader.number() == 12);
  reader.expect(',');
  CHECK(reader.word() == "True");
  CHECK(reader.quoted() == "it\"s");
  CHECK(reader.at_end());
  CHECK(reader.peek() == '\0');
  CHECK_FALSE(reader.take('\0'));
  CHECK(is_refused([&] { reader.expect('}'); }));
  CHECK(is_refused([&] { reader.number(); }));
  CHECK(is_refused([&] { reader.quoted(); }));
}

TEST_CASE("numbers end where size_t does") {
  CHECK(TextReader("18446744073709551615").number() == 18446744073709551615u);
  for (const char* text : {"18446744073709551616", "99999999999999999999", "-1", "+1", "x", ".5"})
    CHECK(is_refused([&] { TextReader(text).number(); }));
}

TEST_CASE("texts without their end or with escapes are refused") {
  for (const char* text : {"'a", "\"a'", "'a\\'b'", "a"}) CHECK(is_refused([&] { TextReader(text).quoted(); }));
}

TEST_CASE("escapes of JSON become the characters they stand for") {
  CHECK(json_string(R"("a.b")") == "a.b");
  CHECK(json_string(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(json_string(R"("\u0041\u00fC\u20ac\ud83d\ude00\uffff")") ==
        "A\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf");
  CHECK(json_string(R"("\u0000")") == std::string(1, '\0'));
  CHECK(json_string(R"("\udbff\udfff\ud800\udc00")") == "\xf4\x8f\xbf\xbf\xf0\x90\x80\x80");
  for (const char* text : {R"(")", R"("\)", R"("\")", R"("\x")", R"("\u12")", R"("\u12g4")", R"("\ud800")",
                           R"("\ud800\n")", R"("\ud800\ud800")", R"("\udc00")", "\"\n\"", "'a'", ""})
    CHECK(is_refused([&] { json_string(text); }));
}

TEST_CASE("values of JSON are passed over, but not without end") {
  for (const char* text : {"1", "-1.5e+3", "null", R"("a")", "[]", "{}", "[1, [2], {}]", R"({"a": {"b": [1, "]"]}})"})
    CHECK_MESSAGE(is_passed_over(text), text);
  for (const char* text : {"", "[", "{", "[1", "[1,]", "{1: 2}", R"({"a"})", R"({"a": })", "]", "1 2"})
    CHECK_FALSE(is_passed_over(text));
  CHECK(is_passed_over(std::string(15, '[') + "1" + std::string(15, ']')));
  CHECK_FALSE(is_passed_over(std::string(16, '[') + "1" + std::string(16, ']')));
  CHECK_FALSE(is_passed_over(std::string(1'000'000, '[')));
}
