"""Processes beside the learner that make batches of real clips. On a GPU they share its device: making a batch and learning
from it are both mostly waiting for small kernels to be launched. On a CPU a clip takes as long to make as to learn from, so
each is shown several times."""

import os
import time
from collections import deque
from itertools import cycle

import torch

from world.clips import T
from world.happenings import KINDS

from .bank import Bank
from .drawn import ACROSS
from .scene import make_batch

KEPT = 24  # Batches of either length that may be shown again.
MIRROR = [KINDS.index(ACROSS.get(kind, kind)) for kind in KINDS]


class Makers:
    """`count` processes, which all learners share, or none: then batches are made when they are asked for. `batch`: clips of T
    frames in each."""

    def __init__(self, pack, batch, side, device, count, through_cpu, seed):
        self.batch, self.side, self.device = batch, side, device
        self.bank = Bank(pack, device) if count == 0 else None
        context = torch.multiprocessing.get_context("spawn")
        self.queues = {length: context.Queue(2 + count) for length in (T, 2 * T)} if count else {}
        for number in range(count):
            context.Process(target=make, daemon=True,
                            args=(pack, batch, side, device, through_cpu, self.queues, seed + number)).start()

    def draw(self, length):
        """Frames [B, S, side, side, 3] uint8 and labels [B, S, K] of clips of `length` frames, as many frames as ever."""
        if self.bank is not None:
            return make_batch(self.bank, self.batch * T // length, length, self.side)
        frames, labels = self.queues[length].get(timeout=900)
        return frames.to(self.device), labels.to(self.device)


class Repeated:
    """Batches of the makers' clips, each of which is shown `times` times, on the average."""

    def __init__(self, makers, times):
        self.makers, self.times = makers, times
        self.kept = {length: deque(maxlen=KEPT) for length in (T, 2 * T)}
        self.drawn = dict.fromkeys(self.kept, 0)

    def draw(self, length):
        self.drawn[length] += 1
        if self.drawn[length] % self.times and self.kept[length]:
            return shown_again(self.kept[length])
        new = self.makers.draw(length)
        if self.times > 1:
            self.kept[length].append(new)
        return new


def shown_again(kept):
    """Clips of several earlier batches, half of them in a mirror."""
    batch = len(kept[0][0])
    chosen = list(zip(torch.randint(len(kept), (batch,)).tolist(), torch.randint(batch, (batch,)).tolist()))
    frames = torch.stack([kept[number][0][row] for number, row in chosen])
    labels = torch.stack([kept[number][1][row] for number, row in chosen])
    mirrored = torch.rand(batch) < 0.5
    frames[mirrored] = frames[mirrored].flip(3)
    labels[mirrored] = labels[mirrored][..., MIRROR]
    return frames, labels


def make(pack, batch, side, device, through_cpu, queues, seed):
    """One process: endless batches of either length by turns, as long as the learner lives."""
    learner = os.getppid()
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    bank = Bank(pack, device)
    for length, queue in cycle(queues.items()):
        made = make_batch(bank, batch * T // length, length, side)
        if through_cpu:
            made = tuple(part.cpu() for part in made)
        if device.type == "cuda":
            torch.cuda.synchronize()
        while queue.full():
            if os.getppid() != learner:
                return
            time.sleep(0.05)
        queue.put(made)
