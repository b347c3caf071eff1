"""Makes the golden files of labels with several texts, of texts against a label, and of mean average precision.

    pip install -r Tests/Reference/requirements.txt        # numpy 2.4.6, scikit-learn 1.9.1, safetensors 0.8.0
    python Tests/Reference/labels.py

Tests/XCLIPTests/Golden/text_groups.json        the K labels of stages.safetensors, several of them sharing a logit. The prompted
                                                texts and the video embedding are transformers'; what is done with them is here.
Tests/RecognitionTests/Golden/label_scores.json random logits and their scores in both ways of scoring, with texts against
                                                labels, in float64.
Tests/OfflineTests/Golden/average_precision.json  random scores, with ties, of videos that show several classes, and what
                                                scikit-learn's average_precision_score makes of them, per class and macro.
"""

import json
import pathlib

import numpy as np
import sklearn
from safetensors.numpy import load_file
from sklearn.metrics import average_precision_score

TESTS = pathlib.Path(__file__).resolve().parent.parent


def write(name, content):
    path = TESTS / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"made_by": "Tests/Reference/labels.py", "numpy": np.__version__, **content}, indent=1) + "\n")


def text_groups():
    stages = load_file(TESTS / "XCLIPTests/Golden/stages.safetensors")
    video, texts = stages["video_embeds"].astype(np.float64), stages["text_prompted"].astype(np.float64)
    scale = float(np.mean(stages["logits"].astype(np.float64) / stages["cosines"]))
    video /= np.linalg.norm(video)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    cases = []
    for groups in ([(3, "mean"), (2, "max")], [(2, "max"), (1, "mean")], [(5, "mean")], [(5, "max")], [(1, "max"), (3, "mean")]):
        logits, first = [], 0
        for count, combination in groups + [(1, "mean")] * (len(texts) - sum(count for count, _ in groups)):
            part = texts[first:first + count]
            first += count
            if combination == "max":
                logits.append(scale * (part @ video).max())
            else:
                mean = part.mean(0)
                logits.append(scale * mean @ video / np.linalg.norm(mean))
        cases.append({"groups": [{"count": count, "combination": c} for count, c in groups], "logits": logits})
    write("XCLIPTests/Golden/text_groups.json", {"cases": cases})


def label_scores():
    generator = np.random.default_rng(21)
    cases = []
    for number in range(40):
        labels, neutral = int(generator.integers(1, 5)), int(generator.integers(1, 9))
        against = [int(count) for count in generator.integers(0, 4, labels)]
        size, temperature = int(generator.integers(1, 9)), float(generator.uniform(0.5, 4))
        # The model's logits are float32.
        logits = generator.uniform(-30, 30, labels + sum(against) + neutral).astype(np.float32).astype(np.float64)
        own = logits[:labels]
        rivals = np.split(logits[labels:labels + sum(against)], np.cumsum(against)[:-1])
        background = logits[labels + sum(against):]
        if number % 2:
            scoring = "exclusive"
            lifted = np.exp(own / temperature)
            scores = [lifted[i] / (lifted.sum() + np.exp(rivals[i] / temperature).sum()) for i in range(labels)]
        else:
            scoring = "independent"
            levels = [np.log((np.exp(background).sum() + np.exp(r).sum()) / size) for r in rivals]
            scores = [1 / (1 + np.exp((level - x) / temperature)) for x, level in zip(own, levels)]
        cases.append({"scoring": scoring, "labels": labels, "against": against, "neutral_size": size,
                      "temperature": temperature, "logits": logits.tolist(), "scores": [float(s) for s in scores]})
    write("RecognitionTests/Golden/label_scores.json", {"cases": cases})


def average_precision():
    generator = np.random.default_rng(22)
    cases = []
    for videos, classes in ((1, 1), (6, 2), (20, 5), (60, 7)):
        truth = generator.random((videos, classes)) < 0.3
        truth[:, classes - 1] = classes == 1  # A class without videos, unless it is the only one.
        truth[truth.sum(1) == 0, 0] = True
        scores = np.round(generator.random((videos, classes)), 1 if videos > 6 else 6)  # Ties.
        shown = [c for c in range(classes) if truth[:, c].any()]
        per_class = [float(average_precision_score(truth[:, c], scores[:, c])) if c in shown else None for c in range(classes)]
        macro = float(average_precision_score(truth[:, shown], scores[:, shown], average="macro"))
        cases.append({"labels": [np.flatnonzero(row).tolist() for row in truth], "scores": scores.tolist(),
                      "per_class": per_class, "macro": macro})
    write("OfflineTests/Golden/average_precision.json", {"scikit-learn": sklearn.__version__, "cases": cases})


if __name__ == "__main__":
    text_groups()
    label_scores()
    average_precision()
