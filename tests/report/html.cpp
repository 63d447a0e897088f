// SPDX-License-Identifier: Apache-2.0
#include <quench/report/html.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <locale>
#include <map>
#include <set>
#include <stack>

#include <quench/phases/data_parallel.hpp>
#include <quench/report/table.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/files.hpp>

#include "browser/uneven.hpp"
#include "networks/embeddings.hpp"
#include "networks/mobilenet_v2.hpp"
#include "temporary_folder.hpp"

namespace q = quench;

namespace {

using UnevenBatches = std::vector<q::Batch<uneven::Net>>;

std::string content(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = q::tensors::read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string page_of(const q::FloatModel<uneven::Net>& model, const auto& quantized) {
  const TemporaryFolder folder;
  q::write_html(folder / "page.html", model, quantized, uneven::batches());
  return content(folder / "page.html");
}

/// What stands between two texts, each time.
std::vector<std::string> between(const std::string& text, const std::string& before, const std::string& after) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
    at += before.size();
    found.push_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

/// Elements without an end tag.
const std::set<std::string> void_elements{"meta", "circle", "path", "rect", "wbr"};

/// Checks that start tags and end tags fit, but for the script.
void check_tags(std::string page) {
  std::stack<std::string> open;
  page.replace(page.find("<script>"), between(page, "<script>", "</script>")[0].size() + 17, "");
  for (const std::string& tag : between(page.substr(page.find("<html")), "<", ">")) {
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (name.starts_with("/")) {
      REQUIRE(!open.empty());
      REQUIRE(name.substr(1) == open.top());
      open.pop();
    } else if (void_elements.count(name) == 0) {
      open.push(name);
    }
  }
  CHECK(open.empty());
}

struct OnlyStubs {
  using Inputs = q::Inputs<q::Features<3>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};

struct GroupedNumbers : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

}  // namespace

TEST_CASE("the worst module stands first, and the figures are those of compare and summary") {
  const auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  const std::string page = page_of(model, quantized);
  std::vector<q::ComparisonRow> rows = q::compare(model, quantized, uneven::batches()).rows;
  std::sort(rows.begin(), rows.end(),
            [](const q::ComparisonRow& a, const q::ComparisonRow& b) { return a.sqnr < b.sqnr; });
  CHECK(rows[0].module == "second");

  const std::string body = between(page, "<tbody>", "</tbody>")[0];
  const std::vector<std::string> lines = between(body, "<tr>", "</tr>");
  REQUIRE(lines.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(rows[i].module);
    CHECK(between(lines[i], "\">", "</a>")[0] == rows[i].module);
    const std::vector<std::string> cells = between(lines[i], "<td ", "</td>");
    REQUIRE(cells.size() == 10);
    CHECK(cells[1].find(">" + q::detail::fixed(rows[i].sqnr, 1) + " <") != std::string::npos);
    CHECK(cells[3].ends_with(">" + q::detail::fixed(rows[i].largest_error, 1)));
    CHECK(cells[4].ends_with(">" + q::detail::fixed(100 * rows[i].saturation, 2)));
    CHECK(cells[6].ends_with(">" + q::detail::text(rows[i].dtype)));
  }
  // The cards are in the same order.
  const std::vector<std::string> cards = between(page, "<article ", "</article>");
  REQUIRE(cards.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(between(cards[i], "<h3>", "</h3>")[0] == rows[i].module);
  CHECK(cards[0].find("<dt>Scale</dt><dd>0.001953</dd>") != std::string::npos);
  CHECK(cards[0].find("<dt>Codes represent</dt><dd>-0.251 to 0.249</dd>") != std::string::npos);
  CHECK(page.find("Sets") == std::string::npos);

  const q::Summary summary = q::summary(quantized);
  CHECK(page.find("<dd>" + q::detail::grouped(summary.macs) + "<") != std::string::npos);
  CHECK(page.find("Memory of the device over time</title><desc>" + q::detail::grouped(*summary.arena_bytes) +
                  " bytes") != std::string::npos);
}

TEST_CASE("a card counts the values outside of the codes, and all of them") {
  auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  // The float values of `second`, which is followed by nothing that is fused.
  std::size_t outside = 0, count = 0;
  q::detail::compare_and_see(model, quantized, uneven::batches(), {}, [&](int step, std::span<const float> values) {
    if (q::execution::name_of(q::graph<uneven::Net>, step) != "second") return;
    count += values.size();
    for (const float x : values) outside += x < -128.5f / 512 || x > 127.5f / 512 ? 1 : 0;
  });
  REQUIRE(count == 12 * 8 * 8 * 8);
  REQUIRE(outside > 0);
  const std::string page = page_of(model, quantized);
  const std::string share = q::detail::fixed(100.0 * static_cast<double>(outside) / static_cast<double>(count), 2);
  CHECK(page.find("<dt>Values outside</dt><dd>" + q::detail::grouped(static_cast<long long>(outside)) + " (" + share +
                  " %)</dd>") != std::string::npos);
  CHECK(page.find(" and " + q::detail::grouped(static_cast<long long>(outside)) + " of 6,144 values lie outside.") !=
        std::string::npos);
  CHECK(page.find("<dd>12<small>through both networks</small>") != std::string::npos);
}

TEST_CASE("a page is whole, alone and well formed, and escapes names") {
  const auto model = uneven::float_model();
  const std::string page = page_of(model, uneven::quantized(model));
  check_tags(page);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("&lt;b&gt;&amp;") != std::string::npos);
  for (const char* elsewhere : {"http:", "https:", "src=", "url(", "@import", "<link"})
    CHECK_MESSAGE(page.find(elsewhere) == std::string::npos, elsewhere);
  std::set<std::string> ids;
  for (const std::string& id : between(page, " id=", ">")) CHECK(ids.insert(id.substr(0, id.find(' '))).second);
  const auto links = between(page, "href=\"#", "\"");
  CHECK(links.size() > 10);
  for (const std::string& link : links) CHECK_MESSAGE(ids.count(link) == 1, link);
  for (const std::string& drawing : between(page, "role=img>", "</svg>")) {
    CHECK(drawing.starts_with("<title>"));
    CHECK(drawing.find("</title><desc>") != std::string::npos);
  }
}

TEST_CASE("the same models and batches give the same page, with any workers and in any locale") {
  const auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  const std::string page = page_of(model, quantized);
  CHECK(page_of(model, quantized) == page);
  CHECK(page_of(q::DataParallel(model, q::Workers{3}), quantized) == page);
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new GroupedNumbers));
  const std::string elsewhere = page_of(model, quantized);
  std::locale::global(before);
  CHECK(elsewhere == page);
}

TEST_CASE("what no page can say is refused, and an older page stays") {
  auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  const TemporaryFolder folder;
  const auto path = folder / "page.html";
  q::tensors::write_file(path, std::string_view("older"));
  int batches_run = 0;
  const auto error_of = [&](const std::filesystem::path& to, const UnevenBatches& batches) {
    try {
      q::write_html(to, model, quantized, batches, [&](std::size_t, std::size_t) { ++batches_run; });
    } catch (const q::Error& error) {
      return q::tensors::text(error.slug()) + " " + error.module();
    }
    return std::string("no error");
  };
  CHECK(error_of(path, {}) == "empty-input ");
  UnevenBatches other_shape(1);
  other_shape[0].images = xt::zeros<float>({2, 8, 7, 3});
  CHECK(error_of(path, other_shape) == "shape-mismatch input 0");
  UnevenBatches not_finite = uneven::batches();
  not_finite[1].images(0, 0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK(error_of(path, not_finite) == "value-not-finite input 0");
  for (const q::ParameterView& parameter : model.parameters())
    if (parameter.name == "second.weight") std::fill(parameter.values.begin(), parameter.values.end(), 3e38f);
  CHECK(error_of(path, uneven::batches()) == "value-not-finite second");
  model = uneven::float_model();
  batches_run = 0;
  CHECK(error_of(folder / "nowhere" / "page.html", uneven::batches()) == "file-not-writable ");
  CHECK(error_of(folder.path, uneven::batches()) == "file-not-writable ");
  CHECK(batches_run == 0);
  CHECK(content(path) == "older");
  CHECK(folder.count() == 1);
  CHECK(error_of(path, uneven::batches()) == "no error");
  CHECK(batches_run > 0);
  CHECK(content(path).ends_with("</html>\n"));
  CHECK(folder.count() == 1);
}

TEST_CASE("what compare and summary say in words stands among the notes, paragraph by paragraph") {
  const auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  CHECK(page_of(model, quantized).find("<h2>Notes") == std::string::npos);
  std::map<int, q::detail::ValueHistogram> values;
  q::Comparison comparison =
      q::detail::compare_and_see(model, quantized, uneven::batches(), {}, [&](int step, std::span<const float> reals) {
        values[step].add(reals, quantized.core().constants().scales(step), quantized.core().constants().dtype(step));
      });
  comparison.low_precision_outputs = {{"dequant", "head", "A rule makes `head` int8.", "Put `rule<>` before it."}};
  comparison.held_scales = {{"first", true, 2, 8}};
  const q::Summary summary = q::summary(quantized);
  const auto& plan = q::device::memory_plan<uneven::Net>;
  const std::string page =
      q::detail::html_of({"Net",
                          "March",
                          q::graph<uneven::Net>,
                          quantized.core().constants(),
                          summary,
                          comparison,
                          values,
                          {std::span(plan.buffers).first(static_cast<std::size_t>(plan.buffer_count)), plan.buffer_of,
                           plan.arena_bytes, plan.lower_bound}});
  check_tags(page);
  const std::string notes = between(page, "<section class=notes>", "</section>")[0];
  CHECK(
      notes.starts_with("<h2>Notes</h2><p>outputs of only 8 bits:</p><ul><li>dequant, after head: A rule makes `head` "
                        "int8. Put `rule&lt;&gt;` before it.</li></ul><p>learned scales "));
  CHECK(notes.find("<li>first: 2 of 8 channels of the weight</li></ul><p>Nearly every value") != std::string::npos);
  CHECK(between(notes, "<p>", "</p>").size() == 3);
}

TEST_CASE("an input of indices is no float32 in the graph") {
  using Text = embeddings::TextClassifier;
  const TemporaryFolder folder;
  const q::FloatModel<Text> model;
  const auto batches = q::random_batches<Text>(q::Seed{1}, 1, 2);
  q::write_html(folder / "words.html", model, q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)),
                batches);
  const std::string page = content(folder / "words.html");
  CHECK(page.find("12 · indices<") != std::string::npos);
  CHECK(page.find("12 · float32<") == std::string::npos);
}

TEST_CASE("a network of stubs, and one whose outputs are zero, have a page") {
  const TemporaryFolder folder;
  auto stubs = q::random_batches<OnlyStubs>(q::Seed{1}, 1, 2);
  const q::FloatModel<OnlyStubs> only_stubs;
  q::write_html(folder / "stubs.html", only_stubs,
                q::convert(q::calibrate(q::prepare<q::march::NashE>(only_stubs), stubs)), stubs);
  auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  for (const q::ParameterView& parameter : model.parameters())
    if (parameter.name.starts_with("second")) std::fill(parameter.values.begin(), parameter.values.end(), 0.0f);
  q::write_html(folder / "zeros.html", model, quantized, uneven::batches());
  for (const char* name : {"stubs.html", "zeros.html"}) {
    const std::string page = content(folder / name);
    check_tags(page);
    for (const char* number : {"nan", "\"inf", ">inf", "-inf"})
      CHECK_MESSAGE(page.find(number) == std::string::npos, number);
  }
  const std::string worst = between(content(folder / "zeros.html"), "<article ", "</article>")[0];
  CHECK(worst.find("<h3>second</h3><span class=\"grade poor\">−∞ dB") != std::string::npos);
  CHECK(worst.find("<dd>6,144 (100.00 %)</dd>") != std::string::npos);
}

TEST_CASE("a page of MobileNetV2 has at most 2 MB") {
  using Net = networks::MobileNetV2;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 1, 2);
  q::FloatModel<Net> model{q::Seed{7}};
  model.forward(batches[0].images);  // so that batch norms normalize
  const TemporaryFolder folder;
  q::write_html(folder / "page.html", model, q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)),
                batches);
  const std::string page = content(folder / "page.html");
  CHECK(page.size() > 100'000);
  CHECK(page.size() <= 2'000'000);
  CHECK(between(page, "<article ", "</article>").size() == 65);
}
