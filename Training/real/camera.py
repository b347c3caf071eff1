"""Where the camera looks in a batch of clips: turns, knocks, shakes, and the ground seen through it."""

import math

import torch
from torch.nn import functional as F

from .script import AT, TURNS, of, uniform

HEIGHT, WIDTH = 216, 384  # Of the bank's squeezed pictures.


def ramp(x):
    """0 before 0, 1 after 1, smooth between."""
    x = x.clamp(0, 1)
    return x * x * (3 - 2 * x)


def hold(times, start, end, rise):
    """0 outside start…end, 1 inside, with ramps of `rise` seconds at both ends."""
    return ramp((times - start) / rise) * (1 - ramp((times - end + rise) / rise))


class Camera:
    """The view of each clip: `offset` [B, S, 2] in views, `angle` [B, S] in radians; `across` and `up` [B], half the view's
    width and height as shares of the ground, and `middle` [B, 2] where it looks at rest."""

    def __init__(self, script, aspect, times, steady):
        """`times` [B, S]: the moments that are shown; `steady` [B]: nothing but what is always there."""
        batch, device = len(aspect), times.device
        self.whole = torch.rand(batch, device=device) < 0.5
        moved = of(script.kinds, *TURNS, "knocked").any(1)
        share = torch.where(moved, uniform(0.33, 0.6, batch, device=device), uniform(0.55, 1.0, batch, device=device))
        share = torch.where(of(script.kinds, "shake").any(1), share.clamp(max=0.85), share)
        full = ~moved & ~of(script.kinds, "shake").any(1) & (torch.rand(batch, device=device) < 0.5)
        share = torch.where(full, 1.0, share)
        short = aspect.clamp(max=1)  # The square in the middle of a tall picture is as wide as it.
        self.across = torch.where(self.whole, share, share * short / aspect) / 2
        self.up = torch.where(self.whole, share, share * short) / 2
        self.squeeze = torch.where(self.whole, aspect, torch.ones_like(aspect))  # Of the view: its true width over its height.
        self.offset = torch.zeros(*times.shape, 2, device=device)
        self.angle = torch.zeros_like(times)
        free = torch.stack([1 - 2 * self.across, 1 - 2 * self.up], 1) / torch.stack([2 * self.across, 2 * self.up], 1)
        first = None
        for slot in range(2):
            first = self.add(script, slot, times, free, first)
        self.mast(times, steady)
        low, high = self.offset.amin(1), self.offset.amax(1)
        half = torch.stack([self.across, self.up], 1)
        least, most = half - 2 * half * low.clamp(max=0), 1 - half - 2 * half * high.clamp(min=0)
        place = torch.rand(batch, 2, device=device)
        self.middle = torch.where(least < most, least + (most - least) * place, (least + most) / 2)

    def add(self, script, slot, times, free, first):
        """What one slot does to the camera. Returns the way that it went, for the slot that may undo it."""
        kind, start, end = script.kinds[:, slot], script.start[:, slot, None], script.end[:, slot, None]
        batch, device = len(kind), times.device
        direction = torch.zeros(len(kind), 2, device=device)
        for name, x, y in (("pan_left", -1, 0), ("pan_right", 1, 0), ("tilt_up", 0, -1), ("tilt_down", 0, 1)):
            direction[kind == AT[name]] = torch.tensor([float(x), float(y)], device=device)
        speed = uniform(0.1, 0.45, batch, device=device)
        far = torch.minimum(speed * (end - start)[:, 0], (direction.abs() * free).sum(1) * 0.98)
        way, turn = direction * far[:, None], torch.zeros(batch, device=device)
        knocked = kind == AT["knocked"]
        bearing = uniform(0, 2 * math.pi, batch, device=device)
        reach = uniform(0.08, 0.9, batch, device=device)
        knock = torch.stack([bearing.cos() * reach, bearing.sin() * reach], 1)
        knock = torch.maximum(torch.minimum(knock, free), -free)
        way = torch.where(knocked[:, None], knock, way)
        turn = torch.where(knocked, uniform(-0.4, 0.4, batch, device=device) * (torch.rand(batch, device=device) < 0.7), turn)
        if first is not None:
            undo = script.back & (of(kind, *TURNS) | knocked)
            way, turn = torch.where(undo[:, None], -first[0], way), torch.where(undo, -first[1], turn)
            script.end[:, slot] = torch.where(undo & ~knocked, torch.minimum(
                script.end[:, slot], script.start[:, slot] + way.norm(dim=1) / speed + 0.5), script.end[:, slot])
            end = script.end[:, slot, None]
        share = (times - start) / (end - start).clamp(min=0.1)
        turned = 0.6 * share.clamp(0, 1) + 0.4 * ramp(share)
        fell = ramp((times - start) / uniform(0.08, 0.45, batch, 1, device=device))
        gone = torch.where(knocked[:, None], fell, turned)
        self.offset += way[:, None] * gone[..., None]
        since = (times - start).clamp(min=0)
        wobble = uniform(0, 0.1, batch, 1, device=device) * torch.exp(-4 * since) * (since * 20).sin()
        self.angle += turn[:, None] * gone + wobble * knocked[:, None]
        self.shake(times, start, end, kind == AT["shake"])
        return way, turn

    def shake(self, times, start, end, shaken):
        batch, device = len(times), times.device
        size = 0.011 * 6 ** torch.rand(batch, 1, device=device) * hold(times, start, end, 0.2) * shaken[:, None]
        rate = uniform(9, 45, batch, 4, device=device)
        phase = uniform(0, 6.3, batch, 4, device=device)
        wave = (times[..., None] * rate[:, None] + phase[:, None]).sin()
        tremble = torch.randn(*times.shape, 2, device=device) * 0.35
        axis = uniform(0.25, 1, batch, 1, 2, device=device)
        self.offset += size[..., None] * axis * (wave[..., :2] + 0.5 * wave[..., 2:] + tremble)
        self.angle += 0.6 * size * (times * rate[:, :1] * 0.8).sin() * (torch.rand(batch, 1, device=device) < 0.6)

    def mast(self, times, steady):
        """A camera on a soft mast sways a little, all the time."""
        batch, device = len(times), times.device
        size = 0.003 * torch.rand(batch, 1, 1, device=device) * (torch.rand(batch, 1, 1, device=device) < 0.2)
        rate = uniform(1, 5, batch, 1, 2, device=device)
        self.offset += size * steady[:, None, None] * (times[..., None] * rate).sin()

    def scene_of(self, x, y):
        """Places [B, S, …] of the view, −0.5…0.5, as places of the resting view's plane, true in shape."""
        extra = x.ndim - self.angle.ndim
        wide = self.squeeze.reshape(-1, *[1] * (x.ndim - 1))
        angle = self.angle.reshape(*self.angle.shape, *[1] * extra)
        across = angle.cos() * x * wide - angle.sin() * y
        down = angle.sin() * x * wide + angle.cos() * y
        offset = self.offset.reshape(*self.angle.shape, *[1] * extra, 2)
        return across + offset[..., 0] * wide, down + offset[..., 1]

    def see(self, frames, side, mirrored):
        """Ground [B, S, 3, H, W] uint8 → [B, S, 3, side, side] float 0…1, each pixel the mean of four samples."""
        batch, count = frames.shape[:2]
        at = (torch.arange(2 * side, device=frames.device) + 0.5) / (2 * side) - 0.5
        x, y = at.expand(2 * side, -1), at[:, None].expand(-1, 2 * side)
        shape = batch, count, 2 * side, 2 * side
        across, down = self.scene_of(x.expand(shape), y.expand(shape))
        wide = self.squeeze[:, None, None, None]
        u = self.middle[:, 0, None, None, None] + across / wide * 2 * self.across[:, None, None, None]
        v = self.middle[:, 1, None, None, None] + down * 2 * self.up[:, None, None, None]
        u = torch.where(mirrored[:, None, None, None], 1 - u, u)
        grid = torch.stack([2 * u - 1, 2 * v - 1], -1).flatten(0, 1)
        seen = F.grid_sample(frames.flatten(0, 1).float() / 255, grid, mode="bilinear", padding_mode="reflection",
                             align_corners=False)
        return F.avg_pool2d(seen, 2).unflatten(0, (batch, count))
