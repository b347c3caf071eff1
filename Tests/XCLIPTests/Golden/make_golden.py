"""Makes the golden files of XCLIPTests: the outputs of Hugging Face transformers for a tiny random X-CLIP.

    pip install -r Tests/Reference/requirements.txt        # torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3
    python Tests/XCLIPTests/Golden/make_golden.py

All numbers are float32 on the CPU, attn_implementation="eager", eval mode. T frames, N tokens (class first), D width,
K labels, E embedding, L blocks, S text positions.

tiny/                    a whole checkpoint directory (make_random_checkpoint.py, size tiny, seed 7)
tiny-f16/, tiny-bf16/    the same weights rounded to that type, only model.safetensors
tiny-normalized/         tokenizer.json whose special tokens are matched after normalisation, as in published files
stages.safetensors       one clip, stage by stage:
  pixels                 U8  [T, 32, 32, 3]   the clip
  pixel_values           F32 [T, 3, 32, 32]   after the image processor
  embeddings             F32 [T, N, D]        patches and class token, positions added
  pre_layernorm          F32 [T, N, D]
  vision_block_0…        F32 [T, N, D]        each block's output, message dropped
  post_layernorm         F32 [T, D]           class tokens
  class_features         F32 [T, E]           … after the visual projection
  integrated_frames      F32 [T, E]           MIT's output before the mean, its input added
  video_embeds           F32 [E]              … the mean over T, not normalised
  prompt_patches         F32 [T, N-1, E]      patches after the prompts LayerNorm and projection
  prompt_visual          F32 [N-1, E]         … the mean over T
  input_ids              I32 [K, S]           padded with the end token to the longest label
  text_lengths           I32 [K]              tokens of each label, start and end counted
  text_block_0…          F32 [K, S, D]        each block's output
  text_projected         F32 [K, E]           after pooling at the end token and projection, not normalised
  text_prompted          F32 [K, E]           … video-specific prompts added, not normalised
  cosines                F32 [K]
  logits                 F32 [K]
  logits_f16, logits_bf16  F32 [K]            of the rounded weights, computed in float32
cached.safetensors       a stream of 10 frames and the same labels (W = 10 - T + 1 windows):
  pixels                 U8  [10, 32, 32, 3]
  class_features         F32 [10, E]          the banded causal mask; each frame encoded once
  prompt_patches         F32 [10, N-1, E]
  cached_logits          F32 [W, K]           row i: frames i … i+T-1 out of the above
  swept_logits           F32 [W, K]           the class-path sweep at each step
  held_logits            F32 [1, K]           the sweep of frames 0, 3 and 7, the last for one tick more
  exact_logits           F32 [W, K]           the published model on these frames
labels.json              the K labels
tokenizer_cases.json     {"cases": [{"text", "ids"}, …] for tiny/, "normalized": [… for tiny-normalized/]}
"""

import json
import pathlib
import random
import shutil
import sys
import tempfile
import unicodedata

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, VideoMAEImageProcessorPil, XCLIPModel

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Reference"))
import cached_xclip  # noqa: E402
import make_random_checkpoint as checkpoint  # noqa: E402
import swept_xclip  # noqa: E402

LABELS = ["door", "a person falls to the ground", "The gate is left open!",
          "somebody puts down a parcel, rings the bell and doesn't wait for an answer", "café au lait 42 ☕"]


def moving_frames(count, seed):
    """Draws two drifting waves and a jumping square under noise: neighbours are alike, but no two are equal."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:32, 0:32] / 32
    frames = []
    for t in range(count):
        waves = [np.sin(6 * x + c + 0.5 * t) + np.cos(9 * y - 0.3 * t * (c + 1)) for c in range(3)]
        frame = 128 + 45 * np.stack(waves, -1) + generator.normal(0, 12, (32, 32, 3))
        left = (5 * t) % 24
        frame[8:16, left:left + 8] += generator.uniform(-90, 90, 3)
        frames.append(frame)
    return np.clip(np.round(np.stack(frames)), 0, 255).astype(np.uint8)


def make_checkpoints():
    model = checkpoint.make_model("tiny", seed=7)
    checkpoint.write_checkpoint(model, HERE / "tiny")
    for name, dtype in (("tiny-f16", torch.float16), ("tiny-bf16", torch.bfloat16)):
        (HERE / name).mkdir(exist_ok=True)
        rounded = {k: v.to(dtype) for k, v in load_file(HERE / "tiny/model.safetensors").items()}
        save_file(rounded, HERE / name / "model.safetensors", metadata={"format": "pt"})
    tokenizer = json.loads((HERE / "tiny/tokenizer.json").read_text())
    for token in tokenizer["added_tokens"]:
        token["normalized"] = True
    (HERE / "tiny-normalized").mkdir(exist_ok=True)
    (HERE / "tiny-normalized/tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))
    for path in HERE.glob("tiny*/*"):
        path.chmod(0o644)


def run_with_stages(model, pixel_values, text):
    """Runs the model with hooks on the library's own modules; the clip is one batch."""
    outputs = {}

    def keep(name, module, index=None):
        def hook(_, __, output):
            outputs[name] = (output if index is None else output[index]).detach()
        return module.register_forward_hook(hook)

    vision, texts = model.vision_model, model.text_model
    handles = [keep("embeddings", vision.embeddings), keep("pre_layernorm", vision.pre_layernorm),
               keep("post_layernorm", vision.post_layernorm), keep("class_features", model.visual_projection),
               keep("integrated_frames", model.mit, "last_hidden_state"), keep("video_embeds", model.mit, "pooler_output"),
               keep("text_projected", model.text_projection), keep("prompt", model.prompts_generator)]
    handles += [keep(f"vision_block_{i}", layer) for i, layer in enumerate(vision.encoder.layers)]
    handles += [keep(f"text_block_{i}", layer) for i, layer in enumerate(texts.encoder.layers)]
    with torch.no_grad():
        result = model(pixel_values=pixel_values[None], **text)
        patches = model.prompts_visual_layernorm(result.vision_model_output.last_hidden_state[:, 1:])
        outputs["prompt_patches"] = patches @ model.prompts_visual_projection
    for handle in handles:
        handle.remove()
    outputs["integrated_frames"] = outputs["integrated_frames"][0]
    outputs["video_embeds"] = outputs["video_embeds"][0]
    outputs["prompt_visual"] = outputs["prompt_patches"].mean(0)
    outputs["text_prompted"] = outputs["text_projected"] + outputs.pop("prompt")[0]
    outputs["logits"] = result.logits_per_video[0]
    outputs["cosines"] = outputs["logits"] / model.logit_scale.exp().detach()
    return outputs


def logits_of(model, pixel_values, text):
    with torch.no_grad():
        return model(pixel_values=pixel_values[None], **text).logits_per_video[0]


def make_stages(model, processor, text):
    pixels = moving_frames(4, seed=1)
    pixel_values = processor(list(pixels), return_tensors="pt").pixel_values[0]
    stages = run_with_stages(model, pixel_values, text)
    for name in ("f16", "bf16"):
        rounded = XCLIPModel(model.config).eval()
        rounded.load_state_dict({k: v.float() for k, v in load_file(HERE / f"tiny-{name}/model.safetensors").items()})
        stages[f"logits_{name}"] = logits_of(rounded, pixel_values, text)
    stages |= {"pixels": torch.from_numpy(pixels), "pixel_values": pixel_values,
               "input_ids": text["input_ids"].int(), "text_lengths": text["attention_mask"].sum(1).int()}
    save_file({k: v.contiguous() for k, v in stages.items()}, HERE / "stages.safetensors")

    # When every frame may attend to every frame, the independent encoder must equal the published model.
    classes, patches = cached_xclip.encode(model, pixel_values, two_way=True)
    again = cached_xclip.window_logits(model, classes, patches, stages["text_projected"])
    for mine, theirs in ((classes, stages["class_features"]), (patches, stages["prompt_patches"]), (again, stages["logits"])):
        torch.testing.assert_close(mine, theirs, atol=2e-5, rtol=1e-5)
    assert not torch.allclose(cached_xclip.encode(model, pixel_values)[0], classes, atol=1e-3), "the mask does nothing"
    return stages


def make_cached(model, processor, text):
    window = model.config.vision_config.num_frames
    pixels = moving_frames(10, seed=2)
    pixel_values = processor(list(pixels), return_tensors="pt").pixel_values[0]
    texts = cached_xclip.text_embeddings(model, **text)
    classes, patches = cached_xclip.encode(model, pixel_values)
    exact = torch.stack([logits_of(model, pixel_values[i:i + window], text) for i in range(len(pixels) - window + 1)])
    cached = cached_xclip.stream_logits(model, pixel_values, texts)
    swept = swept_xclip.stream_logits(model, pixel_values, texts)
    held = swept_xclip.stream_logits(model, pixel_values[[0, 3, 7]], texts, held=1)
    # The sweep differs from both other levels, and is closer to exact than cached is.
    assert (swept - exact).abs().max() > 1e-3 and (swept - exact).abs().mean() < 0.5 * (cached - exact).abs().mean()
    save_file({"pixels": torch.from_numpy(pixels), "class_features": classes, "prompt_patches": patches.contiguous(),
               "cached_logits": cached, "swept_logits": swept, "held_logits": held,
               "exact_logits": exact}, HERE / "cached.safetensors")
    # On a still stream, all levels give the same logits.
    still = pixel_values[:1].expand(2 * window, -1, -1, -1)
    torch.testing.assert_close(cached_xclip.stream_logits(model, still, texts)[-1], logits_of(model, still[:window], text),
                               atol=1e-4, rtol=0)
    torch.testing.assert_close(swept_xclip.stream_logits(model, still, texts)[-1], logits_of(model, still[:window], text),
                               atol=1e-4, rtol=0)
    return cached, exact


# Characters that have been assigned since Unicode 3.2, by block, and blocks that were complete when they were added (13.0 at
# the latest). The tables of different libraries agree on these.
OLD_BLOCKS = [(0x20, 0x7E), (0xA1, 0xFF), (0x100, 0x17F), (0x180, 0x24F), (0x250, 0x2AF), (0x370, 0x3FF), (0x400, 0x52F),
              (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF), (0x700, 0x74F), (0x780, 0x7BF), (0x900, 0x97F),
              (0x980, 0x9FF), (0xA00, 0xA7F), (0xA80, 0xAFF), (0xB00, 0xB7F), (0xB80, 0xBFF), (0xC00, 0xC7F),
              (0xC80, 0xCFF), (0xD00, 0xD7F), (0xD80, 0xDFF), (0xE00, 0xE7F), (0xE80, 0xEFF), (0xF00, 0xFFF),
              (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1400, 0x167F),
              (0x1680, 0x169F), (0x16A0, 0x16FF), (0x1700, 0x171F), (0x1780, 0x17FF), (0x1800, 0x18AF),
              (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2010, 0x205E), (0x2070, 0x209F), (0x20A0, 0x20BF),
              (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F),
              (0x2600, 0x26FF), (0x2700, 0x27BF), (0x2800, 0x28FF), (0x2E80, 0x2FDF), (0x3001, 0x303F), (0x3040, 0x309F),
              (0x30A0, 0x30FF), (0x3100, 0x312F), (0x3130, 0x318F), (0x3200, 0x33FF), (0x3400, 0x4DB5), (0x4E00, 0x9FA5),
              (0xA000, 0xA48C), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFB00, 0xFB4F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC),
              (0xFF00, 0xFFEF), (0x10300, 0x1032F), (0x10330, 0x1034F), (0x10400, 0x1044F), (0x1D100, 0x1D1FF),
              (0x1D400, 0x1D7FF), (0x20000, 0x2A6D6)]
FULL_BLOCKS = [(0x7C0, 0x7EA), (0x1B05, 0x1B33), (0x1C90, 0x1CBA), (0x2C00, 0x2C2E), (0x2C80, 0x2CE4), (0x2D00, 0x2D25),
               (0xA4D0, 0xA4F7), (0xA500, 0xA60C), (0xA640, 0xA66D), (0xA722, 0xA787), (0xA984, 0xA9B2), (0xAB70, 0xABBF),
               (0xABC0, 0xABE2), (0x104B0, 0x104D3), (0x10A00, 0x10A03), (0x11005, 0x11037), (0x118A0, 0x118DF), (0x12000, 0x1236E),
               (0x13000, 0x1342E), (0x16E40, 0x16E7F), (0x1E900, 0x1E943), (0x1F300, 0x1F320), (0x1F3FB, 0x1F3FF),
               (0x1F440, 0x1F4FC), (0x1F600, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F910, 0x1F93A), (0x1F1E6, 0x1F1FF)]
SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u180e\ufe0f\u034f\x00\x01\x07\x08\x1b\x7f\x80\x9f"
FIXED = [
    "", " ", "   ", "\t", "\n", "\r\n", "a", "A", "z ", " z", "'", "''", "'s", "'S", "it's", "IT'S", "they're we've I'm you'll he'd don't",
    "THEY'RE WE'VE I'M YOU'LL HE'D DON'T", "it’s", "'sit", "'re're", "s's's", "rock'n'roll", "o'clock", "'t was", "!'s", "a!'s",
    "'s's", "'ll'd've", "'t'is", "'dog", "'mother", "'very", "0", "42", "3.14", "1,000,000", "10:30", "a1b2c3", "2nd", "٠١٢٣", "१२३", "½ ² ③ Ⅷ ⅷ", "１２３",
    "..", "...", "?!", "a.b", "a,b;c:d", "(a)", "[a]{b}<c>", "#tag", "@name", "a_b", "a-b", "a/b\\c", "€5 $6 £7 ¥8", "50%", "& &amp; &lt;b&gt;", "~^`|",
    "İ", "İstanbul", "I İ ı i", "DİYARBAKIR", "ß", "STRASSE Straße STRAẞE", "ẞ", "ΣΑΣ", "ΟΔΥΣΣΕΥΣ", "Σ", "σς", "ΑΣ ΑΣ.", "Ǆ ǅ ǆ", "ﬁ ﬂ ﬃ", "Å Å Å", "Ω Ω", "K K",
    "café", "cafe\u0301", "CAFE\u0301", "e\u0301\u0302", "e\u0302\u0301", "q\u0307\u0323", "q\u0323\u0307", "\u0301", " \u0301a", "a\u0301\u0301\u0301", "n\u0303", "Å", "A\u030a",
    "\u1e9b\u0323", "\u0344", "\u0958", "\u2126", "\uac00", "\u1100\u1161", "\u1100\u1161\u11a8", "가각", "\uf900", "\u2f00", "한국어 조합", "が か\u3099", "I\u0307", "i\u0307",
    "a\u200bb", "a\u200db", "a\u00a0b", "a\u3000b", "a\u0085b", "a\u2028b", "a\x1cb", "a\x00b", "\ufeffa", "a\u00adb", "\x00", "\x1f", "a\u180eb",
    "👍", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "☕️", "1️⃣", "👩🏿‍🚒 at work", "a👍b", "👍👍👍", "😀!😀?", "🤦🏼‍♂️", "©®™", "⌚⏰", "🧑‍💻",
    "日本語のテキスト", "中文文本", "ไทย", "हिन्दी", "عربي", "עברית", "Ελληνικά", "Русский ТЕКСТ", "ქართული ᲥᲐᲠᲗᲣᲚᲘ", "Ꭰꭰ", "አማርኛ", "தமிழ்", "မြန်မာ", "ខ្មែរ", "བོད", "𐐀𐐨", "𝐀𝐁𝒜", "Tiếng Việt", "naïve façade",
    "<|startoftext|>", "<|endoftext|>", "<|STARTOFTEXT|>", "<|ENDOFTEXT|>", "<|EndOfText|>", "a <|endoftext|> b", "a<|endoftext|>b", "a<|ENDOFTEXT|>b",
    "<|startoftext|>a person<|endoftext|>", "<|endoftext|><|endoftext|>", "<|endoftext|>'s", "'<|endoftext|>s", "<|endoftext|", "|endoftext|>", "<|end|>", "<||>",
    "<|<|endoftext|>|>", "!<|endoftext|>!", "!<|ENDOFTEXT|>!", "e<|endoftext|>\u0301", "  <|endoftext|>  ", "<| endoftext |>", "<|startoftext|><|startoftext|>", "endoftext", "startoftext",
    "<|ſtartoftext|>", "<pad>", "[UNK]", "</w>", "the</w>", "a</w> b</w>", "Ġthe", "Ã©", "the the THE The", "thethe", "a person", "A Person Falls.", "ing", "kinging",
]


def assigned(blocks_old, blocks_full):
    pools = []
    for first, last in blocks_old:
        pools.append([chr(c) for c in range(first, last + 1) if unicodedata.ucd_3_2_0.category(chr(c)) not in ("Cn", "Cs", "Co")])
    pools += [[chr(c) for c in range(first, last + 1)] for first, last in blocks_full]
    return pools


def tokenizer_texts():
    rng = random.Random(3)
    pools = assigned(OLD_BLOCKS, FULL_BLOCKS)
    words = checkpoint.SENTENCES.split()
    marks = [chr(c) for c in range(0x300, 0x34F)]
    texts = list(FIXED)
    texts += [f"a{c}b {c}" for c in SPACES + INVISIBLE]

    def word():
        w = rng.choice(words)
        return rng.choice([w, w, w.upper(), w.capitalize(), w + rng.choice(["'s", "'LL", "!", "1", "'ve", "…"])])

    for pool in pools:  # each script: whole words, mixed with Latin, with marks
        for _ in range(7):
            texts.append("".join(rng.choice(pool) for _ in range(rng.randint(1, 6))))
        texts.append(" ".join(rng.choice([rng.choice(pool) + rng.choice(pool), word()]) for _ in range(3)))
        texts.append("".join(rng.choice(pool) + rng.choice(["", rng.choice(marks)]) for _ in range(3)))
    texts += [" ".join(word() for _ in range(rng.randint(2, 40))) for _ in range(60)]
    texts += ["door" * 200, "a " * 200, "1" * 100, "!" * 100, "é" * 60, "👍" * 30, "x" * 75 + "<|endoftext|>",
              " ".join(["door"] * 74), " ".join(["door"] * 75), " ".join(["door"] * 76), " ".join(["door"] * 80)]
    sources = [*SPACES, *INVISIBLE, *marks[:20], "'s", "'T", "'", "<|endoftext|>", "<|ENDOFTEXT|>", "👨‍👩‍👧", "🏽", "İ", "ß", "Σ"]
    while len(set(texts)) < 2000:
        parts = [rng.choice([word(), rng.choice(sources), rng.choice(rng.choice(pools)), rng.choice(rng.choice(pools)), " "])
                 for _ in range(rng.randint(2, 7))]
        texts.append("".join(parts))
    return list(dict.fromkeys(texts))[:2000]


def make_tokenizer_cases():
    def ids(tokenizer, texts):
        return [tokenizer(t, truncation=True, max_length=77).input_ids for t in texts]

    texts = tokenizer_texts()
    fast = ids(AutoTokenizer.from_pretrained(HERE / "tiny"), texts)
    with tempfile.TemporaryDirectory() as directory:
        for name in ("config.json", "vocab.json", "merges.txt"):
            shutil.copy(HERE / "tiny" / name, directory)
        assert ids(AutoTokenizer.from_pretrained(directory), texts) == fast, "vocab.json + merges.txt differ"
    with tempfile.TemporaryDirectory() as directory:
        for path in [*(HERE / "tiny").glob("*.json"), HERE / "tiny-normalized/tokenizer.json"]:
            shutil.copy(path, directory)
        some = [t for t in texts if "<|" in t]
        normalized = ids(AutoTokenizer.from_pretrained(directory), some)
    assert max(map(len, fast)) == 77 and all(i[-1] == 639 for i in fast)

    def line(case):
        return json.dumps({"text": case[0], "ids": case[1]}, separators=(",", ":"))

    body = ",\n".join(map(line, zip(texts, fast)))
    more = ",\n".join(map(line, zip(some, normalized)))
    (HERE / "tokenizer_cases.json").write_text(f'{{"cases":[\n{body}\n],"normalized":[\n{more}\n]}}\n')
    return len(texts), len(some), sum(a != b for a, b in zip(normalized, (fast[texts.index(t)] for t in some)))


def main():
    torch.manual_seed(0)
    make_checkpoints()
    model = XCLIPModel.from_pretrained(HERE / "tiny", attn_implementation="eager", dtype=torch.float32).eval()
    processor = VideoMAEImageProcessorPil.from_pretrained(HERE / "tiny")
    text = dict(AutoTokenizer.from_pretrained(HERE / "tiny")(LABELS, padding=True, return_tensors="pt"))
    (HERE / "labels.json").write_text(json.dumps(LABELS, ensure_ascii=False) + "\n")
    stages = make_stages(model, processor, text)
    print("logits", stages["logits"].tolist(), "lengths", stages["text_lengths"].tolist())
    for name, value in stages.items():
        if value.is_floating_point():
            print(f"  {name:20} {str(list(value.shape)):18} std {value.std():.3f} max {value.abs().max():.3f}")
    cached, exact = make_cached(model, processor, text)
    print("exact\n", exact, "\ncached - exact\n", cached - exact)
    print("tokenizer cases: %d, with special tokens %d, of which differ when normalised %d" % make_tokenizer_cases())


if __name__ == "__main__":
    main()
