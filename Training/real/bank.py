"""The pack of real footage in the memory of the device that trains."""

import json
import pathlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch
from torch.nn import functional as F

import large_blocks

SHARES = {"lab": 0.12, "camera_traps": 0.08}  # How much of all footage drawn these scenes make up; the others share evenly.
STILL_SHARE = 0.35


class Bank:
    """Frames [F, 3, 216, 384] uint8 of all clips, one after another, and their loops of sprites [N, 8, 4, 96, 96] uint8.

    Per clip: `first`, `count`, `rate`, `aspect` (of the picture before it was squeezed), `still`, `damaged`. Per frame:
    `seen`, the share of it that is visibly damaged, and `lively`, the share that differs from the picture half a second later.
    """

    def __init__(self, folder, device):
        folder = pathlib.Path(folder)
        index = json.loads((folder / "index.json").read_text())
        entries = index["ground"] + index["damage"]
        with ThreadPoolExecutor(16) as readers:
            clips = list(readers.map(lambda entry: read(folder / entry["file"]), entries))
            sprites = list(readers.map(lambda file: read_sprite(folder / file), index["sprites"]))
        counts = torch.tensor([len(clip) for clip in clips])
        self.frames = torch.empty(int(counts.sum()), 3, *clips[0].shape[1:3], dtype=torch.uint8, device=device)
        for part in self.frames.split(counts.tolist()):
            part.copy_(torch.from_numpy(clips.pop(0)).movedim(-1, 1))
        self.sprites = torch.from_numpy(np.stack(sprites)).to(device)
        self.count = counts.to(device)
        self.first = (counts.cumsum(0) - counts).to(device)
        self.rate, self.aspect = (torch.tensor([float(e[name]) for e in entries], device=device) for name in ("rate", "aspect"))
        self.still = torch.tensor([e.get("still", False) for e in entries], device=device)
        self.damaged = torch.tensor(["seen" in e for e in entries], device=device)
        seen = [(e.get("seen", []) + [0.0] * n)[:n] for e, n in zip(entries, counts.tolist())]
        self.seen = torch.tensor([share for some in seen for share in some], device=device)
        self.lively = self.measure_lively(entries, counts)
        self.weights = torch.tensor(weights(entries), device=device)
        large_blocks.give_back()

    def measure_lively(self, entries, counts):
        shares, at = [], 0
        for entry, count in zip(entries, counts.tolist()):
            small = F.adaptive_avg_pool2d(self.frames[at:at + count].float().mean(1, keepdim=True), (27, 48))
            later = (torch.arange(count) + round(entry["rate"] / 2)).clamp(max=count - 1)
            shares.append(((small[later] - small).abs() > 8).float().mean((1, 2, 3)))
            at += count
        return torch.cat(shares)

    def draw(self, count, damaged=False):
        """Indices of clips: of real damage, or of whole ground, every scene as often as its share has it."""
        return torch.multinomial(self.weights * (self.damaged == damaged), count, replacement=True)


def weights(entries):
    """How often each entry is drawn: damaged clips alike, others so that every scene gets its share."""
    groups = {}
    for at, entry in enumerate(entries):
        kind = "damage" if "seen" in entry else "still" if entry.get("still") else "moving"
        groups.setdefault((kind, entry["scene"] if kind != "damage" else ""), []).append(at)
    result = np.zeros(len(entries), np.float32)
    moving = [scene for kind, scene in groups if kind == "moving" and scene not in SHARES]
    stills = [scene for kind, scene in groups if kind == "still"]
    for (kind, scene), some in groups.items():
        share = 1.0
        if kind == "still":
            share = STILL_SHARE / len(stills)
        elif kind == "moving":
            share = (1 - STILL_SHARE) * SHARES.get(scene, (1 - sum(SHARES.values())) / len(moving))
        result[some] = share / len(some)
    return result


def read(path):
    """All pictures of a file, N×216×384×3 RGB."""
    capture, found = cv2.VideoCapture(str(path)), []
    while True:
        there, picture = capture.read()
        if not there:
            break
        found.append(picture[..., ::-1])
    if not found:
        raise SystemExit(f"{path} has no pictures that OpenCV can decode; make the pack again")
    return np.stack(found)


def read_sprite(path):
    """[8, 4, 96, 96] of a sheet of eight pictures."""
    sheet = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]]
    return np.stack(np.split(sheet, 8, 1)).transpose(0, 3, 1, 2)
