// SPDX-License-Identifier: Apache-2.0
// Tensors in ONNX files: their types, and what the values become here.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/named_arrays.hpp>

namespace quench::interop {

/// The element type of a tensor, with the standard's numbers.
enum class OnnxType : unsigned char {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  BFloat16 = 16
};

/// True for the types of indices.
constexpr bool is_index(OnnxType type) { return type == OnnxType::Int32 || type == OnnxType::Int64; }

/// The standard's name of a type: "FLOAT16".
const char* name_of(OnnxType type);

/// A tensor in the file. Its values stay there until `array` copies them.
struct OnnxTensor {
  std::string_view name;
  OnnxType type = OnnxType::Undefined;
  std::vector<std::size_t> shape{};
  detail::Bytes message{};  // as the file has it; the number of its values is that of the shape

  /// The values. FLOAT16 and BFLOAT16 become Float32, BOOL UInt8, UINT16 Int32, UINT32 Int64; STRING, UINT64 and complex
  /// types become Other.
  /// Errors   file-not-readable: a value that its type does not have
  NamedArray array() const;
  /// The bytes of FLOAT values that the file has as raw data; empty for all others.
  detail::Bytes raw_floats() const;
};

namespace detail {

/// Bounds how much is kept of a model, so that a small file takes no large memory.
class OnnxBudget {
 public:
  /// A node, a tensor, an attribute, an input or an output.
  /// Errors   model-not-understood, for both: there are too many
  void count_object();
  /// A name or a number in one.
  void count_item();

 private:
  static constexpr int most_objects = 65536, most_items = 262144;
  int objects_ = 0, items_ = 0;
};

[[noreturn]] void misunderstand(const std::string& why);

/// As `reading`, for both reasons to refuse a model.
template <class F>
decltype(auto) reading_model(const std::string& what, F&& f) {
  try {
    return reading(what, std::forward<F>(f));
  } catch (const Error& error) {
    if (!(error.slug() == diagnosis::model_not_understood.slug)) throw;
    misunderstand(what + ": " + error.evidence());
  }
}

/// The type of a number in a file.
/// Errors   model-not-understood
OnnxType onnx_type(std::int64_t number);

/// A tensor whose data have the size of its shape.
/// Errors   file-not-readable, model-not-understood
OnnxTensor read_onnx_tensor(Bytes message, OnnxBudget& budget);

}  // namespace detail

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/tensor_impl.hpp>
#endif
