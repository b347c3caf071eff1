"""What example clips do for a label: python teach.py --watchword PROGRAM [--folder DIR] [--tests 20]

Draws clips of held-out textures and randomness: of happenings the embedded model knows badly, and of some that it was
never trained on (done to a scene in which nothing happens). Then runs `watchword replay` on test clips of *all* happenings,
with labels that have 0, 2, 4 and 8 examples, and says of the taught labels: top-1 among all labels, the share of their
clips that reach the usual threshold of 0.6, and the share of (label, quiet clip) pairs that do.
"""

import argparse
import json
import pathlib
import subprocess
from fractions import Fraction

import av
import cv2
import numpy as np

from world.clips import make_clip
from world.happenings import KINDS, NOTHING
from world.texts import PLAIN
from world.textures import HELD_OUT

SIZE, T, SECONDS = 128, 8, 4.0
SEED = 1 << 43
BADLY_KNOWN = ["spin", "freeze", "appear", "disappear", "back_and_forth"]
NEVER_SEEN = {
    "curtain": "a curtain closes", "negative": "the colours are inverted", "upside_down": "the picture turns upside down",
    "red_light": "a red light comes on", "bars": "bars come down before the camera", "rain": "it rains",
    "grey": "the colours go away", "split": "the picture is split into four",
}
COUNTS = [2, 4, 8]


def never_seen(kind, seed):
    """A quiet clip to which it is done, from its third to its sixth picture on."""
    frames = make_clip(seed, SIZE, HELD_OUT, kind=NOTHING).frames.astype(np.float32)
    rng = np.random.default_rng(seed + 1)
    start = rng.uniform(2, 5)
    for index, frame in enumerate(frames):
        part = np.clip((index - start) / 2, 0, 1)
        if kind == "curtain":
            frame[:, :int(SIZE * part)] = 60
        elif kind == "red_light":
            frame *= np.array([1 + 0.3 * part, 1 - 0.7 * part, 1 - 0.7 * part], np.float32)
        elif index <= start:
            continue
        elif kind == "negative":
            frame[:] = 255 - frame
        elif kind == "upside_down":
            frame[:] = frame[::-1].copy()
        elif kind == "bars":
            frame[:, (np.arange(SIZE) // 6) % 2 == 0] *= 0.15
        elif kind == "rain":
            for x, y in zip(rng.integers(0, SIZE, 60), rng.integers(0, SIZE - 10, 60)):
                frame[y:y + 9, x] = frame[y:y + 9, x] * 0.4 + 140
        elif kind == "grey":
            frame[:] = frame.mean(-1, keepdims=True)
        elif kind == "split":
            frame[:] = np.tile(cv2.resize(frame, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA), (2, 2, 1))
    return np.clip(frames, 0, 255).astype(np.uint8)


def write(path, frames):
    """One picture of the model's window after another, as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(T, int(SECONDS)))
        stream.width = stream.height = SIZE
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "16"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())


def draw(folder, kinds, count):
    """`count` clips of each kind, and twice as many in which nothing happens; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, kind in enumerate(kinds):
        for index in range(count * (2 if kind == NOTHING else 1)):
            path, seed = folder / f"{kind}-{index}.mp4", SEED + 10_000 * number + index
            if not path.exists():
                write(path, never_seen(kind, seed) if kind in NEVER_SEEN else
                      make_clip(seed, SIZE, HELD_OUT, kind=kind).frames)


def run(program, folder, kinds, taught, examples, tests):
    """Top-1 over all labels and of the taught ones, detected, false: with so many examples for each of `taught`."""
    names = [kind for kind in kinds if kind != NOTHING]
    lines = ["streams:", "  - name: clips", f"    url: {folder}/none.mp4", "    gate: 0", "    labels:"]
    for kind in names:
        clips = [str(folder / f"{kind}-{index}.mp4") for index in range(examples if kind in taught else 0)]
        # Every label is told at once, with its score.
        lines.append(json.dumps({"name": kind, "text": NEVER_SEEN.get(kind) or PLAIN[kind], "threshold": 0, "release": 0,
                                 "min_duration": "0s"} | ({"examples": clips} if clips else {})).join(["      - ", ""]))
    configuration = folder / "teach.yaml"
    configuration.write_text("\n".join(lines) + "\n")
    videos = {str(folder / f"{kind}-{max(COUNTS) + index}.mp4"): kind
              for kind in kinds for index in range(tests * (2 if kind == NOTHING else 1))}
    output = subprocess.run([program, "replay", *videos, "--config", str(configuration), "--json"], check=True,
                            capture_output=True, text=True).stdout
    scores = {video: {} for video in videos}
    for line in map(json.loads, output.splitlines()):
        if line["type"] == "event" and line["state"] == "started":
            scores[line["video"]][line["label"]] = line["score"]
    right = {kind: [] for kind in names}
    reached, false = [], []
    for video, kind in videos.items():
        if kind == NOTHING:
            false += [scores[video][label] >= 0.6 for label in taught]
            continue
        right[kind].append(max(scores[video], key=scores[video].get) == kind)
        if kind in taught:
            reached.append(scores[video][kind] >= 0.6)
    share = {kind: np.mean(values) for kind, values in right.items()}
    return np.mean([share[kind] for kind in taught]), np.mean(list(share.values())), np.mean(reached), np.mean(false)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/watchword-teach"))
    parser.add_argument("--tests", type=int, default=20, help="test clips of each happening")
    arguments = parser.parse_args()
    cv2.setNumThreads(0)
    kinds = KINDS + list(NEVER_SEEN)
    draw(arguments.folder, kinds, max(COUNTS) + arguments.tests)
    print("taught           examples   top-1 taught   top-1 all   reach 0.6   quiet clips that do")
    for name, taught in [("badly known", BADLY_KNOWN), ("never seen", list(NEVER_SEEN))]:
        for examples in [0] + COUNTS:
            figures = run(arguments.watchword, arguments.folder, kinds, taught, examples, arguments.tests)
            print(f"{name:15s}{examples:10d}" + "".join(f"{100 * value:11.1f} %" for value in figures), flush=True)


if __name__ == "__main__":
    main()
