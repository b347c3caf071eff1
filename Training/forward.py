"""X-CLIP's forward pass over the weights of a transformers XCLIPModel, on longer clips than one window and with a choice
of what each frame's message may attend to. `check` holds it against the class's own forward pass."""

import torch
from torch.nn import functional as F

FUSED = True  # On a GPU: the library's attention.


def norm(x, module):
    return F.layer_norm(x, module.normalized_shape, module.weight, module.bias, module.eps)


def attention(x, module, mask=None):
    """Self-attention over the last but one axis; `mask` [query, key] is True where a query may look."""
    heads = module.num_heads
    weight = torch.cat([module.q_proj.weight, module.k_proj.weight, module.v_proj.weight])
    bias = torch.cat([module.q_proj.bias, module.k_proj.bias, module.v_proj.bias])
    queries, keys, values = F.linear(x, weight, bias).unflatten(-1, (3, heads, -1)).movedim(-3, 0).transpose(-3, -2)
    if FUSED and x.is_cuda:
        mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return module.out_proj(mixed.transpose(-3, -2).flatten(-2))
    # Written out: on a CPU this is 1.7 times as fast as the library's own for so few tokens, there and back.
    scores = queries * queries.shape[-1] ** -0.5 @ keys.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    mixed = scores.softmax(-1, dtype=torch.float32).to(values.dtype) @ values
    return module.out_proj(mixed.transpose(-3, -2).flatten(-2))


def band(count, window, device=None):
    """What `cached` lets messages see: those of the window that ends with their own frame."""
    age = torch.arange(count, device=device)[:, None] - torch.arange(count, device=device)[None]
    return (age >= 0) & (age < window)


def encode(model, pixels, mask=None, middle=None):
    """[B, S, 3, H, W] → class features [B, S, E], patch features [B, S, N−1, E] after the prompts projection, and the
    class tokens [B, S, D] before the post-LayerNorm. `mask` None: every message of the clip sees all others. With `middle`
    also the patches' tokens [B, S, N−1, D] after that many blocks."""
    vision = model.vision_model
    batch, count = pixels.shape[:2]
    embeddings = vision.embeddings
    weight = embeddings.patch_embedding.weight
    side = weight.shape[-1]
    grid = pixels.shape[-1] // side
    patches = pixels.reshape(batch * count, 3, grid, side, grid, side).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
    tokens = F.linear(patches, weight.flatten(1))
    positions = embeddings.position_embedding.weight
    cls = (embeddings.class_embedding + positions[0]).expand(batch * count, 1, -1)
    x = norm(torch.cat([cls.to(tokens.dtype), tokens + positions[1:]], 1), vision.pre_layernorm)
    length = x.shape[1]
    for index, layer in enumerate(vision.encoder.layers):
        if index == middle:
            between = x[:, 1:].unflatten(0, (batch, count))
        message = layer.message_fc(x[:, 0]).unflatten(0, (batch, count))
        message = message + attention(norm(message, layer.message_ln), layer.message_attn, mask)
        y = torch.cat([x, message.flatten(0, 1)[:, None].to(x.dtype)], 1)
        x = x + attention(norm(y, layer.layer_norm1), layer.self_attn)[:, :length]
        hidden = layer.mlp.fc1(norm(x, layer.layer_norm2))
        x = x + layer.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))
    tokens = x[:, 0]
    classes = F.linear(norm(tokens, vision.post_layernorm), model.visual_projection.weight)
    patches = norm(x[:, 1:], model.prompts_visual_layernorm) @ model.prompts_visual_projection
    found = [part.unflatten(0, (batch, count)) for part in (classes, patches, tokens)]
    return (*found, between) if middle is not None else tuple(found)


def windows(classes, patches, ends, window):
    """The class features [W, T, E] and mean patch features [W, N−1, E] of the windows that end at `ends` [(b, s)]."""
    clips, last = ends[:, 0], ends[:, 1]
    frames = last[:, None] - torch.arange(window - 1, -1, -1, device=last.device)[None]
    return classes[clips[:, None], frames], patches[clips[:, None], frames].mean(1)


def heads(model, classes, patches, texts):
    """Logits [W, K] of windows [W, T, E], [W, N−1, E] for text embeddings [K, E]; also the video embeddings [W, E]."""
    video = model.mit(classes).pooler_output
    return compare(model, video, patches, texts), video


def compare(model, video, patches, texts):
    """Logits [W, K] of video embeddings [W, E] with the prompts that the patches [W, N−1, E] make of the texts [K, E]."""
    generator = model.prompts_generator
    visual = generator.layernorm(patches)
    text = texts.expand(len(video), -1, -1)
    prompted = text
    for layer in generator.decoder:
        prompted = layer(prompted, visual)
    prompted = text + generator.alpha * prompted
    cosine = torch.einsum("we,wke->wk", F.normalize(video.float(), dim=-1), F.normalize(prompted.float(), dim=-1))
    return model.logit_scale.exp() * cosine


def embed_texts(model, ids, mask):
    """[K, L] token ids → [K, E], before the video-specific prompts."""
    return model.get_text_features(input_ids=ids, attention_mask=mask).pooler_output


@torch.no_grad()
def check(model, size, window, ids, mask):
    """Fails where this file and the model's own class disagree."""
    pixels = torch.randn(2, window, 3, size, size)
    training = model.training
    model.eval()
    expected = model(input_ids=ids, attention_mask=mask, pixel_values=pixels).logits_per_video
    classes, patches, _ = encode(model, pixels)
    ends = torch.tensor([[0, window - 1], [1, window - 1]])
    logits, _ = heads(model, *windows(classes, patches, ends, window), embed_texts(model, ids, mask))
    model.train(training)
    worst = (logits - expected).abs().max().item()
    assert worst < 1e-3, f"the training forward pass differs from XCLIPModel's by {worst}"
