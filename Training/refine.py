"""Refines a model of the drawn world on real footage: python refine.py --start MODEL --pack PACK --out DIR

The second half of the training, at home on a GPU (some minutes), possible on a CPU (days). The model's patches are
magnified from 10 to 16 pixels and two blocks that change nothing yet are put in; from then on two thirds of the
clips are real footage with the troubles of `real/`, one third the drawn world's. DIR holds the averaged weights after every
few minutes, and `training.pt` to go on from with --resume.
"""

import argparse
import copy
import math
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
from real.makers import Makers
from tokens import load_tokenizer
from world.clips import T
from world.happenings import KINDS

MUON = 5  # Its rate, in AdamW's.
REAL = "real"  # In the place of a real clip's names.


def rate_at(share, step, peak):
    """A short rise, then level, and from 45 % of the time on a fall to nothing."""
    return peak * min((step + 1) / 150, 1.0, max((1 - share) / 0.55, 0.01))


def compose(makers, reservoir, rng, drawn, count):
    """Frames, labels [B, S, K] and the drawn clips' names of one step's batch."""
    frames, labels = makers.draw(count)
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
        self.saved, self.shown, self.means, self.tally, self.lost = self.spent, self.spent, {}, 0, 0

    @torch.no_grad()
    def average(self):
        keep = min(0.998, 1 - 1 / (self.steps / 8 + 1))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - keep)

    def note(self, values, tally, clips):
        self.tally = 0.99 * self.tally + tally
        self.steps, self.clips = self.steps + 1, self.clips + clips
        for name, value in values.items():
            mean = self.means.get(name)
            self.means[name] = value if mean is None else torch.lerp(mean, value, 0.02)

    def show(self, made):
        self.shown = self.spent
        shown, reached, other, false = self.tally.sum(1).tolist()
        print(f"{self.spent:6.0f} s  {self.steps} steps  {self.clips} clips  {made} drawn  "
              + "  ".join(f"{name} {value.item():.3f}" for name, value in self.means.items())
              + f"  real: reached {reached / max(shown, 1):.3f}, false {1e4 * false / max(other, 1):.2f} in 10,000", flush=True)

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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=pathlib.Path, required=True, help="a model that train.py made")
    parser.add_argument("--pack", type=pathlib.Path, required=True, help="made by python -m footage.pack")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=500)
    parser.add_argument("--batch", type=int, default=512, help="clips of a window's length a step")
    parser.add_argument("--windows", type=int, default=512, help="windows asked of a step at most")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--drawn", type=float, default=0.33, help="share of the drawn world")
    parser.add_argument("--makers", type=int, default=2, help="processes that make real clips; 0: the learner does")
    parser.add_argument("--through-cpu", action="store_true", help="where processes cannot share the device's memory")
    parser.add_argument("--workers", type=int, default=11, help="processes that draw it")
    parser.add_argument("--kept", type=int, default=24000, help="drawn clips, made once and shown again and again")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--keep-optimizers", action="store_true", help="needed for a --resume that goes on in the same stride")
    arguments = parser.parse_args()
    began = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cuda.enable_cudnn_sdp(False)  # It plans anew for every number of texts, and its gradients were not finite.
    torch.manual_seed(arguments.seed + int(arguments.resume))
    rng = np.random.default_rng([arguments.seed, int(arguments.resume)])
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"):
        if (arguments.start / name).exists():
            shutil.copy(arguments.start / name, arguments.out / name)
    reservoir = Reservoir(network.SIZE, device, arguments.workers, arguments.seed << 36, arguments.kept) if arguments.drawn else None
    drawn = round(arguments.batch * arguments.drawn)
    makers = Makers(arguments.pack, arguments.batch - drawn, network.SIZE, device, arguments.makers, arguments.through_cpu,
                    1000 * arguments.seed + 100 * arguments.resume)
    model = network.grow(XCLIPModel.from_pretrained(arguments.start, dtype=torch.float32))
    state = {"steps": 0, "spent": 0.0, "clips": 0}
    averaged = copy.deepcopy(model).eval()
    if arguments.resume:
        state = torch.load(arguments.out / "training.pt", map_location="cpu", weights_only=False)
        model.load_state_dict(state["model"])
        averaged.load_state_dict(state["averaged"])
    model.to(device).train()
    averaged.to(device)
    optimizers = make_optimizers(model, arguments.rate, MUON)
    for optimizer, memory in zip(optimizers, state.get("optimizers", [])):
        optimizer.load_state_dict(memory)
    wordings = Wordings(load_tokenizer(arguments.out), rng, device)
    keeper = Keeper(arguments, model, averaged, state)
    while reservoir and not reservoir.ready(32):
        time.sleep(0.2)
    print(f"{time.monotonic() - began:.0f} s: learning", flush=True)
    spent_before, last = keeper.spent, time.monotonic()
    while keeper.spent < arguments.seconds:
        count = T if keeper.steps % 2 == 0 else 2 * T
        batch = compose(makers, reservoir, rng, drawn * T // count, count)
        rate = rate_at(keeper.spent / arguments.seconds, keeper.steps, arguments.rate)
        for optimizer, scale in zip(optimizers, (MUON, 1)):
            for group in optimizer.param_groups:
                group["lr"] = scale * rate
            optimizer.zero_grad(set_to_none=True)
        losses, told = step(model, wordings, rng, *batch, arguments.windows)
        sum(losses.values()).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        if torch.isfinite(norm):
            for optimizer in optimizers:
                optimizer.step()
        else:
            keeper.lost += 1
            if keeper.lost > 30 + keeper.steps // 10:
                raise SystemExit("the gradients are not finite")
        with torch.no_grad():
            model.logit_scale.clamp_(max=math.log(50))
        keeper.average()
        keeper.note({name: loss.detach() for name, loss in losses.items()}, told, len(batch[0]))
        keeper.spent += time.monotonic() - last
        last = time.monotonic()
        if keeper.spent - keeper.shown > 15:
            keeper.show(reservoir.made if reservoir else 0)
        if keeper.spent - keeper.saved > 60:
            keeper.keep(optimizers)
    keeper.show(reservoir.made if reservoir else 0)
    keeper.keep(optimizers)
    keeper.show_kinds()
    print(f"{keeper.lost} lost; {keeper.steps - state['steps']} steps in {keeper.spent - spent_before:.0f} s", flush=True)


if __name__ == "__main__":
    main()
