"""Writes an X-CLIP checkpoint of a published size with random weights, as a Hugging Face directory.

    python make_random_checkpoint.py --size b32x8 --out DIR [--seed 0] [--dtype float32|float16|bfloat16]

The weights are lively on purpose: no bias is zero, no LayerNorm is the identity and attention is not uniform. A missing
term therefore shows in the logits. The labels mean nothing. The tokenizer is a byte-level BPE in CLIP's format, with the
configuration's vocabulary size. It is learnt from the sentences below and filled up with made-up merges.
"""

import argparse
import collections
import json
import math
import pathlib

import torch
from transformers import CLIPTokenizer, XCLIPConfig, XCLIPModel

START, END = "<|startoftext|>", "<|endoftext|>"

BASE_TEXT = dict(hidden_size=512, num_attention_heads=8, num_hidden_layers=12, intermediate_size=2048, vocab_size=49408)
LARGE_TEXT = dict(hidden_size=768, num_attention_heads=12, num_hidden_layers=12, intermediate_size=3072,
                  vocab_size=49408)
BASE_VISION = dict(hidden_size=768, num_attention_heads=12, num_hidden_layers=12, intermediate_size=3072,
                   image_size=224, mit_hidden_size=512, mit_intermediate_size=2048, mit_num_hidden_layers=1,
                   mit_num_attention_heads=8)
LARGE_VISION = dict(hidden_size=1024, num_attention_heads=16, num_hidden_layers=24, intermediate_size=4096,
                    image_size=336, mit_hidden_size=768, mit_intermediate_size=3072, mit_num_hidden_layers=1,
                    mit_num_attention_heads=8)
BASE = dict(projection_dim=512, prompt_layers=2, prompt_num_attention_heads=8, prompt_alpha=0.1)

SIZES = {
    "b32x8": BASE | dict(text_config=BASE_TEXT, vision_config=BASE_VISION | dict(patch_size=32, num_frames=8)),
    "b16x8": BASE | dict(text_config=BASE_TEXT, vision_config=BASE_VISION | dict(patch_size=16, num_frames=8)),
    "b16x16": BASE | dict(text_config=BASE_TEXT, vision_config=BASE_VISION | dict(patch_size=16, num_frames=16)),
    "b16x32": BASE | dict(text_config=BASE_TEXT, vision_config=BASE_VISION | dict(patch_size=16, num_frames=32)),
    "l14-336x16": BASE | dict(projection_dim=768, text_config=LARGE_TEXT,
                              vision_config=LARGE_VISION | dict(patch_size=14, num_frames=16)),
    # No two widths are equal and none is a multiple of 16. The head widths are 12, 7, 12 and 8.
    "tiny": dict(
        projection_dim=24, prompt_layers=2, prompt_num_attention_heads=3, prompt_alpha=0.1,
        text_config=dict(hidden_size=28, num_attention_heads=4, num_hidden_layers=2, intermediate_size=52,
                         vocab_size=640),
        vision_config=dict(hidden_size=36, num_attention_heads=3, num_hidden_layers=3, intermediate_size=60,
                           image_size=32, patch_size=8, num_frames=4, mit_hidden_size=24, mit_intermediate_size=56,
                           mit_num_hidden_layers=1, mit_num_attention_heads=2)),
}

SENTENCES = """
a person walks to the door and rings the bell. a person falls to the ground and does not get up. someone is running
down the street. the gate is left open. the garage door is closed at night. a parcel is put down in front of the door,
then somebody picks up the parcel and carries it away. a child is playing with a ball in the garden. two people are
fighting. the dog is barking at the postman. a cat jumps over the fence. a car is parking in the drive, the driver gets
out of the car and opens the trunk. a cyclist rides past the house. the light is switched on, the light is switched
off. smoke is coming out of the kitchen. water is running over the floor. nothing is happening. an empty room with
nobody in it. people are eating, drinking, talking, dancing and singing. somebody is cooking, somebody is cleaning the
windows. a worker without a helmet is climbing the ladder. a truck is being loaded. the machine has stopped.
"""


def byte_symbols():
    """Returns GPT-2's printable substitutes for the 256 bytes, in the order of CLIP's vocabulary."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [chr(byte) for byte in visible] + [chr(256 + i) for i in range(len(hidden))]


def learn_merges(text, count):
    """Learns plain byte-pair encoding over lower-case words; ties go to the pair that sorts first."""
    words = collections.Counter(tuple(w[:-1]) + (w[-1] + "</w>",) for w in text.replace(".", " .").replace(",", " ,").split())
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = collections.Counter()
        for word, times in words.items():
            out = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            merged[tuple(out)] += times
        words = merged
    return merges


def make_vocabulary(size):
    """Makes a vocabulary in CLIP's order: bytes, bytes that end a word, merges by rank, start, end."""
    symbols = byte_symbols()
    tokens = symbols + [symbol + "</w>" for symbol in symbols]
    merges = learn_merges(SENTENCES, size - len(tokens) - 2)
    taken = set(tokens) | {a + b for a, b in merges}
    for a in symbols:
        for b in tokens:
            if len(tokens) + len(merges) + 2 < size and a + b not in taken:
                merges.append((a, b))
                taken.add(a + b)
    tokens += [a + b for a, b in merges] + [START, END]
    assert len(tokens) == len(set(tokens)) == size
    return {token: index for index, token in enumerate(tokens)}, merges


def write_tokenizer(directory, size):
    vocabulary, merges = make_vocabulary(size)
    CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77).save_pretrained(directory)
    (directory / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")))
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


def write_preprocessor(directory, image_size):
    """Writes the file as in the published checkpoints: the old format, with plain numbers for the sizes."""
    (directory / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": image_size, "do_center_crop": True, "do_normalize": True, "do_resize": True,
        "feature_extractor_type": "VideoMAEFeatureExtractor", "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225], "resample": 2, "size": image_size}, indent=2) + "\n")


@torch.no_grad()
def make_lively(model, seed):
    """Redraws every parameter, in the order of their names."""
    generator = torch.Generator().manual_seed(seed)
    depths = {"vision_model": model.config.vision_config.num_hidden_layers,
              "text_model": model.config.text_config.num_hidden_layers}
    norms = {name for name, module in model.named_modules() if isinstance(module, torch.nn.LayerNorm)}

    def normal(parameter, std, mean=0.0):
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * std + mean)

    def uniform(parameter, half_width, mean=0.0):
        parameter.copy_((torch.rand(parameter.shape, generator=generator) * 2 - 1) * half_width + mean)

    for name, parameter in sorted(model.named_parameters()):
        owner, _, kind = name.rpartition(".")
        if name == "logit_scale":
            parameter.fill_(math.log(20))
        elif name == "prompts_generator.alpha":
            normal(parameter, 0.1, mean=0.3)
        elif owner in norms:
            uniform(parameter, 0.2, mean=1.0 if kind == "weight" else 0.0)
        elif kind == "bias":
            uniform(parameter, 0.2)
        elif "embedding" in name and "patch_embedding" not in name:  # tokens, positions, class
            normal(parameter, 0.5)
        elif name == "prompts_visual_projection":
            normal(parameter, parameter.shape[0] ** -0.5)
        else:
            gain = 1.0
            if owner.endswith(("q_proj", "k_proj")):
                gain = 1.3
            elif owner.endswith(("out_proj", "fc2")):
                gain = min(1.0, (depths.get(name.split(".")[0], 1) / 4) ** -0.5)
            normal(parameter, gain * parameter[0].numel() ** -0.5)


def make_model(size, seed):
    model = XCLIPModel(XCLIPConfig(**SIZES[size])).eval()
    make_lively(model, seed)
    return model


def write_checkpoint(model, directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(directory)
    write_tokenizer(directory, model.config.text_config.vocab_size)
    write_preprocessor(directory, model.config.vision_config.image_size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="float32")
    arguments = parser.parse_args()
    model = make_model(arguments.size, arguments.seed)
    write_checkpoint(model.to(getattr(torch, arguments.dtype)), arguments.out)
    print(f"{arguments.out}: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters")
