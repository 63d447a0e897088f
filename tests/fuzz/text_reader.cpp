// SPDX-License-Identifier: Apache-2.0
// Headers of files: the first byte says which of the readers' functions is called, in which order.
#include <quench/interop/npy.hpp>
#include <quench/interop/safetensors.hpp>

#include "fuzz/fuzz.hpp"

namespace fuzz {

const Target text_reader("text_reader", [](Bytes header) {
  namespace d = quench::interop::detail;
  if (header.empty()) return;
  const std::string_view text = d::as_text(header.subspan(1));
  read_or_refuse([&] { d::read_npy_header(text); });
  read_or_refuse([&] {
    for (const auto& [name, entry] : d::read_safetensors_header(text)) require(entry.offsets.size() == 2);
  });
  read_or_refuse([&] {
    d::TextReader reader(text);
    for (unsigned which = std::to_integer<unsigned>(header[0]); !reader.at_end(); which = which * 5 + 1) {
      const char next = reader.peek();
      switch (which % 6) {
        case 0: reader.skip_json(); break;
        case 1: {
          // A name that is read is written and read as the same.
          const std::string name = reader.json_string(), quoted = d::json_quoted(name);
          d::TextReader again(quoted);
          require(again.json_string() == name && again.at_end());
          break;
        }
        case 2: require(reader.quoted().find('\\') == std::string_view::npos); break;
        case 3: require(reader.brackets().front() == '['); break;
        case 4: reader.number(); break;
        case 5:
          if (reader.word().empty()) require(reader.take(next));
          break;
      }
    }
  });
});

}  // namespace fuzz
