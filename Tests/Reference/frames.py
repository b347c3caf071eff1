"""Makes the golden file of a model whose windows have another number of frames than it was trained for.

    pip install -r Tests/Reference/requirements.txt        # torch 2.15.0, transformers 5.23.0, safetensors 0.8.0
    python Tests/Reference/frames.py

Tests/XCLIPTests/Golden/frames.safetensors, for the tiny model, which was trained for 4 frames, and F of 2, 3 and 7:
  positions_F   F32 [F, E]          mit.position_embedding, by torch's interpolate(mode="linear", align_corners=False)
  pixels_F      U8  [F, 32, 32, 3]  the clip
  logits_F      F32 [K]             of transformers' XCLIPModel with num_frames F and these positions, for labels.json
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, VideoMAEImageProcessorPil, XCLIPConfig, XCLIPModel

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "XCLIPTests" / "Golden"
sys.path.insert(0, str(GOLDEN))
from make_golden import moving_frames  # noqa: E402

KEY = "mit.position_embedding"


@torch.no_grad()
def main():
    tiny = GOLDEN / "tiny"
    weights = XCLIPModel.from_pretrained(tiny, attn_implementation="eager").eval().state_dict()
    processor = VideoMAEImageProcessorPil.from_pretrained(tiny)
    text = AutoTokenizer.from_pretrained(tiny)(json.loads((GOLDEN / "labels.json").read_text()), padding=True,
                                               truncation=True, max_length=77, return_tensors="pt")
    tensors = {}
    for frames in (2, 3, 7):
        config = XCLIPConfig.from_pretrained(tiny)
        config.vision_config.num_frames = frames
        config._attn_implementation = "eager"
        positions = torch.nn.functional.interpolate(weights[KEY].transpose(1, 2), size=frames, mode="linear",
                                                    align_corners=False).transpose(1, 2)
        model = XCLIPModel(config).eval()
        model.load_state_dict(weights | {KEY: positions})
        pixels = moving_frames(frames, seed=30 + frames)
        values = processor(list(pixels), return_tensors="pt").pixel_values
        tensors[f"positions_{frames}"] = positions[0].contiguous()
        tensors[f"pixels_{frames}"] = torch.from_numpy(pixels)
        tensors[f"logits_{frames}"] = model(pixel_values=values, **text).logits_per_video[0].contiguous()
    save_file(tensors, GOLDEN / "frames.safetensors")


if __name__ == "__main__":
    main()
