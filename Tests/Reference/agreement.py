"""Compares `watchword recognise` with transformers on a checkpoint, a video and labels.

    python agreement.py VIDEO --model DIR --label "a person falls" --label "a dog runs" [--reuse cached|sweep]
    python agreement.py VIDEO --model DIR --label … --pixels      # identical pixels: VIDEO is first scaled to the model's size

PyAV decodes the frames of every decision, which are found by their presentation times. They are rotated by the display
matrix, then resized and normalised by the checkpoint's own image processor (its Pillow form). XCLIPModel computes the
reference logits; for the other levels, the streams of cached_xclip.py and swept_xclip.py do.

The comparison fails (exit 1) if max |Δlogit| is above the tolerance. The tolerance is 0.03 of the logits' spread (their
standard deviation over labels and decisions), or 1e-3 logits with --pixels. It also fails if a best label differs although
the reference has it ahead by more than twice the tolerance.
"""

import argparse
import fractions
import json
import pathlib
import subprocess
import sys
import tempfile

import av
import numpy as np
import torch
from transformers import AutoTokenizer, VideoMAEImageProcessorPil, XCLIPModel
from transformers.utils import logging

import cached_xclip
import swept_xclip


def decode(path):
    """Yields (time in seconds, upright RGB picture) for every frame."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.pts * frame.time_base), np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))


def wanted_frames(path, times):
    """Returns the decoded pictures at `times`, each within a millisecond."""
    times = sorted(set(times))
    found = {}
    for at, picture in decode(path):
        nearest = min(times, key=lambda t: abs(t - at))
        if abs(nearest - at) < 1e-3:
            found[nearest] = np.ascontiguousarray(picture)
        if at > times[-1] + 1:
            break
    missing = [t for t in times if t not in found]
    if missing:
        sys.exit(f"{path}: no frame is presented at {missing[:5]}")
    return found


def write_model_sized(source, target, processor, seconds):
    """Writes `source` as lossless RGB video after the processor's resize and crop, at the same times."""
    with av.open(str(target), "w") as container:
        stream = container.add_stream("ffv1", rate=1000)
        stream.pix_fmt, stream.codec_context.time_base = "bgr0", fractions.Fraction(1, 1000)
        stream.height, stream.width = processor.crop_size["height"], processor.crop_size["width"]
        for at, picture in decode(source):
            if at > seconds:
                break
            pixels = processor([picture], do_rescale=False, do_normalize=False).pixel_values[0][0]
            pixels = np.ascontiguousarray(np.transpose(pixels, (1, 2, 0)).astype(np.uint8))
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = round(at * 1000), fractions.Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def run_watchword(arguments, video):
    command = [arguments.watchword, "recognise", str(video), "--model", arguments.model, "--json", "--reuse", arguments.reuse,
               "--window", arguments.window]
    command += [part for label in arguments.label for part in ("--label", label)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    decisions = [line for line in map(json.loads, lines) if line["type"] == "scores"]
    if not decisions:
        sys.exit("watchword made no decision: is the video shorter than the window?")
    return decisions


def join_windows(windows):
    """Joins overlapping windows into one stream; returns it and the position of each window in it."""
    stream, starts = list(windows[0]), [0]
    for window in windows[1:]:
        shift = next(s for s in range(1, len(window) + 1) if stream[starts[-1] + s:] == window[:len(window) - s])
        starts.append(starts[-1] + shift)
        stream += window[len(window) - shift:]
    return stream, starts


@torch.no_grad()
def reference_logits(model, processor, tokenizer, labels, windows, pictures, reuse):
    text = tokenizer(labels, padding=True, truncation=True, max_length=77, return_tensors="pt")

    def pixel_values(times):
        return processor([pictures[t] for t in times], return_tensors="pt").pixel_values[0]

    if reuse == "exact":
        return torch.stack([model(pixel_values=pixel_values(w)[None], **text).logits_per_video[0] for w in windows])
    stream, starts = join_windows(windows)
    texts = cached_xclip.text_embeddings(model, **text)
    level = cached_xclip if reuse == "cached" else swept_xclip
    return level.stream_logits(model, pixel_values(stream), texts)[starts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video")
    parser.add_argument("--model", required=True)
    parser.add_argument("--label", action="append", required=True)
    parser.add_argument("--reuse", choices=["exact", "sweep", "cached"], default="exact")
    parser.add_argument("--window", default="5s")
    parser.add_argument("--watchword", default=".build/release/watchword")
    parser.add_argument("--pixels", action="store_true", help="compare on a lossless model-sized copy of the video")
    parser.add_argument("--seconds", type=float, default=20, help="how much of the video --pixels copies")
    parser.add_argument("--tolerance", type=float, help="in logits with --pixels, else as a share of their spread")
    arguments = parser.parse_args()

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model = XCLIPModel.from_pretrained(arguments.model, dtype=torch.float32, attn_implementation="eager").eval()
    processor = VideoMAEImageProcessorPil.from_pretrained(arguments.model)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    with tempfile.TemporaryDirectory() as directory:
        video = pathlib.Path(arguments.video)
        if arguments.pixels:
            video = pathlib.Path(directory) / "pixels.mkv"
            write_model_sized(arguments.video, video, processor, arguments.seconds)
        decisions = run_watchword(arguments, video)
        windows = [decision["frames"] for decision in decisions]
        pictures = wanted_frames(video, sum(windows, []))

    theirs = reference_logits(model, processor, tokenizer, arguments.label, windows, pictures, arguments.reuse).numpy()
    ours = np.array([[decision["logits"][label] for label in arguments.label] for decision in decisions])
    spread, error = float(theirs.std()), np.abs(ours - theirs)
    if arguments.tolerance is None:
        arguments.tolerance = 1e-3 if arguments.pixels else 0.03
    limit = arguments.tolerance if arguments.pixels else arguments.tolerance * spread
    same_best = ours.argmax(1) == theirs.argmax(1)
    lead = np.diff(np.sort(theirs, 1)[:, -2:]).ravel() if theirs.shape[1] > 1 else np.full(len(theirs), np.inf)
    ok = error.max() <= limit and bool((same_best | (lead <= 2 * limit)).all())
    print(f"{'agrees' if ok else 'DIFFERS'}: {len(decisions)} decisions × {len(arguments.label)} labels, {arguments.reuse}: "
          f"max |Δlogit| {error.max():.2e}, mean {error.mean():.2e}, spread {spread:.3f} "
          f"(over time alone {theirs.std(0).mean():.3f}), ratio {error.max() / spread:.2%}, "
          f"top-1 {same_best.mean():.1%}")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
