"""Refines a model of the drawn world on real footage: python refine.py --start MODEL --pack PACK --out DIR

The second half of the training, at home on a GPU (some minutes), possible on a CPU (hours where it multiplies bfloat16 by
tiles, days where not). The model's patches are magnified from 10 to 16 pixels and two blocks that change nothing yet are
put in; from then on two thirds of the clips are real footage with the troubles of `real/`, one third the drawn world's.
DIR holds the averaged weights after every few minutes, and `training.pt` to go on from with --resume.
"""

import large_blocks

large_blocks.keep()

import argparse
import copy
import math
import os
import pathlib
import shutil
import time

import numpy as np
import torch
from torch.nn import functional as F
from transformers import XCLIPModel

import forward
import network
from losses import Wordings, label_losses, pick_windows, tally
from optimizers import make_optimizers
from real.drawn import Reservoir
from real.makers import Makers, Repeated
from tokens import load_tokenizer
from world.clips import T
from world.happenings import KINDS

MUON = 5  # Its rate, in AdamW's.
REAL = "real"  # In the place of a real clip's names.


def rate_at(share, step, peak):
    """A short rise, then level, and from 45 % of the time on a fall to nothing."""
    return peak * min((step + 1) / 150, 1.0, max((1 - share) / 0.55, 0.01))


def compose(batches, reservoir, rng, drawn, count):
    """Frames, labels [B, S, K] and the drawn clips' names of one step's batch."""
    frames, labels = batches.draw(count)
    names = [REAL] * len(frames)
    if drawn:
        more, kinds, drawn_names = reservoir.draw(rng, drawn, count)
        told = F.one_hot(kinds.clamp(min=0), len(KINDS)).float()
        told[..., 0] = 0
        told[kinds < 0] = -1
        frames, labels, names = torch.cat([frames, more]), torch.cat([labels, told]), names + drawn_names
    return frames, labels, names


def step(model, wordings, rng, frames, labels, names, most):
    """The losses by name, and the tally of the windows of real clips."""
    device, count = frames.device, frames.shape[1]
    ends = pick_windows(labels, most)
    target = labels[ends[:, 0], ends[:, 1]]
    described = [("", "") if names[b] is REAL else names[b][s] for b, s in ends.tolist()]
    mask = None if count == T else forward.band(count, T, device)
    with torch.autocast(device.type, torch.bfloat16):
        classes, patches, _ = forward.encode(model, network.normalise(frames), mask)
        of_windows, shown = forward.windows(classes, patches, ends, T)
        video = model.mit(of_windows).pooler_output
    losses, above = label_losses(model, wordings, rng, video, shown, target, described)
    real = torch.tensor([names[b] is REAL for b in range(len(names))], device=device)[ends[:, 0]]
    return losses, tally(above[real], target[real, 1:])


class Keeper:
    """The averaged weights, what is printed, and what is kept."""

    def __init__(self, arguments, model, averaged, state):
        self.arguments, self.model, self.averaged = arguments, model, averaged
        self.steps, self.spent, self.clips = state["steps"], state["spent"], state["clips"]
        self.memories = state.get("optimizers", [])
        self.saved, self.shown, self.means, self.tally, self.lost = self.spent, self.spent, {}, 0, 0

    def start(self):
        self.last = time.monotonic()
        print("learning", flush=True)

    @property
    def share(self):
        """How much of the time is over, 0…1."""
        return min(self.spent / self.arguments.seconds, 1.0)

    @torch.no_grad()
    def average(self):
        keep = min(0.998, 1 - 1 / (self.steps / 8 + 1))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - keep)

    def note(self, values, tally, clips, finite):
        """One step's losses; `finite`: its gradients were, so that it was taken."""
        self.lost += not finite
        if self.lost > 30 + self.steps // 10:
            raise SystemExit("the gradients are not finite")
        self.average()
        self.tally = 0.99 * self.tally + tally
        self.steps, self.clips = self.steps + 1, self.clips + clips
        for name, value in values.items():
            mean = self.means.get(name)
            self.means[name] = value if mean is None else torch.lerp(mean, value, 0.02)

    def go_on(self, reservoir, optimizers):
        """Prints and keeps what is due, and returns the share of the time that is over."""
        now = time.monotonic()
        self.spent, self.last = self.spent + min(now - self.last, 60), now
        if self.spent - self.shown > 15 or self.share == 1:
            self.show(reservoir.made if reservoir else 0)
        if self.spent - self.saved > 60 or self.share == 1:
            self.keep(optimizers)
        return self.share

    def show(self, made):
        self.shown = self.spent
        shown, reached, other, false = self.tally.sum(1).tolist()
        print(f"{self.spent:6.0f} s  {self.steps} steps  {self.clips} clips  {made} drawn  "
              + "  ".join(f"{name} {value.item():.3f}" for name, value in self.means.items())
              + f"  real: reached {reached / max(shown, 1):.3f}, false {1e4 * false / max(other, 1):.2f} in 10,000"
              + (f"  {self.lost} lost" if self.lost else ""), flush=True)

    def show_kinds(self):
        """Of each kind, on real clips: the share of windows that reach a score of 0.9, and how many do falsely in 10,000."""
        for kind, (shown, reached, other, false) in zip(KINDS[1:], self.tally.T.tolist()):
            print(f"    {kind:14s} {reached / max(shown, 1):.3f} of {shown:5.0f}  {1e4 * false / max(other, 1):6.2f}")

    def keep(self, optimizers):
        self.saved = self.spent
        out = self.arguments.out
        torch.save({"model": self.model.state_dict(), "averaged": self.averaged.state_dict(), "steps": self.steps,
                    "spent": self.spent, "clips": self.clips,
                    **({"optimizers": [o.state_dict() for o in optimizers]} if self.arguments.keep_optimizers else {})},
                   out / "training.pt")
        network.save(self.averaged, out)


def learn(rank, arguments, model, course, makers, keeper=None):
    """One learner's steps on the shared weights. The first has the `keeper`, whose clock `course` tells the others, as a share of the
    time. On a CPU there are several, each with its own batches and its own optimizers' memory, and none waits for another."""
    device = next(model.parameters()).device
    if device.type == "cpu":
        torch.set_num_threads(1)
        if shutil.which("c++"):
            forward.encode = torch.compile(forward.encode, dynamic=False)  # 1.4 times as fast there.
    seed = 1000 * arguments.seed + 100 * arguments.resume + 10 * rank
    torch.manual_seed(seed)
    rng = np.random.default_rng([arguments.seed, int(arguments.resume), rank])
    reservoir = None
    if arguments.drawn:
        reservoir = Reservoir(network.SIZE, device, arguments.workers, (arguments.seed << 36) + (rank << 34), arguments.kept)
    drawn = round(arguments.batch * arguments.drawn)
    batches = Repeated(makers, arguments.times)
    optimizers = make_optimizers(model, arguments.rate, MUON)
    for optimizer, memory in zip(optimizers, keeper.memories if keeper else []):
        optimizer.load_state_dict(memory)
    wordings = Wordings(load_tokenizer(arguments.out), rng, device)
    while reservoir and not reservoir.ready(16):
        time.sleep(0.2)
    first, steps = os.getppid(), 0
    if keeper:
        keeper.start()
    while course.value < 1 and (keeper or os.getppid() == first):
        count = T if steps % 2 == 0 else 2 * T
        batch = compose(batches, reservoir, rng, drawn * T // count, count)
        rate = rate_at(course.value, steps, arguments.rate)
        for optimizer, scale in zip(optimizers, (MUON, 1)):
            for group in optimizer.param_groups:
                group["lr"] = scale * rate
            optimizer.zero_grad(set_to_none=True)
        losses, told = step(model, wordings, rng, *batch, arguments.windows)
        sum(losses.values()).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        finite = bool(torch.isfinite(norm))
        if finite:
            for optimizer in optimizers:
                optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=math.log(50))
        steps += 1
        if keeper:
            keeper.note({name: loss.detach() for name, loss in losses.items()}, told, len(batch[0]), finite)
            course.value = keeper.go_on(reservoir, optimizers)


def main():
    cpu = not torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=pathlib.Path, required=True, help="a model that train.py or this made")
    parser.add_argument("--pack", type=pathlib.Path, required=True, help="made by python -m footage.pack")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=7200 if cpu else 650)
    parser.add_argument("--batch", type=int, default=32 if cpu else 512, help="clips of a window's length a step")
    parser.add_argument("--windows", type=int, default=48 if cpu else 512, help="windows asked of a step at most")
    parser.add_argument("--rate", type=float, default=1.5e-4 if cpu else 4e-4)
    parser.add_argument("--drawn", type=float, default=0.33, help="share of the drawn world")
    parser.add_argument("--learners", type=int, default=os.cpu_count() if cpu else 1, help="processes that share the weights")
    parser.add_argument("--makers", type=int, default=1 if cpu else 2,
                        help="processes that make real clips; 0: the learner does")
    parser.add_argument("--times", type=int, default=5 if cpu else 1, help="how often a real clip is shown")
    parser.add_argument("--through-cpu", action="store_true", help="where processes cannot share the device's memory")
    parser.add_argument("--workers", type=int, default=1 if cpu else 11, help="processes that draw a learner's clips of the drawn world")
    parser.add_argument("--kept", type=int, default=800 if cpu else 24000, help="drawn clips, made once and shown again and again")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--keep-optimizers", action="store_true", help="needed for a --resume that goes on in the same stride")
    arguments = parser.parse_args()
    device = torch.device("cpu" if cpu else "cuda")
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cuda.enable_cudnn_sdp(False)  # It plans anew for every number of texts, and its gradients were not finite.
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "watchword.json"):
        if (arguments.start / name).exists():
            shutil.copy(arguments.start / name, arguments.out / name)
    model = network.grow(XCLIPModel.from_pretrained(arguments.start, dtype=torch.float32))
    averaged = copy.deepcopy(model).eval()
    state = {"steps": 0, "spent": 0.0, "clips": 0}
    if arguments.resume:
        state = torch.load(arguments.out / "training.pt", map_location="cpu", weights_only=False)
        model.load_state_dict(state["model"])
        averaged.load_state_dict(state["averaged"])
    model.to(device).train()
    averaged.to(device)
    if cpu:
        model.share_memory()
    context = torch.multiprocessing.get_context("spawn")
    makers = Makers(arguments.pack, arguments.batch - round(arguments.batch * arguments.drawn), network.SIZE, device, arguments.makers,
                    arguments.through_cpu or cpu, 1000 * arguments.seed + 100 * arguments.resume)
    keeper = Keeper(arguments, model, averaged, state)
    course = context.Value("d", keeper.share)
    others = [context.Process(target=learn, args=(rank, arguments, model, course, makers))
              for rank in range(1, arguments.learners)]
    for other in others:
        other.start()
    try:
        learn(0, arguments, model, course, makers, keeper)
        keeper.show_kinds()
    finally:
        course.value = 1.0
        for other in others:
            other.join()


if __name__ == "__main__":
    main()
