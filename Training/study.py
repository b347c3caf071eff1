"""How far each way of reusing frames drifts from the published model: python study.py MODEL_DIR [--streams 24].

Draws held-out streams, computes the logits of every window exactly and by each level, and prints one table: |Δlogit| in
units of the exact logits' standard deviation, how often the best label is the same, 1 − cosine of the video embedding,
and what a step costs in frame encodings. Levels, after the notes on each function: cached, self (the baseline that must
be beaten), sweep, chunks, refresh.
"""

import argparse

import cv2
import numpy as np
import torch
from torch.nn import functional as F
from transformers import XCLIPModel

import forward
import network
from make_stream import make_scene
from network import T
from tokens import load_tokenizer
from world.happenings import KINDS
from world.texts import PLAIN

SEED = 1 << 43


def draw(seed, seconds, interval, still):
    """[F, 3, H, W] normalised frames of a stream; `still`: half of it nothing happens."""
    rng = np.random.default_rng(SEED + seed)
    scene = make_scene(rng, seconds / (2 if still else 1), quiet=False)
    times = np.arange(0, seconds, interval)
    frames = np.stack([cv2.resize(scene.render(t, 160, 160), (network.SIZE,) * 2, interpolation=cv2.INTER_AREA)
                       for t in times])
    return network.normalise(torch.from_numpy(frames)[None])[0]


def run(model, x, messages_of, store=None):
    """All layers over tokens [F, N, D]; `messages_of(layer, index, own)` gives the messages [F, D] from the frames' own.
    `store` receives each layer's input patches and final tokens."""
    for index, layer in enumerate(model.vision_model.encoder.layers):
        if store is not None:
            store.append(x[:, 1:])
        message = messages_of(layer, index, layer.message_fc(x[:, 0]))
        y = torch.cat([x, message[:, None]], 1)
        x = x + forward.attention(forward.norm(y, layer.layer_norm1), layer.self_attn)[:, :-1]
        hidden = layer.mlp.fc1(forward.norm(x, layer.layer_norm2))
        x = x + layer.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))
    return x


def embed(model, frames):
    vision = model.vision_model
    weight = vision.embeddings.patch_embedding.weight
    patches = F.conv2d(frames, weight, stride=weight.shape[-1]).flatten(2).transpose(1, 2)
    x = torch.cat([vision.embeddings.class_embedding.expand(len(frames), 1, -1), patches], 1)
    return forward.norm(x + vision.embeddings.position_embedding.weight, vision.pre_layernorm)


def masked(mask):
    return lambda layer, index, own: own + forward.attention(forward.norm(own, layer.message_ln)[None],
                                                             layer.message_attn, mask)[0]


def features(model, x):
    classes = F.linear(forward.norm(x[:, 0], model.vision_model.post_layernorm), model.visual_projection.weight)
    return classes, forward.norm(x[:, 1:], model.prompts_visual_layernorm) @ model.prompts_visual_projection


def masked_states(model, x, mask):
    """One state a frame for good, its messages seeing what `mask` lets them: cached, self and chunks."""
    classes, patches = features(model, run(model, x, masked(mask)))
    return lambda newest: (classes[newest - T + 1:newest + 1], patches[newest - T + 1:newest + 1])


def exact_states(model, x):
    return lambda newest: features(model, run(model, x[newest - T + 1:newest + 1], masked(None)))


def sweep_states(model, x):
    """The new frame is encoded in full; every older one keeps its patches of then and runs its class token and message
    again, two-way."""
    stored = []  # Per frame: the patches at each layer's input, and the last.
    heads = model.vision_model.encoder.layers[0].self_attn.num_heads

    def step(newest, first):
        older = stored[first:newest]
        classes, new = x[first:newest + 1, 0], x[newest, 1:]
        kept = []
        for index, layer in enumerate(model.vision_model.encoder.layers):
            kept.append(new)
            patches = torch.stack([s[index] for s in older] + [new])
            message = masked(None)(layer, index, layer.message_fc(classes))
            y = forward.norm(torch.cat([classes[:, None], patches, message[:, None]], 1), layer.layer_norm1)
            attention = layer.self_attn
            keys, values = (p(y).unflatten(-1, (heads, -1)).transpose(1, 2) for p in (attention.k_proj, attention.v_proj))
            queries = attention.q_proj(y[:, :1]).unflatten(-1, (heads, -1)).transpose(1, 2)
            mixed = F.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).flatten(2)
            moved = classes + attention.out_proj(mixed)[:, 0]
            new_all = forward.attention(y[-1:], attention)[0, 1:-1] + new
            hidden = layer.mlp.fc1(forward.norm(moved, layer.layer_norm2))
            classes = moved + layer.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))
            hidden = layer.mlp.fc1(forward.norm(new_all, layer.layer_norm2))
            new = new_all + layer.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))
        kept.append(new)
        stored.append(kept)
        return classes, torch.stack([s[-1] for s in stored[first:newest + 1]])

    results = {}
    for newest in range(len(x)):
        classes, patches = step(newest, max(0, newest - T + 1))
        results[newest] = features(model, torch.cat([classes[:, None], patches], 1))
    return results.get


def refresh_states(model, x):
    """cached, and at each step the frame of age T/2 is encoded again, its messages two-way with those in the window."""
    layers = len(model.vision_model.encoder.layers)
    own_messages = [torch.zeros(len(x), x.shape[-1]) for _ in range(layers)]
    final = torch.zeros_like(x)

    def encode(frame, low, high):
        def messages(layer, index, own):
            own_messages[index][frame] = own[0]
            among = own_messages[index][low:high + 1]
            return masked(None)(layer, index, among)[frame - low:frame - low + 1]

        final[frame] = run(model, x[frame:frame + 1], messages)[0]

    results = {}
    for newest in range(len(x)):
        low = max(0, newest - T + 1)
        encode(newest, low, newest)
        if newest - T // 2 >= low:
            encode(newest - T // 2, low, newest)
        results[newest] = features(model, final[low:newest + 1].clone())
    return results.get


def chunk_mask(count, size):
    at = torch.arange(count)
    return ((at[:, None] // size == at[None] // size) | (at[None] < at[:, None])) & (at[:, None] - at[None] < T)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--streams", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    model = XCLIPModel.from_pretrained(arguments.model).float().eval()
    tokenizer = load_tokenizer(arguments.model)
    encoded = tokenizer([PLAIN[kind] for kind in KINDS], padding=True, return_tensors="pt")
    texts = forward.embed_texts(model, encoded.input_ids, encoded.attention_mask)
    interval = network.WINDOW_SECONDS / T
    for still in (False, True):
        collected = {}
        for seed in range(arguments.streams):
            x = embed(model, draw(seed, arguments.seconds, interval, still))
            count = len(x)
            levels = {
                "exact": (exact_states(model, x), T, 1),
                "cached": (masked_states(model, x, forward.band(count, T)), 1, 1),
                "self": (masked_states(model, x, torch.eye(count, dtype=torch.bool)), 1, 1),
                "sweep": (sweep_states(model, x), 1.25, 1),
                "chunks of 4": (masked_states(model, x, chunk_mask(count, 4)), 1, 4),
                "refresh at T/2": (refresh_states(model, x), 2, 1),
            }
            for name, (states, cost, every) in levels.items():
                for newest in range(2 * T, count):
                    if (newest + 1) % every:
                        continue
                    classes, patches = states(newest)
                    logits, video = forward.heads(model, classes[None], patches.mean(0)[None], texts)
                    collected.setdefault(name, (cost, {}))[1][seed, newest] = (logits[0], video[0])
        exact = collected.pop("exact")[1]
        spread = torch.stack([logits for logits, _ in exact.values()]).std()
        print(f"{'half of it still' if still else 'happenings back to back'}: {arguments.streams} streams, "
              f"{len(exact)} steps; logits' standard deviation {spread:.2f}")
        print("| level | frames a step | mean | p99 | max | top-1 agrees | 1 − cosine |\n|---|---|---|---|---|---|---|")
        for name, (cost, steps) in collected.items():
            delta = torch.stack([(steps[k][0] - exact[k][0]).abs() for k in steps]) / spread
            agrees = np.mean([int(steps[k][0].argmax() == exact[k][0].argmax()) for k in steps])
            cosine = np.mean([1 - F.cosine_similarity(steps[k][1], exact[k][1], dim=0).item() for k in steps])
            worst = delta.max(1).values
            print(f"| {name} | {cost} | {delta.mean():.3f} | {worst.quantile(0.99):.2f} | {worst.max():.2f} | "
                  f"{100 * agrees:.1f} % | {cosine:.1e} |", flush=True)


if __name__ == "__main__":
    main()
