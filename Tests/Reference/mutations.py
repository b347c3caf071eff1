"""Makes the golden file of MutationTests: what transformers makes of checkpoints whose JSON files have been changed.

    pip install -r Tests/Reference/requirements.txt        # torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3
    python Tests/Reference/mutations.py                    # writes Tests/XCLIPTests/Golden/mutations.json

Each case is the tiny checkpoint with some of its files changed, and the logits of XCLIPModel, AutoTokenizer and
AutoImageProcessor for one clip and the labels, or the reason why transformers refuses it. Some cases are files as people have
reported or saved them; the others are random changes of keys and values, the same for the same seed.

The weights are those of the tiny checkpoint, grown: 16 more tokens and 19 more text positions, whose rows are the first rows
negated. The clip is noise of the generator in `noise`. MutationTests makes both in the same way.

    {"labels": […], "width": W, "height": H, "cases": [{"name", "files": {name: text or null for no file},
     "tokenizer": [[path, value], …] of tokenizer.json, a value of null removes; "logits": […] or "refused": reason}]}
"""

import copy
import json
import pathlib
import random
import shutil
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoTokenizer, XCLIPModel
from transformers.utils import logging

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "XCLIPTests" / "Golden"
TINY = GOLDEN / "tiny"
LABELS = ["door", "a person falls to the ground", "a <fall> here, x<fall>y and <FALL> , [T1]", "they're <|endoftext|> here",
          "A Gate is left open", "door " * 88]
WIDTH, HEIGHT, TOKENS, POSITIONS = 50, 40, 16, 19


def noise(count):
    """The bytes of a linear congruential generator, as in ResampleTests."""
    state, out = 1, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 24)
    return np.frombuffer(bytes(out), np.uint8)


def grown():
    weights = load_file(TINY / "model.safetensors")
    for name, more in (("token", TOKENS), ("position", POSITIONS)):
        name = f"text_model.embeddings.{name}_embedding.weight"
        weights[name] = torch.cat([weights[name], -weights[name][:more]])
    return weights


def read(name):
    return json.loads((TINY / name).read_text())


def base():
    """The unchanged files that a case may change. tokenizer.json is changed by paths, for it is long."""
    config = read("config.json")
    config["text_config"] |= {"vocab_size": 640 + TOKENS, "max_position_embeddings": 77 + POSITIONS}
    return {"config.json": config, "preprocessor_config.json": read("preprocessor_config.json"),
            "tokenizer_config.json": read("tokenizer_config.json")}


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": False} | flags


def added(number, content, **flags):
    return {"id": number} | token(content, **flags)


NEW = {"image_processor_type": "VideoMAEImageProcessor", "size": {"shortest_edge": 32},
       "crop_size": {"height": 32, "width": 32}, "resample": 2, "do_resize": True, "do_center_crop": True,
       "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.485, 0.456, 0.406],
       "image_std": [0.229, 0.224, 0.225]}
VIVIT = {k: v for k, v in NEW.items() if k not in ("rescale_factor", "image_mean", "image_std")}
VIVIT |= {"image_processor_type": "VivitImageProcessor"}
SQUARE = {"height": 32, "width": 32}


def named_cases():
    """Files as tools save them, and the mistakes that were reported."""
    def case(name, files=None, tokenizer=(), without=()):
        return {"name": name, "files": (files or {}) | dict.fromkeys(without), "tokenizer": list(tokenizer)}

    def config(**changes):
        values = base()["config.json"]
        for key, value in changes.items():
            if key in ("text_config", "vision_config") and isinstance(value, dict):
                values[key] |= value
            else:
                values[key] = value
        return {"config.json": values}

    def processor(values, **changes):
        return {"preprocessor_config.json": values | changes}

    def tokenizer_config(**changes):
        return {"tokenizer_config.json": base()["tokenizer_config.json"] | changes}

    base_config = base()["config.json"]
    text, vision = base_config["text_config"], base_config["vision_config"]
    other = NEW | {"image_mean": [0.1, 0.2, 0.3], "resample": 3}
    nested = {"processor_class": "XCLIPProcessor", "image_processor": NEW | {"resample": 3}}
    old_tokenizer = {"tokenizer.json": None}
    decoder = {str(n): token(c, special=True) for n, c in ((638, "<|startoftext|>"), (639, "<|endoftext|>"))}
    fall = {"640": token("<fall>")}
    cases = [case("unchanged")]
    # The processor's files.
    cases += [
        case("processor_config.json alone", {"processor_config.json": nested}, without=["preprocessor_config.json"]),
        case("both: the nested one wins", {"processor_config.json": nested} | processor(other)),
        case("both: not nested", {"processor_config.json": {"processor_class": "XCLIPProcessor"}} | processor(other)),
        case("both: nested null", {"processor_config.json": {"image_processor": None}} | processor(other)),
        case("only a video_processor", {"processor_config.json": {"video_processor": NEW}}, without=["preprocessor_config.json"]),
        case("new form", processor(NEW)), case("Fast", processor(NEW, image_processor_type="VideoMAEImageProcessorFast")),
        case("CLIP", processor(NEW, image_processor_type="CLIPImageProcessor", resample=3)),
        case("CLIP's defaults", processor({"image_processor_type": "CLIPImageProcessor", "size": 32, "crop_size": 32})),
        case("no type", processor({"size": 32, "crop_size": 32})),
        case("ViT", processor({"image_processor_type": "ViTImageProcessor", "size": SQUARE})),
        case("ViT, one number", processor({"image_processor_type": "ViTImageProcessorFast", "size": 32})),
        case("ViT that crops", processor({"image_processor_type": "ViTImageProcessor", "size": {"height": 36, "width": 44},
                                          "do_center_crop": True, "crop_size": SQUARE})),
        case("ViT's short side", processor({"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 32}})),
        case("ViT, nulls", processor({"image_processor_type": "ViTImageProcessor", "size": SQUARE, "do_center_crop": None,
                                      "crop_size": None, "do_pad": None, "input_data_format": None})),
        case("Siglip", processor({"image_processor_type": "SiglipImageProcessor", "size": SQUARE})),
        case("DeiT", processor({"image_processor_type": "DeiTImageProcessor", "size": SQUARE, "crop_size": SQUARE})),
        case("Vivit", processor(VIVIT)), case("Vivit without offset", processor(VIVIT, offset=False)),
        case("Vivit, offset without rescale", processor(VIVIT, do_rescale=False)),
        case("Vivit, all stated", processor(NEW, image_processor_type="VivitImageProcessor", offset=True)),
        case("ConvNext", processor(NEW, image_processor_type="ConvNextImageProcessor")),
        case("of another library", processor(NEW, image_processor_type="MyImageProcessor")),
        case("both edges", processor(NEW, size={"shortest_edge": 32, "longest_edge": 36})),
        case("longest edge", processor(NEW, size={"longest_edge": 32})),
        case("three keys of size", processor(NEW, size=SQUARE | {"shortest_edge": 32})),
        case("a list as size", processor(NEW, size=[36, 40])), case("default_to_square", processor(NEW, size=32, default_to_square=True)),
        case("one mean", processor(NEW, image_mean=0.5, image_std=0.25)), case("two means", processor(NEW, image_mean=[0.5, 0.5])),
        case("do_pad", processor(NEW, image_processor_type="CLIPImageProcessor", do_pad=True)),
        case("another crop", processor(NEW, crop_size=24)), case("no crop", processor(NEW, do_center_crop=False)),
        case("no crop, squeezed", processor(NEW, do_center_crop=False, size=SQUARE)),
        case("no resize", processor(NEW, do_resize=False)), case("no resize, no size", processor(NEW, do_resize=None, size=None, resample=None)),
        case("smaller than the crop", processor(NEW, size={"shortest_edge": 20})),
    ]
    cases += [case(f"{key} null", processor(NEW, **{key: None})) for key in NEW]
    cases += [case(f"no {key}", processor({k: v for k, v in NEW.items() if k != key})) for key in NEW]
    # The configuration.
    cases += [
        case("partial vision_config_dict", config(vision_config_dict={"hidden_act": "gelu", "num_frames": 4})),
        case("vision_config_dict without the activation", config(
            vision_config={"hidden_act": "gelu", "layer_norm_eps": 0.1},
            vision_config_dict={k: v for k, v in vision.items() if k not in ("hidden_act", "layer_norm_eps")})),
        case("text_config_dict without epsilon", config(
            text_config={"layer_norm_eps": 0.1}, text_config_dict={k: v for k, v in text.items() if k != "layer_norm_eps"})),
        case("both, the dict differs", config(text_config_dict=text | {"hidden_act": "gelu", "layer_norm_eps": 0.01})),
        case("dicts null", config(text_config_dict=None, vision_config_dict=None)),
        case("empty text_config_dict", config(text_config_dict={})),
        case("text_config null", config(text_config=None)), case("text_config a list", config(text_config=[1])),
        case("vision_config_dict alone", {"config.json": {k: v for k, v in base_config.items() if k != "vision_config"} | {"vision_config_dict": vision}}),
        case("gelu", config(vision_config={"hidden_act": "gelu"}, text_config={"hidden_act": "gelu"}, prompt_hidden_act="gelu")),
        case("relu", config(vision_config={"hidden_act": "relu"})), case("gelu_new", config(prompt_hidden_act="gelu_new")),
        case("epsilons", config(vision_config={"layer_norm_eps": 0.05}, text_config={"layer_norm_eps": 0.02})),
        case("fewer layers", config(vision_config={"num_hidden_layers": 2})), case("more layers", config(vision_config={"num_hidden_layers": 4})),
        case("other heads", config(text_config={"num_attention_heads": 7})), case("wrong heads", config(text_config={"num_attention_heads": 5})),
        case("a real as a size", config(text_config={"hidden_size": 28.0})), case("a text as a size", config(projection_dim="24")),
        case("true as a size", config(prompt_layers=True)), case("another type", config(model_type="clip")),
        case("quantized", config(quantization_config={"quant_method": "bitsandbytes", "load_in_8bit": True})),
        case("more frames", config(vision_config={"num_frames": 8})), case("dtype", config(dtype="float16", torch_dtype="float16")),
        case("eos_token_id null", config(text_config={"eos_token_id": None})),
        case("eos_token_id a list", config(text_config={"eos_token_id": [639]})),
        case("eos_token_id of another", config(text_config={"eos_token_id": 600})),
        case("eos_token_id right", config(text_config={"eos_token_id": 639})),
    ]
    # The tokenizer.
    right_end = config(text_config={"eos_token_id": 639})
    new_pad = {"pad_token": "[PAD]"}
    for name, files in (("tokenizer.json", {}), ("vocab.json", old_tokenizer)):
        cases += [
            case(f"{name}, added_tokens.json", files | {"added_tokens.json": {"<fall>": 640}}),
            case(f"{name}, added_tokens.json and the right end", files | right_end | {"added_tokens.json": {"<fall>": 640, "[T1]": 641}}),
            case(f"{name}, added_tokens.json with a gap", files | right_end | {"added_tokens.json": {"<fall>": 645}}),
            case(f"{name}, decoder", files | right_end | tokenizer_config(added_tokens_decoder=decoder | fall)),
            case(f"{name}, decoder without the ends", files | right_end | tokenizer_config(added_tokens_decoder=fall)),
            case(f"{name}, decoder beats the others", files | right_end | tokenizer_config(added_tokens_decoder=decoder | {"640": token("[T1]")}) |
                 {"added_tokens.json": {"<fall>": 641}, "special_tokens_map.json": {"additional_special_tokens": ["here"]}}),
            case(f"{name}, decoder empty", files | right_end | tokenizer_config(added_tokens_decoder={})),
            case(f"{name}, special_tokens_map.json", files | right_end | {"special_tokens_map.json": {
                "bos_token": token("<|startoftext|>"), "eos_token": "<|endoftext|>", "additional_special_tokens": ["<fall>", "[T1]"]}}),
            case(f"{name}, map normalized", files | {"special_tokens_map.json": {
                "bos_token": {"content": "<|startoftext|>", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False},
                "eos_token": {"content": "<|endoftext|>", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}}}),
            case(f"{name}, additional_special_tokens", files | right_end | tokenizer_config(additional_special_tokens=["<fall>"])),
            case(f"{name}, extra_special_tokens", files | right_end | tokenizer_config(extra_special_tokens=["<fall>"])),
            case(f"{name}, __type", files | tokenizer_config(eos_token=token("<|endoftext|>", __type="AddedToken"))),
            case(f"{name}, no __type", files | tokenizer_config(eos_token=token("<|endoftext|>"))),
            case(f"{name}, a new pad_token", files | tokenizer_config(**new_pad)),
            case(f"{name}, a new pad_token and the right end", files | right_end | tokenizer_config(**new_pad)),
            case(f"{name}, split_special_tokens", files | tokenizer_config(split_special_tokens=True)),
            case(f"{name}, no tokenizer_config.json", files, without=["tokenizer_config.json"]),
            case(f"{name}, CLIPTokenizerFast", files | tokenizer_config(tokenizer_class="CLIPTokenizerFast")),
            case(f"{name}, PreTrainedTokenizerFast", files | tokenizer_config(tokenizer_class="PreTrainedTokenizerFast")),
            case(f"{name}, RobertaTokenizer", files | tokenizer_config(tokenizer_class="RobertaTokenizer")),
            case(f"{name}, no class", files | tokenizer_config(tokenizer_class=None)),
            case(f"{name}, padding_side", files | tokenizer_config(padding_side="left")),
            case(f"{name}, truncation_side", files | tokenizer_config(truncation_side="left")),
            case(f"{name}, other ends", files | tokenizer_config(bos_token="<|endoftext|>")),
            case(f"{name}, pad_token null", files | tokenizer_config(pad_token=None)),
            case(f"{name}, unk_token elsewhere", files | tokenizer_config(unk_token="a")),
            case(f"{name}, max length", files | tokenizer_config(model_max_length=20)),
            case(f"{name}, mask_token", files | right_end | tokenizer_config(mask_token="<fall>", sep_token="[T1]")),
        ]
        for flags in ({"single_word": True}, {"lstrip": True}, {"rstrip": True}, {"lstrip": True, "rstrip": True}, {"normalized": True},
                      {"normalized": True, "single_word": True}, {"special": True}, {"special": True, "normalized": True, "rstrip": True}):
            entry = token("<fall>", **flags)
            cases.append(case(f"{name}, {' '.join(flags)}", files | right_end | tokenizer_config(added_tokens_decoder=decoder | {"640": entry})))
    flags = {"single_word": True}
    cases += [
        case("tokenizer.json: added, single_word", right_end, [[["added_tokens", 2], added(640, "<fall>", **flags)]]),
        case("tokenizer.json: added, not single_word", right_end, [[["added_tokens", 2], added(640, "<fall>")]]),
        case("tokenizer.json: a word of the vocabulary, single_word", {}, [[["added_tokens", 2], added(400, "door", **flags)]]),
        case("tokenizer.json: a word, normalized", {}, [[["added_tokens", 2], added(400, "Gate", normalized=True)]]),
        case("tokenizer.json: ends with other flags", {}, [[["added_tokens", 1, "rstrip"], True], [["added_tokens", 1, "normalized"], True]]),
        case("tokenizer.json: no lower case", {}, [[["normalizer", "normalizers", 2], None]]),
        case("tokenizer.json: another expression", {}, [[["pre_tokenizer", "pretokenizers", 0, "pattern", "Regex"], "\\S+"]]),
        case("tokenizer.json: prefix space", {}, [[["pre_tokenizer", "pretokenizers", 1, "add_prefix_space"], True]]),
        case("tokenizer.json: no suffix", {}, [[["model", "end_of_word_suffix"], ""]]),
        case("tokenizer.json: other ends", {}, [[["post_processor", "sep"], ["<|startoftext|>", 638]]]),
        case("tokenizer.json: no post_processor", {}, [[["post_processor"], None]]),
        case("tokenizer.json: fewer merges", {}, [[["model", "merges", 3], None], [["model", "merges", 0], None]]),
        case("tokenizer.json: merges as texts", {}, [[["model", "merges", 0], "t h"]]),
        case("tokenizer.json: truncation", {}, [[["truncation"], {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}]]),
    ]
    return cases


KINDS = [None, True, False, 0, 1, 2, 3, 4, 24, 32, 48, -1, 0.5, 32.0, "", "x", "gelu", "right", [], [32, 32], {}, {"height": 32, "width": 32},
         {"shortest_edge": 36}, "VideoMAEImageProcessor", "ViTImageProcessor", "CLIPImageProcessor", "<|endoftext|>", "<fall>"]


def changed(value, rng):
    """Another value, most often of the same kind."""
    if rng.random() < 0.25:
        return copy.deepcopy(rng.choice(KINDS))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, value * 2, max(value // 2, 1), float(value)])
    if isinstance(value, float):
        return rng.choice([value * 1.1, value * 10, value / 3, 0.02, 1])
    if isinstance(value, list) and value:
        return rng.choice([value[:-1], value[::-1], value + value[:1], value[0], [value[0]] * len(value)])
    if isinstance(value, str):
        return rng.choice([value + "x", value.upper(), value.replace("quick_gelu", "gelu"), value + "Fast", "<|endoftext|>"])
    return copy.deepcopy(rng.choice(KINDS))


def mutate(values, rng):
    """Changes one key of an object, or of one in it; returns its path."""
    inner = [k for k, v in values.items() if isinstance(v, dict) and v]
    if inner and rng.random() < 0.6:
        key = rng.choice(inner)
        return [key] + mutate(values[key], rng)
    key = rng.choice(sorted(values))
    kind = rng.random()
    if kind < 0.2:
        values.pop(key)
    elif kind < 0.3:
        values[key + "_dict"] = values.pop(key)
    else:
        values[key] = changed(values[key], rng)
    return [key]


def random_cases(count, seed):
    rng = random.Random(seed)
    cases = []
    rich = base()["tokenizer_config.json"] | {"padding_side": "right", "truncation_side": "right", "split_special_tokens": False,
                                              "added_tokens_decoder": {str(n): token(c, special=True) for n, c in
                                                                       ((638, "<|startoftext|>"), (639, "<|endoftext|>"), (640, "<fall>"))}}
    while len(cases) < count:
        files = base()
        if rng.random() < 0.7:
            files["preprocessor_config.json"] = copy.deepcopy(NEW)
        if rng.random() < 0.3:
            files["processor_config.json"] = {"processor_class": "XCLIPProcessor", "image_processor": copy.deepcopy(NEW)}
        if rng.random() < 0.4:
            files["tokenizer_config.json"] = copy.deepcopy(rich)
            files["config.json"]["text_config"]["eos_token_id"] = 639
        if rng.random() < 0.3:
            files["special_tokens_map.json"] = {"bos_token": token("<|startoftext|>"), "eos_token": token("<|endoftext|>"),
                                                "additional_special_tokens": ["[T1]"]}
        if rng.random() < 0.3:
            files["config.json"]["vision_config_dict"] = copy.deepcopy(files["config.json"]["vision_config"])
        if rng.random() < 0.2:
            files["added_tokens.json"] = {"<fall>": 640}
        tokenizer = rng.random() < 0.5
        changes = []
        for _ in range(rng.choice([1, 1, 2])):
            name = rng.choice(sorted(files))
            if files[name]:
                changes.append(name + ": " + ".".join(mutate(files[name], rng)))
        files = {name: values for name, values in files.items() if values != base().get(name)}
        if not tokenizer:
            files["tokenizer.json"] = None
        cases.append({"name": f"random {len(cases) + 1}: " + ", ".join(changes), "files": files, "tokenizer": []})
    return cases


def apply_path(values, path, value):
    for part in path[:-1]:
        values = values[part]
    if value is None:
        del values[path[-1]]
    elif isinstance(values, list) and path[-1] == len(values):
        values.append(value)
    else:
        values[path[-1]] = value


@torch.no_grad()
def outcome(case, clip):
    """The logits, or why transformers refuses the checkpoint."""
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        for path in TINY.iterdir():
            if path.name != "model.safetensors":
                shutil.copy(path, directory)
        save_file(grown(), directory / "model.safetensors", metadata={"format": "pt"})
        for name, values in ({n: v for n, v in base().items()} | case["files"]).items():
            (directory / name).unlink(missing_ok=True)
            if values is not None:
                (directory / name).write_text(json.dumps(values))
        if case["tokenizer"]:
            values = read("tokenizer.json")
            for path, value in case["tokenizer"]:
                apply_path(values, path, value)
            (directory / "tokenizer.json").write_text(json.dumps(values))
        try:
            model, info = XCLIPModel.from_pretrained(directory, attn_implementation="eager", dtype=torch.float32,
                                                     output_loading_info=True)
            if info["missing_keys"]:
                return {"refused": f"weights are missing: {sorted(info['missing_keys'])[0]}"}
            text = AutoTokenizer.from_pretrained(directory)(
                LABELS, padding=True, truncation=True, max_length=model.config.text_config.max_position_embeddings,
                return_tensors="pt")
            text = {key: text[key] for key in ("input_ids", "attention_mask")}
            pixels = AutoImageProcessor.from_pretrained(directory)(list(clip), return_tensors="pt").pixel_values
            pixels = pixels.reshape(1, len(clip), *pixels.shape[-3:])
            logits = model.eval()(pixel_values=pixels, **text).logits_per_video[0]
            if not torch.isfinite(logits).all():
                return {"refused": "logits that are not finite"}
            return {"logits": [round(float(value), 5) for value in logits]}
        except Exception as error:
            lines = str(error).strip().splitlines()
            return {"refused": f"{type(error).__name__}: {lines[0][:100] if lines else ''}".replace(str(directory), "")}


def main():
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(0)
    frames = read("config.json")["vision_config"]["num_frames"]
    clip = noise(frames * HEIGHT * WIDTH * 3).reshape(frames, HEIGHT, WIDTH, 3)
    cases = named_cases() + random_cases(120, seed=23)
    lines = []
    for case in cases:
        result = outcome(case, clip)
        print(case["name"], "->", result)
        files = {name: None if values is None else json.dumps(values) for name, values in case["files"].items()}
        lines.append(json.dumps(case | {"files": files} | result, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    head = json.dumps({"made_by": "Tests/Reference/mutations.py", "labels": LABELS, "width": WIDTH, "height": HEIGHT}, separators=(",", ":"))
    (GOLDEN / "mutations.json").write_text(f'{head[:-1]},"cases":[\n{body}\n]}}\n')
    kept = sum('"logits"' in line for line in lines)
    print(f"{len(lines)} cases, {kept} with logits")


if __name__ == "__main__":
    main()
