"""Camera troubles done to real pictures at the camera's own size, before they are encoded; for measuring, never for training.

A trouble is a function of (rng, seconds) that draws its own strength and returns (apply, magnitude, times): `apply(picture, t)`
gives the picture at t seconds after the start, `magnitude` is what the tables sort by.
"""

import cv2
import numpy as np


def ramp(t, seconds):
    return float(np.clip(t / max(seconds, 1e-3), 0, 1))


def rise_and_fall(t, length, rise, fall):
    return ramp(t, rise) * (1 - ramp(t - length + fall, fall))


def black(rng, length):
    level = int(rng.choice([0, 0, 8, 16, 16, 24, 32]))
    return lambda picture, t: np.full_like(picture, level), level


def lights(rng, length, factor=None):
    """The room's lamps go to a part of their light; `factor` as drawn for the way down."""
    factor = factor or float(rng.choice([0.04, 0.08, 0.15, 0.25, 0.34, 0.45, 0.6]))
    seconds = rng.uniform(0.05, 1.0)
    return (lambda picture, t: relit(picture, 1 + (factor - 1) * ramp(t, seconds))), factor


def relit(picture, factor):
    """Less light falls in: linear light, as a sensor sees it, then the camera's curve."""
    table = 255 * ((np.arange(256) / 255) ** 2.2 * factor) ** (1 / 2.2)
    return cv2.LUT(picture, np.clip(table, 0, 255).astype(np.uint8))


def flash(rng, length):
    starts = np.cumsum(rng.uniform(0.5, 1.2, 20))
    widths = rng.uniform(0.15, 0.6, 20)
    x, y, radius, power = rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85), rng.uniform(0.08, 0.35), rng.uniform(120, 320)
    whole = rng.random() < 0.4

    def apply(picture, t):
        if not any(start - 0.5 <= t < start - 0.5 + width for start, width in zip(starts, widths)):
            return picture
        if whole:
            return np.clip(picture * 1.7 + 25, 0, 255).astype(np.uint8)
        height, width = picture.shape[:2]
        v, u = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
        glow = np.exp(-((u - x * width) ** 2 + (v - y * height) ** 2) / (2 * (radius * height) ** 2))
        glow = cv2.resize(glow, (width, height))
        return np.clip(picture + power * glow[..., None], 0, 255).astype(np.uint8)
    return apply, "whole" if whole else "local"


def cover(rng, length):
    kind = str(rng.choice(["opaque", "opaque", "bright", "translucent", "partial"]))
    shade = rng.uniform(10, 110, 3) if kind != "bright" else rng.uniform(130, 240, 3)
    rough = cv2.resize(rng.normal(0, rng.uniform(2, 14), (9, 16)).astype(np.float32), (64, 36), interpolation=cv2.INTER_CUBIC)
    solid = rng.uniform(0.55, 0.8) if kind == "translucent" else 1.0
    share = rng.uniform(0.6, 0.9) if kind == "partial" else 1.35
    side, seconds = int(rng.integers(4)), rng.uniform(0.2, 0.9)

    def apply(picture, t):
        height, width = picture.shape[:2]
        across, down = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)
        line = [across[None] + 0 * down[:, None], 1 - across[None] + 0 * down[:, None],
                down[:, None] + 0 * across[None], 1 - down[:, None] + 0 * across[None]][side]
        line = line + 0.06 * np.sin(9 * (down[:, None] if side < 2 else across[None]))
        there = rise_and_fall(t, length, seconds, seconds)
        alpha = np.clip((there * share - line) * 12, 0, 1)[..., None] * solid
        surface = shade + cv2.resize(rough, (width, height))[..., None]
        under = cv2.GaussianBlur(picture, (0, 0), height * 0.02) if kind == "translucent" and there > 0 else picture
        return np.clip(under * (1 - alpha) + surface * alpha, 0, 255).astype(np.uint8)
    return apply, kind


def defocus(rng, length):
    size = float(rng.choice([1.5, 2.2, 3.0, 4.0, 5.0, 6.0]))  # Of the disc, in hundredths of the short side.
    seconds = rng.uniform(0.3, 2.0)

    def apply(picture, t):
        radius = size / 200 * min(picture.shape[:2]) * rise_and_fall(t, length, seconds, seconds)
        if radius < 0.6:
            return picture
        reach = int(np.ceil(radius))
        y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1]
        kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
        return cv2.filter2D(picture, -1, (kernel / kernel.sum()).astype(np.float32), borderType=cv2.BORDER_REPLICATE)
    return apply, f"{size:g} %"


def noisy(rng, length):
    sigma = float(rng.choice([18, 25, 35, 45, 60]))

    def apply(picture, t):
        grain = rng.standard_normal(picture.shape[:2] + (1 if sigma > 30 else 3,)).astype(np.float32) * sigma
        return np.clip(picture + grain, 0, 255).astype(np.uint8)
    return apply, f"{sigma:g}"


def night(rng, length):
    gamma, lamp, gain, grain = rng.uniform(0.7, 1.3), rng.uniform(0.1, 0.7), rng.uniform(0.7, 1.3), rng.uniform(0, 7)
    mix, seconds = rng.dirichlet([3, 2, 1]).astype(np.float32), rng.uniform(0.1, 0.8)

    def apply(picture, t):
        height, width = picture.shape[:2]
        grey = (picture.astype(np.float32) @ mix / 255) ** gamma * gain
        u, v = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        grey = grey * (1 - lamp * np.minimum(u * u + v * v, 1)) * 255 + grain * rng.standard_normal((height, width))
        share = ramp(t, seconds)
        blink = np.exp(-abs(t) / 0.3) * 0.5
        return np.clip((picture * (1 - share) + grey[..., None] * share) * (1 - blink), 0, 255).astype(np.uint8)
    return apply, "infra-red"


def turn(rng, length, x, y):
    """Where the view has gone, in views, t seconds after the start of a pan or tilt towards (x, y)."""
    def offset(t):
        share = ramp(t, length)
        eased = 0.5 * share + 0.5 * share * share * (3 - 2 * share)
        return np.array([x, y]) * eased, 0.0
    return offset


def knock(rng, reach, bearing, angle):
    seconds = rng.uniform(0.1, 0.35)
    wobble = rng.uniform(0, 4)

    def offset(t):
        share = ramp(t, seconds)
        swing = wobble * np.exp(-4 * t) * np.sin(19 * t) if t > 0 else 0
        return np.array([np.cos(bearing), np.sin(bearing)]) * reach * share, angle * share + swing
    return offset


def shake(rng, length, size):
    rates, phases = rng.uniform(8, 40, 4), rng.uniform(0, 6.3, 4)

    def offset(t):
        there = size * rise_and_fall(t, length, 0.2, 0.2)
        wave = np.sin(rates * t + phases)
        return there * np.array([wave[0] + 0.4 * wave[1], 0.8 * wave[2] + 0.4 * wave[3]]), 0.0
    return offset
