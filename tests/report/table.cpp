// SPDX-License-Identifier: Apache-2.0
#include <quench/report/table.hpp>

#include <doctest/doctest.h>

#include <limits>

namespace d = quench::detail;

TEST_CASE("a table aligns names left and numbers right, without spaces at the ends of lines") {
  d::Table table(2, {"module", "operator", "SQNR"});
  table.add({"a", "Conv2d", "7.5"});
  table.add({"block.conv", "add", "102.25"});
  CHECK(table.text() ==
        "module      operator    SQNR\n"
        "a           Conv2d       7.5\n"
        "block.conv  add       102.25\n");
  d::Table names(2, {"a", "bc"});
  names.add({"abc", ""});
  CHECK(names.text() == "a    bc\nabc\n");
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(d::grouped(0) == "0");
  CHECK(d::grouped(999) == "999");
  CHECK(d::grouped(1000) == "1,000");
  CHECK(d::grouped(123456) == "123,456");
  CHECK(d::grouped(1234567890123) == "1,234,567,890,123");
  CHECK(d::grouped(-999) == "-999");
  CHECK(d::grouped(-123456) == "-123,456");
}

TEST_CASE("real numbers have a fixed number of decimals, or four digits") {
  CHECK(d::fixed(1.005, 1) == "1.0");
  CHECK(d::fixed(-12.345678, 2) == "-12.35");
  CHECK(d::fixed(std::numeric_limits<double>::infinity(), 2) == "inf");
  CHECK(d::fixed(-std::numeric_limits<double>::infinity(), 2) == "-inf");
  CHECK(d::fixed(1e300, 0).size() == 301);
  CHECK(d::short_text(1.0 / 128) == "0.007812");
  CHECK(d::short_text(1.0 / 65536) == "1.526e-05");
}

TEST_CASE("shapes and dtypes have names") {
  CHECK(d::text(quench::Shape(28, 28, 16)) == "28 x 28 x 16");
  CHECK(d::text(quench::Shape(10)) == "10");
  CHECK(d::text(quench::DType::Float32) == "float32");
  CHECK(d::text(quench::DType::Int4) == "int4");
  CHECK(d::text(quench::DType::Int8) == "int8");
  CHECK(d::text(quench::DType::Int16) == "int16");
  CHECK(d::text(quench::DType::Int32) == "int32");
}
