// SPDX-License-Identifier: Apache-2.0
// copy_arrays FROM TO...: reads named arrays (.npy, .npz, .safetensors) and writes them again, for numpy_test.py.
#include <cstdio>

#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>
#include <quench/tensors/error.hpp>

namespace i = quench::interop;

int main(int count, char** arguments) {
  try {
    const std::filesystem::path from(count > 1 ? arguments[1] : "");
    const i::NamedArrays arrays = from.extension() == ".npy"   ? i::NamedArrays{{"array", i::read_npy(from)}}
                                  : from.extension() == ".npz" ? i::read_npz(from)
                                                               : i::read_safetensors(from);
    for (int argument = 2; argument < count; ++argument) {
      const std::filesystem::path to(arguments[argument]);
      if (to.extension() == ".npy")
        i::write_npy(to, arrays.begin()->second);
      else if (to.extension() == ".npz")
        i::write_npz(to, arrays);
      else
        i::write_safetensors(to, arrays);
    }
  } catch (const quench::Error& error) {
    std::puts(error.what());
    return 1;
  }
  return 0;
}
