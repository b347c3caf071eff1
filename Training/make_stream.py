"""Draws a labelled stream: an H.264 file and its truth, from textures and randomness that training does not use.

    python make_stream.py --out DIR/NAME [--seed 1] [--seconds 180] [--quiet] [--size 320x240] [--rate 10]

writes NAME.mp4 and NAME.csv (label,start,end in seconds of presentation time). --quiet: nothing happens, while grain,
flicker, slow light and wind are stronger than usual. --script left,covered,…: what happens, in this order, before a
camera with little grain.
"""

import argparse
import csv
import pathlib
from fractions import Fraction

import av
import cv2
import numpy as np

from world.director import Director
from world.scene import Scene
from world.texts import PLAIN
from world.textures import HELD_OUT

FIRST_SEED = 1 << 41  # Away from those of training and of single clips.


def make_scene(rng, seconds, quiet, script=()):
    """A scene in which one thing after another happens, with pauses."""
    scene = Scene(rng, HELD_OUT, objects=int(rng.integers(1, 5)))
    scene.monochrome = False
    if quiet:
        scene.roughen()
        scene.bustle = int(rng.integers(0, 5))
        return scene
    director = Director(rng, scene)
    at = rng.uniform(6, 9)
    counts = {}
    script = list(script)
    if script:
        scene.grain, scene.flicker, scene.drift, scene.sway, scene.gain = 1.0, 0, 0, 0, 1.0
    while at < seconds - 6:
        weights = {kind: 0.25 ** counts.get(kind, 0) for kind in PLAIN}
        kind = script.pop(0) if script else director.next_kind(weights)
        if not (director.allowed(kind) and director.possible(kind)):
            raise SystemExit(f"{kind} cannot happen at {at:.1f} s after what came before; choose another order or seed")
        counts[kind] = counts.get(kind, 0) + 1
        h = director.stage(kind, at)
        at = max(h.end, h.start + h.strength.get("seconds", 0), h.start + h.strength.get("lasts", 0)) + rng.uniform(4.5, 8)
    return scene


def write_stream(path, scene, rng, seconds, width, height, rate):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": str(int(rng.integers(24, 32))), "g": str(2 * rate)}
        for index in range(int(seconds * rate)):
            picture = scene.render(index / rate, height, width)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def write_truth(path, scene):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["label", "start", "end"])
        for h in sorted(scene.happenings, key=lambda h: h.start):
            writer.writerow([PLAIN[h.kind], round(h.start, 2), round(h.end, 2)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--script", default="")
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--rate", type=int, default=10)
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    cv2.setNumThreads(0)
    rng = np.random.default_rng(FIRST_SEED + arguments.seed)
    script = [kind for kind in arguments.script.split(",") if kind]
    scene = make_scene(rng, arguments.seconds, arguments.quiet, script)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_stream(arguments.out.with_suffix(".mp4"), scene, rng, arguments.seconds, width, height, arguments.rate)
    write_truth(arguments.out.with_suffix(".csv"), scene)
    print(f"{arguments.out}: {len(scene.happenings)} happenings in {arguments.seconds:g} s")


if __name__ == "__main__":
    main()
