"""The contrast of windows with texts: over the kinds, over compositions, and each label alone against the background."""

import math

import torch
from torch.nn import functional as F

import forward
from world import texts
from world.happenings import COMPOSED, KINDS, NOTHING
from world.things import COLOURS, SHAPES

BACKGROUNDS, COMPOSED_TEXTS = 6, 24
COLOUR_NAMES = list(COLOURS)


class Wordings:
    """Tokenised sentences to draw a batch's texts from."""

    def __init__(self, tokenizer, rng, device="cpu"):
        self.tokenizer, self.rng, self.device = tokenizer, rng, device
        self.by_kind = {kind: texts.training_sentences(kind) for kind in KINDS}

    def draw(self, composed):
        """Texts: BACKGROUNDS wordings of nothing, one of each other kind, then those of `composed`."""
        lines = list(self.rng.choice(self.by_kind[NOTHING], BACKGROUNDS, replace=False))
        for kind in KINDS[1:]:
            plain = self.rng.random() < 0.35
            lines.append(texts.PLAIN[kind] if plain else str(self.rng.choice(self.by_kind[kind])))
        lines += [texts.composed_sentence(self.rng, *c) for c in composed]
        encoded = self.tokenizer([str(line) for line in lines], padding=True, return_tensors="pt")
        return encoded.input_ids.to(self.device), encoded.attention_mask.to(self.device)


def pick_windows(labels, most):
    """[W, 2] of (clip, frame): windows of which something is known, at most `most`, and of each clip as many as of others."""
    known = (labels[..., 1:] >= 0).any(-1)
    known[:, :7] = False
    order = torch.rand(known.shape, device=known.device) * known
    each = max(most // len(labels), 1)
    values, frames = order.topk(min(each, known.shape[1]), 1)
    clips = torch.arange(len(labels), device=known.device)[:, None].expand_as(frames)
    return torch.stack([clips, frames], -1)[values > 0]


def choose_compositions(rng, present):
    """The compositions of the batch, filled up with ones that differ from them in one respect."""
    chosen = list(dict.fromkeys(present))[:COMPOSED_TEXTS]
    known = set(chosen)
    for colour, shape, kind in list(chosen) * 3:
        if len(chosen) >= COMPOSED_TEXTS:
            break
        change = int(rng.integers(3))
        other = (str(rng.choice(COLOUR_NAMES)) if change == 0 else colour,
                 str(rng.choice(SHAPES)) if change == 1 else shape,
                 str(rng.choice(COMPOSED)) if change == 2 else kind)
        if other not in known and not texts.is_test_composition(*other):
            chosen.append(other)
            known.add(other)
    return chosen


def background_level(logits):
    """log-mean-exp over the background texts, as the daemon measures every label against."""
    return torch.logsumexp(logits[:, :BACKGROUNDS], 1, keepdim=True) - math.log(BACKGROUNDS)


def label_losses(model, wordings, rng, video, shown, target, described):
    """Losses by name, and each kind's logits above the background [W, K − 1]. `target` [W, K]: 1 shown, 0 not, −1 open; its first column is of no meaning.
    `described`: the (colour, shape) that each window's happening is told with, or empty ones."""
    kinds = [KINDS[row] for row in target[:, 1:].argmax(1).add(1).tolist()]
    acting = (target[:, 1:] == 1).any(1).tolist()
    full = [(*name, kind) if name[0] and acts and kind in COMPOSED else None
            for name, kind, acts in zip(described, kinds, acting)]
    composed = choose_compositions(rng, [f for f in full if f])
    index = {c: i for i, c in enumerate(composed)}
    which = torch.tensor([index.get(f, -1) for f in full], device=target.device)
    ids, attention_mask = wordings.draw(composed)
    with torch.autocast(target.device.type, torch.bfloat16):
        logits = forward.compare(model, video, shown, forward.embed_texts(model, ids, attention_mask))
    logits = logits.float()
    background = background_level(logits)
    own = logits[:, BACKGROUNDS:BACKGROUNDS + len(KINDS) - 1]
    truth = target[:, 1:]
    losses = {"texts": among_kinds(background, own, truth), "alone": alone(own - background, truth)}
    known = which >= 0
    if composed:
        some = logits[:, BACKGROUNDS + len(KINDS) - 1:]
        each = F.cross_entropy(some, which.clamp(min=0), label_smoothing=0.03, reduction="none")
        losses["composed"] = (each * known).sum() / known.sum().clamp(min=1)
        rows = torch.where(known[:, None], F.one_hot(which.clamp(min=0), len(composed)).float(), -1.0)
        losses["composed_alone"] = alone(some - background, rows) * known.float().mean() * 0.5
    return losses, own.detach() - background.detach()


def among_kinds(background, own, truth):
    """Cross-entropy over the kinds that are not left open, of windows that show one or none."""
    general = torch.cat([background, own.masked_fill(truth < 0, -30)], 1)
    single = (truth == 1).sum(1) <= 1
    goal = torch.where((truth == 1).any(1), (truth == 1).float().argmax(1) + 1, 0)
    smooth = F.cross_entropy(general, goal, reduction="none")
    return (smooth * single).sum() / single.sum().clamp(min=1)


def alone(above, truth):
    """One threshold serves every label: each must stand above the background where it is true and below where not."""
    each = F.binary_cross_entropy_with_logits(above, truth.clamp(min=0), reduction="none")
    return (each * (truth >= 0) * (1 + 2 * (truth == 1))).sum(1).mean() / 2


@torch.no_grad()
def tally(above, truth):
    """Of each kind, [4, K]: how often it is shown, shown and reaches a score of 0.9, not shown, not shown and reaches it."""
    high = above > 2.2
    return torch.stack([some.float().sum(0) for some in (truth == 1, high & (truth == 1), truth == 0, high & (truth == 0))])
