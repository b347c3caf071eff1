"""Makes the LoRA adapter of ToolCheckpointTests and the logits of the merged model.

    pip install -r Tests/Reference/requirements.txt
    python Tests/Reference/adapter.py          # writes Tests/XCLIPTests/Golden/adapter

The adapter is PEFT's own, on the tiny checkpoint, with random matrices. expected.safetensors holds the logits of PEFT's
merged model for the clip and the labels of stages.safetensors.
"""

import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import XCLIPModel

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "XCLIPTests" / "Golden"


@torch.no_grad()
def main():
    torch.manual_seed(5)
    model = XCLIPModel.from_pretrained(GOLDEN / "tiny", attn_implementation="eager", dtype=torch.float32).eval()
    adapted = get_peft_model(model, LoraConfig(r=2, lora_alpha=6, target_modules=["q_proj", "v_proj", "fc1", "visual_projection"]))
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            parameter.copy_(torch.randn_like(parameter) * 0.2)
    out = GOLDEN / "adapter"
    shutil.rmtree(out, ignore_errors=True)
    adapted.peft_config["default"].base_model_name_or_path = "tiny"
    adapted.save_pretrained(out)
    (out / "README.md").unlink(missing_ok=True)
    stages = load_file(GOLDEN / "stages.safetensors")
    lengths = stages["text_lengths"]
    ids = stages["input_ids"].long()
    mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()
    merged = adapted.merge_and_unload()
    logits = merged(pixel_values=stages["pixel_values"][None], input_ids=ids, attention_mask=mask).logits_per_video[0]
    print(logits, stages["logits"])
    save_file({"logits": logits.contiguous()}, out / "expected.safetensors")


if __name__ == "__main__":
    main()
