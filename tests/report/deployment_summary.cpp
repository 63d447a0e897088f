// SPDX-License-Identifier: Apache-2.0
#include <quench/report/deployment_summary.hpp>

#include <cstddef>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../examples/fashion_net.hpp"
#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "networks/small.hpp"
#include "temporary_folder.hpp"
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/export_cpp.hpp>
#include <quench/flow/prepare.hpp>

namespace q = quench;

namespace {

template <class Net, class Setter = q::setter::DefaultQat>
auto deployed() {
  const auto batches = q::random_batches<Net>(q::Seed{3}, 2, 4);
  const q::FloatModel<Net> model{q::Seed{11}};
  return q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches)));
}

// The elements of a list in braces, without those of lists inside.
long long elements_of(const std::string& list) {
  long long commas = 0;
  int depth = 0;
  for (const char letter : list) {
    depth += letter == '{' ? 1 : letter == '}' ? -1 : 0;
    if (letter == ',' && depth == 1) ++commas;
  }
  return commas + 1;
}

// The sizes of all constants that the text of an exported header defines, but for the steps, which a device packs.
// Pointers of a device have four bytes, and the compiler of this test has others.
long long bytes_of_header(const std::string& text) {
  using Softmax = q::kernels::SoftmaxTables;
  using Norm = q::kernels::RowNorm;
  constexpr std::size_t more = 2 * (sizeof(void*) - 4);  // of the two pointers that each of these has
  constexpr std::size_t softmax = offsetof(Softmax, levels) + sizeof(int) - more,
                        norm = offsetof(Norm, bias) + sizeof(void*) - more;
  const std::map<std::string, long long> sizes{
      {"std::int8_t", 1},
      {"std::int16_t", 2},
      {"std::uint16_t", 2},
      {"std::int32_t", 4},
      {"int", 4},
      {"float", 4},
      {"quench::Requantization", sizeof(q::Requantization)},
      {"quench::kernels::RowWeight", sizeof(q::kernels::RowWeight)},
      {"quench::kernels::Addition", sizeof(q::kernels::Addition)},
      {"quench::kernels::ScalarAddition", sizeof(q::kernels::ScalarAddition)},
      {"quench::kernels::PiecewiseTable", sizeof(q::kernels::PiecewiseTable)},
      {"quench::kernels::SoftmaxTables", softmax},
      {"quench::kernels::RowNorm", norm},
  };
  const std::regex definition("static constexpr ([\\w:]+) (\\w+)(\\[\\])? = (\\{[^;]*\\});");
  long long bytes = 0;
  for (std::sregex_iterator found(text.begin(), text.end(), definition), end; found != end; ++found) {
    const std::smatch& match = *found;
    if (match[2] == "steps") continue;
    bytes += sizes.at(match[1]) * (match[3].matched ? elements_of(match[4]) : 1);
  }
  return bytes;
}

template <class Net, class Setter = q::setter::DefaultQat>
void check_flash() {
  CAPTURE(q::tensors::text(q::type_name<Net>()));
  const auto deployment = deployed<Net, Setter>();
  const TemporaryFolder folder;
  q::export_cpp(deployment, folder / "weights.hpp");
  std::ifstream file(folder / "weights.hpp");
  std::stringstream text;
  text << file.rdbuf();
  const q::DeploymentSummary summary = q::summary(deployment);
  CHECK(summary.flash_bytes() > 0);
  CHECK(summary.flash_bytes() == bytes_of_header(text.str()));
  CHECK(summary.arena_bytes == deployment.arena_bytes);
  CHECK(summary.peak_bytes() <= deployment.arena_bytes);
}

const q::FlashRow& row(const q::DeploymentSummary& summary, const std::string& module) {
  for (const q::FlashRow& each : summary.flash)
    if (each.module == module) return each;
  FAIL("no row " << module);
  return summary.flash[0];
}

}  // namespace

TEST_CASE("flash is as large as all constants of the exported header") {
  check_flash<operators::Layers>();
  check_flash<operators::Functions>();
  check_flash<operators::Functions, q::setter::Int16WhereSupported>();
  check_flash<operators::ManyClasses>();
  check_flash<operators::RowNorms>();
  check_flash<operators::AdaptivePools>();
  check_flash<operators::Arithmetic>();
  check_flash<operators::Joins>();
  check_flash<operators::Choices>();
  check_flash<per_channel::Slopes>();
  check_flash<embeddings::TextClassifier>();
  check_flash<embeddings::TextClassifier, q::setter::Int16WhereSupported>();
  check_flash<small::Attention>();
  check_flash<small::Siamese>();
}

TEST_CASE("flash of a module is its weights, biases, records and tables, counted by hand") {
  const auto deployment = deployed<FashionNet>();
  const q::DeploymentSummary summary = q::summary(deployment);
  CHECK(row(summary, "stem").weights == 9 * 16);
  CHECK(row(summary, "stem").biases == 4 * 16);
  CHECK(row(summary, "stem").records == 4 * 16);
  CHECK(row(summary, "stem").tables == 0);
  CHECK(row(summary, "body").weights == 16 * 9 * 16);
  CHECK(row(summary, "skip").records == sizeof(q::kernels::Addition));
  CHECK(row(summary, "pool").records == 4);
  CHECK(row(summary, "quant").bytes() == 4);                    // the scale of the input
  CHECK(row(summary, "classifier").tables == 10 * 4 + 10 * 2);  // scales of the outputs, and multipliers of argmax
  CHECK(summary.model.integer_weight_bytes == q::summary(deployment.model()).integer_weight_bytes);
}

TEST_CASE("the arena has a line for each step, and its peak is the largest sum of live tensors") {
  const q::DeploymentSummary summary = q::summary(deployed<FashionNet>());
  std::vector<int> live;
  for (const q::ArenaStep& step : summary.arena) live.push_back(step.live_bytes);
  constexpr int image = 28 * 28, map = 16 * image;
  CHECK(live == std::vector<int>{image, image + map, 2 * map, 2 * map, map + 16, 16 + 40});
  CHECK(summary.peak_bytes() == 2 * map);
  const q::DeploymentSummary siamese = q::summary(deployed<small::Siamese>());
  using Weights = q::SetterDecisions<small::Siamese, q::march::NashE, q::setter::DefaultQat>;
  CHECK(siamese.peak_bytes() == q::device::memory_plan<small::Siamese, Weights>.lower_bound);
}

TEST_CASE("the text of a deployment begins with that of its model") {
  const auto deployment = deployed<FashionNet>();
  const std::string text = q::summary(deployment).text(), model = q::summary(deployment.model()).text();
  CHECK(text.starts_with(model));
  // As include/quench/report/README.md shows it.
  CHECK(text.substr(model.size()) ==
        "\n"
        "flash: constants that export_cpp writes, without C++ code and the packed table of steps\n"
        "module      operator         weights  biases  records  tables  bytes\n"
        "quant       QuantStub              0       0        0       4      4\n"
        "stem        Conv2d               144      64       64       0    272\n"
        "body        Conv2d             2,304      64       64       0  2,432\n"
        "skip        add                    0       0       20       0     20\n"
        "pool        GlobalAvgPool2d        0       0        4       0      4\n"
        "classifier  Linear               160      40        0      60    260\n"
        "total                          2,608     168      152      64  2,992\n"
        "\n"
        "arena\n"
        "step        operator         live while it runs                 bytes\n"
        "quant       QuantStub        #                                    784\n"
        "stem        Conv2d           #################                 13,328\n"
        "body        Conv2d           ################################  25,088  peak\n"
        "skip        add              ################################  25,088\n"
        "pool        GlobalAvgPool2d  #################                 12,560\n"
        "classifier  Linear           #                                     56\n"
        "arena                        --------------------------------  25,088\n"
        "\n"
        "instructions in thousands: an estimate from counts of kernels at -O2; these are not cycles\n"
        "module      operator         Cortex-M4  Cortex-M55\n"
        "stem        Conv2d               863.3       365.5\n"
        "body        Conv2d              3030.9       617.9\n"
        "skip        add                  191.9        53.4\n"
        "pool        GlobalAvgPool2d       52.2        37.6\n"
        "classifier  Linear                 0.3         0.0\n"
        "total                           4138.6      1074.5\n");
}
