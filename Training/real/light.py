"""Light in a batch of clips: lamps, flashes, exposure that reacts, the night view. Pictures are [B, S, 3, H, W], 0…1."""

import torch
from torch.nn import functional as F

from .camera import ramp
from .script import AT, chance, of, uniform


def field(rows, cells, side, device):
    """Smooth random fields 0…1, [rows, 1, 1, side, side]."""
    coarse = torch.rand(rows, 1, cells, cells, device=device)
    return F.interpolate(coarse, size=side, mode="bicubic", align_corners=False).clamp(0, 1)[:, None]


def colours(picture):
    """Each clip's camera renders contrast and colour in its own way; one in eight is grey."""
    batch, device = len(picture), picture.device
    shape = batch, 1, 1, 1, 1
    grey = picture.mean(2, keepdim=True)
    colour = torch.where(chance(0.12, *shape, device=device), 0.0, uniform(0.5, 1.3, *shape, device=device))
    tint = uniform(0.88, 1.12, batch, 1, 3, 1, 1, device=device)
    picture = (grey + colour * (picture - grey)) * tint
    gamma = torch.exp(uniform(-0.45, 0.45, *shape, device=device))
    return picture.clamp(1e-3, 1.2) ** gamma * uniform(0.65, 1.15, *shape, device=device)


def expose(picture, script, covered):
    """What is always there and is no event: slow light, flicker, exposure that reacts to what passes by."""
    batch, device, times = len(picture), picture.device, script.times
    period, phase = uniform(8, 60, batch, 1, device=device), uniform(0, 6.3, batch, 1, device=device)
    swing = uniform(0, 0.4, batch, 1, device=device) * chance(0.3, batch, 1, device=device)
    gain = 1 + swing * (6.28 * times / period + phase).sin()
    gain = gain * (1 + 0.03 * torch.randn_like(times) * chance(0.2, batch, 1, device=device))
    gain = gain * (1 + covered * uniform(-0.35, 0.35, batch, 1, device=device))
    return picture * gain[:, :, None, None, None]


def lamps(picture, script):
    """The lights go out and come on, to a level of 0.05…0.72 and back, partly made good by the exposure."""
    batch, device, times = len(picture), picture.device, script.times
    level = 0.05 * 14.4 ** torch.rand(batch, device=device)
    even = torch.where(chance(0.6, batch, 1, 1, 1, 1, device=device), 1.0, 0.45 + 0.75 * field(batch, 4, picture.shape[-1], device))
    for slot in range(2):
        kind, start = script.kinds[:, slot], script.start[:, slot, None]
        out, on = (kind == AT["lights_off"])[:, None], (kind == AT["lights_on"])[:, None]
        rows = (out | on).nonzero()[:, 0]
        if not len(rows):
            continue
        seconds = uniform(0.03, 0.9, batch, 1, device=device)
        changed = ramp((times - start) / seconds)
        later = ramp((times - start - seconds - 0.2) / uniform(1, 4, batch, 1, device=device))
        lit = changed * (1 - later * uniform(0, 0.5, batch, 1, device=device) * chance(0.4, batch, 1, device=device))
        # The second slot lights again what the first made dark, or begins in the light.
        dark = torch.where(out, lit, 1 - changed)
        if slot == 1:
            dark = torch.where(script.back[:, None] & on, -changed, dark)
        power = (level.log()[:, None] * dark)[rows]
        picture[rows] = picture[rows] * torch.exp(power[:, :, None, None, None] * even[rows])
    return picture


def flash(picture, script):
    """A lamp that goes on and off, in the picture or all over it."""
    device, times = picture.device, script.times
    for slot in range(2):
        rows = (script.kinds[:, slot] == AT["flash"]).nonzero()[:, 0]
        if not len(rows):
            continue
        count, side = len(rows), picture.shape[-1]
        at, moment = script.start[rows, slot, None], times[rows]
        first, second = uniform(0.5, 1.3, 2, count, 1, device=device)
        wave = (6.28 * (moment - at) / first + 0.4).sin() + 0.6 * (6.28 * (moment - at) / second).sin()
        lit = ((wave > 0) & (moment >= at) & (moment < script.end[rows, slot, None])).float()[:, :, None, None, None]
        place = (torch.arange(side, device=device) + 0.5) / side - 0.5
        x, y = uniform(-0.45, 0.45, 2, count, 1, 1, 1, 1, device=device)
        radius = uniform(0.06, 0.3, count, 1, 1, 1, 1, device=device)
        glow = torch.exp(-((place - x) ** 2 + (place[:, None] - y) ** 2) / (2 * radius ** 2))
        local = chance(0.55, count, 1, 1, 1, 1, device=device)
        tint = uniform(0.5, 1, count, 1, 3, 1, 1, device=device)
        power, factor = uniform(0.35, 1.5, count, 1, 1, 1, 1, device=device), uniform(0.25, 1.4, count, 1, 1, 1, 1, device=device)
        picture[rows] = picture[rows] + lit * torch.where(local, glow * tint * power, (picture[rows] + 0.06) * factor)
    return picture


def night(picture, script):
    """Switches to the infra-red view and back; returns the pictures and how far each is the night's, [B, S]."""
    batch, device, times = len(picture), picture.device, script.times
    share, kick = torch.zeros_like(times), torch.zeros_like(times)
    starts_dark = (script.kinds[:, 0] == AT["to_day"]) | (script.kinds[:, 1] == AT["to_day"]) & ~script.back
    share[starts_dark] = 1
    share[chance(0.08, batch, device=device) & ~of(script.kinds, "to_night", "to_day").any(1)] = 1
    for slot in range(2):
        begun = ramp((times - script.start[:, slot, None]) / uniform(0.05, 0.8, batch, 1, device=device))
        since = times - script.start[:, slot, None]
        turn = of(script.kinds[:, slot], "to_night", "to_day")
        blink = uniform(-1.2, 1.2, batch, 1, device=device) * torch.exp(-since / uniform(0.2, 1, batch, 1, device=device))
        kick += torch.where(turn[:, None] & (since > 0), blink, 0.0)
        share = torch.where((script.kinds[:, slot] == AT["to_night"])[:, None], torch.maximum(share, begun), share)
        share = torch.where((script.kinds[:, slot] == AT["to_day"])[:, None], share * (1 - begun), share)
    rows = (share.amax(1) > 0).nonzero()[:, 0]
    if len(rows):
        some = picture[rows]
        mix = torch.rand(len(rows), 1, 3, 1, 1, device=device) + 0.2
        grey = (some * mix / mix.sum(2, keepdim=True)).sum(2, keepdim=True).clamp(1e-3, 1)
        place = torch.linspace(-1, 1, picture.shape[-1], device=device) ** 2
        lamp = 1 - uniform(0, 0.75, len(rows), 1, 1, 1, 1, device=device) * (place + place[:, None]).clamp(max=1)
        grey = grey ** torch.exp(uniform(-0.6, 0.5, len(rows), 1, 1, 1, 1, device=device)) * lamp
        grey = grey * uniform(0.6, 1.5, len(rows), 1, 1, 1, 1, device=device)
        # Some infra-red views have a cast.
        grey = grey * (1 + uniform(-0.08, 0.08, len(rows), 1, 3, 1, 1, device=device) * chance(0.2, len(rows), 1, 1, 1, 1, device=device))
        own = share[rows, :, None, None, None]
        picture[rows] = (some * (1 - own) + grey * own) * torch.exp(kick[rows, :, None, None, None])
    return picture, share
