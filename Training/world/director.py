"""Makes things happen in a scene, one after another, each possible in the state that the ones before it left."""

import numpy as np

from .happenings import KINDS, MOTIONS, NOMINAL, NOTHING, SUDDEN, Happening

REVERSE = {"pan_left": "pan_right", "pan_right": "pan_left", "tilt_up": "tilt_down", "tilt_down": "tilt_up",
           "knocked": "knocked"}
DIRECTION = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1),
             "pan_left": (-1, 0), "pan_right": (1, 0), "tilt_up": (0, -1), "tilt_down": (0, 1)}


class Director:
    def __init__(self, rng, scene):
        self.rng, self.scene = rng, scene
        self.displaced = None  # The camera happening that must be undone before objects can act.
        self.dimmed = None
        self.grey = False  # Whether the camera is in its night view.

    def allowed(self, kind):
        if self.displaced is not None:
            return kind == REVERSE[self.displaced.kind]
        if self.dimmed is not None:
            return kind == "lights_on"
        if self.grey:
            return kind == "to_day"
        return kind != NOTHING

    def stage(self, kind, start, seconds=None):
        """Lets `kind` happen at `start`; returns the happening. `seconds` bounds its length from above."""
        rng, scene = self.rng, self.scene
        length = NOMINAL if kind in SUDDEN else rng.uniform(2.0, 4.5)
        if seconds is not None and kind not in SUDDEN:
            length = min(length, seconds)
        h = Happening(kind, start, start + length)
        make = getattr(self, "make_" + kind, None)
        if make is None:
            make = self.make_move if kind in ("left", "right", "up", "down") else self.make_turn
        make(h, length)
        scene.happenings.append(h)
        return h

    def candidates(self, kind):
        """The objects that `kind` can happen to now."""
        fresh = not self.scene.happenings
        found = []
        for index in range(len(self.scene.things)):
            position, size, _, opacity = self.room(index)
            if (opacity > 0.5) != (kind != "appear") or np.abs(position).max() >= 0.42:
                continue
            if not fresh:
                if kind in ("left", "right", "up", "down") and 0.46 - position @ np.array(DIRECTION[kind], float) <= 0.3:
                    continue
                if kind == "closer" and size >= 0.4 or kind in ("away", "spin") and size <= 0.16:
                    continue
            found.append(index)
        return found

    def actor(self, kind):
        """An object to do `kind`: one that can, or one more where none has been seen yet."""
        found = self.candidates(kind)
        if found:
            return int(self.rng.choice(found))
        index = self.scene.add_thing()
        self.scene.things[index].visible = kind != "appear"
        return index

    def room(self, index):
        """Where an object is now, from what has happened to it."""
        at = max((h.end for h in self.scene.happenings), default=0)
        return self.scene.place(index, at)

    def settle(self, h, index, path, factor=1.0):
        """Makes `index` the actor; before anything has happened it may start where the path stays in the view."""
        h.actor = index
        thing = self.scene.things[index]
        if not self.scene.happenings:
            low = np.maximum(-0.40, -0.40 - np.minimum(path, 0)) * np.ones(2)
            high = np.minimum(0.40, 0.40 - np.maximum(path, 0)) * np.ones(2)
            thing.position = self.rng.uniform(np.minimum(low, high), np.maximum(low, high))

    def make_move(self, h, length):
        rng = self.rng
        h.end = h.start + length
        index = self.actor(h.kind)
        direction = np.array(DIRECTION[h.kind], float)
        distance = min(rng.uniform(0.11, 0.32) * length, 0.75)
        sideways = rng.normal(0, 0.12) * distance
        if self.scene.happenings:
            # Goes no further than the view, and not at all where it stands at that edge.
            at = self.room(index)[0]
            free = 0.46 - float(at @ direction)
            distance = min(distance, max(free, 0.3 if free > 0.2 else free))
            h.end = h.start + max(min(length, distance / 0.11), 1.2)
        path = direction * distance + direction[::-1] * sideways
        self.settle(h, index, path)
        h.strength = {"by": path.tolist(), "roll": rng.uniform(-90, 90) if rng.random() < 0.2 else 0}

    def make_closer(self, h, length):
        index = self.actor(h.kind)
        size = self.room(index)[1]
        factor = float(np.clip(self.rng.uniform(0.35, 0.6) * length, 0.7, 1.5))
        factor = min(np.exp(factor), max(1.1 / size, 1.5))
        if not self.scene.happenings:
            self.scene.things[index].size = min(size, 0.22)
            factor = float(np.exp(np.clip(self.rng.uniform(0.35, 0.6) * length, 0.7, 1.5)))
        path = self.rng.normal(0, 0.03, 2)
        self.settle(h, index, path)
        h.strength = {"factor": float(factor), "by": path.tolist()}

    def make_away(self, h, length):
        index = self.actor(h.kind)
        size = self.room(index)[1]
        factor = float(np.exp(-np.clip(self.rng.uniform(0.3, 0.55) * length, 0.7, 1.4)))
        if not self.scene.happenings:
            self.scene.things[index].size = self.rng.uniform(0.3, 0.6)
        else:
            factor = min(factor, 1.0) if size * factor > 0.05 else max(0.05 / size, 0.2)
        path = self.rng.normal(0, 0.03, 2)
        self.settle(h, index, path)
        h.strength = {"factor": factor, "by": path.tolist()}

    def make_appear(self, h, length):
        h.actor = self.actor(h.kind)
        h.strength = {"seconds": self.rng.uniform(0.05, 0.5)}

    def make_disappear(self, h, length):
        h.actor = self.actor(h.kind)
        h.strength = {"seconds": self.rng.uniform(0.05, 0.5)}

    def make_spin(self, h, length):
        index = self.actor(h.kind)
        self.settle(h, index, np.zeros(2))
        h.strength = {"rate": self.rng.uniform(50, 160) * self.rng.choice([-1, 1])}
        if not self.scene.happenings:
            self.scene.things[index].size = self.rng.uniform(0.2, 0.45)

    def make_back_and_forth(self, h, length):
        rng = self.rng
        index = self.actor(h.kind)
        h.end = h.start + max(length, 3.0)
        axis = np.array([1.0, rng.normal(0, 0.15)]) if rng.random() < 0.7 else np.array([rng.normal(0, 0.15), 1.0])
        path = axis * rng.uniform(0.1, 0.25)
        h.actor = index
        if not self.scene.happenings:
            self.scene.things[index].position = rng.uniform(-0.42 + np.abs(path), 0.42 - np.abs(path))
        h.strength = {"by": path.tolist(), "period": rng.uniform(1.3, 2.3)}

    def make_flash(self, h, length):
        rng = self.rng
        h.end = h.start + max(length, 2.0)
        pulses, t = [], 0.0
        while t < h.end - h.start:
            on = rng.uniform(0.25, 0.7)
            pulses.append((t, t + on))
            t += on + rng.uniform(0.25, 0.7)
        h.strength = {"pulses": pulses, "local": rng.random() < 0.6, "at": rng.uniform(-0.4, 0.4, 2).tolist(),
                      "radius": rng.uniform(0.08, 0.3), "power": rng.uniform(120, 400),
                      "factor": rng.uniform(1.5, 2.6)}

    def make_lights_off(self, h, length):
        h.strength = {"factor": self.rng.uniform(0.12, 0.4), "seconds": self.rng.uniform(0.05, 0.5)}
        self.dimmed = h

    def make_lights_on(self, h, length):
        rng = self.rng
        if self.dimmed is not None:
            factor = 1 / self.dimmed.strength["factor"]
        else:
            factor = rng.uniform(2.5, 8)
            self.scene.gain /= factor
        h.strength = {"factor": factor, "seconds": rng.uniform(0.05, 0.5)}
        self.dimmed = None

    def make_to_night(self, h, length):
        self.grey = True
        h.strength = {"seconds": self.rng.uniform(0.05, 0.6), "gamma": self.rng.uniform(0.6, 1.4),
                      "grain": self.rng.uniform(1, 8), "lamp": self.rng.uniform(0, 0.7)}

    def make_to_day(self, h, length):
        if not self.grey:
            self.scene.dusk = {"gamma": self.rng.uniform(0.6, 1.4), "grain": self.rng.uniform(1, 8), "lamp": self.rng.uniform(0, 0.7)}
        self.grey = False
        h.strength = {"seconds": self.rng.uniform(0.05, 0.6)}

    def make_covered(self, h, length):
        rng = self.rng
        h.end = h.start + max(length, 2.5)
        shade = rng.uniform(5, 90, 3) if rng.random() < 0.7 else rng.uniform(60, 200, 3)
        rough = rng.standard_normal((6, 6, 1)).astype(np.float32) * rng.uniform(2, 14)
        y, x = np.mgrid[0:24, 0:24].astype(np.float32) / 23
        angle = rng.uniform(0, 2 * np.pi)
        sweep = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
        sweep = (sweep - sweep.min()) / (sweep.max() - sweep.min())
        h.strength = {"cover": np.clip(shade + rough, 0, 255).astype(np.float32), "mask": sweep,
                      "seconds": rng.uniform(0.3, 0.8), "solid": rng.uniform(0.9, 1.0)}

    def make_defocus(self, h, length):
        h.end = h.start + max(length, 2.5)
        h.strength = {"sigma": self.rng.uniform(2.5, 7), "seconds": self.rng.uniform(0.3, 1.0)}

    def make_noisy(self, h, length):
        h.strength = {"sigma": self.rng.uniform(25, 65)}

    def make_black(self, h, length):
        h.strength = {"lasts": h.end - h.start}

    def make_breakup(self, h, length):
        h.strength = {"block": self.rng.uniform(0.03, 0.09), "count": int(self.rng.integers(14, 50))}

    def make_shake(self, h, length):
        h.strength = {"amplitude": self.rng.uniform(0.012, 0.05), "rate": self.rng.uniform(1.5, 6),
                      "phase": self.rng.uniform(0, 6)}

    def make_turn(self, h, length):
        direction = np.array(DIRECTION[h.kind], float)
        if self.displaced is not None:
            by = -np.array(self.displaced.strength["by"])
            self.displaced = None
        else:
            by = direction * min(self.rng.uniform(0.13, 0.4) * length, 1.2)
            self.displaced = h
        h.strength = {"by": by.tolist()}

    def make_knocked(self, h, length):
        rng = self.rng
        if self.displaced is not None:
            by, angle = -np.array(self.displaced.strength["by"]), -self.displaced.strength["angle"]
            self.displaced = None
        else:
            turn = rng.uniform(0, 2 * np.pi)
            by = np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(0.3, 0.9)
            angle = rng.uniform(-25, 25)
            self.displaced = h
        h.strength = {"by": by.tolist(), "angle": angle, "seconds": rng.uniform(0.1, 0.4), "wobble": rng.uniform(0, 6)}

    def make_freeze(self, h, length):
        rng, scene = self.rng, self.scene
        # A frozen picture differs from a still one by what was going on before.
        lively = scene.bustle >= 2
        if not lively:
            scene.bustle = int(rng.integers(2, 7))
        h.strength = {"seconds": NOMINAL + rng.uniform(0.0, 2.0)}

    def next_kind(self, weights=None):
        """A random kind that is possible now."""
        kinds = [kind for kind in KINDS if self.allowed(kind) and self.possible(kind)]
        if weights is not None:
            share = np.array([weights.get(kind, 1.0) for kind in kinds])
            return str(self.rng.choice(kinds, p=share / share.sum()))
        return str(self.rng.choice(kinds))

    def possible(self, kind):
        if not self.scene.happenings:
            return True
        if kind == "lights_on":
            return self.dimmed is not None
        if kind == "to_day":
            return self.grey
        if kind not in MOTIONS or kind == "appear":
            return True
        return bool(self.candidates(kind))
