"""A scene: a background, objects, a camera with its faults, and what happens; drawn at any time and size."""

import cv2
import numpy as np

from .textures import SIZE, VIEW, background
from .things import draw, make_thing

NOISE_BANK = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)


def ramp(x):
    """0 before 0, 1 after 1, smooth between."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def hold(t, start, end, rise):
    """0 outside start…end, 1 inside, with ramps of `rise` seconds at both ends."""
    return ramp((t - start) / rise) * (1 - ramp((t - end + rise) / rise))


def infrared(picture, share, look):
    """The picture without colour, lit by lamps beside the lens, mixed in by `share`."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    grey = grey ** look["gamma"] * (1 - look["lamp"] * np.minimum(x * x + y * y, 1))
    return (picture * (1 - share) + 255 * share * grey[..., None]).astype(np.uint8)


class Scene:
    def __init__(self, rng, families, objects=None, nearness=1.0):
        self.rng, self.nearness = rng, nearness
        self.background = background(rng, families)
        self.middle = rng.uniform(SIZE * 0.47, SIZE * 0.53, 2)
        self.tilt = rng.normal(0, 4) if rng.random() < 0.4 else 0.0
        count = objects if objects is not None else int(rng.choice([0, 1, 2, 3, 4], p=[0.1, 0.35, 0.3, 0.15, 0.1]))
        self.things = []
        for _ in range(count):
            self.add_thing()
        self.happenings = []
        # What is always there: grain, flicker, slow light, leaves in the wind, a camera on a soft mast.
        self.grain = abs(rng.normal(0, 4)) if rng.random() < 0.8 else 0.0
        self.grey_grain = rng.random() < 0.5
        self.flicker = rng.uniform(0, 0.04) if rng.random() < 0.3 else 0.0
        self.drift = rng.uniform(-0.15, 0.15) if rng.random() < 0.3 else 0.0
        self.drift_period = rng.uniform(10, 60)
        self.phase = rng.uniform(0, 2 * np.pi, 4)
        self.sway = rng.uniform(0.2, 1.5) if rng.random() < 0.25 else 0.0
        self.sway_rate = rng.uniform(0.3, 1.5)
        self.mast = rng.uniform(0, 0.004) if rng.random() < 0.2 else 0.0
        self.gain = rng.uniform(0.7, 1.15)
        self.softness = rng.uniform(0.4, 1.0) if rng.random() < 0.25 else 0.0
        self.monochrome = rng.random() < 0.04
        # Ever-moving small things, so that stillness is seen to stop when the picture freezes.
        self.bustle = int(rng.integers(1, 6)) if rng.random() < 0.4 else 0
        self.bustle_state = rng.uniform(-1, 1, (8, 6))
        self.dusk = None  # How the night view looks that the scene begins in.
        self.frozen = None

    def roughen(self):
        """Grain, flicker, slow light and wind stronger than usual."""
        rng = self.rng
        self.grain = rng.uniform(2, 9)
        self.flicker = rng.uniform(0, 0.05)
        self.drift, self.drift_period = rng.uniform(-0.3, 0.3), rng.uniform(20, 120)
        self.sway = rng.uniform(0, 1.5)

    def swing_light(self):
        """Light that swings so far in a bright scene that what is white in it swells and shrinks, as clouds make it do."""
        rng = self.rng
        self.drift, self.drift_period = rng.choice([-1, 1]) * rng.uniform(0.1, 0.4), rng.uniform(10, 60)
        self.gain = rng.uniform(0.8, 1.5)

    def add_thing(self):
        """An object that stands out from what is behind it and stands clear of the others."""
        for attempt in range(12):
            thing = make_thing(self.rng, self.things, self.nearness)
            u, v = (self.middle + thing.position * VIEW).astype(int)
            patch = self.background[max(v - 12, 0):v + 12, max(u - 12, 0):u + 12].reshape(-1, 3)
            apart = all(np.hypot(*(other.position - thing.position)) > 0.5 * (other.size + thing.size)
                        for other in self.things)
            if apart and (patch.size == 0 or np.abs(patch.mean(0) - thing.rgb).max() > 70):
                break
        self.things.append(thing)
        return len(self.things) - 1

    # What the happenings up to now make of the camera and the objects.

    def camera(self, t):
        offset, angle, zoom = np.zeros(2), self.tilt, 1.0
        if self.mast:
            offset = offset + self.mast * np.sin(np.array([1.3, 1.9]) * t * 2 + self.phase[:2])
        for h in self.happenings:
            s, p = h.strength, (t - h.start) / max(h.end - h.start, 1e-3)
            if h.kind in ("pan_left", "pan_right", "tilt_up", "tilt_down"):
                offset = offset + np.array(s["by"]) * (min(max(p, 0), 1) * 0.6 + ramp(p) * 0.4)
            elif h.kind == "knocked":
                q = ramp((t - h.start) / s["seconds"])
                offset = offset + np.array(s["by"]) * q
                angle += s["angle"] * q
                since = t - h.start
                if 0 < since < 1.0:
                    angle += s["wobble"] * np.exp(-since * 4) * np.sin(since * 20)
            elif h.kind == "shake" and h.start <= t < h.end:
                k = s["amplitude"] * hold(t, h.start, h.end, 0.2)
                offset = offset + k * np.array([np.sin(t * s["rate"] * 6.3 + s["phase"]) + 0.5 * np.sin(t * 31.7),
                                                np.sin(t * s["rate"] * 7.9 + 1) + 0.5 * np.sin(t * 27.1)])
                angle += 40 * k * np.sin(t * s["rate"] * 5.1)
        return offset, angle, zoom

    def place(self, index, t):
        """Position, size, angle and opacity of an object."""
        thing = self.things[index]
        position, size, angle, opacity = thing.position.copy(), thing.size, thing.angle, float(thing.visible)
        for h in self.happenings:
            if h.actor != index or t < h.start:
                continue
            s, p = h.strength, min((t - h.start) / max(h.end - h.start, 1e-3), 1.0)
            if h.kind in ("left", "right", "up", "down"):
                position = position + np.array(s["by"]) * (0.7 * p + 0.3 * ramp(p))
                angle += s.get("roll", 0) * p
            elif h.kind in ("closer", "away"):
                size *= s["factor"] ** p
                position = position + np.array(s["by"]) * p
            elif h.kind == "appear":
                opacity = ramp((t - h.start) / s["seconds"])
            elif h.kind == "disappear":
                opacity = 1 - ramp((t - h.start) / s["seconds"])
            elif h.kind == "spin":
                angle += s["rate"] * (min(t, h.end) - h.start)
            elif h.kind == "back_and_forth":
                swing = np.sin(2 * np.pi * (min(t, h.end) - h.start) / s["period"])
                position = position + np.array(s["by"]) * swing * (1 - ramp((t - h.end + 0.3) / 0.3))
        return position, size, angle, opacity

    # Drawing.

    def view(self, t, height, width):
        """The undisturbed picture: background and objects through the camera."""
        short = min(height, width)
        offset, angle, zoom = self.camera(t)
        k = VIEW / short / zoom
        cos, sin = np.cos(np.deg2rad(angle)) * k, np.sin(np.deg2rad(angle)) * k
        u, v = self.middle + offset * VIEW
        if self.sway:
            u += self.sway * np.sin(t * self.sway_rate * 2 + self.phase[2]) * 0.5
        matrix = np.array([[cos, -sin, u - cos * width / 2 + sin * height / 2],
                           [sin, cos, v - sin * width / 2 - cos * height / 2]], np.float32)
        picture = cv2.warpAffine(self.background, matrix, (width, height),
                                 flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)
        turn = np.array([[np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))],
                         [-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))]])
        for state in self.bustle_state[:self.bustle]:
            where = 0.45 * np.sin(state[:2] * t * 2 + state[2:4] * 6)
            x, y = turn @ (where - offset) * short + (width / 2, height / 2)
            cv2.circle(picture, (int(x), int(y)), max(int(short * (0.025 + 0.015 * state[5])), 1), [int(128 + 120 * state[4])] * 3, -1,
                       cv2.LINE_AA)
        for index, thing in enumerate(self.things):
            position, size, spin, opacity = self.place(index, t)
            if opacity <= 0:
                continue
            centre = turn @ (position - offset) * short * zoom + (width / 2, height / 2)
            if opacity >= 1:
                draw(picture, thing, centre, size * short * zoom, spin - angle)
            else:
                over = picture.copy()
                draw(over, thing, centre, size * short * zoom, spin - angle)
                picture = cv2.addWeighted(over, opacity, picture, 1 - opacity, 0)
        return picture

    def light(self, t):
        gain = self.gain * (1 + self.drift * np.sin(2 * np.pi * t / self.drift_period + self.phase[3]))
        if self.flicker:
            gain *= 1 + self.flicker * self.rng.normal()
        for h in self.happenings:
            if h.kind in ("lights_off", "lights_on"):
                gain *= h.strength["factor"] ** ramp((t - h.start) / h.strength["seconds"])
        return gain

    def night(self, t):
        """How much of the picture is the night view, and how that looks."""
        share, look = float(self.dusk is not None), self.dusk
        for h in self.happenings:
            if h.kind == "to_night":
                look = h.strength
                share = max(share, ramp((t - h.start) / h.strength["seconds"]))
            elif h.kind == "to_day":
                share *= 1 - ramp((t - h.start) / h.strength["seconds"])
        return share, look

    def render(self, t, height, width):
        """An H×W×3 uint8 RGB picture. Times must not run backwards where the picture freezes."""
        for h in self.happenings:
            if h.kind == "freeze" and h.start <= t < h.start + h.strength["seconds"]:
                if self.frozen is None or self.frozen.shape[:2] != (height, width):
                    self.frozen = self.expose(h.start, height, width)
                return self.frozen
        self.frozen = None
        return self.expose(t, height, width)

    def shown_time(self, t):
        """The moment that the picture at `t` is of: an earlier one while it is frozen."""
        for h in self.happenings:
            if h.kind == "freeze" and h.start <= t < h.start + h.strength["seconds"]:
                return h.start
        return t

    def hidden(self, t):
        """Whether next to nothing of the scene is to be seen."""
        for h in self.happenings:
            if h.kind == "black" and h.start <= t < h.end:
                return True
            if h.kind == "covered" and hold(t, h.start, h.end, h.strength["seconds"]) > 0.5:
                return True
        return False

    def expose(self, t, height, width):
        short = min(height, width)
        rng = self.rng
        picture = self.view(t, height, width)
        gain, grain, blur, black = self.light(t), self.grain, self.softness * short / 96, False
        breakup = None
        for h in self.happenings:
            s = h.strength
            if not h.start <= t < h.start + s.get("lasts", h.end - h.start):
                continue
            end = h.start + s.get("lasts", h.end - h.start)
            if h.kind == "flash":
                lit = any(a <= t - h.start < b for a, b in s["pulses"])
                if lit and s["local"]:
                    lamp = np.zeros((height, width), np.float32)
                    x, y = (np.array(s["at"]) * short + (width / 2, height / 2)).astype(int)
                    cv2.circle(lamp, (int(x), int(y)), int(s["radius"] * short), 1.0, -1)
                    lamp = cv2.GaussianBlur(cv2.resize(lamp, (24, 24), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
                    lamp = cv2.resize(lamp, (width, height))[..., None]
                    picture = np.clip(picture + lamp * s["power"], 0, 255).astype(np.uint8)
                elif lit:
                    gain *= s["factor"]
            elif h.kind == "covered":
                q = hold(t, h.start, end, s["seconds"])
                cover = cv2.resize(s["cover"], (width, height), interpolation=cv2.INTER_LINEAR)
                mask = cv2.resize(s["mask"], (width, height), interpolation=cv2.INTER_LINEAR)
                mask = np.clip((q * 1.25 - mask) * 8, 0, s["solid"])[..., None]
                picture = (picture * (1 - mask) + cover * mask).astype(np.uint8)
            elif h.kind == "defocus":
                blur = max(blur, s["sigma"] * short / 96 * hold(t, h.start, end, s["seconds"]))
            elif h.kind == "noisy":
                grain = max(grain, s["sigma"])
            elif h.kind == "black":
                black = True
            elif h.kind == "breakup":
                breakup = s
        if blur > 0.3:
            picture = cv2.GaussianBlur(picture, (0, 0), blur)
        if abs(gain - 1) > 0.004:
            picture = cv2.convertScaleAbs(picture, alpha=float(max(gain, 0)))
        night, look = self.night(t)
        if night > 0:
            picture = infrared(picture, night, look)
            grain = max(grain, look["grain"] * night)
        if black:
            picture = np.zeros_like(picture)
            grain = min(grain, 1.0)
        if self.monochrome:
            picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if grain > 0.3:
            # Drawn for a picture of 96 rows: in a larger one the reduction to the model's size averages it away.
            picture = self.add_grain(picture, grain * min((short / 96) ** 0.5, 2.0))
        if breakup:
            picture = self.break_up(picture, breakup)
        return picture

    def add_grain(self, picture, sigma):
        height, width = picture.shape[:2]
        y, x = self.rng.integers(0, 512, 2)
        rows, columns = (np.arange(height) + y) % 512, (np.arange(width) + x) % 512
        noise = NOISE_BANK[np.ix_(rows, columns)]
        if self.grey_grain:
            noise = np.repeat(noise[..., None], 3, 2)
        else:
            noise = np.stack([noise, np.roll(noise, 37, 0), np.roll(noise, 91, 1)], -1)
        return cv2.add(picture, noise * np.float32(sigma), dtype=cv2.CV_8U)

    def break_up(self, picture, s):
        """Blocks torn from their places, smeared or of false colours, as after lost packets."""
        rng = self.rng
        height, width = picture.shape[:2]
        block = max(int(min(height, width) * s["block"]), 2)
        picture = picture.copy()
        for _ in range(int(rng.integers(s["count"] // 2, s["count"] + 1))):
            y, x = int(rng.integers(0, height)), int(rng.integers(0, width))
            high, wide = block * int(rng.integers(1, 3)), block * int(rng.integers(1, 8))
            target = picture[y:y + high, x:x + wide]
            if target.size == 0:
                continue
            kind = rng.random()
            if kind < 0.4:
                v, u = int(rng.integers(0, max(height - high, 1))), int(rng.integers(0, max(width - wide, 1)))
                source = picture[v:v + target.shape[0], u:u + target.shape[1]].copy()
                target[:source.shape[0], :source.shape[1]] = source
            elif kind < 0.7:
                target[:] = target[:1]
            else:
                target[:] = np.clip(target.astype(np.int16) + rng.integers(-140, 140, 3), 0, 255)
        return picture
