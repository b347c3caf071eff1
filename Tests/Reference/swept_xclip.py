"""X-CLIP as a stream with a class-path sweep, frame by frame over the weights of a transformers XCLIPModel.

At each step, the new frame goes through all layers in full. For every older frame of the window, only its class token and
its message are computed again. Its patches are the inputs that each layer had when the frame was new. All messages of the
window attend to one another. An older frame's patches never change, and so its patch features do not either.
"""

import torch
from torch.nn.functional import linear

from cached_xclip import _apply, _attend, _norm, window_logits


def _mlp(x, layer):
    hidden = _apply(_norm(x, layer.layer_norm2), layer.mlp.fc1)
    return x + _apply(hidden * torch.sigmoid(1.702 * hidden), layer.mlp.fc2)


def _embed(model, frame):
    """Embeds a frame [3, H, W] as tokens [N, D]."""
    embeddings = model.vision_model.embeddings
    weight = embeddings.patch_embedding.weight
    patches = torch.nn.functional.conv2d(frame[None], weight, stride=weight.shape[-1]).flatten(2).transpose(1, 2)[0]
    tokens = torch.cat([embeddings.class_embedding[None], patches]) + embeddings.position_embedding.weight
    return _norm(tokens, model.vision_model.pre_layernorm)


def _step(model, first, older, tokens=None):
    """Runs one step. `older`: for each older frame, the patches [N-1, D] that were each layer's input. `tokens`: the new
    frame's tokens [N, D], if there is one. `first`: the class token [D] before any message, the same for all frames.
    Returns the final class tokens of all frames, the new frame's final patches, and its patches as each layer's input."""
    given = []
    classes = [first] * (len(older) + (tokens is not None))
    for index, layer in enumerate(model.vision_model.encoder.layers):
        messages = torch.stack([_apply(c, layer.message_fc) for c in classes])
        messages = messages + _attend(_norm(messages, layer.message_ln), layer.message_attn)
        moved = []
        for frame, message in enumerate(messages):
            whole = frame == len(older)
            patches = tokens[1:] if whole else older[frame][index]
            among = torch.cat([classes[frame][None], patches, message[None]])
            out = among + _attend(_norm(among, layer.layer_norm1), layer.self_attn)
            if whole:
                given.append(patches)
                tokens = _mlp(out[:-1], layer)
                moved.append(tokens[0])
            else:
                moved.append(_mlp(out[0], layer))
        classes = moved
    return torch.stack(classes), None if tokens is None else tokens[1:], given


def _logits(model, classes, final, texts):
    features = linear(_norm(classes, model.vision_model.post_layernorm), model.visual_projection.weight)
    return window_logits(model, features, torch.stack(final), texts)


@torch.no_grad()
def stream_logits(model, pixel_values, texts, held=0):
    """Computes logits [F-T+1, K] from [F, 3, H, W], one row for every step from the first full window on. `held`: with
    F < T, the last frame is repeated for this many more ticks. The sweep at the end treats it as that many copies, and
    there is one row, of that window."""
    window = model.config.vision_config.num_frames
    older, final, logits = [], [], []
    for frame in pixel_values:
        tokens = _embed(model, frame)
        classes, patches, given = _step(model, tokens[0], older, tokens)
        final = (final + [_norm(patches, model.prompts_visual_layernorm) @ model.prompts_visual_projection])[-window:]
        if len(final) == window:
            logits.append(_logits(model, classes, final, texts))
        older = (older + [given])[-(window - 1):]
    if held:
        classes, _, _ = _step(model, tokens[0], older + [given] * held)
        logits.append(_logits(model, classes, final + final[-1:] * held, texts))
    return torch.stack(logits)
