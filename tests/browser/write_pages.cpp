// SPDX-License-Identifier: Apache-2.0
// write_pages FOLDER: writes a page and a graph of a network of which `second` is quantized badly. check.py looks at the page.
#include <quench/quench.hpp>
#include <quench/report/graphviz.hpp>
#include <quench/report/html.hpp>

#include <filesystem>
#include <fstream>

#include "uneven.hpp"

namespace q = quench;

int main(int, char** arguments) {
  std::filesystem::current_path(arguments[1]);
  const q::FloatModel<uneven::Net> model = uneven::float_model();
  const auto batches = uneven::batches();
  const auto quantized = uneven::quantized(model);
  // region page
  q::write_html("report.html", model, quantized, batches);  // open it in a browser
  std::ofstream("graph.dot") << q::to_graphviz(quantized);  // dot -Tsvg graph.dot -o graph.svg
  // end region
}
