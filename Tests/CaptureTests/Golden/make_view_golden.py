"""Makes pillow_view.golden: what each view shows of a picture, cut and resized by Pillow. ViewPixelTests compares ours with it.

Versions: Python 3.11, pillow 13.0.0, numpy 2.4.6. To make the file again, run in this folder:

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy==2.4.6 && venv/bin/python make_view_golden.py

The file has a comment line (#). Then, for each picture, comes a line "view VIEW WIDTH HEIGHT ACROSS DOWN PARTS INPUT", followed
by the RGB bytes of PARTS squares of INPUT pixels. VIEW is 0 for the square in the middle, 1 for the whole, 2 for tiles. ACROSS
to DOWN is the shape of a pixel. The inputs are the noise of make_pillow_golden.py.
"""

import math

import numpy as np
import PIL
from PIL import Image

INPUT = 12
SHAPES = [
    (64, 36, 1, 1), (36, 64, 1, 1), (48, 36, 1, 1), (36, 48, 1, 1), (54, 36, 1, 1), (40, 36, 1, 1), (36, 36, 1, 1),
    (110, 20, 1, 1), (45, 36, 64, 45), (44, 36, 12, 11), (36, 64, 1, 2), (31, 17, 1, 1),
]


def nearest(x):
    return math.floor(x + 0.5)


def noise(width, height):
    x, out = 1, bytearray()
    for _ in range(width * height * 3):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(x >> 24)
    return Image.fromarray(np.frombuffer(bytes(out), np.uint8).reshape(height, width, 3))


def shown(width, height, aspect):
    """The size with square pixels."""
    return (nearest(width * aspect), height) if aspect >= 1 else (width, nearest(height / aspect))


def square(picture, aspect):
    """The reference processor: the shorter side becomes INPUT, and the middle is cut out."""
    width, height = shown(*picture.size, aspect)
    long = int(INPUT * max(width, height) / min(width, height))
    resized = picture.resize((INPUT, long) if width <= height else (long, INPUT), Image.BICUBIC)
    left, top = (resized.width - INPUT) // 2, (resized.height - INPUT) // 2
    return resized.crop((left, top, left + INPUT, top + INPUT))


def tiles(picture, aspect):
    """Squares of the whole shorter side, evenly spaced from one end to the other."""
    width, height = shown(*picture.size, aspect)
    short, long = sorted((width, height))
    if long <= short * 9 / 8:
        return [square(picture, aspect)]
    count = 2 if long <= short * 1.5 else 3
    axis = 0 if width > height else 1
    size = picture.size[axis]
    side = nearest(short * size / long)
    parts = []
    for index in range(count):
        first = nearest(index * (size - side) / (count - 1))
        box = (first, 0, first + side, picture.height) if axis == 0 else (0, first, picture.width, first + side)
        parts.append(square(picture.crop(box), aspect))
    return parts


with open("pillow_view.golden", "wb") as f:
    f.write(f"# pillow {PIL.__version__}, made by make_view_golden.py\n".encode())
    for width, height, across, down in SHAPES:
        picture, aspect = noise(width, height), across / down
        views = [square(picture, aspect)], [picture.resize((INPUT, INPUT), Image.BICUBIC)], tiles(picture, aspect)
        for view, parts in enumerate(views):
            f.write(f"view {view} {width} {height} {across} {down} {len(parts)} {INPUT}\n".encode())
            for part in parts:
                f.write(np.asarray(part).tobytes())
