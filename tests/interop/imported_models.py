# SPDX-License-Identifier: Apache-2.0
"""PyTorch's models come back from ONNX with the same names and the same outputs.

    imported_models.py IMPORT_ONNX LIBRARY COMPILER [OPTION]...

Exports two models with random weights, imports them, compiles what was written, with warnings as errors, and compares the
outputs with PyTorch's. A third one was trained on normalized BGR, and is imported for centred YUV444.
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore")


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 8, 1))
        self.layer2 = nn.Sequential(Residual(8, 12, 2), Residual(12, 12, 1))
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        x = self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x)))))
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


def conv_bn(inputs, outputs, kernel, stride, groups):
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU6())


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.skip = stride == 1 and inputs == outputs
        hidden = 2 * inputs
        self.conv = nn.Sequential(conv_bn(inputs, hidden, 1, 1, 1), conv_bn(hidden, hidden, 3, stride, hidden),
                                  nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return x + self.conv(x) if self.skip else self.conv(x)


class Mobile(nn.Module):
    def __init__(self):
        super().__init__()
        blocks = [Inverted(8, 8, 1), Inverted(8, 12, 2), Inverted(12, 12, 1), Inverted(12, 12, 1)]
        self.features = nn.Sequential(conv_bn(3, 8, 3, 2, 1), *blocks, conv_bn(12, 16, 1, 1, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(16 * 16, 5))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class Photo(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, bias=False)  # without padding, so that every output is that of PyTorch
        self.bn = nn.BatchNorm2d(8)
        self.body = nn.Conv2d(8, 8, 3, 1, 1)
        self.fc = nn.Linear(8 * 49, 5)

    def forward(self, x):
        return self.fc(torch.flatten(torch.relu(self.body(torch.relu(self.bn(self.stem(x))))), 1))


MEAN, STD = (0.406, 0.456, 0.485), (0.225, 0.224, 0.229)  # of blue, green and red


def normalized_bgr(codes):
    """[N, H, W, 3] of centred full-range BT.601 YUV444 as [N, 3, H, W]."""
    y, u, v = codes.double().unbind(-1)
    red, blue = y + 1.402 * v, y + 1.772 * u
    green = (y - 0.299 * red - 0.114 * blue) / 0.587
    pixels = torch.stack([blue, green, red], 1) + 128
    return ((pixels / 255 - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)).float()


program = r"""
#include <cmath>
#include <cstdio>
#include <fstream>
#include <quench/interop/load_onnx.hpp>
#include <quench/quench.hpp>
%(includes)s
std::vector<float> read(const std::string& path, std::size_t count) {
  std::vector<float> values(count);
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(4 * count));
  return values;
}
template <class Net>
bool check(const std::string& name) {
  quench::FloatModel<Net> model, by_order;
  quench::interop::load(model, name + ".safetensors");
  quench::interop::load_onnx(by_order, name + ".onnx");
  const auto x = read(name + ".x", 2 * 16 * 16 * 3), y = read(name + ".y", 2 * 5);
  xt::xarray<float> images = xt::zeros<float>({2, 16, 16, 3});
  std::copy(x.begin(), x.end(), images.begin());
  const auto outputs = model.predict(images), outputs_by_order = by_order.predict(images);
  float largest = 0, difference = 0;
  std::size_t i = 0;
  for (const float output : outputs) {
    largest = std::max(largest, std::abs(y[i]));
    difference = std::max(difference, std::abs(output - y[i++]));
  }
  std::printf("%%s: outputs differ by %%g of %%g\n", name.c_str(), difference, largest);
  std::ofstream names(name + ".names");
  for (const auto& view : model.parameters()) names << view.name << "\n";
  return difference <= 1e-5f * largest && std::equal(outputs.begin(), outputs.end(), outputs_by_order.begin());
}
bool check_photo(const std::string& name, bool has_norms) {
  std::vector<std::int8_t> codes(2 * 16 * 16 * 3);
  std::ifstream(name + ".x", std::ios::binary).read(reinterpret_cast<char*>(codes.data()), 2 * 16 * 16 * 3);
  const quench::ImageBatch<quench::color::CenteredYuv444> images(2, 16, 16, codes);
  const auto y = read(name + ".y", 2 * 5);
  float largest = 0, difference = 0;
  const auto compare = [&](auto model) {
    std::size_t i = 0;
    for (const float output : model.predict(images)) {
      largest = std::max(largest, std::abs(y[i]));
      difference = std::max(difference, std::abs(output - y[i++]));
    }
  };
  const quench::interop::ImportOptions options{
      .images = {{.color = quench::ColorFormat::Bgr, .mean = {%(mean)s}, .deviation = {%(std)s}}}};
  const auto check_both = [&]<class Net>(std::type_identity<Net>) {
    quench::FloatModel<Net> model, by_order;
    quench::interop::load(model, name + ".safetensors");
    quench::interop::load_onnx(by_order, name + ".onnx", options);
    compare(std::move(model));
    compare(std::move(by_order));
  };
  if (has_norms)
    check_both(std::type_identity<PhotoWithNorms>());
  else
    check_both(std::type_identity<Photo>());
  std::printf("%%s: outputs differ by %%g of %%g\n", name.c_str(), difference, largest);
  return difference <= 1e-5f * largest;
}
int main() { return %(checks)s & check_photo("Photo", false) & check_photo("PhotoWithNorms", true) ? 0 : 1; }
"""

import_onnx, library, compiler, *options = sys.argv[1:]
torch.manual_seed(7)
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    names, keys = [], {}
    for kind in (ResNet, Mobile):
        for keeps_norms in (False, True):
            model = kind()
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.running_mean.normal_(0, 0.1)
                    module.running_var.uniform_(0.5, 1.5)
            model.eval()
            name = kind.__name__ + ("WithNorms" if keeps_norms else "")
            images = torch.rand(2, 3, 16, 16) - 0.5
            images.permute(0, 2, 3, 1).contiguous().numpy().tofile(folder / f"{name}.x")
            model(images).detach().numpy().tofile(folder / f"{name}.y")
            extra = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False} if keeps_norms else {}
            torch.onnx.export(model, images[:1], folder / f"{name}.onnx", opset_version=13, **extra)
            call = [import_onnx, folder / f"{name}.onnx", "--name", name, "--out", folder, "--march", "NashE"]
            subprocess.run(call, check=True)
            names.append(name)
            keys[name] = {key for key in model.state_dict() if not key.endswith("num_batches_tracked")}
    options_of_photo = ["--color", "bgr", "--normalize", "/".join(map(str, MEAN)) + "," + "/".join(map(str, STD))]
    for name, extra in (("Photo", {}), ("PhotoWithNorms", {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False})):
        model = Photo()
        model.bn.running_mean.normal_(0, 0.1)
        model.eval()
        codes = torch.randint(-60, 60, (2, 16, 16, 3), dtype=torch.int8)
        codes.numpy().tofile(folder / f"{name}.x")
        model(normalized_bgr(codes)).detach().numpy().tofile(folder / f"{name}.y")
        torch.onnx.export(model, torch.zeros(1, 3, 16, 16), folder / f"{name}.onnx", opset_version=13, **extra)
        call = [import_onnx, folder / f"{name}.onnx", "--name", name, "--out", folder, *options_of_photo]
        said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        described = (folder / f"{name}.hpp").read_text()
        if "is centred YUV444" not in said or "border" in said or "Image<quench::color::CenteredYuv444, 16, 16>" not in described:
            sys.exit(f"{name}: {said}")
    # A padded first layer: the program says what changes. Options that are wrong return 2, models that cannot be imported 1.
    call = [import_onnx, folder / "ResNet.onnx", "--name", "Padded", "--out", folder]
    said = subprocess.run([*call, *options_of_photo], check=True, capture_output=True, text=True).stdout
    if "60 of 256 pixels by up to" not in said:
        sys.exit(f"the border is not reported: {said}")
    for wrong, why in ((["--color", "yuv"], "rgb or bgr"), (["--normalize", "0.5"], "MEAN,STD"), (["--normalize", "0.5,x"], "number is missing"),
                       (["--normalize", "0.5,0.5,255,1"], "MEAN,STD"), (["--normalize", "0.5,0"], "a deviation is 0"),
                       (["--normalize", "123.7,58.4"], "let white be 255"), (["--color", "other=rgb"], "no input named"),
                       (["--colour", "rgb"], "no option"), (["--color"], "no value")):
        run = subprocess.run([*call, *wrong], capture_output=True, text=True, check=False)
        if run.returncode != 2 or why not in run.stderr:
            sys.exit(f"{wrong} returns {run.returncode}: {run.stderr}")
    run = subprocess.run([import_onnx, folder / "none.onnx", "--name", "None", "--out", folder], capture_output=True, check=False)
    if run.returncode != 1:
        sys.exit(f"a file that is not there returns {run.returncode}")
    text = program % {"includes": "\n".join(f'#include "{name}.hpp"' for name in [*names, "Photo", "PhotoWithNorms"]),
                      "mean": ", ".join(map(str, MEAN)), "std": ", ".join(map(str, STD)),
                      "checks": " & ".join(f'check<{name}>("{name}")' for name in names)}
    (folder / "program.cpp").write_text(text)
    command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{folder}", *options, "program.cpp"]
    subprocess.run([*command, library, "-o", "program", "-pthread", "-lz"], check=True, cwd=folder)
    subprocess.run(["./program"], check=True, cwd=folder)
    for name in names:
        found = set((folder / f"{name}.names").read_text().split())
        expected = keys[name]
        if not name.endswith("WithNorms"):  # folded: the convolutions have biases
            norms = {key.rsplit(".", 1)[0] for key in expected if key.endswith("running_mean")}
            expected = {key for key in expected if key.rsplit(".", 1)[0] not in norms}
            found = {key for key in found if key in expected or not key.endswith(".bias")}
        if found != expected:
            sys.exit(f"{name}: the names differ by {sorted(found ^ expected)}")
