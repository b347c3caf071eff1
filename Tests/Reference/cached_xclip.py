"""X-CLIP as a stream: each frame is encoded once and its messages attend to the newest `num_frames` messages only.

This is an independent forward pass over the weights of a transformers XCLIPModel, frame by frame, with plain torch
operations. It shares no code with the library's vision encoder. Frame t attends to the messages of frames t-T+1 … t, and
nothing older ever changes. `encode(..., two_way=True)` is the published model on one clip, for checking.
"""

import torch
from torch.nn.functional import layer_norm, linear


def _norm(x, module):
    return layer_norm(x, module.normalized_shape, module.weight, module.bias, module.eps)


def _apply(x, module):
    return module(x)


def _attend(x, attention, allowed=None):
    """Computes self-attention over the last but one axis; `allowed` [query, key] is True where a query may attend."""
    def split(y):
        return y.unflatten(-1, (attention.num_heads, -1)).transpose(-3, -2)

    queries, keys, values = (split(_apply(x, p)) for p in (attention.q_proj, attention.k_proj, attention.v_proj))
    weights = queries @ keys.transpose(-1, -2) * keys.shape[-1] ** -0.5
    if allowed is not None:
        weights = weights.masked_fill(~allowed, float("-inf"))
    mixed = (weights.softmax(-1) @ values).transpose(-3, -2).flatten(-2)
    return _apply(mixed, attention.out_proj)


@torch.no_grad()
def encode(model, pixel_values, two_way=False):
    """Encodes [F, 3, H, W] to class features [F, E] after the visual projection, and patch features [F, N-1, E] after the
    prompts projection. F may be any number: the mask is a band of `num_frames`."""
    vision = model.vision_model
    frames = pixel_values.shape[0]
    window = model.config.vision_config.num_frames
    age = torch.arange(frames)[:, None] - torch.arange(frames)[None, :]
    allowed = None if two_way else (age >= 0) & (age < window)

    weight = vision.embeddings.patch_embedding.weight
    patches = torch.nn.functional.conv2d(pixel_values, weight, stride=weight.shape[-1]).flatten(2).transpose(1, 2)
    x = torch.cat([vision.embeddings.class_embedding.expand(frames, 1, -1), patches], 1)
    x = _norm(x + vision.embeddings.position_embedding.weight, vision.pre_layernorm)
    for layer in vision.encoder.layers:
        message = _apply(x[:, 0], layer.message_fc)
        message = message + _attend(_norm(message, layer.message_ln), layer.message_attn, allowed)
        y = torch.cat([x, message[:, None]], 1)
        x = x + _attend(_norm(y, layer.layer_norm1), layer.self_attn)[:, :-1]
        hidden = _apply(_norm(x, layer.layer_norm2), layer.mlp.fc1)
        x = x + _apply(hidden * torch.sigmoid(1.702 * hidden), layer.mlp.fc2)
    classes = linear(_norm(x[:, 0], vision.post_layernorm), model.visual_projection.weight)
    return classes, _norm(x[:, 1:], model.prompts_visual_layernorm) @ model.prompts_visual_projection


@torch.no_grad()
def text_embeddings(model, input_ids, attention_mask):
    """Returns text embeddings [K, E], projected, before the video-specific prompts."""
    return model.get_text_features(input_ids=input_ids, attention_mask=attention_mask).pooler_output


@torch.no_grad()
def window_logits(model, classes, patches, texts):
    """Computes the logits [K] of one window from its class features [T, E] and patch features [T, N-1, E]."""
    video = model.mit(classes[None]).pooler_output
    prompted = texts[None] + model.prompts_generator(texts[None], patches.mean(0, keepdim=True))
    cosine = (video[:, None] / video.norm(dim=-1)) * (prompted / prompted.norm(dim=-1, keepdim=True))
    return model.logit_scale.exp() * cosine.sum(-1)[0]


def stream_logits(model, pixel_values, texts):
    """Computes logits [F-T+1, K], one row for every step from the first full window on."""
    window = model.config.vision_config.num_frames
    classes, patches = encode(model, pixel_values)
    return torch.stack([window_logits(model, classes[t:t + window], patches[t:t + window], texts)
                        for t in range(len(pixel_values) - window + 1)])
