"""One peer as a worker process: loads a checkpoint, then times one window for each line on its standard input.

    python peers.py PEER MODEL_DIR THREADS LABELS

PEER is transformers, compile, onnxruntime or openvino. Each runs what Watchword runs in a step of the published model: vision
encoder, integration transformer and prompts on T frames, with given label embeddings. The worker prints `ready`, then the
milliseconds of each window, or `failed REASON`.
"""

import os
import sys
import tempfile
import time

PEER, MODEL, THREADS, LABELS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from transformers import XCLIPModel  # noqa: E402

torch.set_num_threads(THREADS)


class Window(torch.nn.Module):
    """Runs XCLIPModel.forward from the text embeddings on, with the library's own modules."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values, texts):
        model = self.model
        vision = model.vision_model(pixel_values=pixel_values)
        frames = vision.last_hidden_state.shape[0]
        classes = model.visual_projection(vision.pooler_output).view(1, frames, -1)
        video = model.mit(classes)[1]
        patches = model.prompts_visual_layernorm(vision.last_hidden_state[:, 1:]) @ model.prompts_visual_projection
        visual = patches.view(1, frames, -1, video.shape[-1]).mean(dim=1)
        labels = texts.unsqueeze(0)
        labels = labels + model.prompts_generator(labels, visual)
        video = video / video.norm(p=2, dim=-1, keepdim=True)
        labels = labels / labels.norm(p=2, dim=-1, keepdim=True)
        return model.logit_scale.exp() * (labels * video.unsqueeze(1)).sum(-1)


def exported(window, inputs):
    path = os.path.join(tempfile.mkdtemp(), "window.onnx")
    torch.onnx.export(window, inputs, path, input_names=["pixel_values", "texts"], output_names=["logits"], dynamo=True)
    return path


def make_step():
    attention = "eager" if PEER in ("onnxruntime", "openvino") else "sdpa"
    model = XCLIPModel.from_pretrained(MODEL, dtype=torch.float32, attn_implementation=attention).eval()
    vision = model.config.vision_config
    window = Window(model).eval()
    pixels = torch.randn(vision.num_frames, 3, vision.image_size, vision.image_size)
    texts = torch.randn(LABELS, model.config.projection_dim)
    if PEER == "transformers":
        return lambda: window(pixels, texts)
    if PEER == "compile":
        compiled = torch.compile(window)
        return lambda: compiled(pixels, texts)
    path = exported(window, (pixels, texts))
    feed = {"pixel_values": pixels.numpy(), "texts": texts.numpy()}
    with torch.inference_mode():
        truth = window(pixels, texts).numpy()
    if PEER == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        step = lambda: session.run(None, feed)[0]  # noqa: E731
    else:
        import openvino

        core = openvino.Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": "f32"})
        compiled = core.compile_model(core.read_model(path), "CPU")
        request = compiled.create_infer_request()
        step = lambda: request.infer(feed)[0]  # noqa: E731
    assert np.abs(step() - truth).max() < 1e-2, "the exported model gives other logits"
    return step


def main():
    answers, sys.stdout = sys.stdout, sys.stderr  # exporters print progress to standard output
    try:
        step = make_step()
        with torch.inference_mode():
            step()
            step()
            print("ready", file=answers, flush=True)
            for _ in sys.stdin:
                start = time.perf_counter()
                step()
                print((time.perf_counter() - start) * 1000, file=answers, flush=True)
    except Exception as error:  # a peer that fails is a row of the table too
        print("failed", type(error).__name__, str(error)[:80].replace("\n", " "), file=answers, flush=True)


main()
