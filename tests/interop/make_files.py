#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_files.py > files.hpp: small files as other programs write them, for the readers' tests.

Needs python3-numpy (made with 1.24.2 and zlib 1.2.13). The safetensors file is put together as the format's description
says, with what its own writer leaves out: metadata, escapes, keys that are not known.
"""
import gzip
import io
import json
import struct
import zipfile
import zlib

import numpy as np


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def npz(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def deflate(data, level=9, strategy=zlib.Z_DEFAULT_STRATEGY):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()


def blocks(*parts):
    """Each part in a block of its own; a flush puts an empty stored block between them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH) for part in parts) + packer.flush()


def skewed(count):
    """Bytes 0 to 8, of which 4 is the most common: repeated in inflate.cpp."""
    state, result = 1, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        result.append(bin(state >> 24).count("1"))
    return bytes(result)


def idx(array, code):
    return struct.pack(">HBB", 0, code, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape) + array.tobytes()


def gzip_with_everything(data):
    """A gzip file whose header has all that it may: a field, a name, a remark, a checksum."""
    header = b"\x1f\x8b\x08\x1f" + bytes(6) + struct.pack("<H", 3) + b"abc" + b"name\0" + b"remark\0"
    header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    return header + deflate(data) + struct.pack("<II", zlib.crc32(data), len(data))


def npz_of_zip64(members):
    """As streams write it: every number of 32 or 16 bits is all ones, and stands in 64 bits elsewhere."""
    ones, short = 0xFFFFFFFF, 0xFFFF
    file, entries = b"", b""
    for name, data in members.items():
        path, sizes = (name + ".npy").encode(), struct.pack("<QQ", len(data), len(data))
        common = struct.pack("<HHHHHIIIH", 45, 0, 0, 0, 33, zlib.crc32(data), ones, ones, len(path))
        entries += b"PK\1\2" + struct.pack("<H", 45) + common + struct.pack("<HHHHII", 36, 0, 0, 0, 0, ones) + path
        entries += struct.pack("<HHI", 0x9999, 4, 7) + struct.pack("<HH", 1, 24) + sizes + struct.pack("<Q", len(file))
        file += b"PK\3\4" + common + struct.pack("<H", 20) + path + struct.pack("<HH", 1, 16) + sizes + data
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, len(members), len(members), len(entries), len(file))
    end += b"PK\6\7" + struct.pack("<IQI", 0, len(file) + len(entries), 1)
    end += b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, short, short, ones, ones, 0)
    result = file + entries + end
    assert zipfile.ZipFile(io.BytesIO(result)).testzip() is None
    return result


def npz_of_a_stream(members):
    """Written to where nothing can be written again: the sizes stand after each member."""
    class Stream(io.RawIOBase):
        def __init__(self):
            self.data = b""
        def writable(self):
            return True
        def write(self, data):
            self.data += bytes(data)
            return len(data)
    stream = Stream()
    with zipfile.ZipFile(stream, "w") as file:
        for name, data in members.items():
            with file.open(zipfile.ZipInfo(name + ".npy"), "w", force_zip64=True) as member:
                member.write(data)
    return stream.data


def safetensors_of_all_types():
    header = {
        "float": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "mask": {"dtype": "BOOL", "shape": [3], "data_offsets": [8, 11]},
        "eighth": {"dtype": "F8_E4M3", "shape": [], "data_offsets": [11, 12]},
        "u16": {"dtype": "U16", "shape": [1, 2], "data_offsets": [12, 16]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + np.float32([1.5, -2]).tobytes() + bytes([1, 0, 1, 9, 1, 0, 2, 0])


def safetensors():
    header = {
        "__metadata__": {"format": "pt", "remark": "a \"quoted\" one"},
        "stem.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "half": {"dtype": "F16", "shape": [3], "data_offsets": [16, 22]},
        "bfloat": {"dtype": "BF16", "shape": [], "data_offsets": [22, 24], "new": [{"a": -1.5e3}, None, True, "x"]},
        "\u00fc\U0001f600\n": {"dtype": "U8", "shape": [2, 0, 4], "data_offsets": [24, 24]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = np.float32([1, -2, 0.5, 3]).tobytes() + np.float16([1.5, -2, 6e-8]).tobytes() + b"\xc0\x3f"
    return struct.pack("<Q", len(text)) + text + data


matrix = np.float32([[1, 2, 3], [4, 5, 6]])
FILES = {
    "npy_float32": npy(matrix),
    "npy_fortran": npy(np.asfortranarray(np.arange(12, dtype="<i4").reshape(2, 3, 2))),
    "npy_big_endian": npy(np.array([1, -2, 300], dtype=">i2")),
    "npy_big_endian_half": npy(np.array([1.5, -2], dtype=">f2")),
    "npy_half": npy(np.float16([1.5, -2, 6e-8])),
    "npy_scalar": npy(np.array(0.1)),
    "npy_empty": npy(np.zeros((0, 4), dtype=np.int8)),
    "npy_version_2": npy(np.arange(3), version=(2, 0)),
    "npy_version_3": npy(np.arange(3), version=(3, 0)),
    "npy_complex": npy(np.complex64([1])),
    "npy_bool": npy(np.array([True])),
    "npy_fields": npy(np.zeros(1, dtype=[("a", "<f4"), ("b", "<i2")])),
    "npz_saved": npz(np.savez, **{"stem.weight": matrix, "labels": np.int64([7, -1])}),
    "npz_compressed": npz(np.savez_compressed, **{"stem.weight": matrix, "zeros": np.zeros(1000)}),
    "npz_empty": npz(np.savez),
    "npz_types": npz(np.savez, weight=matrix, mask=np.array([True, False]), u16=np.uint16([[1]]), u32=np.uint32([1]),
                     u64=np.uint64([1]), phase=np.complex64([1]), text=np.array(["ab"]), bytes=np.array([b"abc"]),
                     time=np.array(["2020-01-01"], dtype="M8[s]"), things=np.array([{}, None], dtype=object),
                     fields=np.zeros(2, dtype=[("a", "<f4"), ("b", "<i2", (2,))])),
    "npz_zip64": npz_of_zip64({"a": npy(matrix), "b": npy(np.arange(3))}),
    "npz_stream": npz_of_a_stream({"a": npy(matrix), "b": npy(np.arange(3))}),
    "safetensors_types": safetensors_of_all_types(),
    "safetensors_file": safetensors(),
    "deflate_stored": deflate(skewed(40), level=0),
    "deflate_fixed": deflate(skewed(40), strategy=zlib.Z_FIXED),
    "deflate_dynamic": deflate(skewed(800)),
    "deflate_run": deflate(b"a" * 10000),
    "deflate_blocks": blocks(skewed(40), b"b" * 70, b""),
    "idx_bytes": idx(np.arange(12, dtype="u1").reshape(2, 3, 2), 8),
    "idx_signed": idx(np.array([-1, 127], dtype="i1"), 9),
    "idx_shorts": idx(np.array([-2, 300], dtype=">i2"), 0xB),
    "idx_ints": idx(np.array([-3, 70000], dtype=">i4"), 0xC),
    "idx_floats": idx(np.array([1.5, -2], dtype=">f4"), 0xD),
    "idx_doubles": idx(np.array([0.1], dtype=">f8"), 0xE),
    "idx_gzip": gzip.compress(idx(np.arange(12, dtype="u1").reshape(2, 3, 2), 8), mtime=0),
    "gzip_members": gzip.compress(b"hello ", mtime=0) + gzip.compress(b"", mtime=0) + gzip_with_everything(b"again"),
    "gzip_padded": gzip.compress(b"hello", mtime=0) + bytes(30),
    "idx_gzip_members": gzip.compress(idx(np.arange(12, dtype="u1").reshape(2, 3, 2), 8)[:13], mtime=0)
    + gzip.compress(idx(np.arange(12, dtype="u1").reshape(2, 3, 2), 8)[13:], mtime=0) + bytes(512),
    "gzip_everything": gzip_with_everything(b"hello hello hello"),
}

print("// SPDX-License-Identifier: Apache-2.0")
print("// Files as NumPy, zlib and others write them. Made by make_files.py; do not edit.")
print("#pragma once\n")
print("#include <cstddef>\n#include <string_view>\n#include <vector>\n")
print("namespace files {\n")
print("inline std::vector<std::byte> bytes_of(std::string_view text) {")
print("  std::vector<std::byte> bytes;")
print("  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));")
print("  return bytes;\n}\n")
print("// clang-format off")
for name, data in FILES.items():
    print("inline const std::vector<std::byte> %s = bytes_of({" % name)
    line = ""
    for value in data:
        piece = chr(value) if 32 <= value < 127 and chr(value) not in '"\\?' else "\\%03o" % value
        if len(line) + len(piece) > 110:
            print('  "%s"' % line)
            line = ""
        line += piece
    print('  "%s", %d});' % (line, len(data)))
print("// clang-format on\n")
print("}  // namespace files")
