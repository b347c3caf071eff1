"""Cuts what moves out of fixed-camera footage, and draws people-like and vehicle-like shapes, as short loops of RGBA."""

import cv2
import numpy as np

SIDE, PHASES = 96, 8  # Pixels of a sprite, pictures of its loop.


def masks(frames):
    """What stands out from the median picture, N×H×W of 0…255."""
    background = np.median(np.stack(frames[::max(len(frames) // 25, 1)]), 0).astype(np.int16)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    found = []
    for frame in frames:
        apart = np.abs(frame.astype(np.int16) - background).max(-1).astype(np.uint8)
        solid = (cv2.GaussianBlur(apart, (0, 0), 1.5) > 26).astype(np.uint8) * 255
        solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, kernel, iterations=3)
        found.append(cv2.morphologyEx(solid, cv2.MORPH_OPEN, kernel))
    return found


def largest(mask):
    """Box and mask of the largest part; None where there is nothing of a useful size, or it touches the border."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    index = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    x, y, width, height, area = stats[index]
    share = area / mask.size
    touches = x <= 1 or x + width >= mask.shape[1] - 1
    if share < 0.006 or share > 0.45 or touches and share < 0.08 or area < 0.35 * width * height:
        return None
    return (x, y, width, height), (labels == index).astype(np.uint8) * 255


def cut(frame, box, mask):
    """One picture of a sprite, SIDE×SIDE×4, the box's longer side fitted to it."""
    x, y, width, height = box
    alpha = cv2.GaussianBlur(mask, (0, 0), 1.0)[y:y + height, x:x + width]
    part = np.dstack([frame[y:y + height, x:x + width], alpha])
    scale = (SIDE - 4) / max(width, height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    part = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    sprite = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    sprite[top:top + size[1], left:left + size[0]] = part
    return sprite


def cut_from(frames, most):
    """Up to `most` loops of PHASES pictures from pictures at some 8 a second."""
    parts = [largest(mask) for mask in masks(frames)]
    loops, at = [], 0
    while at + PHASES <= len(parts) and len(loops) < most:
        run = parts[at:at + PHASES]
        if all(run) and max(p[0][2] * p[0][3] for p in run) < 2.5 * min(p[0][2] * p[0][3] for p in run):
            loops.append(np.stack([cut(frames[at + i], *part) for i, part in enumerate(run)]))
            at += PHASES + len(parts) // (4 * most)
        else:
            at += 3
    return loops


def drawn(rng, texture):
    """A loop of a walking figure or a vehicle, its surface cut from a picture."""
    y, x = (int(rng.integers(0, max(n - 60, 1))) for n in texture.shape[:2])
    skin = cv2.resize(texture[y:y + 60, x:x + 60], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    shade = np.clip(skin * rng.uniform(0.3, 1.3) + rng.uniform(-40, 60, 3), 0, 255).astype(np.uint8)
    vehicle, pictures = rng.random() < 0.5, []
    slim, tall, stride = rng.uniform(9, 17), rng.uniform(34, 44), rng.uniform(6, 16)
    for phase in range(PHASES):
        mask, colour = np.zeros((SIDE, SIDE), np.uint8), shade.copy()
        if vehicle:
            top = round(48 - tall * 0.4)
            cv2.rectangle(mask, (4, 44), (SIDE - 5, 66), 255, -1)
            cv2.fillPoly(mask, [np.array([[16, 46], [28, top], [SIDE - 30, top], [SIDE - 14, 46]])], 255)
            cv2.fillPoly(colour, [np.array([[22, 45], [31, top + 4], [SIDE - 33, top + 4], [SIDE - 20, 45]])], (40, 45, 50))
            for wheel in (24, SIDE - 24):
                cv2.circle(mask, (wheel, 66), 9, 255, -1)
                cv2.circle(colour, (wheel, 66), 9, (25, 25, 25), -1)
        else:
            swing = stride * np.sin(2 * np.pi * phase / PHASES)
            cv2.ellipse(mask, (48, 40), (int(slim), int(tall / 2)), 0, 0, 360, 255, -1)
            cv2.circle(mask, (48, 14), 8, 255, -1)
            cv2.circle(colour, (48, 14), 8, (170, 130, 110), -1)
            for side in (-1, 1):
                cv2.line(mask, (48, 54), (int(48 + side * swing), 92), 255, int(slim * 0.8))
                cv2.line(mask, (48, 28), (int(48 - side * swing * 1.2), 56), 255, int(slim * 0.5))
        pictures.append(np.dstack([colour, cv2.GaussianBlur(mask, (0, 0), 0.8)]))
    return np.stack(pictures)
