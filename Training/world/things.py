"""The objects that things happen to: colour × shape, drawn antialiased into a picture."""

from dataclasses import dataclass

import cv2
import numpy as np

# Middle values in RGB; each object's own is drawn around them.
COLOURS = {"red": (205, 35, 35), "green": (40, 160, 50), "blue": (40, 70, 210), "yellow": (230, 210, 40),
           "white": (240, 240, 240), "black": (18, 18, 18)}
SHAPES = ["ball", "box", "triangle", "star"]


@dataclass
class Thing:
    """One object. Position, size (its diameter) and angle are those at rest, before anything happens."""
    colour: str
    shape: str
    rgb: np.ndarray
    mark: np.ndarray  # The colour of the mark that shows its angle.
    position: np.ndarray
    size: float
    angle: float
    visible: bool = True


def make_thing(rng, taken=(), nearness=1.0):
    """An object whose colour and shape no other in `taken` has, `nearness` times as large as they are at rest."""
    while True:
        colour, shape = str(rng.choice(list(COLOURS))), str(rng.choice(SHAPES))
        if all((other.colour, other.shape) != (colour, shape) for other in taken):
            break
    rgb = np.clip(np.array(COLOURS[colour]) + rng.normal(0, 10, 3), 0, 255)
    mark = np.clip(rgb * rng.uniform(0.45, 0.75) if rgb.mean() > 90 else rgb + rng.uniform(40, 80), 0, 255)
    return Thing(colour, shape, rgb, mark, rng.uniform(-0.36, 0.36, 2), nearness * rng.uniform(0.16, 0.36),
                 rng.uniform(0, 360))


def outline(shape, radius, angle):
    """The corners of a shape around the origin, or None for a disc."""
    if shape == "ball":
        return None
    if shape == "box":
        turns, radii = np.arange(4) * 90 + 45, np.full(4, radius)
    elif shape == "triangle":
        turns, radii = np.arange(3) * 120 - 90, np.full(3, radius * 1.1)
    else:
        turns, radii = np.arange(10) * 36 - 90, np.where(np.arange(10) % 2 == 0, radius * 1.1, radius * 0.45)
    radians = np.deg2rad(turns + angle)
    return np.stack([radii * np.cos(radians), radii * np.sin(radians)], 1)


SHIFT = 4  # Fractional bits of OpenCV's drawing coordinates.


def draw(picture, thing, centre, size, angle):
    """Draws into an H×W×3 uint8 picture; `centre` and `size` in pixels."""
    scale = 1 << SHIFT
    rgb, radius = thing.rgb.tolist(), size / 2
    if max(abs(centre[0]), abs(centre[1]), size) > 8 * max(picture.shape[:2]):
        return
    middle = tuple(int(round(c * scale)) for c in centre)
    corners = outline(thing.shape, radius, angle)
    if corners is None:
        cv2.circle(picture, middle, int(round(radius * scale)), rgb, -1, cv2.LINE_AA, SHIFT)
    else:
        cv2.fillPoly(picture, [np.round((corners + centre) * scale).astype(np.int32)], rgb, cv2.LINE_AA, SHIFT)
    radians = np.deg2rad(angle + 20)
    tip = (centre[0] + 0.25 * size * np.cos(radians), centre[1] + 0.25 * size * np.sin(radians))
    cv2.circle(picture, tuple(int(round(c * scale)) for c in tip), int(round(0.13 * size * scale)), thing.mark.tolist(),
               -1, cv2.LINE_AA, SHIFT)
