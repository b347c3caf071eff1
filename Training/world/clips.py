"""Training clips: S frames of a scene with the truth of every window of T of them."""

from dataclasses import dataclass

import cv2
import numpy as np

from .compression import compressed
from .director import REVERSE, Director
from .happenings import COMPOSED, DEFAULT_EVIDENCE, EVIDENCE, GONE, KINDS, LINGERS, NOTHING, SUDDEN, truth_of_window
from .scene import Scene
from .texts import is_test_composition
from .things import COLOURS, SHAPES

T = 8
COLOUR_NAMES = list(COLOURS)
TURNS = {"pan_left", "pan_right", "tilt_up", "tilt_down", "knocked", "shake"}


@dataclass
class Clip:
    frames: np.ndarray  # S×size×size×3 uint8 RGB
    kinds: np.ndarray  # S: the index in KINDS of what the window that ends there shows, −1 where none can be said
    colours: list  # S: the colour of the actor where the happening is one that is told with it, or ""
    shapes: list
    # For the first stage's regressions: S×4 of the actor, S×(colours × shapes)×4 of every object; each its x, y, log size
    # and whether it is seen.
    boxes: np.ndarray
    things: np.ndarray
    states: np.ndarray  # S×4: where the camera looks (x, y), the log of the light, whether that can be seen


def sample_times(rng, count, stride):
    """A grid with the jitter that a camera's own frame rate and a lossy way give it."""
    rate = rng.choice([5, 8, 10, 12.5, 15, 20, 25, 30])
    times = np.arange(count) * stride + rng.uniform(0, stride)
    times = times + rng.normal(0, 0.03 * stride, count) * (rng.random() < 0.3)
    return np.floor(times * rate) / rate


def picture_size(rng, size):
    """The size that a scene is drawn at before it is reduced to the model's: a camera's pictures are larger, and the
    reduction averages their grain and blocks away."""
    return int(rng.choice([size, size * 5 // 4, size * 3 // 2, size * 2, size * 3, size * 2 // 3],
                          p=[0.38, 0.1, 0.12, 0.15, 0.17, 0.08])) // 2 * 2


def make_clip(seed, size, families, count=T, kind=None, unseen=False, easy=False, nearness=1.0, past=0.0,
              rough=False):
    """A clip whose last window shows `kind`; longer ones also show what else may happen.

    unseen: compositions are those never trained on; else they never are. easy: a plain background, one object. nearness: how
    many times as large as at a camera's usual distance objects are. past: the share of clips before which other things happened.
    rough: half of the clips of nothing, and some others, are of a scene with more grain, flicker and wind; light swings in a
    third of those and some of these.
    """
    rng = np.random.default_rng(seed)
    while True:
        stride = rng.uniform(3.2, 4.8) / T
        times = sample_times(rng, count, stride)
        scene = Scene(rng, families, objects=1 if easy else None, nearness=nearness)
        target = kind if kind is not None else KINDS[int(rng.integers(len(KINDS)))]
        # Before a plain background a camera that turns looks the same as objects that move.
        plain = easy and target not in TURNS and rng.random() < 0.8
        if rough and rng.random() < (0.5 if target == NOTHING else 0.2):
            scene.roughen()
        if rough and rng.random() < (0.35 if target == NOTHING else 0.15):
            scene.swing_light()
        if easy:
            scene.grain = scene.flicker = scene.drift = scene.sway = 0
        if plain:
            scene.background[:] = scene.background.reshape(-1, 3).mean(0).astype(np.uint8)
        director = Director(rng, scene)
        if past and not easy and rng.random() < past and not live(rng, director, target, times[0]):
            continue
        if not stage(rng, director, target, times):
            continue
        if composed_badly(scene, unseen):
            continue
        shown, _ = truth_of_window(scene.happenings, times[-T:])
        if shown == target:
            break
    drawn = picture_size(rng, size)
    frames = np.stack([scene.render(t, drawn, drawn) for t in times])
    if rng.random() < (0.6 if target in ("noisy", "freeze") else 0.25):
        frames = compressed(rng, frames, 1 / stride)
    return describe(scene, times, reduced(frames, size), plain)


def reduced(frames, size):
    """S×d×d×3 → S×size×size×3."""
    drawn = frames.shape[1]
    if drawn == size:
        return frames
    mode = cv2.INTER_AREA if drawn > size else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, (size, size), interpolation=mode) for frame in frames])


def make_still(seed, size, families):
    """A picture of several objects, size×size×3, and what `Clip.things` says of them, (colours × shapes)×4."""
    rng = np.random.default_rng(seed)
    scene = Scene(rng, families, objects=int(rng.integers(2, 6)), nearness=rng.uniform(0.8, 1.7))
    scene.monochrome = False
    for thing in scene.things:
        thing.position = 1.2 * thing.position
    drawn = picture_size(rng, size)
    frames = reduced(scene.render(0.0, drawn, drawn)[None], size)
    return frames[0], describe(scene, [0.0], frames, False).things[0]


def live(rng, director, target, before):
    """Lets some things happen before the time `before`, as in a stream they would have: objects stand where they went,
    and of the turns every other one is back from where the camera was turned to. False where `target` cannot come next."""
    at, wanted, back = 0.0, int(rng.integers(1, 7)), target in REVERSE and rng.random() < 0.5
    for count in range(wanted + 4):
        ready = target == NOTHING or director.allowed(target) and director.possible(target)
        turned = director.displaced is not None
        if ready and count >= wanted and (turned or not back):
            break
        turns = back and count >= wanted - 1 and director.allowed(REVERSE[target]) and not turned
        h = director.stage(REVERSE[target] if turns else director.next_kind(), at)
        at = max(h.end, h.start + h.strength.get("seconds", 0), h.start + h.strength.get("lasts", 0)) + rng.uniform(4.5, 8)
    else:
        return False
    for h in director.scene.happenings:
        h.start, h.end = h.start + before - at, h.end + before - at
    return True


def stage(rng, director, target, times):
    """Lets happen what makes the last window show `target`. False where it cannot be done this time."""
    newest, window = times[-1], times[-1] - times[-T]
    if target == NOTHING:
        if rng.random() < 0.4:
            kind = director.next_kind()
            h = director.stage(kind, 0.0, seconds=3.0)
            shift = newest - GONE - rng.uniform(0.05, 2.0) - h.end
            h.start, h.end = h.start + shift, h.end + shift
        return True
    if len(times) > T and rng.random() < 0.6:
        # Something else earlier on, long enough ago to be told apart.
        first = director.stage(director.next_kind(), rng.uniform(-1.0, 1.0), seconds=3.0)
        if newest - first.end < 3.5 or not (director.allowed(target) and director.possible(target)):
            return False
        earliest = first.end + 1.0
    else:
        earliest = -np.inf
    if not (director.allowed(target) and director.possible(target)):
        return False
    h = director.stage(target, 0.0)
    low = EVIDENCE.get(target, DEFAULT_EVIDENCE) + 0.02
    high = min(h.end - h.start + LINGERS, window - 0.25 if target in SUDDEN else np.inf) - 0.05
    start = newest - rng.uniform(low, max(high, low))
    if start < earliest:
        return False
    h.start, h.end = start, start + (h.end - h.start)
    return True


def composed_badly(scene, unseen):
    """Whether a composition is on the wrong side of what training may see."""
    for h in scene.happenings:
        if h.kind in COMPOSED:
            thing = scene.things[h.actor]
            if is_test_composition(thing.colour, thing.shape, h.kind) != unseen:
                return True
    return False


def describe(scene, times, frames, plain):
    kinds, colours, shapes = np.full(len(times), -1, np.int64), [""] * len(times), [""] * len(times)
    things = np.zeros((len(times), len(COLOUR_NAMES) * len(SHAPES), 4), np.float32)
    boxes, states = np.zeros((len(times), 4), np.float32), np.zeros((len(times), 4), np.float32)
    for newest in range(len(times)):
        if newest >= T - 1:
            shown, happening = truth_of_window(scene.happenings, times[newest - T + 1:newest + 1])
            if shown is not None:
                kinds[newest] = KINDS.index(shown)
                if shown in COMPOSED and not scene.monochrome:
                    thing = scene.things[happening.actor]
                    colours[newest], shapes[newest] = thing.colour, thing.shape
        moment = scene.shown_time(times[newest])
        offset, _, _ = scene.camera(moment)
        hidden = scene.hidden(times[newest])
        states[newest] = *offset, np.log(scene.light(moment)), not (plain or hidden)
        acts = any(h.actor >= 0 for h in scene.happenings)
        acting = [h.actor for h in scene.happenings if h.actor >= 0] or list(range(len(scene.things)))
        for index, thing in enumerate(scene.things):
            position, size, _, opacity = scene.place(index, moment)
            x, y = position - offset
            seen = opacity > 0.5 and max(abs(x), abs(y)) < 0.5 and not hidden
            place = x, y, np.log(max(size, 0.02) / 0.25), seen
            things[newest, COLOUR_NAMES.index(thing.colour) * len(SHAPES) + SHAPES.index(thing.shape)] = place
            if acting and index == acting[-1] and (len(scene.things) == 1 or acts):
                boxes[newest] = place
    return Clip(frames, kinds, colours, shapes, boxes, things, states)
