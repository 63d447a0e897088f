// SPDX-License-Identifier: Apache-2.0
// The slug of the error that a call throws; "" if it throws none.
#pragma once

#include <string>

#include <quench/tensors/error.hpp>

template <class F>
std::string slug_of(F&& f) {
  try {
    f();
  } catch (const quench::Error& error) {
    return {error.slug().data, static_cast<std::size_t>(error.slug().size)};
  }
  return "";
}
