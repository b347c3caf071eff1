"""What befalls lens, sensor and stream in a batch of clips [B, S, 3, H, W], 0…1: covers, defocus, noise, black, freezes."""

import torch
from torch.nn import functional as F

from .camera import hold
from .light import field
from .script import AT, chance, uniform


def occurrences(script, kind):
    """Rows, start and end [n, 1] of the clips in which `kind` happens."""
    for slot in range(2):
        rows = (script.kinds[:, slot] == AT[kind]).nonzero()[:, 0]
        if len(rows):
            yield rows, script.start[rows, slot, None], script.end[rows, slot, None]


def soften(picture, some):
    """Cameras whose picture is never sharp: `some` [B]."""
    rows = some.nonzero()[:, 0]
    if len(rows):
        flat = picture[rows].flatten(0, 1)
        blurred = F.avg_pool2d(F.pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1)
        share = uniform(0.2, 1, len(rows), 1, 1, 1, 1, device=picture.device)
        picture[rows] = picture[rows] * (1 - share) + share * blurred.unflatten(0, (len(rows), -1))
    return picture


def disc(picture, across, down):
    """N pictures [N, 3, H, W] through a lens whose discs of confusion have these radii [N] in pixels."""
    pad = 12
    wide = F.pad(picture, (pad, pad, pad, pad), mode="replicate")
    height, width = wide.shape[-2:]
    v = torch.fft.fftfreq(height, device=picture.device)[:, None] * down[:, None, None]
    u = torch.fft.rfftfreq(width, device=picture.device) * across[:, None, None]
    frequency = 6.2832 * torch.sqrt(u * u + v * v)
    transfer = torch.where(frequency < 1e-3, 1.0, 2 * torch.special.bessel_j1(frequency) / frequency.clamp(min=1e-3))
    blurred = torch.fft.irfft2(torch.fft.rfft2(wide) * transfer[:, None], s=(height, width))
    return blurred[..., pad:-pad, pad:-pad].clamp(min=0)


def defocus(picture, script, camera):
    """Discs of 1.4 to 8 % of the short side, coming and going within 0.2 to 2 s."""
    side = picture.shape[-1]
    for rows, start, end in occurrences(script, "defocus"):
        count, device = len(rows), picture.device
        radius = side / 2 * 0.014 * 5.7 ** torch.rand(count, 1, device=device)
        radius = radius * hold(script.times[rows], start, end, uniform(0.2, 1.9, count, 1, device=device))
        across = radius / torch.where(camera.whole, camera.squeeze, 1.0)[rows, None]
        flat = picture[rows].flatten(0, 1)
        blurred = radius.flatten() > 0.2
        if blurred.any():
            flat[blurred] = disc(flat[blurred], across.flatten()[blurred], radius.flatten()[blurred])
        picture[rows] = flat.unflatten(0, (count, -1))
    return picture


def cover(picture, script, bank):
    """Something before the lens: opaque or letting light through, dark or bright, plain or with a surface, over all of the
    view or most of it."""
    side = picture.shape[-1]
    for rows, start, end in occurrences(script, "covered"):
        count, device = len(rows), picture.device
        surface = bank.frames[torch.randint(len(bank.frames), (count,), device=device)][:, None].float() / 255
        surface = F.interpolate(F.avg_pool2d(surface[:, 0], 24), size=side, mode="bilinear")[:, None]
        shade = torch.rand(count, 1, 3, 1, 1, device=device)
        shade = shade.mean(2, keepdim=True) + (shade - shade.mean(2, keepdim=True)) * uniform(0, 1, count, 1, 1, 1, 1, device=device)
        bright = torch.where(chance(0.65, count, 1, 1, 1, 1, device=device), uniform(0.02, 0.4, count, 1, 1, 1, 1, device=device),
                             uniform(0.4, 1.3, count, 1, 1, 1, 1, device=device))
        shade = shade * bright + uniform(-0.12, 0.12, count, 1, 1, 1, 1, device=device) * field(count, 4, side, device)
        textured = chance(0.35, count, 1, 1, 1, 1, device=device)
        shade = torch.where(textured, surface * (bright + 0.2), shade).clamp(0, 1)
        solid = torch.where(chance(0.68, count, 1, 1, 1, 1, device=device), uniform(0.9, 1, count, 1, 1, 1, 1, device=device),
                            uniform(0.5, 0.9, count, 1, 1, 1, 1, device=device))
        part = torch.where(chance(0.6, count, 1, 1, 1, 1, device=device), 1.3, uniform(0.62, 1.0, count, 1, 1, 1, 1, device=device))
        place = (torch.arange(side, device=device) + 0.5) / side - 0.5
        bearing = uniform(0, 6.3, count, 1, 1, 1, 1, device=device)
        line = (bearing.cos() * place + bearing.sin() * place[:, None]) / (bearing.cos().abs() + bearing.sin().abs()) + 0.5
        line = line + 0.25 * (field(count, 3, side, device) - 0.5)
        drawn = hold(script.times[rows], start, end, uniform(0.12, 1.0, count, 1, device=device))[:, :, None, None, None]
        sharp = uniform(4, 25, count, 1, 1, 1, 1, device=device)
        alpha = ((drawn * part * 1.1 - line) * sharp).clamp(0, 1) * (drawn > 0) * solid
        under = picture[rows]
        # What shines through a thin cover is no longer sharp.
        through = F.avg_pool2d(F.pad(under.flatten(0, 1), (4, 4, 4, 4), mode="replicate"), 9, 1).unflatten(0, (count, -1))
        under = torch.where(solid < 0.9, torch.lerp(under, through, (alpha / solid).clamp(0, 1)), under)
        picture[rows] = under * (1 - alpha) + shade * alpha
    return picture


def noise(shape, fine, device):
    """[N, 3, H, W] of noise with deviation 1, coarser where `fine` [N] is less, as a reduced and compressed picture has it."""
    count, _, height, width = shape
    white = torch.randn(shape, device=device)
    coarse = F.interpolate(torch.randn(count, 3, height // 2, width // 2, device=device), scale_factor=2, mode="bilinear")
    grain = fine.sqrt() * white + (1 - fine).sqrt() * 1.6 * coarse
    grey = chance(0.5, count, 1, 1, 1, device=device)
    return torch.where(grey, grain[:, :1], grain)


def grain(picture, script, dark):
    """The sensor's grain, little by day, more where it is `dark` [B, S]; and where the picture gets noisy, 4 to 30 levels as
    seen at the model's size, whose reduction averages away most of what the camera adds."""
    batch, count = script.times.shape
    device = picture.device
    usual = torch.where(chance(0.4, batch, 1, device=device), 0.0, 2.2 * torch.rand(batch, 1, device=device) ** 2)
    usual = usual + dark * uniform(0, 3.5, batch, 1, device=device) * chance(0.6, batch, 1, device=device)
    for rows, start, end in occurrences(script, "noisy"):
        strength = 4 * 7.5 ** torch.rand(len(rows), 1, device=device)
        usual[rows] = usual[rows].clamp(max=1.5) + strength * hold(script.times[rows], start, end, 0.1)
    rows = (usual.amax(1) > 0).nonzero()[:, 0]
    if len(rows):
        fine = torch.rand(len(rows), device=device).repeat_interleave(count)[:, None, None, None]
        some = noise((len(rows) * count, *picture.shape[2:]), fine, device).unflatten(0, (len(rows), count))
        picture[rows] += some * (usual[rows] / 255)[:, :, None, None, None]
    return picture


def skip_blocks(picture, some):
    """As an encoder of few bits does: in `some` [B] of the clips, blocks that hardly changed stay what they were."""
    rows = some.nonzero()[:, 0]
    if not len(rows):
        return picture
    part, limit = picture[rows], uniform(0.005, 0.03, len(rows), 1, 1, 1, device=picture.device)
    shown = [part[:, 0]]
    for index in range(1, part.shape[1]):
        changed = F.avg_pool2d((part[:, index] - shown[-1]).abs().mean(1, keepdim=True), 4)
        new = F.interpolate((changed > limit).float(), scale_factor=4)
        refreshed = chance(0.25, len(rows), 1, 1, 1, device=picture.device)
        shown.append(torch.where((new > 0) | refreshed, part[:, index], shown[-1]))
    picture[rows] = torch.stack(shown, 1)
    return picture


def black(picture, script):
    """No picture at all: a plain level from 0 to 36, mostly without colour."""
    for rows, start, end in occurrences(script, "black"):
        count, device = len(rows), picture.device
        there = ((script.times[rows] >= start) & (script.times[rows] < end))[:, :, None, None, None]
        level = torch.where(chance(0.3, count, 1, 1, 1, 1, device=device), 0.0, uniform(0, 36 / 255, count, 1, 1, 1, 1, device=device))
        cast = 1 + uniform(-0.5, 0.5, count, 1, 3, 1, 1, device=device) * chance(0.2, count, 1, 1, 1, 1, device=device)
        grainy = torch.randn_like(picture[rows]) * uniform(0, 1.5, count, 1, 1, 1, 1, device=device) / 255
        picture[rows] = torch.where(there, level * cast + grainy * (level > 0), picture[rows])
    return picture


def hold_still(picture, script):
    """Frames of one moment are one picture: those of a camera that gives few a second, and those of one that froze."""
    moment = script.times.clone()
    for rows, start, _ in occurrences(script, "freeze"):
        lasts = script.lasts[rows][(script.kinds[rows] == AT["freeze"]).nonzero(as_tuple=True)][:, None]
        frozen = (moment[rows] >= start) & (moment[rows] < lasts)
        moment[rows] = torch.where(frozen, start, moment[rows])
    same = (moment[:, :, None] - moment[:, None]).abs() < 1e-4
    first = same.float().argmax(2)
    return picture.gather(1, first[:, :, None, None, None].expand_as(picture))
