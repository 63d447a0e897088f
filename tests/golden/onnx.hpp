// SPDX-License-Identifier: Apache-2.0
// The node tests of the ONNX project for quantized operators, from Debian's libonnx-testdata 1.12.0-2 (Apache-2.0).
// Made by make_onnx.py; not written by hand. Each operator has the names of the standard.
// clang-format off
#pragma once

#include <cstdint>

namespace golden::onnx {

namespace quantizelinear {  // QuantizeLinear
inline constexpr int x_shape[] = {6};
inline constexpr float x[] = {0x0.0p+0f, 0x1.0000000000000p+1f, 0x1.8000000000000p+1f, 0x1.f400000000000p+9f, -0x1.fc00000000000p+7f, -0x1.f400000000000p+9f};
inline constexpr float y_scale[] = {0x1.0000000000000p+1f};
inline constexpr std::uint8_t y_zero_point[] = {128};
inline constexpr int y_shape[] = {6};
inline constexpr std::uint8_t y[] = {128, 129, 130, 255, 1, 0};
}  // namespace quantizelinear

namespace quantizelinear_axis {  // QuantizeLinear
inline constexpr int x_shape[] = {1, 3, 3, 2};
inline constexpr float x[] = {-0x1.4400000000000p+7f, 0x1.4000000000000p+3f, -0x1.9000000000000p+6f, 0x1.d000000000000p+7f, -0x1.4000000000000p+4f, -0x1.9000000000000p+5f, -0x1.3000000000000p+6f, 0x0.0p+0f, 0x0.0p+0f, 0x1.f800000000000p+7f, 0x1.0000000000000p+5f, -0x1.6000000000000p+5f, 0x1.ea00000000000p+7f, -0x1.e500000000000p+8f, -0x1.e000000000000p+9f, -0x1.0e00000000000p+8f, -0x1.7700000000000p+8f, -0x1.d600000000000p+8f};
inline constexpr int y_scale_shape[] = {3};
inline constexpr float y_scale[] = {0x1.0000000000000p+1f, 0x1.0000000000000p+2f, 0x1.4000000000000p+2f};
inline constexpr int y_zero_point_shape[] = {3};
inline constexpr std::uint8_t y_zero_point[] = {84, 24, 196};
inline constexpr int y_shape[] = {1, 3, 3, 2};
inline constexpr std::uint8_t y[] = {3, 89, 34, 200, 74, 59, 5, 24, 24, 87, 32, 13, 245, 99, 4, 142, 121, 102};
}  // namespace quantizelinear_axis

namespace dynamicquantizelinear {  // DynamicQuantizeLinear
inline constexpr int x_shape[] = {6};
inline constexpr float x[] = {0x0.0p+0f, 0x1.0000000000000p+1f, -0x1.8000000000000p+1f, -0x1.4000000000000p+1f, 0x1.570a3e0000000p+0f, 0x1.0000000000000p-1f};
inline constexpr int y_shape[] = {6};
inline constexpr std::uint8_t y[] = {153, 255, 0, 26, 221, 179};
inline constexpr float y_scale[] = {0x1.4141420000000p-6f};
inline constexpr std::uint8_t y_zero_point[] = {153};
}  // namespace dynamicquantizelinear

namespace dynamicquantizelinear_max_adjusted {  // DynamicQuantizeLinear
inline constexpr int x_shape[] = {6};
inline constexpr float x[] = {-0x1.0000000000000p+0f, -0x1.0ccccc0000000p+1f, -0x1.4ccccc0000000p+0f, -0x1.4000000000000p+1f, -0x1.ab851e0000000p+1f, -0x1.0000000000000p+2f};
inline constexpr int y_shape[] = {6};
inline constexpr std::uint8_t y[] = {191, 121, 172, 96, 42, 0};
inline constexpr float y_scale[] = {0x1.0101020000000p-6f};
inline constexpr std::uint8_t y_zero_point[] = {255};
}  // namespace dynamicquantizelinear_max_adjusted

namespace dynamicquantizelinear_min_adjusted {  // DynamicQuantizeLinear
inline constexpr int x_shape[] = {3, 4};
inline constexpr float x[] = {0x1.0000000000000p+0f, 0x1.0ccccc0000000p+1f, 0x1.4ccccc0000000p+0f, 0x1.4000000000000p+1f, 0x1.ab851e0000000p+1f, 0x1.0000000000000p+2f, 0x1.8000000000000p+0f, 0x1.4ccccc0000000p+1f, 0x1.f333340000000p+1f, 0x1.0000000000000p+2f, 0x1.8000000000000p+1f, 0x1.2c28f60000000p+1f};
inline constexpr int y_shape[] = {3, 4};
inline constexpr std::uint8_t y[] = {64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149};
inline constexpr float y_scale[] = {0x1.0101020000000p-6f};
inline constexpr std::uint8_t y_zero_point[] = {0};
}  // namespace dynamicquantizelinear_min_adjusted

namespace dequantizelinear {  // DequantizeLinear
inline constexpr int x_shape[] = {4};
inline constexpr std::uint8_t x[] = {0, 3, 128, 255};
inline constexpr float x_scale[] = {0x1.0000000000000p+1f};
inline constexpr std::uint8_t x_zero_point[] = {128};
inline constexpr int y_shape[] = {4};
inline constexpr float y[] = {-0x1.0000000000000p+8f, -0x1.f400000000000p+7f, 0x0.0p+0f, 0x1.fc00000000000p+7f};
}  // namespace dequantizelinear

namespace dequantizelinear_axis {  // DequantizeLinear
inline constexpr int x_shape[] = {1, 3, 3, 2};
inline constexpr std::uint8_t x[] = {3, 89, 34, 200, 74, 59, 5, 24, 24, 87, 32, 13, 245, 99, 4, 142, 121, 102};
inline constexpr int x_scale_shape[] = {3};
inline constexpr float x_scale[] = {0x1.0000000000000p+1f, 0x1.0000000000000p+2f, 0x1.4000000000000p+2f};
inline constexpr int x_zero_point_shape[] = {3};
inline constexpr std::uint8_t x_zero_point[] = {84, 24, 196};
inline constexpr int y_shape[] = {1, 3, 3, 2};
inline constexpr float y[] = {-0x1.4400000000000p+7f, 0x1.4000000000000p+3f, -0x1.9000000000000p+6f, 0x1.d000000000000p+7f, -0x1.4000000000000p+4f, -0x1.9000000000000p+5f, -0x1.3000000000000p+6f, 0x0.0p+0f, 0x0.0p+0f, 0x1.f800000000000p+7f, 0x1.0000000000000p+5f, -0x1.6000000000000p+5f, 0x1.ea00000000000p+7f, -0x1.e500000000000p+8f, -0x1.e000000000000p+9f, -0x1.0e00000000000p+8f, -0x1.7700000000000p+8f, -0x1.d600000000000p+8f};
}  // namespace dequantizelinear_axis

namespace basic_convinteger {  // ConvInteger
inline constexpr int x_shape[] = {1, 1, 3, 3};
inline constexpr std::uint8_t x[] = {2, 3, 4, 5, 6, 7, 8, 9, 10};
inline constexpr int w_shape[] = {1, 1, 2, 2};
inline constexpr std::uint8_t w[] = {1, 1, 1, 1};
inline constexpr std::uint8_t x_zero_point[] = {1};
inline constexpr int y_shape[] = {1, 1, 2, 2};
inline constexpr std::int32_t y[] = {12, 16, 24, 28};
}  // namespace basic_convinteger

namespace convinteger_with_padding {  // ConvInteger
inline constexpr int pads[] = {1, 1, 1, 1};
inline constexpr int x_shape[] = {1, 1, 3, 3};
inline constexpr std::uint8_t x[] = {2, 3, 4, 5, 6, 7, 8, 9, 10};
inline constexpr int w_shape[] = {1, 1, 2, 2};
inline constexpr std::uint8_t w[] = {1, 1, 1, 1};
inline constexpr std::uint8_t x_zero_point[] = {1};
inline constexpr int y_shape[] = {1, 1, 4, 4};
inline constexpr std::int32_t y[] = {1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9};
}  // namespace convinteger_with_padding

namespace convinteger_without_padding {  // ConvInteger
inline constexpr int x_shape[] = {1, 1, 3, 3};
inline constexpr std::uint8_t x[] = {2, 3, 4, 5, 6, 7, 8, 9, 10};
inline constexpr int w_shape[] = {1, 1, 2, 2};
inline constexpr std::uint8_t w[] = {1, 1, 1, 1};
inline constexpr std::uint8_t x_zero_point[] = {1};
inline constexpr int y_shape[] = {1, 1, 2, 2};
inline constexpr std::int32_t y[] = {12, 16, 24, 28};
}  // namespace convinteger_without_padding

namespace matmulinteger {  // MatMulInteger
inline constexpr int a_shape[] = {4, 3};
inline constexpr std::uint8_t a[] = {11, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0};
inline constexpr int b_shape[] = {3, 2};
inline constexpr std::uint8_t b[] = {1, 4, 2, 5, 3, 6};
inline constexpr int a_zero_point_shape[] = {1};
inline constexpr std::uint8_t a_zero_point[] = {12};
inline constexpr int b_zero_point_shape[] = {1};
inline constexpr std::uint8_t b_zero_point[] = {0};
inline constexpr int y_shape[] = {4, 2};
inline constexpr std::int32_t y[] = {-38, -83, -44, -98, -50, -113, -56, -128};
}  // namespace matmulinteger

namespace qlinearconv {  // QLinearConv
inline constexpr int x_shape[] = {1, 1, 7, 7};
inline constexpr std::uint8_t x[] = {255, 174, 162, 25, 203, 168, 58, 15, 59, 237, 95, 129, 0, 64, 56, 242, 153, 221, 168, 12, 166, 232, 178, 186, 195, 237, 162, 237, 188, 39, 124, 77, 80, 102, 43, 127, 230, 21, 83, 41, 40, 134, 255, 154, 92, 141, 42, 148, 247};
inline constexpr float x_scale[] = {0x1.e3ec8a0000000p-9f};
inline constexpr std::uint8_t x_zero_point[] = {132};
inline constexpr int w_shape[] = {1, 1, 1, 1};
inline constexpr std::uint8_t w[] = {0};
inline constexpr int w_scale_shape[] = {1};
inline constexpr float w_scale[] = {0x1.c4f87a0000000p-10f};
inline constexpr int w_zero_point_shape[] = {1};
inline constexpr std::uint8_t w_zero_point[] = {255};
inline constexpr float y_scale[] = {0x1.aa758c0000000p-10f};
inline constexpr std::uint8_t y_zero_point[] = {123};
inline constexpr int y_shape[] = {1, 1, 7, 7};
inline constexpr std::uint8_t y[] = {0, 81, 93, 230, 52, 87, 197, 240, 196, 18, 160, 126, 255, 191, 199, 13, 102, 34, 87, 243, 89, 23, 77, 69, 60, 18, 93, 18, 67, 216, 131, 178, 175, 153, 212, 128, 25, 234, 172, 214, 215, 121, 0, 101, 163, 114, 213, 107, 8};
}  // namespace qlinearconv

namespace qlinearmatmul_2D {  // QLinearMatMul
inline constexpr int a_shape[] = {2, 4};
inline constexpr std::uint8_t a[] = {208, 236, 0, 238, 3, 214, 255, 29};
inline constexpr int a_scale_shape[] = {1};
inline constexpr float a_scale[] = {0x1.b089a00000000p-8f};
inline constexpr int a_zero_point_shape[] = {1};
inline constexpr std::uint8_t a_zero_point[] = {113};
inline constexpr int b_shape[] = {4, 3};
inline constexpr std::uint8_t b[] = {152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247};
inline constexpr int b_scale_shape[] = {1};
inline constexpr float b_scale[] = {0x1.ce07600000000p-8f};
inline constexpr int b_zero_point_shape[] = {1};
inline constexpr std::uint8_t b_zero_point[] = {114};
inline constexpr int y_scale_shape[] = {1};
inline constexpr float y_scale[] = {0x1.5e9e1c0000000p-7f};
inline constexpr int y_zero_point_shape[] = {1};
inline constexpr std::uint8_t y_zero_point[] = {118};
inline constexpr int y_shape[] = {2, 3};
inline constexpr std::uint8_t y[] = {168, 115, 255, 1, 66, 151};
}  // namespace qlinearmatmul_2D

namespace qlinearmatmul_3D {  // QLinearMatMul
inline constexpr int a_shape[] = {2, 2, 4};
inline constexpr std::uint8_t a[] = {208, 236, 0, 238, 3, 214, 255, 29, 208, 236, 0, 238, 3, 214, 255, 29};
inline constexpr int a_scale_shape[] = {1};
inline constexpr float a_scale[] = {0x1.b089a00000000p-8f};
inline constexpr int a_zero_point_shape[] = {1};
inline constexpr std::uint8_t a_zero_point[] = {113};
inline constexpr int b_shape[] = {2, 4, 3};
inline constexpr std::uint8_t b[] = {152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247, 152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247};
inline constexpr int b_scale_shape[] = {1};
inline constexpr float b_scale[] = {0x1.ce07600000000p-8f};
inline constexpr int b_zero_point_shape[] = {1};
inline constexpr std::uint8_t b_zero_point[] = {114};
inline constexpr int y_scale_shape[] = {1};
inline constexpr float y_scale[] = {0x1.5e9e1c0000000p-7f};
inline constexpr int y_zero_point_shape[] = {1};
inline constexpr std::uint8_t y_zero_point[] = {118};
inline constexpr int y_shape[] = {2, 2, 3};
inline constexpr std::uint8_t y[] = {168, 115, 255, 1, 66, 151, 168, 115, 255, 1, 66, 151};
}  // namespace qlinearmatmul_3D

}  // namespace golden::onnx
