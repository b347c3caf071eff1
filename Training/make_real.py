"""Makes labelled streams of real footage: python make_real.py FOLDER --out DIR [--use held|train|all] [--seconds 120]

For every scene, SCENE-moved.mp4 (part of the picture, so that the camera can turn, be knocked and shake), SCENE-seen.mp4 (all of
it, with what befalls light, lens, sensor and stream; damage by damaging H.264 packets, coded again) and SCENE-quiet.mp4
(nothing done), each with its truth beside it as `watchword eval --truth` reads it, and DIR/events.csv: stream, scene, label, start, end,
magnitude. With --kinds lossy SCENE-lossy.ts: all of the picture, in a stream whose own packets are damaged or lost, as between a
camera and its reader. Where a clip is shorter than the stream it plays to and fro. FOLDER may be anyone's: a folder without
footage/split.csv's names is used as it is, every file a scene.
"""

import argparse
import csv
import pathlib
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np

from footage import damage, troubles
from footage.sources import STILLS, Source, pictures, sources
from world.texts import PLAIN

RATE, PART = 10, 0.56  # Pictures a second; of the picture's sides that a moved stream shows.
MOVED = ["pan", "tilt", "knocked", "shake"]
SEEN = ["black", "lights", "covered", "defocus", "noisy", "breakup", "freeze", "flash", "night"]
NOMINAL = 2.0
UNSEEN = "unseen"  # Of damage that hardly shows: whoever reports it is neither right nor wrong.


def scenes(folder, use):
    """{scene: [file]}"""
    found = {}
    named = sources(folder, use) if use != "all" else []
    for source in named or [Source(path.stem, path) for path in sorted(folder.glob("*.mp4"))]:
        if source.scene not in STILLS:
            found.setdefault(source.scene, []).append(source.path)
    return found


def footage(files, seconds):
    """`seconds` of pictures at RATE, no larger than 640×360 in area, each file for its part, to and fro where they are short."""
    shown = []
    for path in files:
        some, rate = pictures(path, RATE, seconds)
        some = [some[int(i * rate / RATE)] for i in range(int(len(some) * RATE / rate))]
        height, width = some[0].shape[:2]
        scale = max((640 * 360 / (width * height)) ** 0.5, 240 / height) if width * height > 640 * 360 or height < 240 else 1
        size = round(width * scale) // 2 * 2, round(height * scale) // 2 * 2
        want = max(int(seconds * RATE / len(files)), 1)
        there = some + some[-2:0:-1]
        shown += [cv2.resize(there[i % len(there)], size, interpolation=cv2.INTER_AREA) if i % len(there) < len(there) else None
                  for i in range(want)]
    first = shown[0].shape[1], shown[0].shape[0]
    return [picture if picture.shape[1::-1] == first else cv2.resize(picture, first) for picture in shown]


class Plan:
    """What is done, when: a list of (kind, start, end, magnitude), and functions of time for the picture or the view."""

    def __init__(self):
        self.events, self.paints, self.moves, self.damages, self.freezes = [], [], [], [], []

    def add(self, kind, start, end, magnitude):
        self.events.append((kind, start, end, magnitude))


def plan_moved(rng, seconds):
    plan, at, deck = Plan(), rng.uniform(5, 8), []
    while at < seconds - 16:
        deck = deck or list(rng.permutation(MOVED))
        kind, length = deck.pop(), rng.uniform(1.5, 4)
        free = (1 / PART - 1) / 2
        if kind == "shake":
            size = float(rng.choice([0.01, 0.016, 0.025, 0.04, 0.06]))
            plan.moves.append((at, at + length, troubles.shake(rng, length, size)))
            plan.add("shake", at, at + length, f"{100 * size:g} %")
        elif kind == "knocked":
            reach, bearing, angle = rng.uniform(0.12, free), rng.uniform(0, 6.3), rng.uniform(-15, 15)
            back = at + rng.uniform(6, 9)
            plan.moves += [(at, np.inf, troubles.knock(rng, reach, bearing, angle)),
                           (back, np.inf, troubles.knock(rng, -reach, bearing, -angle))]
            sort = f"{'small' if reach < 0.25 else 'large'}"
            plan.add("knocked", at, at + NOMINAL, sort)
            plan.add("knocked", back, back + NOMINAL, sort + ", back")
            length = back - at + NOMINAL
        else:
            sign, far = int(rng.choice([-1, 1])), rng.uniform(0.2, free)
            way = np.array([sign, 0]) if kind == "pan" else np.array([0, sign])
            names = {"pan": ("pan_left", "pan_right"), "tilt": ("tilt_up", "tilt_down")}[kind]
            back = at + length + rng.uniform(4.5, 7)
            plan.moves += [(at, np.inf, troubles.turn(rng, length, *(way * far))),
                           (back, np.inf, troubles.turn(rng, length, *(-way * far)))]
            speed = far / length
            sort = "slow" if speed < 0.12 else "fast"
            plan.add(names[sign > 0], at, at + length, sort)
            plan.add(names[sign < 0], back, back + length, sort)
            length = back + length - at
        at += length + rng.uniform(4.5, 7)
    return plan


def plan_seen(rng, seconds):
    plan, at, deck = Plan(), rng.uniform(5, 8), []
    while at < seconds - 14:
        deck = deck or list(rng.permutation(SEEN))
        kind, length = str(deck.pop()), rng.uniform(2.5, 6)
        if kind == "breakup":
            plan.damages.append((at, at + length))
        elif kind == "freeze":
            plan.freezes.append((at, at + length))
            plan.add("freeze", at, at + NOMINAL, "")
        elif kind in ("lights", "night"):
            apply, magnitude = (troubles.lights if kind == "lights" else troubles.night)(rng, length)
            back = at + rng.uniform(6, 9)
            undo = rng.uniform(0.05, 0.8)
            plan.paints.append((at, back + undo, lambda p, t, apply=apply, back=back - at, undo=undo:
                                cv2.addWeighted(apply(p, t), 1 - troubles.ramp(t - back, undo), p, troubles.ramp(t - back, undo), 0)))
            names = ("lights_off", "lights_on") if kind == "lights" else ("to_night", "to_day")
            plan.add(names[0], at, at + NOMINAL, magnitude)
            plan.add(names[1], back, back + NOMINAL, magnitude)
            length = back - at + NOMINAL
        else:
            make = {"black": troubles.black, "covered": troubles.cover, "defocus": troubles.defocus, "noisy": troubles.noisy,
                    "flash": troubles.flash}[kind]
            apply, magnitude = make(rng, length)
            plan.paints.append((at, at + length, apply))
            plan.add(kind, at, at + length, magnitude)
        at += length + rng.uniform(4.5, 7)
    return plan


def through(picture, moves, t):
    """The part of the picture that a moved camera sees at t."""
    height, width = picture.shape[:2]
    high, wide = PART * height, PART * width
    offset, angle = np.zeros(2), 0.0
    for start, end, move in moves:
        if start <= t < end:
            by, turned = move(t - start)
            offset, angle = offset + by, angle + turned
    matrix = cv2.getRotationMatrix2D((width / 2 + offset[0] * wide, height / 2 + offset[1] * high), angle, 1.0)
    matrix[:, 2] += np.array([wide / 2, high / 2]) - (width / 2 + offset[0] * wide, height / 2 + offset[1] * high)
    size = round(wide) // 2 * 2, round(high) // 2 * 2
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def damage_parts(rng, frames, plan):
    """Damages the packets of each damaged stretch; what is seen of it is the truth."""
    for start, end in plan.damages:
        first, last = int((start - 1.5) * RATE), int((end + 2.5) * RATE)
        shown, seen = damage.damaged(rng, frames[first:last], RATE, 1.5, end - start + 1.5)
        # Nothing may be left behind the stretch.
        bad = [i for i, share in enumerate(seen) if share > 0.04]
        if len(bad) < 3:
            continue
        frames[first:last] = shown
        plan.add("breakup", (first + bad[0]) / RATE, (first + bad[-1] + 1) / RATE, f"{'large' if max(seen) > 0.3 else 'small'}")


def write(path, frames, rng):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "crf": str(int(rng.integers(22, 29))), "g": str(2 * RATE), "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")))
        container.mux(stream.encode())


def write_lossy(path, frames, rng):
    """A stream whose packets are damaged now and then; returns what is seen of it."""
    seconds = len(frames) / RATE
    starts = np.cumsum(rng.uniform(8, 13, int(seconds / 8)))
    stretches = [(start, start + rng.uniform(0.8, 3.0)) for start in starts if start < seconds - 9]
    packets, seen = damage.lossy(rng, frames, RATE, stretches)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE))
        stream.height, stream.width = frames[0].shape[:2]
        for index, data in enumerate(packets):
            if data:
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, Fraction(1, RATE)
                packet.pts = packet.dts = index
                container.mux(packet)
    events = []
    for (start, end), (following, _) in zip(stretches, stretches[1:] + [(seconds, 0)]):
        bad = [i for i in range(int(start * RATE), int(following * RATE)) if seen[i] > 0.04]
        if len(bad) >= 3:
            magnitude = "large" if max(seen[i] for i in bad) > 0.3 else "small"
            events.append(("breakup", bad[0] / RATE, (bad[-1] + 1) / RATE, magnitude))
        else:
            events.append(("breakup", start, end, UNSEEN))
    return events


def write_truth(path, events):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["label", "start", "end"])
        writer.writerows([PLAIN[kind], round(start, 2), round(end, 2)] for kind, start, end, _ in events)


def make_stream(frames, kind, rng, seconds):
    """Frames and events of one stream."""
    if kind == "quiet":
        return frames, []
    plan = plan_moved(rng, seconds) if kind == "moved" else plan_seen(rng, seconds)
    shown = []
    for index, picture in enumerate(frames):
        t = index / RATE
        if kind == "moved":
            picture = through(picture, plan.moves, t)
        for start, end, paint in plan.paints:
            if start <= t < end:
                picture = paint(picture, t - start)
        if any(start <= t < end for start, end in plan.freezes):
            picture = shown[-1]
        shown.append(picture)
    damage_parts(rng, shown, plan)
    return shown, sorted(plan.events, key=lambda event: event[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--use", choices=["held", "train", "all"], default="held")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="moved,seen,quiet")
    parser.add_argument("--squeezed", action="store_true", help="as `view: whole` shows them: the picture made a square")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with open(arguments.out / "events.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["stream", "scene", "label", "start", "end", "magnitude"])
        for scene, files in scenes(arguments.folder, arguments.use).items():
            frames = footage(files, arguments.seconds)
            for kind in arguments.kinds.split(","):
                rng = np.random.default_rng([arguments.seed, zlib.crc32(f"{scene} {kind}".encode())])
                name, shown = f"{scene}-{kind}", frames
                if kind == "lossy":
                    events = write_lossy(arguments.out / f"{name}.ts", frames, rng)
                else:
                    shown, events = make_stream(list(frames), kind, rng, len(frames) / RATE)
                    if arguments.squeezed:
                        side = min(shown[0].shape[:2])
                        shown = [cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in shown]
                    write(arguments.out / f"{name}.mp4", shown, rng)
                write_truth(arguments.out / f"{name}.csv", events)
                rows.writerows([name, scene, PLAIN[k], round(s, 2), round(e, 2), m] for k, s, e, m in events)
                file.flush()
                print(f"{name}: {len(events)} happenings in {len(shown) / RATE:g} s", flush=True)


if __name__ == "__main__":
    main()
