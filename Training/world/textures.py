"""Backgrounds: square uint8 RGB pictures, so much larger than the view that a camera that turns hardly comes to their border: they
continue by reflection, and a model is quick to learn that a mirrored picture is one that the camera was turned to.

Two sets of families that share no drawing code: TRAINING, and HELD_OUT for evaluation alone.
"""

import cv2
import numpy as np

SIZE = 448  # Side of a background; the view's short side covers VIEW of it.
VIEW = 128
WIDE = SIZE / (2 * VIEW)  # The families' numbers are of a background twice as wide as the view.


def colour(rng, low=0, high=255):
    """A random RGB colour, often greyish as real walls and roads are."""
    value = rng.uniform(low, high, 3)
    return value + (value.mean() - value) * rng.uniform(0, 1)


def ramp(field, rng, colours=4):
    """Maps a field of 0…1 through a random gradient of colours."""
    anchors = np.stack([colour(rng) for _ in range(colours)])
    at = np.linspace(0, 1, colours)
    table = np.stack([np.interp(np.linspace(0, 1, 256), at, anchors[:, c]) for c in range(3)], 1)
    return table.astype(np.uint8)[(np.clip(field, 0, 1) * 255).astype(np.uint8)]


def unit(field):
    low, high = field.min(), field.max()
    return (field - low) / max(high - low, 1e-6)


def clouds(rng):
    """Smooth noise of several octaves: skies, plaster, foliage seen from afar."""
    field = np.zeros((SIZE, SIZE), np.float32)
    fall = rng.uniform(0.4, 0.75)
    for octave in range(1, 7):
        cells = round(WIDE * 2 ** octave)
        noise = rng.standard_normal((cells, cells)).astype(np.float32)
        field += fall ** octave * cv2.resize(noise, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return ramp(unit(field), rng, int(rng.integers(2, 6)))


def gradient(rng):
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    angle = rng.uniform(0, 2 * np.pi)
    return ramp(unit(x * np.cos(angle) + y * np.sin(angle)), rng, int(rng.integers(2, 4)))


def bricks(rng):
    """Rows of bricks, tiles or planks with their joints."""
    height, width = int(rng.integers(8, 40)), int(rng.integers(10, 80))
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = colour(rng)
    base, spread = colour(rng), rng.uniform(2, 30)
    joint = int(rng.integers(1, 4))
    for row, top in enumerate(range(0, SIZE, height)):
        shift = (row % 2) * width // 2
        for left in range(-shift, SIZE, width):
            shade = np.clip(base + rng.normal(0, spread), 0, 255)
            cv2.rectangle(picture, (left, top), (left + width - joint, top + height - joint), shade.tolist(), -1)
    return picture


def stripes(rng):
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(8, 60)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period) * rng.uniform(1, 6)
    return ramp(np.clip(0.5 + 0.5 * wave, 0, 1), rng, 2)


def clutter(rng):
    """Overlapping boxes, discs and lines: a desk, a shelf, a yard."""
    picture = gradient(rng) if rng.random() < 0.5 else clouds(rng)
    for _ in range(int(rng.integers(8, 40) * WIDE ** 2)):
        centre = rng.integers(0, SIZE, 2)
        size = rng.integers(4, 60, 2)
        shade = colour(rng).tolist()
        kind = rng.random()
        if kind < 0.5:
            box = cv2.boxPoints(((float(centre[0]), float(centre[1])), (float(size[0]), float(size[1])),
                                 float(rng.choice([0, rng.uniform(0, 90)]))))
            cv2.fillPoly(picture, [box.astype(np.int32)], shade, cv2.LINE_AA)
        elif kind < 0.75:
            cv2.ellipse(picture, centre.tolist(), (size // 2).tolist(), float(rng.uniform(0, 180)), 0, 360, shade, -1,
                        cv2.LINE_AA)
        else:
            cv2.line(picture, centre.tolist(), rng.integers(0, SIZE, 2).tolist(), shade, int(rng.integers(1, 5)),
                     cv2.LINE_AA)
    return picture


def room(rng):
    """A wall, a floor, a window or a door, some furniture."""
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = colour(rng, 60, 240)
    floor = int(rng.integers(SIZE // 2, SIZE * 4 // 5))
    picture[floor:] = colour(rng, 20, 180)
    for _ in range(int(rng.integers(1, 4) * WIDE ** 2)):
        left, top = rng.integers(0, SIZE - 50, 2)
        width, height = rng.integers(20, 80, 2)
        shade = colour(rng)
        cv2.rectangle(picture, (int(left), int(min(top, floor - 10))), (int(left + width), int(min(top + height, floor))),
                      shade.tolist(), -1)
        cv2.rectangle(picture, (int(left), int(min(top, floor - 10))), (int(left + width), int(min(top + height, floor))),
                      (shade * 0.6).tolist(), 2)
    for _ in range(int(rng.integers(0, 5) * WIDE)):
        left = int(rng.integers(0, SIZE))
        width, height = int(rng.integers(15, 70)), int(rng.integers(15, 70))
        bottom = floor + int(rng.integers(0, 40))
        cv2.rectangle(picture, (left, bottom - height), (left + width, bottom), colour(rng).tolist(), -1)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    light = 0.75 + 0.35 * np.exp(-((x - rng.random()) ** 2 + (y - rng.random()) ** 2) * 4)
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)


def street(rng):
    """Sky, houses with windows, a road."""
    picture = ramp(np.repeat(np.linspace(0, 1, SIZE, dtype=np.float32)[:, None], SIZE, 1), rng, 2)
    horizon = int(rng.integers(SIZE // 3, SIZE * 2 // 3))
    left = 0
    while left < SIZE:
        width, height = int(rng.integers(20, 70)), int(rng.integers(20, 110))
        shade = colour(rng, 30, 220)
        cv2.rectangle(picture, (left, horizon - height), (left + width, horizon), shade.tolist(), -1)
        pane = colour(rng).tolist()
        for x in range(left + 4, left + width - 6, 12):
            for y in range(horizon - height + 4, horizon - 8, 14):
                cv2.rectangle(picture, (x, y), (x + 5, y + 7), pane, -1)
        left += width + int(rng.integers(0, 20))
    picture[horizon:] = colour(rng, 40, 140)
    return picture


def spectrum(rng):
    """Colour noise whose spectrum falls as that of photographs does."""
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None])
    frequency[0, 0] = 1
    shape = frequency ** -rng.uniform(1.0, 1.8)
    shape[0, 0] = 0
    shared = rng.standard_normal(shape.shape) + 1j * rng.standard_normal(shape.shape)
    planes = []
    for _ in range(3):
        own = rng.standard_normal(shape.shape) + 1j * rng.standard_normal(shape.shape)
        plane = np.fft.irfft2(shape * (shared + 0.5 * own), (SIZE, SIZE))
        planes.append(plane / plane.std())
    base, contrast = colour(rng, 60, 200), rng.uniform(15, 60)
    return np.clip(base + contrast * np.stack(planes, -1), 0, 255).astype(np.uint8)


def cells(rng):
    """Held out: Voronoi cells, as paving, leaves or crowds."""
    points = rng.integers(0, SIZE, (int(rng.integers(12, 90) * WIDE ** 2), 2))
    ground = np.full((SIZE, SIZE), 255, np.uint8)
    ground[points[:, 1], points[:, 0]] = 0
    nearest, owner = cv2.distanceTransformWithLabels(ground, cv2.DIST_L2, cv2.DIST_MASK_5,
                                                     labelType=cv2.DIST_LABEL_PIXEL)
    shades = np.stack([colour(rng) for _ in range(owner.max() + 1)])
    shadow = 1 - rng.uniform(0, 0.5) * unit(nearest)
    return np.clip(shades[owner] * shadow[..., None], 0, 255).astype(np.uint8)


def marble(rng):
    """Held out: bent rings, as wood, stone or water."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / (2 * VIEW)
    knots = round(5 * WIDE)
    bend = cv2.resize(rng.standard_normal((knots, knots)).astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    field = np.sin((np.hypot(x - WIDE * rng.random(), y - WIDE * rng.random()) + rng.uniform(0.02, 0.15) * bend) * rng.uniform(15, 70))
    return ramp(unit(field), rng, int(rng.integers(2, 5)))


def hills(rng):
    """Held out: layered ridges under a sky."""
    picture = ramp(np.repeat(np.linspace(0, 1, SIZE, dtype=np.float32)[:, None], SIZE, 1), rng, 3)
    x = np.linspace(0, WIDE, SIZE)
    for layer in range(int(rng.integers(2, 6))):
        ridge = SIZE * (0.3 + 0.15 * layer) + sum(
            rng.uniform(2, 18) * np.sin(2 * np.pi * (k * x * rng.uniform(0.7, 1.3) + rng.random())) for k in (1, 2, 5))
        below = np.arange(SIZE)[:, None] > ridge[None]
        picture[below] = colour(rng)
    return picture


TRAINING = [clouds, gradient, bricks, stripes, clutter, room, street, spectrum]
HELD_OUT = [cells, marble, hills]


def background(rng, families):
    """A picture of one family, or of one over the other."""
    picture = families[rng.integers(len(families))](rng)
    if rng.random() < 0.2:
        other = families[rng.integers(len(families))](rng)
        share = rng.uniform(0.2, 0.8)
        picture = cv2.addWeighted(picture, share, other, 1 - share, 0)
    blur = rng.uniform(0, 1.5)
    picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.4 else np.ascontiguousarray(picture)
    return muted(picture, rng.uniform(0.1, 0.6)) if rng.random() < 0.85 else picture


def muted(picture, saturation):
    """With less colour: walls, roads and fields are seldom as vivid as what moves before them."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(picture, saturation, grey, 1 - saturation, 0)


class Pool:
    """A family of pictures drawn before, each time turned, mirrored and with its colours exchanged: drawing anew costs
    as much as all else in a clip."""

    def __init__(self, rng, families, count=192):
        self.families = families
        self.pictures = [background(rng, families) for _ in range(count)]

    def __call__(self, rng):
        at = int(rng.integers(len(self.pictures)))
        if rng.random() < 0.06:
            self.pictures[at] = background(rng, self.families)
        picture = np.rot90(self.pictures[at], int(rng.choice([0, 0, 0, 1, 2, 3])))
        picture = picture[:, ::-1] if rng.random() < 0.5 else picture
        return np.ascontiguousarray(picture[..., rng.permutation(3)])
