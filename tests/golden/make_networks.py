#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_networks.py > networks.hpp: what torch computes with the networks of tests/networks/from_torch.cpp.

Needs python3-torch (made with 1.13.0). Modules have the structure and the names of torchvision, timm and milesial's
Pytorch-UNet, written here again. Weights come from the integer generator, seeded by the name of each array, and are exact in
float. The file is not committed: the test in C++ makes the same one, and a hash of its names, shapes and values says so.
Outputs are computed in double; every so many of them are kept.
"""
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

from generator import Generator

MASK = (1 << 64) - 1
SAMPLES, KEPT = 2, 40  # about so many values of a sample


# torchvision/models/mobilenetv3.py
def make_divisible(v, divisor=8):
    new = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * v else new


def conv_norm_activation(i, o, kernel, stride=1, groups=1, activation=None):
    layers = [nn.Conv2d(i, o, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False), nn.BatchNorm2d(o, eps=0.001, momentum=0.01)]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.avgpool, self.fc1, self.fc2 = nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.activation, self.scale_activation = nn.ReLU(), nn.Hardsigmoid()

    def forward(self, x):
        return x * self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(x)))))


class InvertedResidual(nn.Module):
    def __init__(self, i, kernel, expanded, o, excite, activation, stride):
        super().__init__()
        self.use_res_connect = stride == 1 and i == o
        layers = [conv_norm_activation(i, expanded, 1, activation=activation)] if expanded != i else []
        layers.append(conv_norm_activation(expanded, expanded, kernel, stride, expanded, activation))
        if excite:
            layers.append(SqueezeExcitation(expanded, make_divisible(expanded // 4)))
        layers.append(conv_norm_activation(expanded, o, 1))
        self.block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.block(x) if self.use_res_connect else self.block(x)


class MobileNetV3Small(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        def adjust(c):
            return make_divisible(c * width)
        re, hs = nn.ReLU, nn.Hardswish
        settings = [(16, 3, 16, 16, True, re, 2), (16, 3, 72, 24, False, re, 2), (24, 3, 88, 24, False, re, 1),
                    (24, 5, 96, 40, True, hs, 2), (40, 5, 240, 40, True, hs, 1), (40, 5, 240, 40, True, hs, 1),
                    (40, 5, 120, 48, True, hs, 1), (48, 5, 144, 48, True, hs, 1), (48, 5, 288, 96, True, hs, 2),
                    (96, 5, 576, 96, True, hs, 1), (96, 5, 576, 96, True, hs, 1)]
        layers = [conv_norm_activation(3, adjust(16), 3, 2, activation=hs)]
        layers += [InvertedResidual(adjust(i), k, adjust(e), adjust(o), *rest) for i, k, e, o, *rest in settings]
        last = 6 * adjust(96)
        self.features = nn.Sequential(*layers, conv_norm_activation(adjust(96), last, 1, activation=hs))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Linear(last, adjust(1024)), hs(), nn.Dropout(0.2), nn.Linear(adjust(1024), classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


# MLPerf Tiny's keyword spotting, which is in Keras.
class Separable(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.depthwise, self.bn1 = nn.Conv2d(c, c, 3, padding=1, groups=c), nn.BatchNorm2d(c)
        self.pointwise, self.bn2 = nn.Conv2d(c, c, 1), nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(self.bn2(self.pointwise(F.relu(self.bn1(self.depthwise(x))))))


class DsCnn(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, c, (10, 4), 2), nn.BatchNorm2d(c)
        self.blocks = nn.Sequential(*[Separable(c) for _ in range(4)])
        self.classifier = nn.Linear(c, 12)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn(self.conv(F.pad(x, (1, 1, 4, 5))))))  # SAME of 49 x 10
        return self.classifier(F.avg_pool2d(x, (25, 5)).flatten(1))


# A small YOLO of our own: three stages with cross-stage partial blocks, SPPF, a neck, two heads.
class Conv(nn.Module):
    def __init__(self, i, o, kernel=1, stride=1):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o, eps=0.001)

    def forward(self, x):
        return F.silu(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.cv1, self.cv2 = Conv(c, c), Conv(c, c, 3)

    def forward(self, x):
        return x + self.cv2(self.cv1(x))


class Csp(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.cv1, self.cv2, self.cv3 = Conv(i, o // 2), Conv(i, o // 2), Conv(o, o)
        self.m = nn.Sequential(Bottleneck(o // 2))

    def forward(self, x):
        return self.cv3(torch.cat([self.m(self.cv1(x)), self.cv2(x)], 1))


class Sppf(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.cv1, self.cv2 = Conv(c, c // 2), Conv(2 * c, c)

    def forward(self, x):
        maps = [self.cv1(x)]
        for _ in range(3):
            maps.append(F.max_pool2d(maps[-1], 5, 1, 2))
        return self.cv2(torch.cat(maps, 1))


class Yolo(nn.Module):
    def __init__(self, c, classes):
        super().__init__()
        self.stem = Conv(3, c, 3, 2)
        self.down1, self.csp1 = Conv(c, 2 * c, 3, 2), Csp(2 * c, 2 * c)
        self.down2, self.csp2 = Conv(2 * c, 4 * c, 3, 2), Csp(4 * c, 4 * c)
        self.down3, self.csp3 = Conv(4 * c, 8 * c, 3, 2), Csp(8 * c, 8 * c)
        self.spp, self.lateral, self.fuse = Sppf(8 * c), Conv(8 * c, 4 * c), Csp(8 * c, 4 * c)
        self.coarse, self.fine = nn.Conv2d(8 * c, 3 * (5 + classes), 1), nn.Conv2d(4 * c, 3 * (5 + classes), 1)

    def forward(self, x):
        middle = self.csp2(self.down2(self.csp1(self.down1(self.stem(x)))))
        deep = self.spp(self.csp3(self.down3(middle)))
        up = F.interpolate(self.lateral(deep), scale_factor=2)
        return self.coarse(deep), self.fine(self.fuse(torch.cat([up, middle], 1)))


# timm/models/vision_transformer.py
class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q * self.scale @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim, eps=1e-6), Attention(dim, heads)
        self.norm2, self.mlp = nn.LayerNorm(dim, eps=1e-6), Mlp(dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch, dim):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    """With class_token=False, pos_embed="none", global_pool="avg"."""

    def __init__(self, patch, dim, heads, depth, classes):
        super().__init__()
        self.patch_embed = PatchEmbed(patch, dim)
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.fc_norm, self.head = nn.LayerNorm(dim, eps=1e-6), nn.Linear(dim, classes)

    def forward(self, x):
        return self.head(self.fc_norm(self.blocks(self.patch_embed(x)).mean(1)))


# torchvision/models/densenet.py, up to the first transition.
class DenseLayer(nn.Module):
    def __init__(self, i, growth):
        super().__init__()
        self.norm1, self.relu1, self.conv1 = nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, 4 * growth, 1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(4 * growth), nn.ReLU()
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, maps):
        x = self.conv1(self.relu1(self.norm1(torch.cat(maps, 1))))
        return self.conv2(self.relu2(self.norm2(x)))


class DenseBlock(nn.ModuleDict):
    def __init__(self, layers, i, growth):
        super().__init__()
        for n in range(layers):
            self.add_module("denselayer%d" % (n + 1), DenseLayer(i + n * growth, growth))

    def forward(self, x):
        maps = [x]
        for layer in self.values():
            maps.append(layer(maps))
        return torch.cat(maps, 1)


class Transition(nn.Sequential):
    def __init__(self, i, o):
        super().__init__()
        self.norm, self.relu = nn.BatchNorm2d(i), nn.ReLU()
        self.conv, self.pool = nn.Conv2d(i, o, 1, bias=False), nn.AvgPool2d(2, 2)


class DenseNetStage(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        self.features = nn.Sequential()
        self.features.conv0 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.features.norm0, self.features.relu0 = nn.BatchNorm2d(width), nn.ReLU()
        self.features.pool0 = nn.MaxPool2d(3, 2, 1)
        self.features.denseblock1 = DenseBlock(6, width, growth)
        self.features.transition1 = Transition(width + 6 * growth, (width + 6 * growth) // 2)

    def forward(self, x):
        return self.features(x)


# milesial/Pytorch-UNet, with bilinear=False.
class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(c, 2 * c))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.up, self.conv = nn.ConvTranspose2d(c, c // 2, 2, 2), DoubleConv(c, c // 2)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class OutConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.inc = DoubleConv(3, width)
        self.down1, self.down2, self.down3, self.down4 = [Down(c * width) for c in (1, 2, 4, 8)]
        self.up1, self.up2, self.up3, self.up4 = [Up(c * width) for c in (16, 8, 4, 2)]
        self.outc = OutConv(width, classes)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x = self.up1(self.down4(x4), x4)
        return self.outc(self.up4(self.up3(self.up2(x, x3), x2), x1))


# Name, full size, parameters as published or None, the size of the golden outputs, its input in H, W, C.
NETWORKS = [
    ("mobilenet_v3", lambda: MobileNetV3Small(1, 1000), 2542856, lambda: MobileNetV3Small(1 / 8, 10), (40, 40, 3)),
    ("ds_cnn", lambda: DsCnn(64), 24908 - 2 * 9 * 64, lambda: DsCnn(8), (49, 10, 1)),  # Keras counts running statistics
    ("yolo", lambda: Yolo(16, 80), None, lambda: Yolo(4, 2), (32, 32, 3)),
    # vit_tiny_patch16_224 without a class token and 197 positions
    ("vision_transformer", lambda: VisionTransformer(16, 192, 3, 12, 1000), 5717416 - 198 * 192,
     lambda: VisionTransformer(4, 16, 4, 2, 10), (16, 16, 3)),
    ("dense_net", lambda: DenseNetStage(64, 32), None, lambda: DenseNetStage(4, 3), (24, 24, 3)),
    ("unet", lambda: UNet(64, 2), 31037698, lambda: UNet(2, 2), (32, 32, 3)),
]


def hash_of_name(name):
    h = 0x811C9DC5
    for letter in name.encode():
        h = ((h ^ letter) * 0x01000193) & 0xFFFFFFFF
    return h


def values_of(name, shape):
    """Multiples of 2^-15 below 1, times a power of two, or around 1."""
    size, generator = math.prod(shape), Generator(hash_of_name(name))
    v = torch.tensor([((generator.next() >> 8) - 32768) / 32768 for _ in range(size)], dtype=torch.float64)
    if name.endswith(".running_var"):
        v = 1 + v / 2
    elif len(shape) > 1:
        power = 0
        while 12 << 2 * power < size // shape[0]:
            power += 1
        v = v / (1 << power)
    else:
        v = v / 4 + (1 if name.endswith(".weight") else 0)
    return v.reshape(shape)


class Hash:
    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, word):
        self.value = ((self.value ^ (word & 0xFFFFFFFF)) * 0x100000001B3) & MASK


def hash_of_file(arrays):
    h = Hash()
    for name, array in sorted(arrays.items()):
        for word in list(name.encode()) + list(array.shape):
            h.add(word)
        if array.dtype == torch.float32:
            for word in array.flatten().view(torch.int32).tolist():
                h.add(word)
    return h.value


def main():
    out = sys.stdout.write
    out("""// SPDX-License-Identifier: Apache-2.0
// What torch %s computes with networks of torchvision, timm and others. Made by make_networks.py; not written by hand.
// clang-format off
#pragma once

#include <cstdint>
#include <vector>

namespace golden {

struct Network {
  const char* name;
  long long full_parameters, parameters;  // at full size, and of the network of the outputs
  std::uint64_t file_hash;                // of the names, shapes and values of the state_dict
  int samples, outputs, step;             // values of all outputs for a sample; each step-th is kept
  double largest;                         // magnitude of an output
  std::vector<double> kept;
};

""" % torch.__version__.split("a")[0])
    for name, full, published, small, (height, width, channels) in NETWORKS:
        full_parameters = sum(p.numel() for p in full().parameters())
        assert published in (None, full_parameters), (name, full_parameters)
        net = small().eval()
        arrays = {key: array if array.dtype == torch.int64 else values_of(key, array.shape).float()
                  for key, array in net.state_dict().items()}
        net.load_state_dict(arrays)
        generator = Generator(hash_of_name(name))
        x = [((generator.next() >> 8) % 256 - 128) / 128 for _ in range(SAMPLES * height * width * channels)]
        x = torch.tensor(x, dtype=torch.float64).reshape(SAMPLES, height, width, channels).permute(0, 3, 1, 2)
        with torch.no_grad():
            y = net.double()(x)
        maps = [m.permute(0, 2, 3, 1) if m.dim() == 4 else m for m in (y if isinstance(y, tuple) else (y,))]
        y = torch.cat([m.reshape(SAMPLES, -1) for m in maps], 1)
        largest, outputs = y.abs().max().item(), y.shape[1]
        difference = (y[0] - y[1]).abs().max().item()
        print(name, full_parameters, "outputs", outputs, "largest", largest, "samples differ by", difference, file=sys.stderr)
        assert difference > 0.1 * largest  # else an output would say little about the network
        step = outputs // KEPT | 1
        kept = ["%.9g" % value for row in y.tolist() for value in row[::step]]
        out("inline const Network %s{\n    \"%s\", %d, %d, 0x%016xu, %d, %d, %d, %.9g, {\n" % (
            name, name, full_parameters, sum(p.numel() for p in net.parameters()), hash_of_file(arrays), SAMPLES, outputs,
            step, largest))
        for k in range(0, len(kept), 10):
            out("    %s,\n" % ", ".join(kept[k:k + 10]))
        out("}};\n\n")
    out("}  // namespace golden\n")


main()
