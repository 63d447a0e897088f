#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""torch_import.py PROGRAM: models that PyTorch exports come back with the same outputs and names.

Needs PyTorch 1.13 or later with its ONNX exporter. Each network is exported with operator sets 11 to 17, as exporters do by default
and with everything kept, with a batch of 1 and with a symbol. PROGRAM (print_import.cpp) imports it, imported.py computes
what it says.
"""
import os
import sys
import tempfile
import warnings

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from imported import Importer, compute


def conv_bn(inputs, outputs, kernel=3, stride=1, groups=1, act=nn.ReLU6):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs),
                         act())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        hidden = inputs * expand
        self.skip = stride == 1 and inputs == outputs
        layers = [conv_bn(inputs, hidden, 1)] if expand != 1 else []
        layers += [conv_bn(hidden, hidden, 3, stride, hidden), nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.skip else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(conv_bn(3, 8, 3, 2), InvertedResidual(8, 8, 1, 1), InvertedResidual(8, 12, 2, 3),
                                      InvertedResidual(12, 12, 1, 3), conv_bn(12, 24, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, 10))

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class LinearExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(channels, 4), nn.ReLU(), nn.Linear(4, channels), nn.Sigmoid())

    def forward(self, x):
        n, c = x.shape[:2]
        return x * self.fc(x.mean([2, 3])).view(n, c, 1, 1)


class MobileNetV3(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2, act=nn.Hardswish)
        self.block = nn.Sequential(conv_bn(8, 16, 1, act=nn.Hardswish), conv_bn(16, 16, 5, 1, 16, act=nn.Hardswish), SqueezeExcite(16),
                                   conv_bn(16, 8, 1, act=nn.Identity), LinearExcite(8))
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.stem(x)
        return self.head((x + self.block(x)).mean((2, 3)))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.relu, self.downsample = nn.ReLU(inplace=True), None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        skip = x if self.downsample is None else self.downsample(x)
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + skip)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.maxpool = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(8, 8, 1), BasicBlock(8, 8, 1))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16, 1))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, 10)

    def forward(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(self.layer2(self.layer1(x))), 1))


class Flattening(nn.Module):
    """A map that a Linear takes, and a Linear whose output becomes a map."""
    def __init__(self):
        super().__init__()
        self.conv, self.fc1, self.fc2 = nn.Conv2d(3, 6, 3, 4), nn.Linear(6 * 8 * 8, 20), nn.Linear(20, 2 * 4 * 4)
        self.bn, self.up = nn.BatchNorm1d(20), nn.ConvTranspose2d(2, 3, 4, 2, 1)

    def forward(self, x):
        x = F.dropout(torch.flatten(F.max_pool2d(torch.tanh(self.conv(x)), 2, ceil_mode=True)[:, :, :8, :8], 1), 0.5, self.training)
        x = F.elu(self.bn(self.fc1(F.pad(x, (0, 384 - x.shape[1])))))
        return self.up(self.fc2(x).view(-1, 2, 4, 4))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        q, k, v = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        x = ((q * (width // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.proj(x.transpose(1, 2).reshape(n, length, width))


class Encoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(width), Attention(width, 2), nn.LayerNorm(width, 1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 16, 16, 16)
        self.cls_token, self.pos_embed = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 17, 16))
        self.blocks, self.norm, self.head = nn.Sequential(Encoder(16), Encoder(16)), nn.LayerNorm(16), nn.Linear(16, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.attention, self.fc = nn.Conv2d(3, 8, 16, 16), nn.MultiheadAttention(8, 2), nn.Linear(8, 4)

    def forward(self, x):
        x = self.conv(x).flatten(2).permute(2, 0, 1)
        return self.fc(self.attention(x, x, x, need_weights=False)[0].mean(0))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = conv_bn(3, 8, act=nn.SiLU), conv_bn(8, 16, 3, 2, act=nn.Mish)
        self.up, self.merge = nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), conv_bn(16, 8, act=nn.LeakyReLU)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(a)
        c = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)[:, :8]
        return self.head(self.merge(torch.cat([a, self.up(b) + c], 1))), F.interpolate(b, scale_factor=2, mode="nearest")


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.dw, self.norm = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 8, 7, padding=3, groups=8), nn.LayerNorm(8, 1e-6)
        self.pw1, self.pw2, self.gamma = nn.Linear(8, 16), nn.Linear(16, 8), nn.Parameter(torch.randn(8))

    def forward(self, x):
        x = self.stem(x)
        y = self.pw2(F.gelu(self.pw1(self.norm(self.dw(x).permute(0, 2, 3, 1))))) * self.gamma
        return x + y.permute(0, 3, 1, 2)


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 12, 3, 1, 1, groups=4)

    def forward(self, x):
        x = self.a(x)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        a, b = x.chunk(2, 1)
        return F.pixel_shuffle(self.b(torch.cat([b, a], 1)), 2)


class Windows(nn.Module):
    """Windows of a map, as in Swin."""
    def __init__(self):
        super().__init__()
        self.stem, self.attn, self.head = nn.Conv2d(3, 8, 8, 8), Attention(8, 2), nn.Linear(32, 5)

    def forward(self, x):
        x = self.stem(x).permute(0, 2, 3, 1)
        parts = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.head(parts).mean((1, 2))


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn, self.conv2 = nn.Conv1d(4, 8, 5, 2, 2), nn.BatchNorm1d(8), nn.Conv1d(8, 8, 3, padding=2, dilation=2)
        self.pool, self.up, self.fc = nn.MaxPool1d(2), nn.ConvTranspose1d(8, 4, 4, 2, 1), nn.Linear(4, 3)

    def forward(self, x):
        x = self.pool(F.relu(self.bn(self.conv1(x))))
        x = F.avg_pool1d(self.up(F.relu(self.conv2(x))), 3, 1, 1)
        return self.fc(F.adaptive_avg_pool1d(x, 1).squeeze(-1))


class Dense(nn.Module):
    """Batch norms before convolutions, and constants of the input."""
    def __init__(self):
        super().__init__()
        self.stem, self.bn, self.conv, self.prelu = nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.Conv2d(8, 4, 3, 1, 1), nn.PReLU(4)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        x = self.stem((x - self.mean) / self.std)
        x = torch.cat([x, self.prelu(self.conv(F.relu(self.bn(x))))], 1)
        x = torch.clamp(x, -2, 3) * 0.5 + torch.clamp(x, min=0.25) - x.square().mean((2, 3), keepdim=True).sqrt()
        return torch.max(x, -x).softmax(1), F.max_pool2d(x, 3, 2, 1).amax((2, 3)), x.abs().sum(1)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(3, 4, 5, 4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 15 * 15, 6))

    def forward(self, a, b):
        difference = self.branch(a) - self.branch(b)
        return (difference * difference).sum(1, keepdim=True)


class Text(nn.Module):
    """Words and their positions, and a category beside them."""
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.categories = nn.Embedding(30, 8, padding_idx=0), nn.Embedding(20, 8), nn.Embedding(5, 8)
        self.block, self.norm, self.head = Encoder(8), nn.LayerNorm(8), nn.Linear(8, 3)
        self.register_buffer("places", torch.arange(20).unsqueeze(0))

    def forward(self, words, categories):
        x = self.words(words) + self.positions(self.places[:, :words.shape[1]])
        x = torch.cat([self.categories(categories.int()), self.block(x)], 1)
        return self.head(self.norm(x).mean(1))


class TwoTexts(nn.Module):
    """One table for both, and indices [N, 3, 4]."""
    def __init__(self):
        super().__init__()
        self.words, self.fc = nn.Embedding(30, 6), nn.Linear(6, 4)

    def forward(self, a, b):
        return self.fc(torch.relu(self.words(a)).sum(2)) - self.fc(torch.tanh(self.words(b)).sum(2))


INDICES = {"Text": ((30, (1, 12)), (5, (1, 2))), "TwoTexts": ((30, (1, 3, 4)), (30, (1, 3, 4)))}  # how many, and their shape
NETWORKS = {"MobileNetV2": MobileNetV2, "MobileNetV3": MobileNetV3, "ResNet": ResNet, "Flattening": Flattening, "ViT": ViT,
            "MultiHead": MultiHead, "UNet": UNet, "ConvNeXt": ConvNeXt, "Shuffle": Shuffle, "Windows": Windows, "Sequence": Sequence,
            "Dense": Dense, "Siamese": Siamese, "Text": Text, "TwoTexts": TwoTexts}


def check(importer, folder, name, opset, keeps, has_symbol):
    """What is wrong, or None."""
    torch.manual_seed(1)
    model = NETWORKS[name]().eval()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            for tensor in (module.running_mean, module.weight, module.bias):
                tensor.data.normal_()
            module.running_var.data.uniform_(0.5, 2)
    shape = (1, 4, 32) if name == "Sequence" else (1, 3, 64, 64)
    inputs = tuple(torch.randn(shape) for _ in range(2 if name == "Siamese" else 1))
    if name in INDICES:
        inputs = tuple(torch.randint(0, count, shape) for count, shape in INDICES[name])
    names = ["input%d" % i for i in range(len(inputs))]
    path = os.path.join(folder, "model.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, inputs, path, opset_version=opset, input_names=names, do_constant_folding=not keeps,
                          training=torch.onnx.TrainingMode.PRESERVE if keeps else torch.onnx.TrainingMode.EVAL,
                          dynamic_axes={each: {0: "N"} for each in names} if has_symbol else {})
    network, parameters = importer(path)
    if "refused" in network:
        return network["why"].replace(path, "")
    wanted = model(*inputs)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    for result, output in zip(compute(network, parameters, [x[0].numpy() for x in inputs]), wanted):
        expected = output[0].detach().numpy()
        error = numpy.abs(result - expected).max() if result.shape == expected.shape else numpy.inf
        if not error <= 1e-5 * max(1, numpy.abs(expected).max()):
            return "%s differs by %g" % (result.shape, error)
    modules = {each for each, module in model.named_modules() if next(module.parameters(False), None) is not None}
    given = {step["name"] for k, step in enumerate(network["steps"]) if any(key.startswith("%d." % k) for key in parameters)}
    if keeps and name not in ("ViT", "MultiHead", "Dense", "ConvNeXt", "Sequence", "Text") and not given <= modules:
        return "names %s" % sorted(given - modules)
    return None


def main():
    importer, faults, count = Importer(sys.argv[1]), 0, 0
    only = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for name in only or NETWORKS:
            for opset in (11, 13, 16, 17):
                for keeps in (False, True):
                    for has_symbol in (False, True):
                        count += 1
                        fault = check(importer, folder, name, opset, keeps, has_symbol)
                        if fault:
                            faults += 1
                            print(name, opset, "kept" if keeps else "", "symbol" if has_symbol else "", fault)
    print("%d of %d exports agree" % (count - faults, count))
    sys.exit(faults > 0 or count == 0)


if __name__ == "__main__":
    main()
