// SPDX-License-Identifier: Apache-2.0
// The mistakes of catalogue.hpp that training code with eager handles can make. The texts speak of handles and arrays
// instead of modules and symbols. The slugs are the same. Freestanding.
#pragma once

#include <quench/misuse/catalogue.hpp>

namespace quench::misuse::eager {

template <Text Handle>
struct functional_called_once {
  static_assert(
      allowed<functional_called_once>,
      "quench[functional-called-once]: two calls of a handle of this name lead to one value, or its result takes the "
      "place of another tensor, as in a loop. "
      "A handle keeps the scale of one output, so either this handle is called twice, or two handles share a name. "
      "Declare a handle for each call, each with its own name: `quench::eager::FloatFunctional<\"add1\", March, Q> "
      "add1;`; the handles of an array, or of a block of which there are several, have a name that begins with a dot: "
      "`\".add\"`.");
};

template <Text Handle>
struct missing_quant_stub {
  static_assert(
      allowed<missing_quant_stub>,
      "quench[missing-quant-stub]: this handle is given a float array or a number where a quantized tensor is needed. "
      "Integers are computed only after a QuantStub, which finds the scale of the array. "
      "Pass `in(x)` instead of `x`, with `quench::eager::QuantStub<\"in\", March, Q> in;` (for a weight "
      "`quench::eager::FakeQuantizedWeight<\"w\", March, Q>`); pass a number to `add_scalar` or `mul_scalar`.");
};

template <Text Handle>
struct missing_dequant_stub {
  static_assert(
      allowed<missing_dequant_stub>,
      "quench[missing-dequant-stub]: the result of this handle is a quantized tensor, and it is used as an array of "
      "floats. "
      "Its integers mean nothing without their scale, which a DeQuantStub applies. "
      "Pass `out(y)` instead of `y`, with `quench::eager::DeQuantStub out;`, or `y.values()` to your own operator.");
};

template <Text Handle>
struct already_quantized {
  static_assert(allowed<already_quantized>,
                "quench[already-quantized]: this handle is given a tensor that is quantized already. "
                "Quantizing twice rounds twice and gains nothing. "
                "Delete this handle, or pass it a float array.");
};

}  // namespace quench::misuse::eager
