"""One peer as a worker process: loads a checkpoint, then times one window for each line on its standard input.

    python peers.py PEER MODEL_DIR THREADS LABELS [VIDEO]

Each peer runs what Watchword runs in a step of the published model: vision encoder, integration transformer and prompts on T
frames, with given label embeddings. The worker prints `ready JSON`, then the milliseconds of each window, or `failed REASON`.
The JSON has what the peer's logits differ by from PyTorch's in 32 bits, on windows that nothing was calibrated on: of the video,
or of noise. In units of those logits' standard deviation: the mean and the 99th percentile of |Δlogit|, and the share of
windows with the same highest label.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

PEER, MODEL, THREADS, LABELS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
VIDEO = sys.argv[5] if len(sys.argv) > 5 else None
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from transformers import PreTrainedTokenizerFast, XCLIPModel  # noqa: E402

torch.set_num_threads(THREADS)

# Windows that an 8-bit peer is calibrated on, and others that it is judged by.
CALIBRATION, JUDGEMENT = 3, 24


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


def pictures(vision):
    """Returns windows [count, T, 3, S, S]: half a second between the video's frames, four between windows, or noise."""
    count, frames, size = CALIBRATION + JUDGEMENT, vision.num_frames, vision.image_size
    if not VIDEO:
        return torch.randn(count, frames, 3, size, size, generator=torch.Generator().manual_seed(1))
    scale = f"fps=2,scale={size}:{size}:force_original_aspect_ratio=increase,crop={size}:{size}"
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", VIDEO, "-vf", scale, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         check=True, capture_output=True).stdout
    seen = torch.from_numpy(np.frombuffer(raw, np.uint8).copy()).view(-1, size, size, 3).permute(0, 3, 1, 2) / 255
    hop = max(1, (len(seen) - frames) // (count - 1))
    assert len(seen) >= frames + (count - 1) * hop, f"{VIDEO} is too short for {count} windows of {frames} frames"
    settings = json.loads((pathlib.Path(MODEL) / "preprocessor_config.json").read_text())
    mean, deviation = (torch.tensor(settings[key]).view(3, 1, 1) for key in ("image_mean", "image_std"))
    return torch.stack([(seen[i * hop:i * hop + frames] - mean) / deviation for i in range(count)])


def embeddings(model):
    """Returns the labels of `labels.txt` beside this file, by the model's own text encoder; [labels, E]."""
    path = pathlib.Path(MODEL) / "tokenizer.json"
    texts = (pathlib.Path(__file__).parent / "labels.txt").read_text().splitlines()[:LABELS]
    if not VIDEO or not path.exists() or len(texts) < LABELS:
        return torch.randn(LABELS, model.config.projection_dim, generator=torch.Generator().manual_seed(2))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path))
    with torch.inference_mode():
        rows = []
        for text in texts:
            tokens = torch.tensor([tokenizer(text)["input_ids"]])
            rows.append(model.text_projection(model.text_model(input_ids=tokens).pooler_output)[0])
        return torch.stack(rows)


def exported(window, inputs):
    path = os.path.join(tempfile.mkdtemp(), "window.onnx")
    # In one file: the quantising tools do not follow weights into another.
    torch.onnx.export(window, inputs, path, input_names=["pixel_values", "texts"], output_names=["logits"], dynamo=True,
                      external_data=False)
    return path


def openvino_step(path, kind, calibration):
    import openvino

    model = openvino.Core().read_model(path)
    if kind == "int8":
        import nncf

        model = nncf.quantize(model, nncf.Dataset(calibration), model_type=nncf.ModelType.TRANSFORMER,
                              subset_size=len(calibration))
    settings = {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"}
    if kind != "default":
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    return lambda feed: request.infer(feed)[0]


def onnxruntime_step(path, kind, calibration):
    import onnxruntime
    from onnxruntime import quantization

    quantised = path.replace("window", kind)
    if kind == "dynamic":
        quantization.quantize_dynamic(path, quantised, weight_type=quantization.QuantType.QInt8)
    elif kind == "qdq":
        class Reader(quantization.CalibrationDataReader):
            feeds = iter(calibration)

            def get_next(self):
                return next(self.feeds, None)

        prepared = path.replace("window", "prepared")
        quantization.quant_pre_process(path, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(prepared, quantised, Reader(), quant_format=quantization.QuantFormat.QDQ,
                                     per_channel=True, activation_type=quantization.QuantType.QUInt8,
                                     weight_type=quantization.QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(quantised if kind in ("dynamic", "qdq") else path, options,
                                           providers=["CPUExecutionProvider"])
    return lambda feed: session.run(None, feed)[0]


def torch_step(window, kind):
    if kind == "compile":
        window = torch.compile(window)
    elif kind == "int8":
        window = torch.ao.quantization.quantize_dynamic(window, {torch.nn.Linear}, dtype=torch.qint8)
    return lambda feed: window(torch.from_numpy(feed["pixel_values"]), torch.from_numpy(feed["texts"])).numpy()


def make_step():
    """Returns the peer's step, a function of a feed; the feeds; PyTorch's logits of those that judge."""
    library, _, kind = PEER.partition("-")
    attention = "sdpa" if library == "torch" else "eager"
    model = XCLIPModel.from_pretrained(MODEL, dtype=torch.float32, attn_implementation=attention).eval()
    window = Window(model).eval()
    texts = embeddings(model)
    feeds = [{"pixel_values": pixels.numpy(), "texts": texts.numpy()} for pixels in pictures(model.config.vision_config)]
    calibration, judgement = feeds[:CALIBRATION], feeds[CALIBRATION:]
    with torch.inference_mode():
        truth = [window(torch.from_numpy(feed["pixel_values"]), texts).numpy() for feed in judgement]
    if library == "torch":
        return torch_step(window, kind), judgement, truth
    with torch.no_grad():
        path = exported(window, (torch.from_numpy(feeds[0]["pixel_values"]), texts))
    make = openvino_step if library == "openvino" else onnxruntime_step
    return make(path, kind, calibration), judgement, truth


def drift(step, feeds, truth):
    logits = np.stack([np.asarray(step(feed)).reshape(-1) for feed in feeds])
    truth = np.stack([row.reshape(-1) for row in truth])
    distance = np.abs(logits - truth) / truth.std()
    return {"mean": float(distance.mean()), "p99": float(np.quantile(distance, 0.99)),
            "top1": float((logits.argmax(1) == truth.argmax(1)).mean())}


def main():
    answers, sys.stdout = sys.stdout, sys.stderr  # exporters print progress to standard output
    try:
        step, feeds, truth = make_step()
        with torch.inference_mode():
            print("ready", json.dumps(drift(step, feeds, truth)), file=answers, flush=True)
            for index, _ in enumerate(sys.stdin):
                start = time.perf_counter()
                step(feeds[index % len(feeds)])
                print((time.perf_counter() - start) * 1000, file=answers, flush=True)
    except Exception as error:  # a peer that fails is a row of the table too
        print("failed", type(error).__name__, str(error)[:120].replace("\n", " "), file=answers, flush=True)


main()
