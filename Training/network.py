"""The embedded model's size, its start, and the checkpoint directory."""

import copy
import json
import math
import pathlib

import torch
from torch.nn import functional as F
from transformers import XCLIPConfig, XCLIPModel

SIZE, T, WINDOW_SECONDS = 128, 8, 4.0
PATCH = 16
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def make_model(vocabulary, width=128, layers=4, embedding=256, seed=0):
    torch.manual_seed(seed)
    config = XCLIPConfig(
        projection_dim=embedding, prompt_layers=1, prompt_num_attention_heads=embedding // 32, prompt_attention_dropout=0.0,
        prompt_projection_dropout=0.0, prompt_alpha=0.1,
        text_config=dict(hidden_size=128, num_attention_heads=4, num_hidden_layers=3, intermediate_size=512,
                         vocab_size=vocabulary, max_position_embeddings=77, bos_token_id=vocabulary - 2,
                         eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1),
        vision_config=dict(hidden_size=width, num_attention_heads=width // 32, num_hidden_layers=layers,
                           intermediate_size=4 * width, image_size=SIZE, patch_size=PATCH, num_frames=T,
                           mit_hidden_size=embedding, mit_intermediate_size=4 * embedding, mit_num_hidden_layers=3,
                           mit_num_attention_heads=embedding // 32, drop_path_rate=0.0))
    model = XCLIPModel(config)
    start(model, width, layers)
    return model


@torch.no_grad()
def start(model, width, layers):
    """The library's own start drowns the positions and the frames' order in the pixels, and nothing is learnt."""
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.trunc_normal_(module.weight, std=module.in_features ** -0.5)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
    embeddings = model.vision_model.embeddings
    torch.nn.init.normal_(embeddings.patch_embedding.weight, std=embeddings.patch_embedding.weight[0].numel() ** -0.5)
    torch.nn.init.normal_(embeddings.position_embedding.weight, std=0.5)
    torch.nn.init.normal_(embeddings.class_embedding, std=0.5)
    torch.nn.init.normal_(model.mit.position_embedding, std=0.02)
    torch.nn.init.normal_(model.prompts_visual_projection, std=width ** -0.5)
    torch.nn.init.normal_(model.text_model.embeddings.token_embedding.weight, std=0.3)
    torch.nn.init.normal_(model.text_model.embeddings.position_embedding.weight, std=0.1)
    for encoder, depth in ((model.vision_model.encoder, layers), (model.text_model.encoder, 3), (model.mit.encoder, 3)):
        for layer in encoder.layers:
            layer.self_attn.out_proj.weight.mul_((2 * depth) ** -0.5)
            layer.mlp.fc2.weight.mul_((2 * depth) ** -0.5)
    model.logit_scale.fill_(math.log(12))


@torch.no_grad()
def whiten(model, frames):
    """Starts the patch embedding as the whitened principal components of the patches of B×S×H×W×3 pictures: edges and
    places within a patch then speak as loudly as its mean colour, which else drowns them for most of the training."""
    weight = model.vision_model.embeddings.patch_embedding.weight
    count, side = weight.shape[0], weight.shape[-1]
    pixels = normalise(frames).flatten(0, 1)
    patches = pixels.unfold(2, side, side).unfold(3, side, side).movedim(1, 3).flatten(3).flatten(0, 2).double()
    patches = patches[torch.randperm(len(patches))[:60000]]
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    values, vectors = values.flip(0)[:count], vectors.flip(1)[:, :count]
    # Beyond the first some dozens there is mostly grain: it is not blown up to the size of the rest.
    rows = vectors / (values + 0.003 * values.sum() / count).sqrt()
    weight.copy_(rows.T.reshape(weight.shape).float())


@torch.no_grad()
def grow(model, patch=PATCH, blocks=6):
    """The same model with patches magnified to `patch` pixels and with more blocks, which leave what passes them as it is."""
    weight = model.vision_model.embeddings.patch_embedding.weight
    old = weight.shape[-1]
    config = copy.deepcopy(model.config)
    vision = config.vision_config
    have = vision.num_hidden_layers
    vision.image_size, vision.patch_size, vision.num_hidden_layers = vision.image_size // old * patch, patch, blocks
    grown = XCLIPModel(config)
    state = {name: value for name, value in model.state_dict().items() if name in grown.state_dict()}
    if patch != old:
        weight = F.interpolate(weight, size=(patch, patch), mode="bicubic", align_corners=False) * (old / patch) ** 2
    state["vision_model.embeddings.patch_embedding.weight"] = weight
    # New blocks go between the old ones and the last, as copies that add nothing.
    for new in range(have - 1, blocks):
        for name in [n for n in grown.state_dict() if n.startswith(f"vision_model.encoder.layers.{new}.")]:
            value = model.state_dict()[name.replace(f"layers.{new}.", f"layers.{have - 1}.")].clone()
            if new < blocks - 1 and ("self_attn.out_proj" in name or "mlp.fc2" in name):
                value.zero_()
            state[name] = value
    grown.load_state_dict(state)
    return grown


def normalise(frames):
    """B×S×H×W×3 uint8 → B×S×3×H×W float, as the processor does."""
    pixels = frames.movedim(-1, -3).float().div_(255)
    mean, std = (torch.tensor(values, device=frames.device)[:, None, None] for values in (MEAN, STD))
    return (pixels - mean) / std


def save(model, directory, defaults=None):
    """Writes the checkpoint with 16-bit weights, beside its tokenizer."""
    directory = pathlib.Path(directory)
    half = XCLIPModel(model.config)
    half.load_state_dict(model.state_dict())
    half.to(torch.float16).save_pretrained(directory)
    (directory / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": {"height": SIZE, "width": SIZE}, "do_center_crop": True, "do_normalize": True, "do_rescale": True,
        "do_resize": True, "image_mean": MEAN, "image_processor_type": "VideoMAEImageProcessor", "image_std": STD,
        "resample": 2, "rescale_factor": 1 / 255, "size": {"shortest_edge": SIZE}}, indent=2) + "\n")
    if defaults is not None:
        (directory / "watchword.json").write_text(json.dumps(defaults, indent=2) + "\n")
