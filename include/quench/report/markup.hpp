// SPDX-License-Identifier: Apache-2.0
// Text and numbers inside of HTML, SVG and Graphviz. Nothing depends on the locale.
//
// Names of networks are types, such as `Net<3, Block<8>>`, so each name is escaped where it is written.
#pragma once

#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>

namespace quench::detail {

/// Text that HTML and SVG show as it is, between tags and in attributes with quotes.
std::string html_text(std::string_view text);

/// Text that Graphviz shows as it is, between quotes.
std::string dot_text(std::string_view text);

/// A coordinate of SVG with at most one decimal: "12", "-0.5".
std::string coordinate(double value);

/// A start tag, its content and its end tag. `tag` may have attributes: "td class=number".
std::string element(std::string_view tag, std::string_view content);

/// The title and the description of a drawing, for readers who do not see it. Inside of its `svg`.
std::string described(std::string_view title, std::string_view description);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/report/markup_impl.hpp>
#endif
