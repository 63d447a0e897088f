// SPDX-License-Identifier: Apache-2.0
// The text of reports: tables with aligned columns, numbers with a fixed number of digits, names of dtypes and shapes.
//
// Nothing depends on the locale, so a report is the same text on every machine.
#pragma once

#include <string>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/tensors/scale.hpp>
#include <quench/types/dtype.hpp>

namespace quench::detail {

/// Rows of text under a headline. The first `names` columns are aligned left. The others are numbers and aligned right.
class Table {
 public:
  Table(int names, std::vector<std::string> headline) : names_(index(names)), rows_{std::move(headline)} {}

  /// A row with an entry for each column.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// The lines, with two spaces between columns and no trailing spaces.
  std::string text() const;

 private:
  std::size_t names_;
  std::vector<std::vector<std::string>> rows_;
};

/// "1,234,567"
std::string grouped(long long number);

using tensors::fixed;

/// Four significant digits: "0.007812", "1.526e-05".
std::string short_text(double value);

/// "28 x 28 x 16"
std::string text(const Shape& shape);

std::string text(DType dtype);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/report/table_impl.hpp>
#endif
