// SPDX-License-Identifier: Apache-2.0
// Networks that others have trained: import_onnx has written their descriptions and weights. Pictures calibrate them, and
// they run on integers. examples/pretrained/run prepares everything and runs this program.
//
//   12_pretrained FOLDER      with the pictures and weights; the headers for 10_on_a_device go to FOLDER/device
#include <quench/interop/state.hpp>

#include <cstdio>

#include "BlazeFace.hpp"
#include "TextDirection.hpp"
#include "device/write_test_images.hpp"
#include "pretrained/pictures.hpp"

namespace q = quench;

namespace {

bool is_kept = true;

/// A figure that the course promises.
void promise(const char* what, bool is_true) {
  if (!is_true) std::printf("MISSED: %s\n", what);
  is_kept = is_kept && is_true;
}

/// Which way up a line of text is: class 1 is upside down.
void text_direction(const std::filesystem::path& folder) {
  const auto calibration_lines = read_pictures<TextDirection>(folder / "lines_calibration.npz"),
             test_lines = read_pictures<TextDirection>(folder / "lines_test.npz");
  // region pretrained
  q::FloatModel<TextDirection> model;
  q::interop::load(model, folder / "TextDirection.safetensors");

  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), calibration_lines);
  const auto quantized = q::convert(calibrated);
  const q::Accuracy accuracy = q::evaluate(quantized, test_lines);  // integers only
  // end region
  const double in_float = q::monitor(model, test_lines).accuracy;
  const auto qat = q::start_qat(calibrated);
  std::printf("text direction, %zu lines that calibration has not seen\n", accuracy.total);
  if (const Outputs peer = read_onnxruntime(folder / "lines_test"); !peer.empty()) {
    const double of_peer = accuracy_of(peer[0], labels_of(test_lines));
    std::printf("  onnxruntime      %.2f %%, float differs by %.1e of the largest output\n", 100 * of_peer,
                difference(outputs_of(model, test_lines), peer));
    promise("float is within 0.1 points of onnxruntime", std::abs(in_float - of_peer) <= 0.001);
  }
  std::printf("  float            %.2f %%\n", 100 * in_float);
  std::printf("  fake-quantized   %.2f %%\n", 100 * q::monitor(qat, test_lines).accuracy);
  std::printf("  int8             %.2f %%\n", 100 * accuracy);
  promise("int8 is right for 99.0 % of the lines", accuracy >= 0.99);
  promise("fake-quantized outputs are the integers'", outputs_of(qat, test_lines) == outputs_of(quantized, test_lines));

  const auto few = read_pictures<TextDirection>(folder / "lines_test.npz", 8)[0];  // they fit into a board's memory
  write_test_images(folder / "device", "../TextDirection.hpp", q::deploy<q::processor::J6E>(quantized), few);
}

/// Whether there is a face, and where.
void faces(const std::filesystem::path& folder) {
  const auto test = read_pictures<BlazeFace>(folder / "faces_test.npz");
  q::FloatModel<BlazeFace> model;
  q::interop::load(model, folder / "BlazeFace.safetensors");
  const auto calibrated =
      q::calibrate(q::prepare<q::march::NashE>(model), read_pictures<BlazeFace>(folder / "faces_calibration.npz"));

  const std::vector<int> labels = labels_of(test);
  const Outputs in_float = outputs_of(model, test);
  const auto report = [&](const char* phase, const Outputs& outputs) {
    int found = 0, false_alarms = 0;
    double moved = 0;
    for (std::size_t n = 0; n < labels.size(); ++n) {
      const Face face = likeliest_face(outputs, n), original = likeliest_face(in_float, n);
      if (face.score > 0) ++(labels[n] == 1 ? found : false_alarms);
      if (labels[n] == 1) moved += std::hypot(face.x - original.x, face.y - original.y);
    }
    std::printf("  %s %d found, %d false alarms, %.2f pixels from float\n", phase, found, false_alarms, moved / 50);
  };
  std::puts("faces, 50 pictures with one and 50 without, that calibration has not seen");
  if (const Outputs peer = read_onnxruntime(folder / "faces_test"); !peer.empty()) {
    report("onnxruntime     ", peer);
    std::printf("                   float differs by %.1e of the largest output\n", difference(in_float, peer));
    promise("float is within 1e-4 of onnxruntime", difference(in_float, peer) <= 1e-4);
  }
  report("float           ", in_float);
  report("fake-quantized  ", outputs_of(q::start_qat(calibrated), test));
  report("int8            ", outputs_of(q::convert(calibrated), test));
}

}  // namespace

int main(int argc, char** argv) try {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  text_direction(folder);
  faces(folder);
  return is_kept ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\nexamples/pretrained/run fetches the networks and makes the pictures.\n", error.what());
  return 1;
}
