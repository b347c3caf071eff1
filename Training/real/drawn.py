"""Clips of the drawn world, made by processes beside the training and kept on its device to be shown several times."""

import threading

import cv2
import numpy as np
import torch

from world import texts
from world.clips import T, make_clip
from world.happenings import KINDS
from world.textures import TRAINING, Pool

ACROSS = {"left": "right", "right": "left", "pan_left": "pan_right", "pan_right": "pan_left"}
UPSIDE_DOWN = {"up": "down", "down": "up", "tilt_up": "tilt_down", "tilt_down": "tilt_up"}
PORTION = 16  # Clips of T frames that a process hands over at a time.


class Portions(torch.utils.data.IterableDataset):
    """Endless: frames [n, S, side, side, 3] uint8, kinds [n, S], colours, shapes; S is T and 2T by turns."""

    def __init__(self, side, first_seed):
        self.side, self.first_seed = side, first_seed

    def __iter__(self):
        cv2.setNumThreads(0)
        worker = torch.utils.data.get_worker_info()
        seed, index = self.first_seed + worker.id, 0
        pool = Pool(np.random.default_rng(seed), TRAINING)
        odds = np.array([4.0] + [1.0] * (len(KINDS) - 1))
        while True:
            count = T if index % 2 == 0 else 2 * T
            clips = []
            for _ in range(PORTION * T // count):
                rng = np.random.default_rng([seed, 1])
                kind = str(rng.choice(KINDS, p=odds / odds.sum()))
                clips.append(make_clip(seed, self.side, [pool], count=count, kind=kind, past=0.7, rough=True,
                                       nearness=rng.uniform(1.2, 1.9) if rng.random() < 0.2 else 1.0))
                seed += worker.num_workers
            index += 1
            yield (torch.from_numpy(np.stack([c.frames for c in clips])), torch.from_numpy(np.stack([c.kinds for c in clips])),
                   [c.colours for c in clips], [c.shapes for c in clips])


class Reservoir:
    """Drawn clips by their length: `capacity` of T frames and half as many of 2T, made while the training has begun."""

    def __init__(self, side, device, workers, first_seed, capacity):
        self.device, self.lock = device, threading.Lock()
        self.made, self.kept = 0, {}
        for count in (T, 2 * T):
            room = capacity * T // count
            self.kept[count] = {"frames": torch.zeros(room, count, side, side, 3, dtype=torch.uint8, device=device),
                                "kinds": torch.full((room, count), -1), "names": [None] * room, "filled": 0}
        loader = torch.utils.data.DataLoader(Portions(side, first_seed), batch_size=None, num_workers=workers,
                                             prefetch_factor=4)
        threading.Thread(target=self.fill, args=(iter(loader),), daemon=True).start()

    def fill(self, portions):
        for frames, kinds, colours, shapes in portions:
            kept = self.kept[frames.shape[1]]
            at = list(range(kept["filled"], min(kept["filled"] + len(frames), len(kept["names"]))))
            if not at:
                break
            frames, kinds = frames[:len(at)], kinds[:len(at)]
            with self.lock:
                kept["frames"][at] = frames.to(self.device)
                kept["kinds"][at] = kinds
                for slot, colour, shape in zip(at, colours, shapes):
                    kept["names"][slot] = list(zip(colour, shape))
                kept["filled"] += len(at)
                self.made += len(at)

    def ready(self, least):
        return min(kept["filled"] for kept in self.kept.values()) >= least

    def draw(self, rng, batch, count):
        """Frames [B, S, side, side, 3], kinds [B, S] and (colour, shape) of each frame's window, some seen in mirrors."""
        kept = self.kept[count]
        with self.lock:
            at = rng.integers(0, kept["filled"], batch)
            frames, kinds = kept["frames"][torch.from_numpy(at).to(self.device)], kept["kinds"][at].clone()
            names = [list(kept["names"][i]) for i in at]
        across, upside_down = (bool(half) for half in rng.random(2) < 0.5)
        swaps = {**(ACROSS if across else {}), **(UPSIDE_DOWN if upside_down else {})}
        kinds = torch.tensor([KINDS.index(swaps.get(kind, kind)) for kind in KINDS] + [-1])[kinds]
        for row in range(batch):
            if any(colour and kind >= 0 and texts.is_test_composition(colour, shape, KINDS[kind])
                   for (colour, shape), kind in zip(names[row], kinds[row].tolist())):
                kinds[row] = -1
        return frames.flip([3] * across + [2] * upside_down), kinds.to(self.device), names
