"""Packs footage for training: python -m footage.pack FOOTAGE --out PACK [--use held]

Writes into PACK, some 40 MB: `ground/*.mp4`, every training scene's clips at 8 pictures a second, squeezed to 384×216
whatever their shape; `damage/*.mp4`, such clips with real H.264 damage; `sprites/*.webp`, loops of what moves in them;
`index.json`. Only what split.csv gives to training is read, or with --use held only what it keeps from it, for validation.
"""

import argparse
import json
import pathlib
from fractions import Fraction

import av
import cv2
import numpy as np

from . import damage, sprites
from .sources import panoramas, pictures, sources, strip

WIDTH, HEIGHT, RATE = 384, 216, 8
VIEWS, DRAWN = 10, 8  # Of each panorama; sprites of every other clip.


def squeeze(picture):
    mode = cv2.INTER_AREA if picture.shape[1] >= WIDTH else cv2.INTER_LINEAR
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=mode)


def write(path, frames, crf):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "fast", "crf": str(crf), "g": "240", "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())


def pack_ground(folder, use, out, index):
    """Every clip and some views of every panorama; returns the movable clips' sources."""
    rng = np.random.default_rng(1)
    for source in sources(folder, use):
        frames, rate = pictures(source.path, 1 if source.still else RATE)
        name = f"ground/{source.path.stem}.mp4"
        write(out / name, [squeeze(frame) for frame in frames], 22)
        index["ground"].append({"file": name, "scene": source.scene, "count": len(frames), "rate": rate,
                                "aspect": frames[0].shape[1] / frames[0].shape[0], "still": source.still})
        if not source.still:
            yield source, frames
    for name, panorama in panoramas(folder, use):
        views = [strip(panorama, rng, HEIGHT, WIDTH, rng.uniform(90, 150)) for _ in range(VIEWS)]
        write(out / f"ground/{name}.mp4", views, 16)
        index["ground"].append({"file": f"ground/{name}.mp4", "scene": name, "count": VIEWS, "rate": 1,
                                "aspect": WIDTH / HEIGHT, "still": True})


def pack_sprites(out, name, loops, index):
    for number, loop in enumerate(loops):
        file = f"sprites/{name}-{number}.webp"
        sheet = np.concatenate(list(loop), 1)
        cv2.imwrite(str(out / file), sheet[..., [2, 1, 0, 3]], [cv2.IMWRITE_WEBP_QUALITY, 70])
        index["sprites"].append(file)


def pack_damage(out, clips, count, index):
    rng = np.random.default_rng(2)
    for number in range(count):
        source = clips[int(rng.integers(len(clips)))]
        rate = int(rng.choice([8, 16]))
        frames, own = pictures(source.path, rate)
        if own < rate - 0.5 or len(frames) < 7 * rate:
            frames = (frames + frames[::-1]) * (1 + 7 * rate // (2 * len(frames)))
        begin = int(rng.integers(0, max(len(frames) - 7 * rate, 1)))
        height = int(rng.choice([180, 270, 360]))
        wide = round(height * np.clip(frames[0].shape[1] / frames[0].shape[0], 0.6, 1.8)) // 2 * 2
        part = [cv2.resize(frame, (wide, height)) for frame in frames[begin:begin + 7 * rate]]
        start = rng.uniform(1.5, 4)
        shown, seen = damage.damaged(rng, part, rate, start, start + rng.uniform(0.8, 3.0))
        if max(seen) < 0.03:
            continue
        name, step = f"damage/{number}.mp4", rate // RATE
        write(out / name, [squeeze(frame) for frame in shown[::step]], 20)
        index["damage"].append({"file": name, "scene": source.scene, "rate": RATE, "aspect": wide / height,
                                "seen": [round(share, 3) for share in seen[::step]]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("footage", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--use", choices=["train", "held"], default="train")
    parser.add_argument("--damaged", type=int, default=160, help="clips to damage; of some a third nothing is seen")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for part in ("ground", "damage", "sprites"):
        (arguments.out / part).mkdir(parents=True, exist_ok=True)
    index = {"ground": [], "damage": [], "sprites": []}
    rng, clips = np.random.default_rng(3), []
    for source, frames in pack_ground(arguments.footage, arguments.use, arguments.out, index):
        clips.append(source)
        most = 6 if source.scene == "lab" else 30
        pack_sprites(arguments.out, source.path.stem, sprites.cut_from(frames, most), index)
        if len(clips) % 2 == 0:
            loops = [sprites.drawn(rng, frames[int(rng.integers(len(frames)))]) for _ in range(DRAWN)]
            pack_sprites(arguments.out, f"drawn-{len(clips)}", loops, index)
    lively = [c for c in clips if c.scene not in ("lab", "camera_traps")] * 3 + clips
    pack_damage(arguments.out, lively, arguments.damaged, index)
    (arguments.out / "index.json").write_text(json.dumps(index, indent=1))
    print({part: len(entries) for part, entries in index.items()})


if __name__ == "__main__":
    main()
