"""Makes int8.safetensors: the stream of cached.safetensors through the tiny model with products in int8 (`int8_xclip.py`).

    pip install -r Tests/Reference/requirements.txt        # torch 2.15.0, transformers 5.23.0
    python Tests/XCLIPTests/Golden/make_int8.py

  cached_logits, swept_logits, exact_logits   F32 [W, K], as in cached.safetensors
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, VideoMAEImageProcessorPil, XCLIPModel

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Reference"))
import cached_xclip  # noqa: E402
import int8_xclip  # noqa: E402
import swept_xclip  # noqa: E402


def main():
    stream = load_file(HERE / "cached.safetensors")
    labels = json.loads((HERE / "labels.json").read_text())
    model = XCLIPModel.from_pretrained(HERE / "tiny", attn_implementation="eager", dtype=torch.float32).eval()
    processor = VideoMAEImageProcessorPil.from_pretrained(HERE / "tiny")
    pixel_values = processor(list(stream["pixels"].numpy()), return_tensors="pt").pixel_values[0]
    text = dict(AutoTokenizer.from_pretrained(HERE / "tiny")(labels, padding=True, return_tensors="pt"))
    with torch.no_grad():
        texts = cached_xclip.text_embeddings(model, **text)
        int8_xclip.quantise(model)
        window = model.config.vision_config.num_frames
        windows = [pixel_values[i:i + window] for i in range(len(pixel_values) - window + 1)]
        made = {
            "cached_logits": cached_xclip.stream_logits(model, pixel_values, texts),
            "swept_logits": swept_xclip.stream_logits(model, pixel_values, texts),
            "exact_logits": torch.stack([model(pixel_values=w[None], **text).logits_per_video[0] for w in windows]),
        }
    save_file({k: v.contiguous() for k, v in made.items()}, HERE / "int8.safetensors")
    for name, ours in made.items():
        drift = (ours - stream[name]).abs()
        print(f"{name}: from floats mean {drift.mean():.4f} max {drift.max():.4f}; logits' spread {stream[name].std():.4f}, "
              f"over windows {stream[name].std(0).mean():.4f}")
    print("cached - exact in floats", (stream["cached_logits"] - stream["exact_logits"]).abs().mean())


if __name__ == "__main__":
    main()
