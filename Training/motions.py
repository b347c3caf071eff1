"""Are real motions named rightly, in the middle of the picture and at its edges?
python motions.py --watchword PROGRAM FOOTAGE [--model DIR]

footage/motions.csv lists motions that an onlooker named in held-out clips of fixed cameras, with what may be said of each: a
person who walks up to a table appears, goes up and goes away. A motion is named if an event of such a label overlaps it
when widened by a second; an event is right if it names a motion. For each view, the clip as it is, and then in a quarter of
a wide, still picture: in its middle and at both edges. Prints Markdown.
"""

import argparse
import csv
import pathlib
import sys
import tempfile

import cv2
import numpy as np

from footage.sources import pictures
from make_real import RATE, footage, write
from truth import TOLERANCE, run
from world.happenings import MOTIONS, NOTHING
from world.texts import PLAIN

TURNS = ["pan_left", "pan_right", "tilt_up", "tilt_down"]
GROUND = "intelgif_store-aisle.mp4"  # Its first picture is the still one, held out too.
PLACES = {"as it is": None, "middle": 0.25, "left edge": 0.0, "right edge": 0.5}


def motions():
    with open(pathlib.Path(__file__).parent / "footage/motions.csv", newline="") as file:
        return [(r["file"], float(r["start"]), float(r["end"]), r["kinds"].split()) for r in csv.DictReader(file)]


def placed(frames, ground, place, rng):
    """The clip in a quarter of `ground`, over which the grain of a camera lies."""
    height, width = ground.shape[:2]
    for frame in frames:
        picture = ground.copy()
        x, y = round(place * width), height // 4
        picture[y:y + height // 2, x:x + width // 2] = cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        yield np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def make(folder, clips, place, out):
    ground = cv2.resize(pictures(folder / GROUND, RATE, 1)[0][0], (640, 360), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(1)
    for clip in clips:
        path = folder / f"{clip}.mp4"
        some, rate = pictures(path, RATE)
        frames = footage([path], len(some) / rate)
        write(out / f"{clip}.mp4", list(placed(frames, ground, place, rng)) if place is not None else frames, rng)


def judge(events, listed):
    """How many motions are named, of how many events that name one, for how many a turn of the camera is claimed."""
    named, right, turned = 0, set(), 0
    for clip, start, end, kinds in listed:
        there = [i for i, e in enumerate(events) if e.stream == clip and e.start <= end + TOLERANCE and e.end >= start - TOLERANCE]
        good = [i for i in there if events[i].label in kinds]
        named += bool(good)
        right.update(good)
        turned += any(events[i].label in TURNS for i in there)
    return named, len(right), turned


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--model", type=pathlib.Path, help="the embedded one unless given")
    arguments = parser.parse_args()
    listed = [motion for motion in motions() if (arguments.folder / f"{motion[0]}.mp4").exists()]
    if not listed or not (arguments.folder / GROUND).exists():
        sys.exit(f"{arguments.folder} has no clip of footage/motions.csv, or not {GROUND}: motions were not measured")
    clips = sorted({clip for clip, *_ in listed})
    labels = [(kind, text, {}) for kind, text in PLAIN.items() if kind != NOTHING]
    print("| view | motion | named | events, of these right | F1 | turns claimed | camera trouble |\n|---|---|---|---|---|---|---|")
    for view in ["square", "whole", "tiles"]:
        for name, place in PLACES.items():
            with tempfile.TemporaryDirectory() as out:
                make(arguments.folder, clips, place, pathlib.Path(out))
                events, _ = run(arguments.watchword, arguments.model, sorted(pathlib.Path(out).glob("*.mp4")), labels, view)
            named, right, turned = judge(events, listed)
            precision, recall = right / max(len(events), 1), named / len(listed)
            f1 = 2 * precision * recall / max(precision + recall, 1e-9)
            trouble = sum(e.label not in MOTIONS for e in events)
            print(f"| {view} | {name} | {named} of {len(listed)} | {len(events)}, {right} | {f1:.2f} | {turned} | {trouble} |", flush=True)


if __name__ == "__main__":
    main()
