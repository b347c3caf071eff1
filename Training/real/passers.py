"""What moves before the ground: people-like and vehicle-like sprites that act or pass by, insects, shadows and rain."""

import torch
from torch.nn import functional as F

from .script import AT, ACTED, chance, of, uniform

SLOTS = 3


class Passers:
    """Three sprites a clip, the first of them the actor where one acts. `here` [B, 3]: whether it takes part."""

    def __init__(self, bank, script, busy):
        """`busy` [B]: whether others than the actor pass by."""
        self.bank, self.script = bank, script
        batch, device = len(script.kinds), script.times.device
        self.acts = of(script.kinds, *ACTED).any(1)
        self.here = busy[:, None] & chance(0.55, batch, SLOTS, device=device)
        self.here[:, 0] = self.acts | self.here[:, 0]
        self.which = torch.randint(len(bank.sprites), (batch, SLOTS), device=device)
        self.size = 0.12 * 11 ** torch.rand(batch, SLOTS, device=device)  # 0.12…1.3 of the view's height.
        self.size[:, 0] = torch.where(self.acts, 0.14 * 4.5 ** torch.rand(batch, device=device), self.size[:, 0])
        self.mirror = chance(0.5, batch, SLOTS, device=device)
        self.pace = uniform(0, 8, batch, SLOTS, device=device)
        self.bright = uniform(0.6, 1.25, batch, SLOTS, device=device)
        self.soft = chance(0.12, batch, SLOTS, device=device)  # As close before the lens as insects are.
        self.side = torch.where(chance(0.5, batch, SLOTS, device=device), 1.0, -1.0)
        self.speed = 0.08 * 16 ** torch.rand(batch, SLOTS, device=device)
        self.halt = torch.where(chance(0.45, batch, SLOTS, device=device), uniform(0.1, 1.2, batch, SLOTS, device=device), 99.0)
        self.level = uniform(-0.25, 0.4, batch, SLOTS, device=device)
        self.since = script.times[:, -1:] - uniform(-1, 6, batch, SLOTS, device=device)
        self.draws = torch.rand(batch, 8, device=device)

    def paths(self, times, wide):
        """x, y, size, opacity [B, S, 3] in the resting view's plane, whose width is `wide` [B] of its height."""
        size = self.size[:, None].expand(-1, times.shape[1], -1)
        gone = (times[..., None] - self.since[:, None]).clamp(min=0) * self.speed[:, None] * (0.5 + self.size[:, None])
        edge = wide[:, None, None] / 2 + size / 2
        x = self.side[:, None] * (edge - torch.minimum(gone, self.halt[:, None] * (0.5 + self.size[:, None])))
        bob = 0.02 * size * (times[..., None] * 9 + self.pace[:, None]).sin()
        y = self.level[:, None] + bob
        opacity = torch.ones_like(x)
        ax, ay, asize, aopacity = self.act(times, wide)
        acted = self.acts[:, None]
        x[..., 0], y[..., 0] = torch.where(acted, ax, x[..., 0]), torch.where(acted, ay, y[..., 0])
        size = torch.cat([torch.where(acted, asize, size[..., 0])[..., None], size[..., 1:]], -1)
        opacity[..., 0] = torch.where(acted, aopacity, opacity[..., 0])
        return x, y, size, opacity * self.here[:, None]

    def act(self, times, wide):
        """The actor's x, y, size and opacity [B, S]."""
        script, draws = self.script, self.draws
        slot = of(script.kinds, *ACTED).float().argmax(1)
        kind = script.kinds.gather(1, slot[:, None])[:, 0]
        start, end = script.start.gather(1, slot[:, None]), script.end.gather(1, slot[:, None])
        share = ((times - start) / (end - start)).clamp(0, 1)
        far = ((end - start)[:, 0] * (0.12 + 0.4 * draws[:, 0])).clamp(max=0.75)
        x = (draws[:, 1, None] - 0.5) * 0.6 * wide[:, None] + torch.zeros_like(times)
        y = (draws[:, 2, None] - 0.5) * 0.6 + torch.zeros_like(times)
        drift = (draws[:, 3, None] - 0.5) * 0.1 * share
        size, opacity = self.size[:, :1] + torch.zeros_like(times), torch.ones_like(times)
        for name, sign, along in (("left", -1, x), ("right", 1, x), ("up", -1, y), ("down", 1, y)):
            rows = kind == AT[name]
            way = far * (wide if along is x else 1)
            line = sign * way[:, None] * (share - 0.5) + (draws[:, 4, None] - 0.5) * 0.15
            along[rows] = line[rows]
            (y if along is x else x)[rows] += drift[rows]
        grow = 2 + 1.5 * draws[:, 5, None]
        for name, power in (("closer", share), ("away", 1 - share)):
            rows = kind == AT[name]
            size[rows] = (0.6 * size * grow ** power)[rows]
            x[rows], y[rows] = (0.5 * x)[rows], (0.5 * y)[rows]
        fade = ((times - start) / (0.05 + 0.4 * draws[:, 6, None])).clamp(0, 1)
        for name, value in (("appear", fade), ("disappear", 1 - fade)):
            rows = kind == AT[name]
            opacity[rows] = value[rows]
        return x, y, size, opacity

    def draw(self, picture, camera, times):
        """Lays the sprites over [B, S, 3, H, W]; returns the share of the view that they cover, [B, S]."""
        side = picture.shape[-1]
        batch, count = times.shape
        at = (torch.arange(side, device=times.device) + 0.5) / side - 0.5
        shape = batch, count, side, side
        across, down = camera.scene_of(at.expand(side, -1).expand(shape), at[:, None].expand(-1, side).expand(shape))
        x, y, size, opacity = self.paths(times, camera.squeeze)
        covered = torch.zeros_like(times)
        for slot in range(SLOTS):
            rows = self.here[:, slot].nonzero()[:, 0]
            if not len(rows):
                continue
            phase = (times[rows] * (4 + self.pace[rows, slot, None]) + self.pace[rows, slot, None]).long() % 8
            sprite = self.bank.sprites[self.which[rows, slot, None].expand(-1, count), phase].float() / 255
            span = size[rows, :, slot, None, None].clamp(min=0.02) / 2
            local = (across[rows] - x[rows, :, slot, None, None]) / span
            flip = torch.where(self.mirror[rows, slot], -1.0, 1.0)[:, None, None, None]
            grid = torch.stack([local * flip, (down[rows] - y[rows, :, slot, None, None]) / span], -1)
            sprite = sprite.flatten(0, 1)
            sprite[:, :3] *= sprite[:, 3:]
            seen = F.grid_sample(sprite, grid.flatten(0, 1), padding_mode="zeros", align_corners=False)
            soft = self.soft[rows, slot].repeat_interleave(count)
            if soft.any():
                seen[soft] = F.avg_pool2d(F.avg_pool2d(seen[soft], 7, 1, 3), 7, 1, 3)
            seen = seen.unflatten(0, (len(rows), count)) * opacity[rows, :, slot, None, None, None]
            light = self.bright[rows, slot][:, None, None, None, None]
            picture[rows] = picture[rows] * (1 - seen[:, :, 3:]) + light * seen[:, :, :3]
            covered[rows] += seen[:, :, 3].mean((-1, -2))
        return covered.clamp(max=1)


def shade(picture, times, some):
    """Soft shadows and beams of light that sweep over `some` [B] of the clips."""
    rows = some.nonzero()[:, 0]
    if not len(rows):
        return
    device, side, count = picture.device, picture.shape[-1], len(rows)
    at = (torch.arange(side, device=device) + 0.5) / side - 0.5
    middle = times[rows].mean(1, keepdim=True)
    bearing = uniform(0, 6.3, count, 1, device=device)
    gone = (times[rows] - middle + uniform(-2, 2, count, 1, device=device)) * uniform(0.05, 0.8, count, 1, device=device)
    x = bearing.cos() * gone + uniform(-0.3, 0.3, count, 1, device=device)
    y = bearing.sin() * gone + uniform(-0.3, 0.3, count, 1, device=device)
    width = uniform(0.06, 0.4, count, 1, 1, 1, device=device)
    distance = (at - x[..., None, None]) ** 2 + (at[:, None] - y[..., None, None]) ** 2
    power = torch.where(chance(0.5, count, 1, 1, 1, device=device), uniform(-0.6, -0.1, count, 1, 1, 1, device=device),
                        uniform(0.2, 1.5, count, 1, 1, 1, device=device))
    picture[rows] *= (1 + power * torch.exp(-distance / (2 * width ** 2)))[:, :, None]


def rain(picture, some):
    """Short bright streaks, others in every frame, over `some` [B] of the clips."""
    rows = some.nonzero()[:, 0]
    if not len(rows):
        return
    shape = len(rows) * picture.shape[1], 1, *picture.shape[-2:]
    drops = (torch.rand(shape, device=picture.device) > 0.992).float()
    streaks = F.avg_pool2d(drops, (9, 1), 1, (4, 0)) * 9
    power = uniform(0.04, 0.25, len(rows), 1, 1, 1, 1, device=picture.device)
    picture[rows] += power * streaks.unflatten(0, (len(rows), picture.shape[1]))
