"""Evaluates a data set in PyTorch as the paper does, as a reference for `watchword eval --data`.

    python dataset.py LIST --classes FILE --model DIR [--views 4x3] [--preprocessing paper|model] [--reuse exact|sweep|cached]
    python dataset.py --golden      # writes Tests/DataSet: the clips, the lists, and expected.json for the tiny model

Prints one JSON object: top-1, top-5 and, for each video, its first five classes and their scores.

It follows the authors' code (microsoft/VideoX, X-CLIP: datasets/pipeline.py, datasets/build.py, `validate` in main.py), on
top of transformers, PyAV and OpenCV:

- For one clip, the video is cut into T equal segments, whose middles are shown. For several, the segments are N // T pictures
  long, and a video of fewer than T pictures shows the same ones in every clip.
- For one crop, OpenCV's INTER_LINEAR scales the short side to 256/224 of the input, and the middle is used. For three crops,
  the short side is scaled to the input's size, and both ends and the middle are used.
- The softmax over the classes is summed over the views.

One thing differs. For several clips, the authors draw frames at random within their segments. Here, clip c of C takes the
frame at (2c + 1)/2C of each segment, which is the middle for one clip.
"""

import argparse
import csv
import json
import pathlib

import av
import cv2
import numpy as np
import torch
from transformers import AutoTokenizer, VideoMAEImageProcessorPil, XCLIPModel
from transformers.utils import logging

import cached_xclip
import swept_xclip

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent / "DataSet"
TINY = HERE.parent / "XCLIPTests" / "Golden" / "tiny"


def numbers(clip, clips, frames, count):
    """SampleFrames with clip_len 1: `_get_test_clips` for one clip, else `_get_train_clips` with the draw made regular."""
    if clips == 1:
        segment = count / float(frames)
        return np.mod((np.arange(frames) * segment + segment / 2.0).astype(np.int32), count)
    segment = count // frames
    if segment > 0:
        return np.arange(frames) * segment + segment * (2 * clip + 1) // (2 * clips)
    return np.mod(np.around(np.arange(frames) * (count / float(frames))), count).astype(np.int32)


def crops(picture, side, count):
    """Crops as mmaction's CenterCrop does, or as its ThreeCrop in its order."""
    height, width = picture.shape[:2]
    x, y = (width - side) // 2, (height - side) // 2
    places = [(x, y)] if count == 1 else [(0, 0), (x, y), (2 * x, 2 * y)]
    return [picture[top:top + side, left:left + side] for left, top in places]


def resized(picture, preprocessing, side, count, processor):
    height, width = picture.shape[:2]
    if preprocessing == "model":
        pixels = processor([picture], do_center_crop=False, do_rescale=False, do_normalize=False).pixel_values[0][0]
        return np.ascontiguousarray(np.transpose(pixels, (1, 2, 0)).astype(np.uint8))
    scale = (side if count == 3 else int(256 / 224 * side)) / min(height, width)
    size = int(width * float(scale) + 0.5), int(height * float(scale) + 0.5)
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def decode(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@torch.no_grad()
def evaluate(videos, classes, directory, views, preprocessing, reuse):
    """Evaluates `videos`: (path to open, path to report, class)."""
    model = XCLIPModel.from_pretrained(directory).eval()
    processor = VideoMAEImageProcessorPil.from_pretrained(directory)
    text = AutoTokenizer.from_pretrained(directory)(classes, padding=True, truncation=True, max_length=77, return_tensors="pt")
    frames, side = model.config.vision_config.num_frames, model.config.vision_config.image_size
    clips, count = map(int, views.split("x"))
    texts = cached_xclip.text_embeddings(model, **text)
    results = []
    for place, path, label in videos:
        pictures = decode(place)
        total = torch.zeros(len(classes), dtype=torch.float64)
        for clip in range(clips):
            chosen = [resized(pictures[n], preprocessing, side, count, processor)
                      for n in numbers(clip, clips, frames, len(pictures))]
            for view in zip(*(crops(picture, side, count) for picture in chosen)):
                pixels = processor(list(view), do_resize=False, do_center_crop=False, return_tensors="pt").pixel_values[0]
                if reuse == "exact":
                    logits = model(pixel_values=pixels[None], **text).logits_per_video[0]
                else:
                    level = cached_xclip if reuse == "cached" else swept_xclip
                    logits = level.stream_logits(model, pixels, texts)[0]
                total += logits.double().softmax(dim=-1)
        order = sorted(range(len(classes)), key=lambda c: (-float(total[c]), c))[:5]
        results.append({"path": path, "class": label, "ranked": order,
                        "scores": [float(total[c]) / (clips * count) for c in order]})
    top = [sum(r["class"] in r["ranked"][:k] for r in results) / len(results) for k in (1, 5)]
    return {"views": views, "preprocessing": preprocessing, "reuse": reuse, "top1": top[0], "top5": top[1], "videos": results}


def read_classes(path):
    rows = list(csv.reader(open(path, encoding="utf-8")))[1:]
    return [name for _, name in sorted((int(number), name) for number, name in rows)]


def read_list(path):
    """Reads a list in the authors' form: `path class`."""
    for line in open(path, encoding="utf-8"):
        if line.strip():
            name, label = line.split()
            yield pathlib.Path(path).parent / name, name, int(label)


CLASSES = ["door", "a dog", "somebody falls", "a parcel, put down", "rain", "a red square", "nothing happens"]


def write_clip(path, width, height, count, rng):
    """Writes squares that move over a slope, losslessly: both sides decode the same pictures, bit for bit."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
        squares = rng.integers(0, 256, (4, 3)), rng.uniform(0, 1, (4, 2)), rng.uniform(-0.05, 0.05, (4, 2))
        slope = np.linspace(*rng.integers(0, 256, 2), width)[None, :, None] + np.zeros((height, 1, 3))
        for number in range(count):
            picture = slope.astype(np.uint8)
            for colour, place, speed in zip(*squares):
                x, y = ((place + speed * number) % 1 * (width - 9, height - 9)).astype(int)
                picture[y:y + 12, x:x + 12] = colour
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def write_golden():
    rng = np.random.default_rng(6)
    GOLDEN.mkdir(exist_ok=True)
    sizes = [(48, 36, 17), (64, 48, 30), (36, 50, 23), (40, 40, 12), (72, 64, 9), (45, 61, 3), (90, 36, 21), (50, 38, 40)]
    with open(GOLDEN / "classes.csv", "w") as f:
        f.write("id,name\n" + "".join(f'{n},"{c}"\n' if "," in c else f"{n},{c}\n" for n, c in enumerate(CLASSES)))
    for number, (width, height, count) in enumerate(sizes):
        write_clip(GOLDEN / f"{number}.mkv", width, height, count, rng)
    # The weights are random, and so are the rankings. The classes are chosen so that some rankings are right.
    unlabelled = [(GOLDEN / f"{number}.mkv", "", 0) for number in range(len(sizes))]
    ranked = [video["ranked"] for video in evaluate(unlabelled, CLASSES, TINY, "1x1", "paper", "exact")["videos"]]
    with open(GOLDEN / "list.txt", "w") as f:
        for number, (order, place) in enumerate(zip(ranked, [0, 0, 1, 0, None, 0, 2, 0])):
            wrong = next(c for c in range(len(CLASSES)) if c not in order)
            f.write(f"{number}.mkv {wrong if place is None else order[place]}\n")
    videos = list(read_list(GOLDEN / "list.txt"))
    runs = [evaluate(videos, CLASSES, TINY, views, preprocessing, reuse)
            for views, preprocessing, reuse in [("1x1", "paper", "exact"), ("4x3", "paper", "exact"),
                                                ("4x3", "model", "exact"), ("1x1", "paper", "sweep"),
                                                ("1x1", "paper", "cached")]]
    versions = {"torch": torch.__version__, "av": av.__version__, "opencv": cv2.__version__}
    with open(GOLDEN / "expected.json", "w") as f:
        json.dump({"made_by": "Tests/Reference/dataset.py --golden", "versions": versions, "runs": runs}, f, indent=1)
    for run in runs:
        print(run["views"], run["preprocessing"], run["reuse"], run["top1"], run["top5"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", nargs="?")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--classes")
    parser.add_argument("--model")
    parser.add_argument("--views", default="1x1")
    parser.add_argument("--preprocessing", default="paper", choices=["paper", "model"])
    parser.add_argument("--reuse", default="exact", choices=["exact", "sweep", "cached"])
    arguments = parser.parse_args()
    logging.set_verbosity_error()
    if arguments.golden:
        return write_golden()
    classes = read_classes(arguments.classes)
    print(json.dumps(evaluate(list(read_list(arguments.list)), classes, arguments.model, arguments.views,
                              arguments.preprocessing, arguments.reuse)))


if __name__ == "__main__":
    main()
