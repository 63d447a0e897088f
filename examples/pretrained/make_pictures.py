# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures for 12_pretrained and for faces: make_pictures.py FOLDER

FOLDER/lines_calibration.npz and lines_test.npz: rendered lines of text, half of them upside down (label 1).
FOLDER/faces_calibration.npz and faces_test.npz: parts of photographs, with a face (label 1) or without. The photographs
and the faces come with python3-skimage and python3-sklearn.
Each has `pictures`, [N, height, width, 3], as the network takes them, and `labels`. The files *.f32 have the same values
in the order of the ONNX files: the channels of lines come first.
"""
import pathlib
import random
import re
import sys
from pydoc_data import topics

import numpy
import skimage.data
import sklearn.datasets
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold"]


def preprocess(pixels):
    """What both networks were trained on: pixels from 0 to 255 become values from -1 to 1."""
    return (pixels.astype("float32") / 255 - 0.5) / 0.5


def line_of_text(words, chance):
    """A line, 48 pixels high and at most 192 wide. The right of a short one is filled with the middle gray, as in training."""
    text = " ".join(chance.sample(words, chance.randint(1, 2)))
    text = chance.choice([text, text.title(), text.upper(), "%s %d" % (text, chance.randrange(1000))])
    font = ImageFont.truetype(chance.choice(FONTS) + ".ttf", chance.randint(20, 44))
    left, top, right, bottom = font.getbbox(text)
    margin = [chance.randint(2, 8) for _ in range(4)]
    paper, ink = chance.sample([chance.randint(0, 90), chance.randint(150, 255)], 2)
    picture = Image.new("L", (right - left + margin[0] + margin[1], bottom - top + margin[2] + margin[3]), paper)
    ImageDraw.Draw(picture).text((margin[0] - left, margin[2] - top), text, fill=ink, font=font)
    picture = picture.rotate(chance.uniform(-2, 2), resample=Image.BILINEAR, fillcolor=paper)
    picture = picture.filter(ImageFilter.GaussianBlur(chance.uniform(0, 1)))
    is_turned = chance.random() < 0.5
    if is_turned:
        picture = picture.rotate(180)
    width = min(192, round(picture.width * 48 / picture.height))
    line = numpy.full((48, 192), 127.5)
    noise = numpy.random.default_rng(chance.randrange(2**32)).normal(0, chance.uniform(0, 12), (48, width))
    line[:, :width] = numpy.clip(numpy.asarray(picture.resize((width, 48), Image.BILINEAR)) + noise, 0, 255)
    return numpy.repeat(line[..., None], 3, axis=2), int(is_turned)


def scene(photo, face, chance):
    """A part of a photograph, 128 x 128 pixels, with a face of 25 x 25 pixels enlarged in it, or without any."""
    size = chance.randint(128, min(photo.size))
    left, top = chance.randint(0, photo.width - size), chance.randint(0, photo.height - size)
    picture = photo.crop((left, top, left + size, top + size)).resize((128, 128), Image.BILINEAR)
    if face is not None:
        size = chance.randint(48, 96)
        place = tuple((128 - size) // 2 + chance.randint(-16, 16) for _ in range(2))
        enlarged = Image.fromarray((255 * face).astype("uint8")).resize((size, size), Image.BICUBIC)
        picture.paste(enlarged.convert("RGB"), place)
    return numpy.asarray(picture)


def write(path, pictures, labels, onnx_order):
    values = preprocess(numpy.stack(pictures))
    numpy.savez(path.with_suffix(".npz"), pictures=values, labels=numpy.array(labels, "int32"))
    numpy.ascontiguousarray(values.transpose(onnx_order)).tofile(path.with_suffix(".f32"))


folder = pathlib.Path(sys.argv[1])
words = sorted(set(re.findall(r"\b[a-z]{3,12}\b", " ".join(topics.topics.values()))))
random.Random(1).shuffle(words)
half = len(words) // 2
# No word is in both parts.
for name, count, known, seed in [("lines_calibration", 200, words[:half], 2), ("lines_test", 300, words[half:], 3)]:
    chance = random.Random(seed)
    pictures, labels = zip(*[line_of_text(known, chance) for _ in range(count)])
    write(folder / name, pictures, labels, (0, 3, 1, 2))

faces = skimage.data.lfw_subset()[:100]
china, flower = sklearn.datasets.load_sample_images().images
# No photograph and no face is in both parts.
for name, first, photos, seed in [
    ("faces_calibration", 0, [skimage.data.coffee(), skimage.data.rocket(), china], 4),
    ("faces_test", 1, [skimage.data.chelsea(), skimage.data.stereo_motorcycle()[0], flower], 5),
]:
    chance = random.Random(seed)
    photos = [Image.fromarray(photo) for photo in photos]
    pictures = [scene(chance.choice(photos), face, chance) for face in [*faces[first::2], *[None] * 50]]
    write(folder / name, pictures, [1] * 50 + [0] * 50, (0, 1, 2, 3))
