"""Makes pillow_resize.golden, outputs of Pillow's Image.resize with which ResampleTests compare ours.

Versions: Python 3.11, pillow 13.0.0, numpy 2.4.6. To make the file again, run in this folder:

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy==2.4.6 && venv/bin/python make_pillow_golden.py

The file has comment lines (#). Then come lines "edge SHORT WIDTH HEIGHT RESIZED_WIDTH RESIZED_HEIGHT", with the output sizes
of the reference processor. Then, for each picture, comes a line "resize FILTER WIDTH HEIGHT RESIZED_WIDTH RESIZED_HEIGHT",
followed by the RGB bytes of the result. The inputs are noise that both sides generate: the top byte of each x, with
x = x * 1664525 + 1013904223 (mod 2^32), starting at x = 1.
"""

import random

import numpy as np
import PIL
from PIL import Image

SIZES = [
    (37, 23, 16, 10), (13, 9, 29, 31), (40, 20, 20, 20), (20, 40, 20, 15), (64, 48, 7, 5), (5, 3, 5, 3), (1, 1, 4, 4),
    (50, 1, 9, 3), (7, 90, 3, 11),
]


def noise(width, height):
    x, out = 1, bytearray()
    for _ in range(width * height * 3):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(x >> 24)
    return Image.fromarray(np.frombuffer(bytes(out), np.uint8).reshape(height, width, 3))


with open("pillow_resize.golden", "wb") as f:
    f.write(f"# pillow {PIL.__version__}, made by make_pillow_golden.py\n".encode())
    chosen = random.Random(7)
    for _ in range(200):
        short, width, height = chosen.choice([32, 224, 336]), chosen.randint(1, 4000), chosen.randint(1, 4000)
        long = int(short * max(width, height) / min(width, height))
        size = (short, long) if width <= height else (long, short)
        f.write(f"edge {short} {width} {height} {size[0]} {size[1]}\n".encode())
    for width, height, to_width, to_height in SIZES:
        picture = noise(width, height)
        for kind in range(6):
            f.write(f"resize {kind} {width} {height} {to_width} {to_height}\n".encode())
            f.write(np.asarray(picture.resize((to_width, to_height), kind)).tobytes())
