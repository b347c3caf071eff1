"""Makes the golden checkpoints of CheckpointsTests and XCLIPTests: files that PyTorch writes, in each of its formats.

    pip install -r Tests/Reference/requirements.txt        # torch 2.15.0, transformers 5.23.0, safetensors 0.8.0
    python Tests/CheckpointsTests/Golden/make_archives.py

views.bin, views-legacy.bin   one state dict, as zip and in the legacy format: every type, slices and transposes of one
                              shared storage, a Parameter, a scalar, an empty tensor, and tensors that are not weights
views.safetensors             the contents of each of its weights, contiguous; `rounded.f16` and `rounded.bf16` are
                              `strides.half_way` as torch rounds it
plain.bin                     two tensors only: small, for mutations
views-00001-of-00002.bin, …   the same in two shards with pytorch_model.bin.index.json, in sharded/
micro/                        a random X-CLIP 4 wide, one head (the smallest that has every part):
  model.safetensors           its weights under the Hugging Face names
  pytorch_model.bin           … as a zip archive
  pytorch_model-legacy.bin    … in the legacy format
  authors.pth                 … as the authors' training script saves it: their names, in a dict with the states of an
                              optimizer and a scheduler and a configuration object
  expected.safetensors        pixels U8 [T, 8, 8, 3]; input_ids I32 [K, 77]; logits F32 [K] of a model that is built here
                              from torch's own modules in the layout of the authors' code; transformers gives the same
  config.json, preprocessor_config.json
"""

import collections
import json
import pathlib
import sys
import types

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import CLIPTokenizer, XCLIPConfig, XCLIPModel

HERE = pathlib.Path(__file__).resolve().parent
XCLIP_TINY = HERE.parents[1] / "XCLIPTests/Golden/tiny"
LABELS = json.loads((XCLIP_TINY.parent / "labels.json").read_text())
WIDTH, LAYERS, FRAMES, IMAGE, PATCH, VOCABULARY = 4, 2, 4, 8, 4, 640


def legacy(object, path):
    torch.save(object, path, _use_new_zipfile_serialization=False)


def make_views():
    generator = torch.Generator().manual_seed(1)
    base = torch.randn(6, 5, 4, generator=generator)
    weights = collections.OrderedDict()
    weights["plain.f32"] = torch.randn(3, 7, generator=generator)
    weights["plain.f16"] = torch.randn(5, 3, generator=generator).half()
    weights["plain.bf16"] = torch.randn(5, 3, generator=generator).bfloat16()
    weights["shared.whole"] = base
    weights["shared.slice"] = base[2:4]
    weights["shared.columns"] = base[:, 1:3, ::2]
    weights["shared.permuted"] = base.permute(2, 0, 1)
    weights["transposed.f16"] = weights["plain.f16"].T
    weights["transposed.bf16"] = weights["plain.bf16"].T
    weights["parameter"] = nn.Parameter(torch.randn(4, generator=generator))
    weights["scalar"] = torch.tensor(2.5)
    weights["empty"] = torch.empty(0, 3)
    weights["one.sided"] = torch.randn(1, 6, generator=generator).T
    weights["expanded"] = torch.randn(3, 1, generator=generator).expand(3, 2)
    weights["strides.half_way"] = torch.tensor(
        [0.0, -0.0, 1.0, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-9, 65504.0, 65519.99, 65520.0, -1e6, 2**-14,
         2**-24, 2**-25, 1.5 * 2**-25, 2**-26, 3e38, 1e-40, 0.1, -0.3, float("inf"), -float("inf")])
    state = collections.OrderedDict(weights)
    state["ids"] = torch.arange(4)
    state["mask"] = torch.tensor([True, False])
    state["double"] = torch.zeros(2, dtype=torch.float64)
    state._metadata = {"": {"version": 1}}
    torch.save(state, HERE / "views.bin")
    legacy(state, HERE / "views-legacy.bin")
    expected = {name: tensor.detach().contiguous().clone() for name, tensor in weights.items()}
    expected["rounded.f16"] = weights["strides.half_way"].half()
    expected["rounded.bf16"] = weights["strides.half_way"].bfloat16()
    save_file(expected, HERE / "views.safetensors")
    torch.save({"a": weights["plain.f32"], "b.t": weights["plain.f16"].T}, HERE / "plain.bin")

    (HERE / "sharded").mkdir(exist_ok=True)
    names = ["plain.f32", "plain.bf16", "parameter"]
    shards = [f"pytorch_model-0000{i}-of-00002.bin" for i in (1, 2)]
    torch.save({names[0]: weights[names[0]]}, HERE / "sharded" / shards[0])
    torch.save({name: weights[name] for name in names[1:]}, HERE / "sharded" / shards[1])
    (HERE / "sharded/pytorch_model.bin.index.json").write_text(json.dumps(
        {"metadata": {"total_size": 130}, "weight_map": {names[0]: shards[0], names[1]: shards[1], names[2]: shards[1]}}))


# The authors' model, built from torch's modules with the names of their code (microsoft/VideoX, X-CLIP/models).

class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """A block of the text and integration transformers or, with messages, of vision; x is [batch, tokens, width]."""

    def __init__(self, width, messages=False):
        super().__init__()
        if messages:
            self.message_fc = nn.Linear(width, width)
            self.message_ln = nn.LayerNorm(width)
            self.message_attn = nn.MultiheadAttention(width, 1, batch_first=True)
        self.attn = nn.MultiheadAttention(width, 1, batch_first=True)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(collections.OrderedDict(
            c_fc=nn.Linear(width, 4 * width), gelu=QuickGELU(), c_proj=nn.Linear(4 * width, width)))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x, mask=None):
        tokens = x.shape[1]
        if hasattr(self, "message_fc"):
            message = self.message_fc(x[:, 0])[None]
            normal = self.message_ln(message)
            message = message + self.message_attn(normal, normal, normal)[0]
            x = torch.cat([x, message[0][:, None]], 1)
        normal = self.ln_1(x)
        x = (x + self.attn(normal, normal, normal, attn_mask=mask)[0])[:, :tokens]
        return x + self.mlp(self.ln_2(x))


class Tower(nn.Module):
    def __init__(self, layers, messages=False):
        super().__init__()
        self.resblocks = nn.ModuleList([Block(WIDTH, messages) for _ in range(layers)])

    def forward(self, x, mask=None):
        for block in self.resblocks:
            x = block(x, mask)
        return x


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.empty(WIDTH))
        self.positional_embedding = nn.Parameter(torch.empty((IMAGE // PATCH) ** 2 + 1, WIDTH))
        self.proj = nn.Parameter(torch.empty(WIDTH, WIDTH))
        self.conv1 = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.ln_pre = nn.LayerNorm(WIDTH)
        self.transformer = Tower(LAYERS, messages=True)
        self.ln_post = nn.LayerNorm(WIDTH)

    def forward(self, x):
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        x = self.transformer(self.ln_pre(x))
        return self.ln_post(x[:, 0]) @ self.proj, x[:, 1:]


class Integration(Tower):
    def __init__(self):
        super().__init__(1)
        self.positional_embedding = nn.Parameter(torch.empty(1, FRAMES, WIDTH))

    def forward(self, x):
        return (super().forward(x + self.positional_embedding) + x).mean(1)


class CrossAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, text, visual):
        weights = self.q_proj(text) @ self.k_proj(visual).transpose(1, 2) * WIDTH**-0.5
        return self.proj(weights.softmax(-1) @ self.v_proj(visual))


class PromptLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.cross_attn = CrossAttention()
        self.norm1, self.norm3 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), QuickGELU(), nn.Dropout(0), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, text, visual):
        text = text + self.cross_attn(self.norm1(text), visual)
        return text + self.mlp(self.norm3(text))


class Prompts(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.decoder = nn.ModuleList([PromptLayer() for _ in range(2)])
        self.alpha = nn.Parameter(torch.empty(WIDTH))

    def forward(self, text, visual):
        for layer in self.decoder:
            text = layer(text, self.norm(visual))
        return self.alpha * text


class Authors(nn.Module):
    def __init__(self):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.empty(77, WIDTH))
        self.text_projection = nn.Parameter(torch.empty(WIDTH, WIDTH))
        self.logit_scale = nn.Parameter(torch.empty([]))
        self.prompts_visual_proj = nn.Parameter(torch.empty(WIDTH, WIDTH))
        self.visual = Vision()
        self.transformer = Tower(1)
        self.token_embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.ln_final = nn.LayerNorm(WIDTH)
        self.prompts_generator = Prompts()
        self.mit = Integration()
        self.prompts_visual_ln = nn.LayerNorm(WIDTH)

    def forward(self, frames, ids):
        classes, patches = self.visual(frames)
        patches = (self.prompts_visual_ln(patches) @ self.prompts_visual_proj).mean(0)
        video = self.mit(classes[None])
        mask = torch.full((77, 77), float("-inf")).triu(1)
        text = self.ln_final(self.transformer(self.token_embedding(ids) + self.positional_embedding, mask))
        text = text[torch.arange(len(ids)), ids.argmax(-1)] @ self.text_projection
        text = text + self.prompts_generator(text[None], patches[None])[0]
        text, video = text / text.norm(dim=-1, keepdim=True), video / video.norm(dim=-1, keepdim=True)
        return self.logit_scale.exp() * (text @ video[0])


def hugging_face_names(state):
    """Maps the authors' names to those of transformers, as its convert_x_clip_original_pytorch_to_hf.py does."""
    result = {}
    for name, value in state.items():
        for old, new in (("visual.transformer.resblocks", "vision_model.encoder.layers"),
                         ("mit.resblocks", "mit.encoder.layers"), ("mit.positional", "mit.position"),
                         ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
                         ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
                         ("visual.conv1", "vision_model.embeddings.patch_embedding"),
                         ("visual.ln_pre", "vision_model.pre_layernorm"), ("visual.ln_post", "vision_model.post_layernorm"),
                         ("visual.proj", "visual_projection.weight"), ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"),
                         ("c_fc", "fc1"), ("c_proj", "fc2"), ("prompts_visual_proj", "prompts_visual_projection"),
                         ("prompts_visual_ln", "prompts_visual_layernorm"),
                         ("prompts_generator.norm", "prompts_generator.layernorm"), (".attn.", ".self_attn.")):
            name = name.replace(old, new)
        if name.startswith("transformer.resblocks"):
            name = name.replace("transformer.resblocks", "text_model.encoder.layers")
        name = {"token_embedding.weight": "text_model.embeddings.token_embedding.weight",
                "positional_embedding": "text_model.embeddings.position_embedding.weight",
                "text_projection": "text_projection.weight", "ln_final.weight": "text_model.final_layer_norm.weight",
                "ln_final.bias": "text_model.final_layer_norm.bias"}.get(name, name)
        if name in ("visual_projection.weight", "text_projection.weight"):
            value = value.T
        if "in_proj_" in name:
            for part, rows in zip("qkv", value.chunk(3)):
                result[name.replace("in_proj_", f"{part}_proj.")] = rows
        else:
            result[name] = value
    return {name: value.clone().contiguous() for name, value in result.items()}


def redraw(model):
    generator = torch.Generator().manual_seed(3)
    norms = {name for name, module in model.named_modules() if isinstance(module, nn.LayerNorm)}
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            owner, _, kind = name.rpartition(".")
            if name == "logit_scale":
                parameter.fill_(3.0)
            elif owner in norms:
                parameter.copy_(0.1 * noise + (kind == "weight"))
            elif parameter.ndim < 2 or "embedding" in name:
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(noise * parameter[0].numel() ** -0.5 * 1.2)


def make_micro():
    out = HERE / "micro"
    out.mkdir(exist_ok=True)
    model = Authors().eval()
    redraw(model)
    state = model.state_dict()
    tower = dict(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_attention_heads=1)
    config = XCLIPConfig(
        projection_dim=WIDTH, prompt_layers=2, prompt_num_attention_heads=1,
        text_config=tower | dict(num_hidden_layers=1, vocab_size=VOCABULARY),
        vision_config=tower | dict(num_hidden_layers=LAYERS, image_size=IMAGE, patch_size=PATCH, num_frames=FRAMES,
                                   mit_hidden_size=WIDTH, mit_intermediate_size=4 * WIDTH, mit_num_attention_heads=1))
    theirs = XCLIPModel(config).eval()
    names = hugging_face_names(state)
    print(theirs.load_state_dict(names, strict=True))

    tokenizer = CLIPTokenizer.from_pretrained(XCLIP_TINY)
    ids = tokenizer(LABELS, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    pixels = np.random.default_rng(5).integers(0, 256, (FRAMES, IMAGE, IMAGE, 3), dtype=np.uint8)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    frames = torch.from_numpy(((pixels / 255 - mean) / std).astype(np.float32)).permute(0, 3, 1, 2)
    with torch.no_grad():
        logits = model(frames, ids)
        again = theirs(pixel_values=frames[None], input_ids=ids).logits_per_video[0]
    torch.testing.assert_close(again, logits, atol=1e-5, rtol=1e-5)
    print(logits)

    theirs.config.save_pretrained(out)
    (out / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": IMAGE, "do_center_crop": True, "do_normalize": True, "do_resize": True,
        "feature_extractor_type": "VideoMAEFeatureExtractor", "image_mean": list(mean), "image_std": list(std),
        "resample": 2, "size": IMAGE}, indent=2) + "\n")
    save_file(names, out / "model.safetensors", metadata={"format": "pt"})
    save_file({"pixels": torch.from_numpy(pixels), "input_ids": ids.int(), "logits": logits}, out / "expected.safetensors")
    torch.save(collections.OrderedDict(names), out / "pytorch_model.bin")
    legacy(collections.OrderedDict(names), out / "pytorch_model-legacy.bin")

    # The authors' utils/tools.py saves it like this. Their configuration is a yacs CfgNode, a dict with attributes.
    yacs = types.ModuleType("yacs.config")
    yacs.CfgNode = type("CfgNode", (dict,), {"__module__": "yacs.config", "__qualname__": "CfgNode"})
    sys.modules |= {"yacs": types.ModuleType("yacs"), "yacs.config": yacs}
    node = yacs.CfgNode(DATA=yacs.CfgNode(NUM_FRAMES=FRAMES, ROOT="videos"), OUTPUT="out", TAGS=["a", (1, 2.5, None)])
    node.__dict__["__immutable__"] = True
    moments = torch.full((3,), 0.5)
    optimizer = {"state": {0: {"step": 1, "exp_avg": moments, "exp_avg_sq": moments.double()}},
                 "param_groups": [{"lr": 8e-6, "betas": (0.9, 0.98), "params": [0, 1]}]}
    torch.save({"model": state, "optimizer": optimizer, "lr_scheduler": {"t": 3, "values": [1e-5]},
                "max_accuracy": np.float64(80.4), "epoch": 29, "config": node}, out / "authors.pth")


make_views()
make_micro()
for path in HERE.rglob("*"):
    path.chmod(0o755 if path.is_dir() else 0o644)
