// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/constant.hpp>

#include <algorithm>
#include <utility>

namespace quench::interop {

namespace detail {

QUENCH_INLINE std::string text_of_shape(const OnnxShape& shape) {
  return shown(std::vector<std::size_t>(shape.begin(), shape.end()));
}

QUENCH_INLINE std::int64_t elements_of(const OnnxShape& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 31;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) {
    if (extent >= most || product * extent >= most) return most;
    product *= extent;
  }
  return product;
}

QUENCH_INLINE void OnnxFoldBudget::take(std::int64_t elements) {
  if (elements > left_) misunderstand("its constant parts become too large");
  left_ -= elements;
}

QUENCH_INLINE OnnxConstant::OnnxConstant(const OnnxTensor& tensor)
    : shape_(tensor.shape.begin(), tensor.shape.end()), tensor_(&tensor), origin_(tensor.name) {
  switch (tensor.type) {
    case OnnxType::Float:
    case OnnxType::Float16:
    case OnnxType::BFloat16:
    case OnnxType::Double: return;
    case OnnxType::UInt8:
    case OnnxType::Int8:
    case OnnxType::UInt16:
    case OnnxType::Int16:
    case OnnxType::Int32:
    case OnnxType::Int64:
    case OnnxType::Bool:
    case OnnxType::UInt32: is_integer_ = true; return;
    case OnnxType::Undefined:
    case OnnxType::String:
    case OnnxType::UInt64:
    case OnnxType::Complex64:
    case OnnxType::Complex128: break;
  }
  misunderstand("tensor " + shown(tensor.name) + " has elements of type " + name_of(tensor.type));
}

QUENCH_INLINE OnnxConstant::OnnxConstant(OnnxShape shape, std::vector<float> values)
    : shape_(std::move(shape)), reals_(std::make_shared<const std::vector<float>>(std::move(values))) {}

QUENCH_INLINE OnnxConstant::OnnxConstant(OnnxShape shape, std::vector<std::int64_t> values)
    : shape_(std::move(shape)),
      is_integer_(true),
      integers_(std::make_shared<const std::vector<std::int64_t>>(std::move(values))) {}

template <class To, class From>
std::vector<To> converted(const NamedArray& array) {
  const std::span<const From> values = array.as<From>();
  std::vector<To> result;
  result.reserve(values.size());
  for (const From value : values) result.push_back(static_cast<To>(value));
  return result;
}

template <class To>
std::vector<To> values_as(const NamedArray& array) {
  switch (array.type) {
    case ArrayType::Float32: return converted<To, float>(array);
    case ArrayType::Float64: return converted<To, double>(array);
    case ArrayType::Int8: return converted<To, std::int8_t>(array);
    case ArrayType::UInt8: return converted<To, std::uint8_t>(array);
    case ArrayType::Int16: return converted<To, std::int16_t>(array);
    case ArrayType::Int32: return converted<To, std::int32_t>(array);
    case ArrayType::Int64: return converted<To, std::int64_t>(array);
    case ArrayType::Other: break;
  }
  misunderstand("a constant has elements of type " + array.name_of_type());
}

QUENCH_INLINE std::vector<float> OnnxConstant::reals() const {
  if (reals_) return *reals_;
  if (tensor_ != nullptr) return values_as<float>(tensor_->array());
  std::vector<float> result;
  result.reserve(integers_->size());
  for (const std::int64_t value : *integers_) result.push_back(static_cast<float>(value));
  return result;
}

QUENCH_INLINE OnnxReals OnnxConstant::each_real() const {
  const Bytes raw = tensor_ == nullptr ? Bytes{} : tensor_->raw_floats();
  return raw.empty() ? OnnxReals(reals()) : OnnxReals(raw);
}

QUENCH_INLINE NamedArray OnnxConstant::parameter() const {
  const std::vector<std::size_t> shape(shape_.begin(), shape_.end());
  const bool is_float = tensor_ != nullptr && tensor_->type != OnnxType::Double && !is_integer_;
  if (!is_float) return NamedArray::of<float>(shape, reals());
  NamedArray array = tensor_->array();
  array.shape = shape;
  return array;
}

QUENCH_INLINE std::vector<std::int64_t> OnnxConstant::integers() const {
  if (!is_integer_) misunderstand("real numbers stand where integers are needed");
  return integers_ ? *integers_ : values_as<std::int64_t>(tensor_->array());
}

QUENCH_INLINE std::optional<float> OnnxConstant::single() const {
  const std::vector<float> values = reals();
  if (values.empty()) return {};
  const bool is_one = std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
  return is_one ? std::optional(values[0]) : std::nullopt;
}

QUENCH_INLINE OnnxConstant OnnxConstant::reshaped(OnnxShape shape) const {
  OnnxConstant result = *this;
  result.shape_ = std::move(shape);
  return result;
}

template <class T>
std::vector<T> elements_at(const std::vector<T>& values, const std::vector<std::size_t>& from) {
  std::vector<T> result;
  result.reserve(from.size());
  for (const std::size_t i : from) result.push_back(values[i]);
  return result;
}

QUENCH_INLINE OnnxConstant OnnxConstant::taken(OnnxShape shape, const std::vector<std::size_t>& from) const {
  return is_integer_ ? OnnxConstant(std::move(shape), elements_at(integers(), from))
                     : OnnxConstant(std::move(shape), elements_at(reals(), from));
}

}  // namespace detail

}  // namespace quench::interop
