// SPDX-License-Identifier: Apache-2.0
// node run_onnx.mjs PICTURES MODEL EXTENT...   the outputs of onnxruntime for the pictures of PICTURES.f32, one by one
// Writes PICTURES.0.f32, PICTURES.1.f32, ...: each output for all pictures. Run it where npm has installed onnxruntime-node.
import fs from "node:fs";
import { createRequire } from "node:module";

const { InferenceSession, Tensor } = createRequire(process.cwd() + "/package.json")("onnxruntime-node");
const [pictures, model, ...extents] = process.argv.slice(2);
const shape = [1, ...extents.map(Number)], size = shape.reduce((a, b) => a * b);
const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
const values = new Float32Array(new Uint8Array(fs.readFileSync(`${pictures}.f32`)).buffer);
const outputs = session.outputNames.map(() => []);
for (let at = 0; at < values.length; at += size) {
  const results = await session.run({ [session.inputNames[0]]: new Tensor("float32", values.slice(at, at + size), shape) });
  session.outputNames.forEach((name, i) => outputs[i].push(...results[name].data));
}
outputs.forEach((output, i) => fs.writeFileSync(`${pictures}.${i}.f32`, Float32Array.from(output)));
