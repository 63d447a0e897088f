// SPDX-License-Identifier: Apache-2.0
// Values of an ONNX graph that are known without its inputs: initializers, constants, and what follows from them.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx.hpp>

namespace quench::interop::detail {

/// Extents of a value in the file, the batch with them.
using OnnxShape = std::vector<std::int64_t>;

std::string text_of_shape(const OnnxShape& shape);

/// The product of extents; 2^31 if it is that or more.
std::int64_t elements_of(const OnnxShape& shape);

/// Counts the elements of folded constants before memory is taken for them.
class OnnxFoldBudget {
 public:
  explicit OnnxFoldBudget(std::int64_t elements) : left_(elements) {}
  /// Errors   model-not-understood: there are too many
  void take(std::int64_t elements);

 private:
  std::int64_t left_;
};

/// Real numbers one by one. Those that the file has as raw data stay there.
class OnnxReals {
 public:
  explicit OnnxReals(Bytes raw) : raw_(raw) {}
  explicit OnnxReals(std::vector<float> values) : values_(std::move(values)) {}
  float operator[](std::size_t i) const {
    if (raw_.empty()) return values_[i];
    float value;
    std::memcpy(&value, raw_.data() + i * sizeof value, sizeof value);
    return value;
  }

 private:
  Bytes raw_{};
  std::vector<float> values_{};
};

/// Integers, truth values among them, or real numbers. Values of an initializer stay in the file.
class OnnxConstant {
 public:
  /// Errors   model-not-understood: it holds neither integers nor real numbers
  explicit OnnxConstant(const OnnxTensor& tensor);
  OnnxConstant(OnnxShape shape, std::vector<float> values);
  OnnxConstant(OnnxShape shape, std::vector<std::int64_t> values);

  const OnnxShape& shape() const& { return shape_; }
  const OnnxShape& shape() const&& = delete;
  bool is_integer() const { return is_integer_; }
  std::int64_t elements() const { return elements_of(shape_); }

  /// The values as real numbers; an integer becomes the nearest one.
  std::vector<float> reals() const;
  /// The same without a copy where that is possible. They last as long as the file.
  OnnxReals each_real() const;
  /// The same as a parameter: Float32, with the extents here.
  NamedArray parameter() const;
  /// Errors   model-not-understood: they are no integers
  std::vector<std::int64_t> integers() const;
  /// The value, if all elements have one.
  std::optional<float> single() const;

  /// The initializer that it is, perhaps with its axes in another order. Two layers of one origin share their weights.
  std::string_view origin() const& { return origin_; }
  std::string_view origin() const&& = delete;
  void set_origin(std::string_view name) { origin_ = name; }

  /// The same values with other extents.
  OnnxConstant reshaped(OnnxShape shape) const;
  /// Element i is element from[i] of this.
  OnnxConstant taken(OnnxShape shape, const std::vector<std::size_t>& from) const;

 private:
  OnnxShape shape_{};
  bool is_integer_ = false;
  const OnnxTensor* tensor_ = nullptr;
  std::shared_ptr<const std::vector<float>> reals_{};
  std::shared_ptr<const std::vector<std::int64_t>> integers_{};
  std::string_view origin_{};
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/constant_impl.hpp>
#endif
