"""What happens in a batch of real clips, and what each of their windows shows: all as tensors, one clip a row.

Two slots a clip hold a kind each, 0 for none, with start and end; the second often undoes the first.
"""

from dataclasses import dataclass

import torch

from world.happenings import DEFAULT_EVIDENCE, EVIDENCE, GONE, KINDS, LINGERS, SUDDEN

AT = {kind: index for index, kind in enumerate(KINDS)}
ACTED = ["left", "right", "up", "down", "closer", "away", "appear", "disappear"]  # Motions that sprites do.
TURNS = ["pan_left", "pan_right", "tilt_up", "tilt_down"]
BACK = {"pan_left": "pan_right", "pan_right": "pan_left", "tilt_up": "tilt_down", "tilt_down": "tilt_up",
        "knocked": "knocked", "lights_off": "lights_on", "lights_on": "lights_off", "to_night": "to_day", "to_day": "to_night"}
# Draws of each kind, of nothing as often as of a quarter of all others. Spins and swings are left to the drawn world.
OFTEN = {"freeze": 1.5, "noisy": 1.5, "breakup": 1.8, "shake": 2.0, "covered": 1.3, "defocus": 1.4, "knocked": 1.6,
         "lights_off": 1.3, "lights_on": 1.1, "black": 0.7, "to_night": 0.8, "to_day": 0.8, "spin": 0, "back_and_forth": 0,
         **{kind: 1.2 for kind in TURNS}, **{kind: 0.55 for kind in ACTED}}
# Seconds that each lasts, where it is more than a moment.
LONG = {**{kind: (1.2, 5.0) for kind in TURNS}, "shake": (1.5, 7), "covered": (2, 9), "defocus": (2, 9), "noisy": (1.5, 8),
        "black": (1.0, 8), "flash": (2, 5), "left": (1.2, 4), "right": (1.2, 4), "up": (1.2, 4), "down": (1.2, 4),
        "closer": (1.5, 4), "away": (1.5, 4)}
NOMINAL = 2.0
# Lasting states whose start a window must show: a camera that is always grainy or soft is no event.
ONSET = ["covered", "defocus", "noisy"]


def of(kinds, *names):
    """Whether each of `kinds` is one of these."""
    return torch.isin(kinds, torch.tensor([AT[name] for name in names], device=kinds.device))


def uniform(low, high, *shape, device):
    return low + (high - low) * torch.rand(*shape, device=device)


def chance(p, *shape, device):
    return torch.rand(*shape, device=device) < p


@dataclass
class Script:
    times: torch.Tensor  # [B, S] seconds
    kinds: torch.Tensor  # [B, 2]
    start: torch.Tensor  # [B, 2]
    end: torch.Tensor  # [B, 2] as the truth has it
    lasts: torch.Tensor  # [B, 2] how long what is seen goes on: freezes and the like beyond the end
    back: torch.Tensor  # [B] whether the second slot undoes the first


def table(values, default, device):
    return torch.tensor([values.get(kind, default) for kind in KINDS], device=device)


def sample_times(batch, count, device):
    """[B, S]: a window's frames some half a second apart, by cameras of 1 to 30 pictures a second."""
    stride = uniform(3.2, 4.8, batch, 1, device=device) / 8
    rates = torch.tensor([30.0, 25, 20, 15, 12.5, 10, 8, 5, 4, 3, 2, 1], device=device)
    odds = torch.tensor([3.0, 3, 2, 3, 2, 2, 2, 2, 1, 0.7, 0.5, 0.4], device=device)
    rate = rates[torch.multinomial(odds, batch, replacement=True)][:, None]
    times = torch.arange(count, device=device) * stride + stride * torch.rand(batch, 1, device=device)
    return torch.floor(times * rate) / rate


def write(batch, count, device, nothing=0.25):
    times = sample_times(batch, count, device)
    odds = table(OFTEN, 1.0, device)
    odds[0] = 0
    odds[0] = odds.sum() * nothing / (1 - nothing)
    first = torch.multinomial(odds, batch, replacement=True)
    odds[0] *= 4
    odds[[AT[kind] for kind in ACTED]] = 0
    second = torch.multinomial(odds, batch, replacement=True)
    undone = torch.tensor([AT[BACK.get(kind, kind)] for kind in KINDS], device=device)[first]
    back = (undone != first) | (first == AT["knocked"])
    back &= chance(0.45, batch, device=device)
    second = torch.where(back, undone, second)
    second[of(second, "breakup") | of(first, "breakup", *ACTED)] = 0
    # Not two of one sort at once: their marks could not be told apart.
    second[(second == first) & ~back] = 0
    second[of(first, *TURNS, "knocked") & of(second, *TURNS, "knocked") & ~back] = 0
    for some in (["lights_off", "lights_on"], ["to_night", "to_day"]):
        second[of(first, *some) & of(second, *some) & ~back] = 0
    kinds = torch.stack([first, second], 1)
    low, high = (table({kind: span[side] for kind, span in LONG.items()}, NOMINAL, device)[kinds] for side in (0, 1))
    length = low + (high - low) * torch.rand(batch, 2, device=device)
    newest = times[:, -1:]
    evidence = table(EVIDENCE, DEFAULT_EVIDENCE, device)[kinds] + 0.02
    reach = length + 0.9 * LINGERS if count == 8 else length.clamp(max=2) + (newest - times[:, :1] - 2)
    start = newest - evidence - torch.rand(batch, 2, device=device) * (reach - evidence).clamp(min=0.2)
    # Half of the second ones come after the first, the others where they like.
    after = start[:, 0] + length[:, 0] + uniform(0.6, 4, batch, device=device)
    start[:, 1] = torch.where(back | chance(0.5, batch, device=device), after, start[:, 1])
    lasts = torch.where(of(kinds, "freeze"), uniform(2, 7, batch, 2, device=device), length)
    return Script(times, kinds, start, start + length, start + lasts, back)


def truth(script):
    """[B, S, K] for the window that ends at each frame: 1 shown, 0 not, −1 where no one could say. Motions are left to
    `scene`, which knows what moves."""
    device = script.times.device
    batch, count = script.times.shape
    labels = torch.zeros(batch, count, len(KINDS), device=device)
    oldest = torch.cat([script.times[:, :1].expand(-1, min(7, count)), script.times[:, :count - 7]], 1)[:, :count]
    sudden, onset = of(script.kinds, *SUDDEN), of(script.kinds, *ONSET)
    evidence = table(EVIDENCE, DEFAULT_EVIDENCE, device)[script.kinds]
    for slot in range(2):
        kind, start, end = script.kinds[:, slot], script.start[:, slot, None], script.end[:, slot, None]
        begun = script.times > start
        seen = (script.times - start >= evidence[:, slot, None]) & (script.times <= end + LINGERS)
        over = script.times > end + GONE
        before = start < oldest
        unsure = begun & ~over & (~seen | before & (onset | sudden)[:, slot, None])
        value = torch.where(unsure, -1.0, (begun & ~over).float())
        value[kind == 0] = 0
        own = labels.gather(2, kind[:, None, None].expand(-1, count, 1))[..., 0]
        value = torch.where((own == 1) | (value == 1), 1.0, torch.minimum(own, value))
        labels.scatter_(2, kind[:, None, None].expand(-1, count, 1), value[..., None])
    labels[..., 0] = 0
    return labels


def forget(labels, rows, *names):
    """Leaves open what `rows` [B] or [B, S] show of these kinds, unless it is said to be shown."""
    rows = rows[:, None].expand(labels.shape[:2]) if rows.ndim == 1 else rows
    for name in names:
        values = labels[..., AT[name]]
        values[rows & (values != 1)] = -1
    return labels
