// SPDX-License-Identifier: Apache-2.0
// All kernels on a device without operating system: each is compiled for the types that it takes.
#include <quench/kernels/add.hpp>
#include <quench/kernels/argmax.hpp>
#include <quench/kernels/cat.hpp>
#include <quench/kernels/channel_affine.hpp>
#include <quench/kernels/color.hpp>
#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/conv_transpose2d.hpp>
#include <quench/kernels/embedding.hpp>
#include <quench/kernels/layer_norm.hpp>
#include <quench/kernels/linear.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/matmul.hpp>
#include <quench/kernels/maximum.hpp>
#include <quench/kernels/mul.hpp>
#include <quench/kernels/pooling.hpp>
#include <quench/kernels/prelu.hpp>
#include <quench/kernels/rearrange.hpp>
#include <quench/kernels/reduce.hpp>
#include <quench/kernels/relu.hpp>
#include <quench/kernels/requantize.hpp>
#include <quench/kernels/scalar.hpp>
#include <quench/kernels/softmax.hpp>
#include <quench/kernels/upsample.hpp>

namespace quench::kernels {

using std::int16_t, std::int32_t, std::int8_t;

// Explicit instantiations, so that the code is in the object file.
template void conv2d(const int8_t*, const int8_t*, int8_t*, const Convolution&, const OutputChannels&);
template void conv2d(const int8_t*, const int8_t*, int32_t*, const Convolution&, const OutputChannels&);
template void conv2d(const int16_t*, const int8_t*, int16_t*, const Convolution&, const OutputChannels&);
template void conv_transpose2d(const int8_t*, const int8_t*, int8_t*, const Convolution&, const OutputChannels&);
template void conv_transpose2d(const int16_t*, const int8_t*, int32_t*, const Convolution&, const OutputChannels&);
template void linear(const int8_t*, const int8_t*, int8_t*, const LinearLayer&, const OutputChannels&);
template void linear(const int16_t*, const int8_t*, int32_t*, const LinearLayer&, const OutputChannels&);
template void channel_affine(const int8_t*, const int8_t*, int8_t*, int, int, const OutputChannels&);
template void channel_affine(const int16_t*, const int8_t*, int32_t*, int, int, const OutputChannels&);
template void prelu(const int8_t*, int8_t*, int, int, const Requantization*);
template void prelu(const int16_t*, int16_t*, int, int, const Requantization*);
template void matmul(const int8_t*, const int8_t*, int8_t*, const MatrixProduct&);
template void matmul(const int16_t*, const int16_t*, int16_t*, const MatrixProduct&);
template void add(const int8_t*, const Shape&, const int8_t*, const Shape&, int8_t*, const Addition&);
template void sub(const int16_t*, const Shape&, const int8_t*, const Shape&, int16_t*, const Addition&);
template void add_relu(const int8_t*, const Shape&, const int8_t*, const Shape&, int8_t*, Addition);
template void add_scalar(const int8_t*, int8_t*, int, const ScalarAddition&);
template void mul_scalar(const int16_t*, int16_t*, int, bool);
template void mul(const int8_t*, const Shape&, const int8_t*, const Shape&, int8_t*, const Requantization&);
template void maximum(const int8_t*, const Shape&, const int8_t*, const Shape&, int8_t*, const Comparison&);
template void minimum(const int8_t*, const Shape&, const int16_t*, const Shape&, int16_t*, const Comparison&);
template int cat(const int8_t*, const Shape&, int8_t*, const Shape&, int, int, const Requantization&);
template void relu(const int8_t*, int8_t*, int);
template void relu6(const int16_t*, int16_t*, int, int16_t);
template void max_pool2d(const int8_t*, int8_t*, const Pool&);
template void avg_pool2d(const int8_t*, int8_t*, const Pool&, const MeanRecords&);
template void global_avg_pool2d(const int8_t*, const Shape&, int8_t*, const Requantization&);
template void reduce(const int8_t*, int8_t*, const Reduction&);
template void upsample_nearest(const int8_t*, const Resize&, int8_t*);
template void embedding(const int32_t*, const int8_t*, int8_t*, int, int, int);
template void embedding(const int32_t*, const int16_t*, int16_t*, int, int, int);
template void lookup(const int8_t*, int8_t*, int, const int8_t*);
template void softmax(const int8_t*, const Shape&, int, int8_t*, const SoftmaxTables&);
template void normalize_rows<Operator::LayerNorm>(const int8_t*, int8_t*, int, const RowNorm&);
template void normalize_rows<Operator::RMSNorm>(const int16_t*, int16_t*, int, const RowNorm&);
template void argmax(const int32_t*, const Shape&, int, const std::uint16_t*, int32_t*);
template void copy(const int8_t*, int8_t*, int);
template void permute(const int8_t*, const Shape&, const int*, int8_t*);
template void slice(const int8_t*, const Shape&, int, int, int, int8_t*);
template void pad(const int8_t*, const Shape&, const int*, const int*, int8_t*);
template void resize_nearest(const std::uint8_t*, const Shape&, std::uint8_t*, int, int);
template void crop(const std::uint8_t*, const Shape&, int, int, std::uint8_t*, int, int);
template void requantize_tensor<8>(const int32_t*, int8_t*, int, const Requantization&);
template void requantize_channels<4>(const int32_t*, int8_t*, int, int, const Requantization*);

}  // namespace quench::kernels

// Those that are no templates.
extern "C" void prepare_picture(const std::uint8_t* rgb, const std::uint8_t* chroma, std::int8_t* codes, int pixels) {
  quench::kernels::rgb_to_centered_yuv444(rgb, codes, pixels);
  quench::kernels::rgb_to_centered_gray(rgb, codes, pixels);
  quench::kernels::center(rgb, codes, pixels);
  quench::kernels::nv12_to_centered_yuv444(rgb, chroma, codes, 1, pixels);
  quench::Settings settings;
  settings.scale_factor = 2;
  quench::kernels::upsample_bilinear(codes, quench::kernels::resize_of(settings, quench::Shape(1, pixels, 1)),
                                     codes + pixels);
}

extern "C" void look_up(const std::int16_t* x, std::int16_t* y, int count,
                        const quench::kernels::PiecewiseTable* table) {
  quench::kernels::lookup(x, y, count, *table);
}
