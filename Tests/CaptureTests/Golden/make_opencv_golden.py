"""Makes opencv_resize.golden, OpenCV's resize outputs with which ResampleTests compare ours.

Versions: Python 3.11, opencv-python-headless 4.11.0.86, numpy 2.4.6 (OpenCV 5.0 gives the same results). To
make the file again, run in this folder:

    python3 -m venv venv && venv/bin/pip install opencv-python-headless==4.11.0.86 numpy==2.4.6
    venv/bin/python make_opencv_golden.py

The file has comment lines (#). Then come lines "edge SHORT WIDTH HEIGHT RESIZED_WIDTH RESIZED_HEIGHT", whose sizes follow the
rule of mmcv's rescale_size. Then, for each picture, comes a line "resize LINEAR WIDTH HEIGHT RESIZED_WIDTH RESIZED_HEIGHT",
followed by the RGB bytes of the result. The inputs are the noise of make_pillow_golden.py.
"""

import random

import cv2
import numpy as np

SIZES = [
    (37, 23, 16, 10), (13, 9, 29, 31), (40, 20, 20, 20), (40, 20, 20, 10), (64, 48, 7, 5), (5, 3, 5, 3), (1, 1, 4, 4),
    (50, 1, 9, 3), (7, 90, 3, 11), (41, 21, 20, 10),
]


def noise(width, height):
    x, out = 1, bytearray()
    for _ in range(width * height * 3):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(x >> 24)
    return np.frombuffer(bytes(out), np.uint8).reshape(height, width, 3)


with open("opencv_resize.golden", "wb") as f:
    f.write(f"# opencv {cv2.__version__}, made by make_opencv_golden.py\n".encode())
    chosen = random.Random(7)
    for _ in range(200):
        short, width, height = chosen.choice([36, 256, 384]), chosen.randint(1, 4000), chosen.randint(1, 4000)
        scale = min(float("inf"), short / min(width, height))
        size = int(width * float(scale) + 0.5), int(height * float(scale) + 0.5)
        f.write(f"edge {short} {width} {height} {size[0]} {size[1]}\n".encode())
    for width, height, to_width, to_height in SIZES:
        f.write(f"resize -1 {width} {height} {to_width} {to_height}\n".encode())
        f.write(cv2.resize(noise(width, height), (to_width, to_height), interpolation=cv2.INTER_LINEAR).tobytes())
