"""A batch of real clips, made on the device that trains, with the truth of every window."""

import torch

from world.happenings import MOTIONS

from . import faults, light, passers
from .camera import Camera
from .script import AT, TURNS, chance, forget, of, truth, uniform, write

QUIET = 0.004  # The share of a picture that may change within half a second where nothing moves.

UNSEEN = 0.025  # The deviation of a picture's pixels under which nothing can be made out.


@torch.no_grad()
def make_batch(bank, batch, count, side):
    """Frames [B, S, side, side, 3] uint8 and labels [B, S, K]: 1 shown, 0 not, −1 open."""
    device = bank.frames.device
    script = write(batch, count, device)
    hurt = of(script.kinds, "breakup").any(1)
    script.kinds[hurt] = torch.tensor([AT["breakup"], 0], device=device)
    clip = torch.where(hurt, bank.draw(batch, damaged=True), bank.draw(batch))
    index, moment = frames_of(bank, clip, script, hurt)
    lively = bank.lively[index].mean(1)
    busy = chance(0.5, batch, device=device) & ~hurt
    some = passers.Passers(bank, script, busy)
    camera = Camera(script, bank.aspect[clip], moment, ~hurt)
    full = hurt.nonzero()[:, 0]
    short = bank.aspect[clip].clamp(max=1)
    camera.up[full] = torch.where(camera.whole, 1.0, short)[full] / 2
    camera.across[full] = torch.where(camera.whole, 1.0, short / bank.aspect[clip])[full] / 2
    camera.middle[full] = 0.5
    mirrored = chance(0.5, batch, device=device)
    # In parts: a whole batch at four samples a pixel is tens of gigabytes.
    picture = torch.cat([see(bank, camera, index, mirrored, rows, side) for rows in torch.arange(batch, device=device).split(64)])
    picture = light.colours(picture)
    covered = some.draw(picture, camera, moment)
    passers.shade(picture, moment, chance(0.12, batch, device=device))
    picture = light.flash(light.lamps(light.expose(picture, script, covered), script), script)
    picture = faults.defocus(picture, script, camera)
    passers.rain(picture, chance(0.05, batch, device=device))
    picture = faults.cover(picture, script, bank)
    picture, dark = light.night(picture, script)
    picture = faults.soften(picture, chance(0.3, batch, device=device))
    picture = faults.grain(picture.clamp(0, 1), script, dark + 0.2)
    picture = faults.skip_blocks(picture, chance(0.3, batch, device=device))
    picture = faults.black(picture, script)
    picture = faults.hold_still(picture, script)
    labels = describe(script, bank, index, some, lively, covered, hurt)
    plain = picture.std((2, 3, 4)).median(1).values < UNSEEN
    for name in (*TURNS, "knocked", "shake", "defocus", "freeze", "breakup", "to_night", "to_day"):
        labels[..., AT[name]][plain] = -1
    return (picture.clamp(0, 1) * 255).round().to(torch.uint8).movedim(2, -1), labels


def see(bank, camera, index, mirrored, rows, side):
    part = object.__new__(Camera)
    for name, value in vars(camera).items():
        setattr(part, name, value[rows])
    return part.see(bank.frames[index[rows]], side, mirrored[rows])


def frames_of(bank, clip, script, hurt):
    """Indices [B, S] into the bank's frames, playing to and fro where a clip is short, and the moments they are of."""
    batch, device = len(clip), clip.device
    count, rate = bank.count[clip][:, None], bank.rate[clip][:, None]
    speed = torch.where(chance(0.06, batch, 1, device=device), uniform(2, 8, batch, 1, device=device), 1.0)
    speed = torch.where(hurt[:, None], 1.0, speed)
    at = (script.times * rate * speed + torch.rand(batch, 1, device=device) * count).long()
    at = at % (2 * count - 1).clamp(min=1)
    at = torch.where(at < count, at, 2 * count - 1 - at)
    # Damage runs once, from anywhere in its clip.
    span = ((script.times[:, -1:] - script.times[:, :1]) * rate).long()
    once = (script.times - script.times[:, :1]) * rate + torch.rand(batch, 1, device=device) * (count - span).clamp(min=0)
    at = torch.where(hurt[:, None], torch.minimum(once.long(), count - 1), at)
    at = torch.where(bank.still[clip][:, None], at[:, :1], at)
    return bank.first[clip][:, None] + at, script.times


def describe(script, bank, index, some, lively, covered, hurt):
    """The script's truth, and what footage, sprites and chance add to it."""
    labels = truth(script)
    batch, count = script.times.shape
    quiet = (lively < QUIET) & ~some.here[:, 1:].any(1) & ~(some.here[:, 0] & ~some.acts)
    # Real movement has names, but nobody has written them down: only what the actor does is known.
    for name in MOTIONS:
        forget(labels, ~quiet, name)
    acts = some.acts
    forget(labels, acts, "appear", "disappear", "closer", "away")
    for name, other in (("left", "right"), ("right", "left"), ("up", "down"), ("down", "up")):
        shown = labels[..., AT[name]] == 1
        labels[..., AT[other]][shown] = 0
    # A still picture that freezes is the same picture.
    still = (lively < 4 * QUIET) & ~some.here.any(1)
    frozen = labels[..., AT["freeze"]]
    frozen[(script.kinds == AT["freeze"]).any(1) & still] = -1
    forget(labels, hurt, "freeze")
    forget(labels, covered.cummax(1).values > 0.6, "covered", "lights_off", "black")
    forget(labels, of(script.kinds, "black").any(1), "lights_off")
    hidden = of(script.kinds, "black").any(1) & of(script.kinds, "covered").any(1)
    labels[hidden, :, AT["covered"]] = -1
    forget(labels, of(script.kinds, "lights_off", "lights_on").any(1), "black", "covered")
    forget(labels, of(script.kinds, "to_night", "to_day").any(1), "lights_off", "lights_on")
    forget(labels, of(script.kinds, "shake").any(1), *TURNS)
    labels[..., AT["breakup"]] = torch.where(hurt[:, None], damage_shown(bank.seen[index], script.times), labels[..., AT["breakup"]])
    return labels


def damage_shown(seen, times):
    """[B, S]: 1 where damage is visible or was a moment ago, −1 where it is slight or some time ago."""
    age = times[:, :, None] - times[:, None]
    past = (age >= 0)
    clear = (past & (age <= 1.0) & (seen[:, None] > 0.06)).any(2)
    trace = (past & (age <= 2.2) & (seen[:, None] > 0.008)).any(2)
    return torch.where(clear, 1.0, torch.where(trace, -1.0, 0.0))
