"""Trains the embedded model: python train.py --out DIR [--minutes 120] [--start MODEL] [--resume].

A first stage without a word, easy clips and heads that regress where things are and tell what happens, starts what the
contrast with texts alone does not; its losses fade as the share of the time that is spent grows, but never quite. From
8 % of the time on clips grow richer, from 15 % on the texts come in, and from 60 % on the rate falls. Half of the pictures
come as clips of one window with two-way messages, as the paper has them, the others as longer ones with the band of
messages that `cached` keeps, with a decision at every step: the model holds up under both. Beside each batch of clips goes one
of still pictures of several objects, which alone teach it shape. The schedule runs over the
minutes given, those before a --resume included. With --start it goes on from a finished model: the heads, which no
checkpoint has, learn alone for some steps, and the course begins where texts and rich clips are in already.
"""

import large_blocks

large_blocks.keep()

import argparse
import copy
import math
import os
import pathlib
import time

import cv2
import numpy as np
import torch
from torch.nn import functional as F
from transformers import XCLIPModel

import forward
import network
from losses import COLOUR_NAMES, Wordings, label_losses
from optimizers import make_optimizers
from real.drawn import ACROSS, UPSIDE_DOWN
from tokens import load_tokenizer, write_tokenizer
from world import texts
from world.clips import T, make_clip, make_still
from world.director import REVERSE
from world.happenings import KINDS
from world.textures import HELD_OUT, TRAINING, Pool
from world.things import COLOURS, SHAPES

MOST_WINDOWS, STILLS, MUON = 36, 48, 10  # The last: Muon's rate, in AdamW's.
HEADS_ALONE, STARTED = 150, 0.4  # With --start: steps in which only the heads learn, share of the course that is behind it.
MIDDLE = 3  # Blocks after which the patches are asked what they show.
HELD_OUT_SEED = 1 << 40  # Seeds from here on are never trained on.


class Clips(torch.utils.data.IterableDataset):
    """Endless batches: frames, kinds, colours, shapes, boxes, as easy and of such kinds as the course has it."""

    def __init__(self, course, first_seed, batch):
        self.course, self.first_seed, self.batch = course, first_seed, batch

    def __iter__(self):
        cv2.setNumThreads(0)
        worker = torch.utils.data.get_worker_info()
        seed = self.first_seed + worker.id
        pool = Pool(np.random.default_rng(seed), TRAINING)
        index = 0
        while True:
            easy, weights = self.course.ease.value, np.array(self.course.weights)
            # What bands and long clips teach is for those who can tell what happens at all.
            count = T if index % 2 == 0 or easy > 0.5 else 2 * T
            clips = []
            for _ in range(self.batch * T // count):
                # Not the clip's own numbers: its stride is the first of them, and would go by the kind.
                rng = np.random.default_rng([seed, 1])
                kind = str(rng.choice(KINDS, p=weights / weights.sum()))
                clips.append(make_clip(seed, network.SIZE, [pool], count=count, kind=kind, easy=rng.random() < easy,
                                       nearness=rng.uniform(1.2, 1.9) if rng.random() < 0.2 else 1.0, past=0.7,
                                       rough=True))
                seed += worker.num_workers
            index += 1
            yield (torch.from_numpy(np.stack([c.frames for c in clips])),
                   torch.from_numpy(np.stack([c.kinds for c in clips])),
                   [c.colours for c in clips], [c.shapes for c in clips],
                   torch.from_numpy(np.stack([c.boxes for c in clips])),
                   torch.from_numpy(np.stack([c.things for c in clips])),
                   torch.from_numpy(np.stack([c.states for c in clips])))


class Stills(torch.utils.data.IterableDataset):
    """Endless batches of single pictures of several objects and where they are: the cheapest way to learn to see shape."""

    def __init__(self, first_seed):
        self.first_seed = first_seed

    def __iter__(self):
        cv2.setNumThreads(0)
        seed = self.first_seed
        pool = Pool(np.random.default_rng(seed), TRAINING)
        while True:
            pictures, things = zip(*[make_still(seed + i, network.SIZE, [pool]) for i in range(STILLS)])
            seed += STILLS
            yield torch.from_numpy(np.stack(pictures)), torch.from_numpy(np.stack(things))


class FirstStage(torch.nn.Module):
    """Heads that only training has: where each object is in each frame, how object, camera and light changed from one
    frame to the next (from both frames' class tokens, and from the later one's alone, which the messages let know), which
    patches show the object, and what it is and does, from a window."""

    def __init__(self, width, embedding):
        super().__init__()
        self.box = torch.nn.Linear(width, 3)
        self.things = torch.nn.Linear(width, 4 * len(COLOURS) * len(SHAPES))
        self.change = torch.nn.Sequential(torch.nn.Linear(2 * width, 256), torch.nn.GELU(), torch.nn.Linear(256, 6))
        self.covers = torch.nn.Linear(embedding, 1)
        self.kind = torch.nn.Linear(embedding, len(KINDS))
        self.kind_of_tokens = torch.nn.Linear(T * width, len(KINDS))
        self.found = torch.nn.Linear(width, 1 + len(COLOURS) + len(SHAPES) + 3)
        self.colour = torch.nn.Linear(embedding, len(COLOURS))
        self.shape = torch.nn.Linear(embedding, len(SHAPES))
        self.change_seen = torch.nn.Linear(width, 6)


def mirrored(batch, across, upside_down):
    """The batch as mirrors show it; a clip that would then show a composition kept for the test is asked nothing."""
    frames, kinds, colours, shapes, boxes, things, states = batch
    names = {**(ACROSS if across else {}), **(UPSIDE_DOWN if upside_down else {})}
    kinds = torch.tensor([KINDS.index(names.get(kind, kind)) for kind in KINDS] + [-1])[kinds]
    for b in range(len(frames)):
        if any(colour and texts.is_test_composition(colour, shape, KINDS[kind])
               for colour, shape, kind in zip(colours[b], shapes[b], kinds[b].tolist())):
            kinds[b] = -1
    axes = [3] * across + [2] * upside_down
    turn = torch.tensor([-1.0 if across else 1.0, -1.0 if upside_down else 1.0, 1.0, 1.0])
    return frames.flip(axes), kinds, colours, shapes, boxes * turn, things * turn, states * turn


def turned(stills, rng):
    """Stills as one of the eight symmetries of the square shows them."""
    pictures, things = stills
    if rng.random() < 0.5:
        pictures, things = pictures.transpose(1, 2), things[..., [1, 0, 2, 3]]
    across, upside_down = (bool(half) for half in rng.random(2) < 0.5)
    turn = torch.tensor([-1.0 if across else 1.0, -1.0 if upside_down else 1.0, 1.0, 1.0])
    return pictures.flip([2] * across + [1] * upside_down), things * turn


def step(model, stage, wordings, batch, stills, rng, first_weight, with_texts):
    """The losses of a batch of clips and one of stills, by name, and the share told rightly of windows in which
    something happens."""
    frames, kinds, colours, shapes, boxes, things, states = batch
    pixels = network.normalise(frames)
    count = pixels.shape[1]
    mask = None if count == T else forward.band(count, T)
    ends = (kinds >= 0).nonzero()
    if len(ends) > MOST_WINDOWS:
        ends = ends[torch.from_numpy(rng.permutation(len(ends))[:MOST_WINDOWS])]
    target = kinds[ends[:, 0], ends[:, 1]]
    described = [(colours[b][s], shapes[b][s], KINDS[kinds[b, s]]) for b, s in ends.tolist()]
    with torch.autocast("cpu", torch.bfloat16):
        classes, patches, tokens, between = forward.encode(model, pixels, mask, middle=MIDDLE)
        tokens = forward.norm(tokens, model.vision_model.post_layernorm)
        of_windows, shown = forward.windows(classes, patches, ends, T)
        video = model.mit(of_windows).pooler_output
    losses, told = first_losses(stage, tokens, patches, video, ends, target, described, boxes, things, states)
    losses["found"] = found_loss(stage.found(F.layer_norm(between.float(), between.shape[-1:])).float(), things)
    losses |= still_losses(model, stage, *stills)
    losses = {name: first_weight * loss for name, loss in losses.items()}
    if with_texts:
        more, told["top1"] = text_losses(model, wordings, rng, video, shown, target, described)
        losses |= more
    return losses, told


def first_losses(stage, tokens, patches, video, ends, target, described, boxes, things, states):
    """What the first stage learns without a word: where the object is, what happens, and to what."""
    frames_of = ends[:, 1:] - torch.arange(T - 1, -1, -1)
    with torch.autocast("cpu", torch.bfloat16):
        box = stage.box(tokens)
        slots = stage.things(tokens).unflatten(-1, (-1, 4)).float()
        change = stage.change(torch.cat([tokens[:, :-1], tokens[:, 1:]], -1)).float()
        change_seen = stage.change_seen(tokens[:, 1:]).float()
        covers = stage.covers(patches)[..., 0].float()
        kind = stage.kind(video).float()
        of_tokens = stage.kind_of_tokens(tokens[ends[:, :1], frames_of].flatten(1)).float()
        colour, shape = stage.colour(video).float(), stage.shape(video).float()
    # With a small weight here the class token does not learn where things are, and without that no motion. Which of
    # several objects acts cannot be seen in one frame: there each is asked for by its colour and shape.
    seen = boxes[..., 3:] * (things[..., 3].sum(-1, keepdim=True) == 1)
    losses = {"box": 10 * place_loss(box.float(), boxes, seen),
              "things": 10 * place_loss(slots[..., :3], things, things[..., 3:]),
              "there": 4 * F.binary_cross_entropy_with_logits(slots[..., 3], things[..., 3]),
              "kind": F.cross_entropy(kind, target), "change": 10 * change_loss(change, boxes, states),
              "change_seen": 10 * change_loss(change_seen, boxes, states),
              "covers": covers_loss(covers, things),
              "kind_of_tokens": 0.5 * F.cross_entropy(of_tokens, target)}
    known = torch.tensor([bool(d[0]) for d in described])
    if known.any():
        colours = torch.tensor([COLOUR_NAMES.index(d[0]) for d in described if d[0]])
        shapes = torch.tensor([SHAPES.index(d[1]) for d in described if d[0]])
        losses["colour"] = 0.5 * F.cross_entropy(colour[known], colours)
        losses["shape"] = 1.5 * F.cross_entropy(shape[known], shapes)
    happens = target > 0
    away = ((box.float() - boxes[..., :3])[..., :2].abs() * seen).sum() / seen.sum().clamp(min=1) / 2
    guess = kind.argmax(1)
    return losses, {"told": (guess == target)[happens].float().mean().item(), "away": away.item(),
                    "guesses": (target.tolist(), guess.tolist())}


def still_losses(model, stage, pictures, things):
    """Where each object of single pictures is, as the class token and as the patches have it."""
    things = things[:, None]
    with torch.autocast("cpu", torch.bfloat16):
        _, _, tokens, between = forward.encode(model, network.normalise(pictures[:, None]), middle=MIDDLE)
        slots = stage.things(forward.norm(tokens, model.vision_model.post_layernorm)).unflatten(-1, (-1, 4)).float()
    there = F.binary_cross_entropy_with_logits(slots[..., 3], things[..., 3])
    return {"still_things": 10 * place_loss(slots[..., :3], things, things[..., 3:]) + 4 * there,
            "still_found": found_loss(stage.found(F.layer_norm(between.float(), between.shape[-1:])).float(), things)}


def place_loss(place, truth, seen):
    off = F.smooth_l1_loss(place, truth[..., :3], reduction="none", beta=0.05) * seen
    return off.sum() / seen.sum().clamp(min=1)


def change_loss(change, boxes, states):
    """Of the object's place and size, the camera's view and the light, from each frame to the next: [B, S−1, 6]."""
    truth = torch.cat([boxes[:, 1:, :3] - boxes[:, :-1, :3], states[:, 1:, :3] - states[:, :-1, :3]], -1)
    seen = torch.cat([(boxes[:, 1:, 3:] * boxes[:, :-1, 3:]).expand(-1, -1, 3),
                      (states[:, 1:, 3:] * states[:, :-1, 3:]).expand(-1, -1, 3)], -1)
    scale = torch.tensor([1.0, 1.0, 0.3, 1.0, 1.0, 0.1])
    off = F.smooth_l1_loss(change * scale, truth * scale, reduction="none", beta=0.03) * seen
    return off.sum() / seen.sum().clamp(min=1) * 3


def covers_loss(covers, things):
    """Which patches an object covers: [B, S, N−1] logits against discs of the objects' places and sizes."""
    side = int(covers.shape[-1] ** 0.5)
    at = (torch.arange(side) + 0.5) / side - 0.5
    across, down = at - things[..., 0, None, None], at[:, None] - things[..., 1, None, None]
    distance = (across ** 2 + down ** 2).sqrt().flatten(3)
    radius = 0.125 * things[..., 2:3].exp()
    truth = (torch.sigmoid((radius + 0.03 - distance) / 0.04) * things[..., 3:]).amax(2)
    return F.binary_cross_entropy_with_logits(covers, truth)


def found_loss(guess, things):
    """What each patch shows, [B, S, N−1, 1 + colours + shapes + 3]: whether an object, whose it is, and where its middle and
    how large it is, as seen from there. A patch that several objects touch is the nearest one's."""
    side = int(guess.shape[-2] ** 0.5)
    at = (torch.arange(side) + 0.5) / side - 0.5
    middles = torch.stack([at.repeat(side), at.repeat_interleave(side)], -1)
    off = things[..., None, :2] - middles  # [B, S, objects, N−1, 2]
    radius = 0.125 * things[..., 2].exp()
    distance = off.norm(dim=-1) - radius[..., None] + 10 * (1 - things[..., 3:])
    nearest, which = distance.min(2)
    shown = (nearest < 0.35 / side).float()
    count = shown.sum().clamp(min=1)
    own = torch.gather(off, 2, which[:, :, None, :, None].expand(-1, -1, -1, -1, 2))[:, :, 0]
    size = torch.gather(things[..., 2], 2, which)
    colours, shapes = len(COLOURS), len(SHAPES)
    loss = 2 * F.binary_cross_entropy_with_logits(guess[..., 0], shown)
    colour = F.cross_entropy(guess[..., 1:1 + colours].flatten(0, 2), (which // shapes).flatten(), reduction="none")
    shape = F.cross_entropy(guess[..., 1 + colours:-3].flatten(0, 2), (which % shapes).flatten(), reduction="none")
    loss = loss + ((colour + 3 * shape) * shown.flatten()).sum() / count * 0.5
    place = F.smooth_l1_loss(guess[..., -3:], torch.cat([own * side, size[..., None]], -1), reduction="none", beta=0.2)
    return loss + (place * shown[..., None]).sum() / count


def text_losses(model, wordings, rng, video, shown, target, described):
    """The contrast with texts, and the share told rightly of windows in which something happens."""
    truth = F.one_hot(target, len(KINDS)).float()
    losses, above = label_losses(model, wordings, rng, video, shown, truth, [d[:2] for d in described])
    happens = target > 0
    return losses, (above.argmax(1) + 1 == target)[happens].float().mean().item()


def in_mirrors(batch, rng):
    across, upside_down = [(True, False), (False, True), (True, True)][int(rng.integers(3))]
    return mirrored(batch, across, upside_down)


def again(batches, rng, otherwise, times=2):
    """Each batch, and between them earlier ones as `otherwise` shows them: drawing costs much of learning from it."""
    earlier = []
    for batch in batches:
        yield batch
        if len(earlier) < 48:
            earlier.append(batch)
            continue
        for _ in range(times - 1):
            yield otherwise(earlier[int(rng.integers(len(earlier)))], rng)
        earlier[int(rng.integers(len(earlier)))] = batch


@torch.no_grad()
def held_out_accuracy(model, tokenizer, clips):
    """Top-1 over the kinds in their plain wordings, and the kinds that are told less than nine times in ten."""
    encoded = tokenizer([texts.PLAIN[kind] for kind in KINDS], padding=True, return_tensors="pt")
    text = forward.embed_texts(model, encoded.input_ids, encoded.attention_mask)
    right = np.zeros(len(KINDS))
    total = np.zeros(len(KINDS))
    for at in range(0, len(clips), 26):
        some = clips[at:at + 26]
        classes, patches, _ = forward.encode(model, network.normalise(torch.from_numpy(np.stack([c.frames for c in some]))))
        logits, _ = forward.heads(model, classes, patches.mean(1), text)
        for clip, guess in zip(some, logits.argmax(1).tolist()):
            right[clip.kinds[-1]] += guess == clip.kinds[-1]
            total[clip.kinds[-1]] += 1
    return right.sum() / total.sum(), {k: round(float(r / t), 2) for k, r, t in zip(KINDS, right, total) if r < 0.9 * t}


class Course:
    """What the learners share: how far the training has come, how easy the clips are, and how often each kind is drawn."""

    def __init__(self, context):
        self.share, self.ease, self.weights = context.Value("d", 0.0), context.Value("d", 1.0), context.Array("d", len(KINDS))
        self.move(0.0, np.zeros(len(KINDS)))

    def move(self, share, told):
        """To the point `share` of the training; `told` [kinds]: how often each is told rightly by now."""
        self.share.value = share
        self.ease.value = min(max(1 - (share - 0.08) / 0.15, 0.05), 1.0)
        # The weak kinds more often than the strong ones, turns of the camera twice as often, as each is turned back; most of
        # a camera's day is nothing.
        often = np.array([2.0 if kind in REVERSE else 1.0 for kind in KINDS[1:]])
        self.weights[:] = [5.0] + list(often * (1.6 - told[1:]))

    @property
    def with_texts(self):
        return self.share.value > 0.15


def share_of_course(arguments, spent):
    """How much of the course is behind after `spent` seconds, 0…1."""
    begun = STARTED if arguments.start else 0.0
    return min(begun + (1 - begun) * spent / (arguments.minutes * 60), 1.0)


def learn(rank, arguments, course, model, stage, first_seed, memories=None, report=None):
    """One learner's endless steps on the shared weights, each with its own clips and its own optimizers' memory.

    The learners take no heed of one another: a step from weights that another has moved meanwhile is as good, and none
    waits for a barrier. `memories`: of the optimizers, from before a --resume. `report` is called after each step, returns whether to go on, and is the first learner's.
    """
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed + rank)
    first = os.getppid()
    rng = np.random.default_rng([arguments.seed, rank])
    optimizers = make_optimizers(model, arguments.rate, MUON, stage.parameters())
    for optimizer, memory in zip(optimizers, memories or []):
        optimizer.load_state_dict(memory)
    wordings = Wordings(load_tokenizer(arguments.out), rng)
    data = torch.utils.data.DataLoader(Clips(course, first_seed, arguments.batch), batch_size=None, num_workers=1,
                                       prefetch_factor=4)
    stills = torch.utils.data.DataLoader(Stills(first_seed), batch_size=None, num_workers=1, prefetch_factor=2)
    stills = again(stills, rng, turned, times=3)
    for index, batch in enumerate(again(data, rng, in_mirrors)):
        alone = arguments.start and not arguments.resume and index < HEADS_ALONE
        model.requires_grad_(not alone)
        share = course.share.value
        rate = arguments.rate * min((index + 1) / 100, 1.0, max((1 - share) / 0.4, 0.02))
        rate = 4 * arguments.rate if alone else rate
        for optimizer, scale in zip(optimizers, (MUON, 1)):
            for group in optimizer.param_groups:
                group["lr"] = scale * rate
        losses, told = step(model, stage, wordings, batch, next(stills), rng, max(0.3, 1.0 - share), course.with_texts)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        norm = torch.nn.utils.clip_grad_norm_([*model.parameters(), *stage.parameters()], 1.0)
        if torch.isfinite(norm):
            for optimizer in optimizers:
                optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=math.log(50))
        if rank > 0 and os.getppid() != first:
            return  # The first learner was killed; no one would hear of what is learnt here.
        if report and not report(len(batch[0]), {**{k: v.item() for k, v in losses.items()}, **told}, optimizers):
            return


class Report:
    """The first learner's duties: the clock, the averaged weights, what is printed and what is kept."""

    def __init__(self, arguments, course, model, stage, averaged, state):
        self.arguments, self.course, self.model, self.stage, self.averaged = arguments, course, model, stage, averaged
        self.spent, self.steps, self.clips = state["spent"], state["steps"], state["clips"]
        self.last, self.saved, self.shown, self.means = time.monotonic(), self.spent, self.spent, {}
        self.told = np.zeros(len(KINDS))
        self.tokenizer = load_tokenizer(arguments.out)
        self.exam = [make_clip(HELD_OUT_SEED + i, network.SIZE, HELD_OUT, kind=KINDS[i % len(KINDS)])
                     for i in range(390)]

    @torch.no_grad()
    def __call__(self, clips, values, optimizers):
        now = time.monotonic()
        self.spent, self.last = self.spent + min(now - self.last, 60), now
        share = share_of_course(self.arguments, self.spent)
        for target, guess in zip(*values.pop("guesses")):
            self.told[target] += 0.01 * ((guess == target) - self.told[target])
        self.course.move(share, self.told)
        self.steps, self.clips = self.steps + 1, self.clips + clips
        keep = min(0.998, 1 - 1 / (self.steps / 10 + 1))
        for slow, fast in zip(self.averaged.parameters(), self.model.parameters()):
            slow.lerp_(fast, 1 - keep)
        for name, value in values.items():
            if value == value:
                self.means[name] = 0.98 * self.means.get(name, value) + 0.02 * value
        finished = share >= 1
        if self.spent - self.shown > 30 or finished:
            self.shown = self.spent
            print(f"{self.spent / 60:5.1f} min  {self.steps} steps  {self.clips} clips  ease {self.course.ease.value:.2f}  "
                  f"scale {self.model.logit_scale.exp().item():.1f}  "
                  + "  ".join(f"{k} {v:.3f}" for k, v in self.means.items()), flush=True)
        if self.spent - self.saved > 300 or finished:
            self.saved = self.spent
            self.keep(optimizers)
            self.last = time.monotonic()
        return not finished

    def keep(self, optimizers):
        torch.save({"model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                    "stage": self.stage.state_dict(),
                    "optimizers": [optimizer.state_dict() for optimizer in optimizers], "spent": self.spent,
                    "steps": self.steps, "clips": self.clips}, self.arguments.out / "training.pt")
        accuracy, weak = held_out_accuracy(self.averaged, self.tokenizer, self.exam)
        print(f"    held out: top-1 {accuracy:.3f}; below 0.9: {weak}", flush=True)
        network.save(self.averaged, self.arguments.out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--batch", type=int, default=32, help="windows' worth of frames a step")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--learners", type=int, default=os.cpu_count(), help="processes that share the weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=pathlib.Path, help="a finished model of this size to go on from; with --resume given again")
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    vocabulary = write_tokenizer(arguments.out)
    tokenizer = load_tokenizer(arguments.out)
    model = network.make_model(vocabulary, seed=arguments.seed)
    model.train()
    sample = tokenizer(["something moves left", "a red ball"], padding=True, return_tensors="pt")
    forward.check(model, network.SIZE, T, sample.input_ids, sample.attention_mask)
    start = [make_clip((1 << 39) + i, network.SIZE, TRAINING).frames for i in range(300)]
    network.whiten(model, torch.from_numpy(np.stack(start)))
    stage = FirstStage(model.config.vision_config.hidden_size, model.config.projection_dim)
    if arguments.start:
        if (arguments.start / "tokenizer.json").read_text() != (arguments.out / "tokenizer.json").read_text():
            raise SystemExit(f"{arguments.start} has another vocabulary than world/texts.py makes: it cannot be gone on from")
        model.load_state_dict(XCLIPModel.from_pretrained(arguments.start, dtype=torch.float32).state_dict())
    averaged = copy.deepcopy(model).eval()
    state = {"spent": 0.0, "steps": 0, "clips": 0}
    context = torch.multiprocessing.get_context("spawn")
    course = Course(context)
    if arguments.resume:
        state = torch.load(arguments.out / "training.pt", weights_only=False)
        for module, name in ((model, "model"), (averaged, "averaged"), (stage, "stage")):
            module.load_state_dict(state[name], strict=name != "stage")
    course.move(share_of_course(arguments, state["spent"]), np.zeros(len(KINDS)))
    model.share_memory()
    stage.share_memory()
    # Far enough apart that no learner ever draws another's clips, nor those before a --resume.
    seeds = [(arguments.seed << 36) + (rank << 34) + state["clips"] for rank in range(arguments.learners)]
    memories = state.get("optimizers")
    others = [context.Process(target=learn, args=(rank, arguments, course, model, stage, seeds[rank], memories))
              for rank in range(1, arguments.learners)]
    for other in others:
        other.start()
    try:
        report = Report(arguments, course, model, stage, averaged, state)
        learn(0, arguments, course, model, stage, seeds[0], memories, report)
    finally:
        for other in others:
            other.terminate()


if __name__ == "__main__":
    main()
