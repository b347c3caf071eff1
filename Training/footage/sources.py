"""Reads real footage: which scenes are trained on, their pictures at a chosen rate, wide views of panoramas."""

import csv
import pathlib
from dataclasses import dataclass

import av
import cv2
import numpy as np

SPLIT = pathlib.Path(__file__).with_name("split.csv")
STILLS = {"hall", "campus", "home_office", "roofs", "desks", "lane"}  # The camera moves: only single pictures serve.
# What is cut off above and below, as shares of the height: clocks that are burnt into the picture.
CLOCKS = {"usgs_": (0.10, 0.08), "jb_": (0.08, 0.08)}


@dataclass
class Source:
    scene: str
    path: pathlib.Path

    @property
    def still(self):
        return self.scene in STILLS


def scenes(use):
    """{scene: [name or beginning of a name]} of those with this use, "train" or "held"."""
    with open(SPLIT, newline="") as file:
        return {row["scene"]: row["files"].split() for row in csv.DictReader(file) if row["use"] == use}


def sources(folder, use):
    """The clips of a folder whose scenes have this use. A clip that split.csv does not name belongs to no use."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.mp4")):
        for scene, names in scenes(use).items():
            if any(path.stem == name or name.endswith("_") and path.stem.startswith(name)
                   or name == "usgs_Chalk" and path.stem.startswith(name) for name in names):
                found.append(Source(scene, path))
    return found


def panoramas(folder, use):
    """The panoramas with this use, as float RGB pictures."""
    names = {name for scene, some in scenes(use).items() if scene.startswith("panoramas") for name in some}
    for path in sorted((pathlib.Path(folder) / "panoramas").glob("*.hdr")):
        if path.stem in names:
            yield path.stem, cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]


def pictures(path, rate, seconds=None):
    """The RGB pictures of a file at `rate` a second (all of them where it has fewer), without burnt-in clocks."""
    above, below = next((cut for start, cut in CLOCKS.items() if path.stem.startswith(start)), (0, 0))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        own = float(stream.average_rate or 25)
        due, found = 0.0, []
        for index, frame in enumerate(container.decode(stream)):
            if index / own < due - 1e-6:
                continue
            due += 1 / rate
            picture = frame.to_ndarray(format="rgb24")
            height = len(picture)
            found.append(picture[round(above * height):height - round(below * height)])
            if seconds is not None and len(found) >= seconds * rate:
                break
    return found, min(rate, own)


def strip(panorama, rng, height, width, degrees):
    """A view `degrees` wide out of a panorama, seen by a camera that could turn all over it, tone-mapped to uint8."""
    rows, columns = panorama.shape[:2]
    across = (np.arange(width) + 0.5) / width - 0.5
    down = (np.arange(height) + 0.5) / height - 0.5
    longitude = rng.uniform(0, columns) + across * degrees / 360 * columns
    latitude = rows * (0.5 + rng.uniform(-0.05, 0.12)) + down * degrees / 360 * columns * height / width
    grid = np.meshgrid(longitude % columns, np.clip(latitude, 0, rows - 1))
    view = cv2.remap(panorama, grid[0].astype(np.float32), grid[1].astype(np.float32), cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_WRAP)
    view = view * (rng.uniform(0.25, 0.6) / max(np.median(view), 1e-4))
    view = 1 - np.exp(-1.1 * view)
    return (255 * np.clip(view, 0, 1) ** (1 / 2.2)).astype(np.uint8)
