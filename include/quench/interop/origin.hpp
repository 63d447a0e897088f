// SPDX-License-Identifier: Apache-2.0
// What a saved state says about the model that it came from: the hash of the network, the march, and the kind of each
// fake-quantizer. Loading refuses a state of another kind, even if all names and shapes fit.
//
// A FloatModel saves none of this: its file is a plain state_dict for PyTorch. A file without these arrays, such as one
// of quench 0.3, is loaded by names, shapes and dtypes alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>
#include <quench/ground/compiler.hpp>
#include <quench/interop/array_reader.hpp>
#include <quench/network/hash.hpp>
#include <quench/phases/fake_quantizers.hpp>

namespace quench::interop::detail {

inline constexpr const char *network_name = "quench.network", *march_name = "quench.march";

NamedArray text_array(std::string_view text);

template <march::March M>
std::string name_of_march() {
  constexpr TextView name = quench::type_name<M>();
  return tensors::text(ground::last_identifier(name.data, name.size));
}

std::string hexadecimal(std::uint64_t value);

template <class Net, march::March M>
void write_origin(NamedArrays& arrays) {
  arrays[network_name] = text_array(hexadecimal(network_hash<Net>));
  arrays[march_name] = text_array(name_of_march<M>());
}

/// Refuses a state of another network or march. Notes nothing about a file that does not say where it is from.
template <class Net, march::March M>
void read_origin(Reader& reader) {
  if (!reader.has(network_name)) return;
  if (const std::string given = reader.text_of(network_name); given != hexadecimal(network_hash<Net>))
    reader.note(
        Error(diagnosis::state_not_valid,
              "the state is of another network: of other operators or settings, or with its members in another order",
              "network"));
  if (const std::string given = reader.text_of(march_name); given != name_of_march<M>())
    reader.note(Error(diagnosis::state_not_valid,
                      "needed a state of " + name_of_march<M>() + ", given one of " + shown(given), "march"));
}

/// "conv.activation_state" -> "conv.activation_kind"
std::string kind_name(const std::string& module, bool is_weight);

/// False, and a note, if the state of a fake-quantizer is of another kind.
bool has_kind(const phases::AnyFakeQuantizer& quantizer, const std::string& module, bool is_weight, Reader& reader);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/origin_impl.hpp>
#endif
