#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""numpy_test.py COPY_ARRAYS: what NumPy writes is read, what is written NumPy reads, and nothing changes on the way."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

TYPES = ["<f4", "<f8", "i1", "u1", "<i2", "<i4", "<i8", ">f4", ">f8", ">i2", ">i4", ">i8", "<f2", ">f2"]
SHAPES = [(), (1,), (0,), (7,), (2, 3), (3, 0, 5), (4, 1, 5), (2, 3, 4, 5), (1, 1, 2, 1, 3, 1, 2)]
SAFETENSORS_TYPES = {"F32": "<f4", "F64": "<f8", "I8": "i1", "U8": "u1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}


def some_arrays(random):
    """An array for each type and shape, of random bits (NaNs and all), in several orders of axes."""
    arrays = {}
    for dtype in TYPES:
        for shape in SHAPES:
            count = int(np.prod(shape, dtype=int))
            array = np.frombuffer(random.bytes(count * np.dtype(dtype).itemsize), dtype).reshape(shape)
            name = "%s.%s" % (dtype.strip("<>") + (".big" if dtype[0] == ">" else ""), "x".join(map(str, shape)) or "number")
            arrays[name] = array
            arrays[name + ".fortran"] = np.asfortranarray(array)
            arrays[name + ".every_second"] = np.repeat(array, 2, axis=-1)[..., ::2] if shape else array
    # Long ones for the compression: few values, runs, noise, rows that repeat at a distance.
    row = random.integers(0, 256, 20000, dtype="u1")
    arrays["few.values"] = random.integers(-3, 3, (500, 300)).astype("<i4")
    arrays["runs"] = np.repeat(random.integers(0, 9, 300), random.integers(1, 3000, 300)).astype("u1")
    arrays["noise"] = row
    arrays["rows"] = np.stack([row] * 9)
    arrays["\u00fc \U0001f600"] = np.float32([1])
    return arrays


def expected(array):
    """What the array is in a file of ours: little-endian, in C order, float16 as float32."""
    result = np.ascontiguousarray(array).reshape(array.shape)
    if result.dtype.itemsize == 2 and result.dtype.kind == "f":
        # Of signalling NaNs NumPy makes quiet ones.
        bits = result.view(result.dtype.str[0] + "u2").astype("u4")
        wide = result.astype("<f4").view("<u4").copy()
        nan = (bits & 0x7C00) == 0x7C00
        wide[nan] = (bits[nan] & 0x8000) << 16 | 0x7F800000 | (bits[nan] & 0x3FF) << 13
        return wide.view("<f4")
    return result.astype(result.dtype.newbyteorder("<"))


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    header, end, arrays = json.loads(data[8:begin]), 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        offset, stop = entry["data_offsets"]
        assert offset == end, name
        end = stop
        arrays[name] = np.frombuffer(data[begin + offset:begin + stop], SAFETENSORS_TYPES[entry["dtype"]]).reshape(entry["shape"])
    assert begin + end == len(data)
    return arrays


def main():
    copy_arrays = sys.argv[1]
    seed = int.from_bytes(os.urandom(4), "little")
    print("seed %d, NumPy %s" % (seed, np.__version__))
    arrays = some_arrays(np.random.default_rng(seed))
    wanted = {name: expected(array) for name, array in arrays.items()}
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)

        def copy(*names):
            subprocess.run([copy_arrays] + [path(name) for name in names], check=True)

        def compare(found):
            assert set(found) == set(wanted), set(found) ^ set(wanted)
            for name in wanted:
                assert same(found[name], wanted[name]), name

        for save in (np.savez, np.savez_compressed):
            save(path("numpy.npz"), **arrays)
            copy("numpy.npz", "ours.npz", "ours.safetensors")
            with np.load(path("ours.npz")) as found:
                compare(found)
            compare(read_safetensors(path("ours.safetensors")))
            assert zipfile.ZipFile(path("ours.npz")).testzip() is None
        copy("ours.safetensors", "again.npz", "again.safetensors")
        for ending in (".npz", ".safetensors"):
            with open(path("ours" + ending), "rb") as ours, open(path("again" + ending), "rb") as again:
                assert ours.read() == again.read()
        for name in ("f4.2x3x4x5", "i2.big.4x1x5.fortran", "f8.number", "u1.0"):
            np.save(path("numpy.npy"), arrays[name])
            copy("numpy.npy", "ours.npy")
            assert same(np.load(path("ours.npy")), wanted[name]), name
        try:
            from safetensors.numpy import load_file
        except ImportError:
            print("the Python package safetensors is not installed: its files are read by the few lines here only")
        else:
            compare(load_file(path("ours.safetensors")))
    print("%d arrays" % len(arrays))


if __name__ == "__main__":
    main()
