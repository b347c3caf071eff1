"""Processes beside the learner that make batches of real clips on the same device: making one and learning from one are
both mostly waiting for small kernels to be launched."""

import torch

from world.clips import T

from .bank import Bank
from .scene import make_batch


class Makers:
    """`count` processes, or none: then batches are made when they are asked for. `batch`: clips of T frames in each."""

    def __init__(self, pack, batch, side, device, count, through_cpu, seed):
        self.batch, self.side, self.device = batch, side, device
        self.bank = Bank(pack, device) if count == 0 else None
        context = torch.multiprocessing.get_context("spawn")
        self.queues = {length: context.Queue(2 + count) for length in (T, 2 * T)} if count else {}
        self.processes = [context.Process(target=make, daemon=True, args=(pack, batch, side, device, through_cpu,
                                                                          self.queues, seed + number))
                          for number in range(count)]
        for process in self.processes:
            process.start()

    def draw(self, length):
        """Frames [B, S, side, side, 3] uint8 and labels [B, S, K] of clips of `length` frames, as many frames as ever."""
        if self.bank is not None:
            return make_batch(self.bank, self.batch * T // length, length, self.side)
        frames, labels = self.queues[length].get(timeout=90)
        return frames.to(self.device), labels.to(self.device)


def make(pack, batch, side, device, through_cpu, queues, seed):
    """One process: endless batches of either length by turns."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    bank = Bank(pack, device)
    while True:
        for length, queue in queues.items():
            made = make_batch(bank, batch * T // length, length, side)
            if through_cpu:
                made = tuple(part.cpu() for part in made)
            if device.type == "cuda":
                torch.cuda.synchronize()
            queue.put(made)
