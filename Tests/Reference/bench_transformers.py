"""Times one X-CLIP window in transformers with cached label embeddings: vision, integration and prompts only.

    python bench_transformers.py --model DIR [--labels 16] [--runs 20] [--threads 2]
"""

import argparse
import statistics
import time

import torch
from transformers import XCLIPModel

import cached_xclip


def window(model, pixel_values, texts):
    """Runs XCLIPModel.forward from after the text encoder on, with the library's own modules."""
    vision = model.vision_model(pixel_values=pixel_values)
    classes = model.visual_projection(vision.pooler_output)
    patches = model.prompts_visual_layernorm(vision.last_hidden_state[:, 1:]) @ model.prompts_visual_projection
    return cached_xclip.window_logits(model, classes, patches, texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--labels", type=int, default=16)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for attention in ("sdpa", "eager"):
        model = XCLIPModel.from_pretrained(arguments.model, dtype=torch.float32, attn_implementation=attention).eval()
        vision = model.config.vision_config
        pixel_values = torch.randn(vision.num_frames, 3, vision.image_size, vision.image_size)
        texts = torch.randn(arguments.labels, model.config.projection_dim)
        times = []
        with torch.inference_mode():
            for _ in range(arguments.runs + 2):  # the first two warm up
                start = time.perf_counter()
                window(model, pixel_values, texts)
                times.append((time.perf_counter() - start) * 1000)
        times = sorted(times[2:])
        p95 = times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]
        print(f"{attention}: median {statistics.median(times):.1f} ms, p95 {p95:.1f} ms, {arguments.runs} windows of "
              f"{vision.num_frames} frames, {arguments.labels} labels, {arguments.threads} threads")


if __name__ == "__main__":
    main()
