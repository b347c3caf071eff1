"""The single-clip figures of the model card: python evaluate.py MODEL_DIR [--clips 2600].

Through transformers' own XCLIPModel on the 16-bit checkpoint, on clips of held-out textures and randomness: top-1 over
all happenings in their plain wordings; over all compositions, on compositions never trained on; and with wordings never
trained on, once those that the grammar makes and once sentences written by hand.
"""

import argparse
import json
import multiprocessing

import cv2
import numpy as np
import torch
from transformers import XCLIPModel

import network
from tokens import load_tokenizer
from world import texts
from world.clips import make_clip
from world.happenings import COMPOSED, KINDS
from world.textures import HELD_OUT

SEED = 1 << 42


def happening_clip(index):
    cv2.setNumThreads(1)
    return make_clip(SEED + index, network.SIZE, HELD_OUT, kind=KINDS[index % len(KINDS)])


def unseen_composition_clip(index):
    cv2.setNumThreads(1)
    return make_clip(2 * SEED + index, network.SIZE, HELD_OUT, kind=COMPOSED[index % len(COMPOSED)], unseen=True)


@torch.no_grad()
def logits(model, tokenizer, clips, lines):
    """[clips, texts], each from the class's own forward pass."""
    encoded = tokenizer(lines, padding=True, return_tensors="pt")
    rows = []
    for at in range(0, len(clips), 20):
        pixels = network.normalise(torch.from_numpy(np.stack([c.frames for c in clips[at:at + 20]])))
        rows.append(model(input_ids=encoded.input_ids, attention_mask=encoded.attention_mask,
                          pixel_values=pixels).logits_per_video)
    return torch.cat(rows)


def top1_over_wordings(model, tokenizer, clips, choices):
    """Top-1 over the kinds, each clip asked in one wording a kind, drawn from `choices`."""
    rng = np.random.default_rng(0)
    draws = [[str(rng.choice(choices[kind])) for kind in KINDS] for _ in range(10)]
    right = 0
    for draw in range(10):
        some = clips[draw::10]
        guesses = logits(model, tokenizer, some, draws[draw]).argmax(1)
        right += sum(int(g) == c.kinds[-1] for g, c in zip(guesses, some))
    return right / len(clips)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--clips", type=int, default=2600)
    arguments = parser.parse_args()
    model = XCLIPModel.from_pretrained(arguments.model).float().eval()
    tokenizer = load_tokenizer(arguments.model)
    with multiprocessing.Pool() as pool:
        clips = pool.map(happening_clip, range(arguments.clips), chunksize=20)
        unseen = pool.map(unseen_composition_clip, range(arguments.clips // 2), chunksize=20)
    truth = torch.tensor([int(c.kinds[-1]) for c in clips])
    guesses = logits(model, tokenizer, clips, [texts.PLAIN[kind] for kind in KINDS]).argmax(1)
    by_kind = {kind: round((guesses[truth == i] == i).float().mean().item(), 3) for i, kind in enumerate(KINDS)}
    confusions = {}
    for t, g in zip(truth.tolist(), guesses.tolist()):
        if t != g:
            confusions[f"{KINDS[t]} → {KINDS[g]}"] = confusions.get(f"{KINDS[t]} → {KINDS[g]}", 0) + 1
    unseen = [c for c in unseen if c.colours[-1]]
    names = texts.compositions()
    composed = logits(model, tokenizer, unseen, [texts.plain_composition(*n) for n in names]).argmax(1)
    right = [names[g] == (c.colours[-1], c.shapes[-1], KINDS[c.kinds[-1]]) for g, c in zip(composed.tolist(), unseen)]
    parts = np.array([[names[g][0] == c.colours[-1], names[g][1] == c.shapes[-1], names[g][2] == KINDS[c.kinds[-1]]]
                      for g, c in zip(composed.tolist(), unseen)])
    print(json.dumps({
        "clips": len(clips), "happenings": len(KINDS), "top1": (guesses == truth).float().mean().item(),
        "unseen_compositions": {"clips": len(unseen), "of": len(names), "top1": float(np.mean(right)),
                                "colour": parts[:, 0].mean(), "shape": parts[:, 1].mean(), "happening": parts[:, 2].mean()},
        "unseen_wordings": top1_over_wordings(model, tokenizer, clips, {k: texts.test_sentences(k) for k in KINDS}),
        "paraphrases_by_hand": top1_over_wordings(model, tokenizer, clips, texts.PARAPHRASES),
        "by_happening": by_kind,
        "most_confused": dict(sorted(confusions.items(), key=lambda item: -item[1])[:12])}, indent=1))


if __name__ == "__main__":
    main()
