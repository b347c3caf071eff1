"""Compares `watchword teach` with transformers and NumPy.

    python teaching.py --watchword PROGRAM --model DIR --text "the colours are inverted" CLIP CLIP…

The clips must be as long as the model's window, and contain exactly its frames in the size of its input, so that both
programs see the same pictures. The clips that Training/teach.py draws do. XCLIPModel computes the embeddings. The lesson is
computed here independently, from its description in the documentation. The comparison fails (exit 1) if a lead differs by
more than 0.02 logits, or if the weight differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import av
import numpy as np
import torch
from transformers import AutoTokenizer, XCLIPModel


def frames_of(path, normalise):
    with av.open(str(path)) as container:
        return normalise(np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]))


def normaliser(directory):
    settings = json.loads((directory / "preprocessor_config.json").read_text())
    mean, std = np.array(settings["image_mean"]), np.array(settings["image_std"])
    return lambda frames: torch.from_numpy(((frames / 255 - mean) / std).transpose(0, 3, 1, 2)).float()


@torch.no_grad()
def look(model, pixels, tokens):
    """Returns the window's unit video embedding, its logit for the first text, and the log-mean-exp of the others."""
    output = model(pixel_values=pixels[None], **tokens)
    logits = output.logits_per_video[0].double().numpy()
    video = output.video_embeds[0].double().numpy()
    return video / np.linalg.norm(video), logits[0], np.log(np.exp(logits[1:]).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--text", required=True)
    arguments = parser.parse_args()
    model = XCLIPModel.from_pretrained(arguments.model).float().eval()
    neutral = json.loads((arguments.model / "watchword.json").read_text())["neutral"]
    tokens = AutoTokenizer.from_pretrained(arguments.model)([arguments.text] + neutral, padding=True, return_tensors="pt")
    normalise, scale = normaliser(arguments.model), model.logit_scale.exp().item()
    shown, still = [], []
    for clip in arguments.clips:
        pixels = frames_of(clip, normalise)
        shown.append(look(model, pixels, tokens))
        still.append(look(model, pixels[:1].repeat(len(pixels), 1, 1, 1), tokens))
    videos, stills = np.array([s[0] for s in shown]), np.array([s[0] for s in still])
    rest = [np.arange(len(shown)) != index for index in range(len(shown))]
    held_out = [videos[keep].mean(0) - stills[keep].mean(0) for keep in rest]
    own = np.array([scale * s[0] @ d - s[2] for s, d in zip(shown, held_out)])
    other = np.array([scale * s[0] @ d - s[2] for s, d in zip(still, held_out)])
    text = np.array([s[1] - s[2] for s in shown]), np.array([s[1] - s[2] for s in still])
    mixed = lambda w: ((1 - w) * text[0] + w * own, (1 - w) * text[1] + w * other)
    middle = lambda w: sum(part.mean() for part in mixed(w)) / 2
    centred = lambda w: [part - middle(w) for part in mixed(w)]
    losses = [np.log1p(np.exp(-a)).mean() + np.log1p(np.exp(b)).mean() for a, b in (centred(w / 10) for w in range(11))]
    weight = int(np.argmin(losses)) / 10
    right, wrong = mixed(weight)
    if right.mean() - wrong.mean() < 1 or (right[:, None] > wrong).mean() < 2 / 3:
        weight = 0  # Refused.
    leads = lambda w: centred(w) if w > 0 else text

    command = [arguments.watchword, "teach", "--model", arguments.model, "--label", arguments.text, "--json", *arguments.clips]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    worst = max(np.abs([e["taught"] for e in report[key]] - ours).max() for key, ours in zip(("examples", "stills"), leads(weight)))
    worst = max(worst, np.abs([e["text"] for e in report["examples"]] - text[0]).max())
    print(f"weight {report['weight']} and {weight}, leads apart by at most {worst:.4f} logits")
    if report["weight"] != weight or worst > 0.02:
        sys.exit("the weight or a lead differs")


if __name__ == "__main__":
    main()
