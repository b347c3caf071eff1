"""How true the model is on real cameras: python truth.py --watchword PROGRAM --streams DIR [--model DIR]

DIR is what make_real.py wrote. Every stream runs through `watchword replay` with the labels of camera trouble, as the daemon
would watch it. Events and happenings of a label match where they overlap after the happening is widened by a second on
both sides, one to one. Prints, as Markdown: all labels together, each label, by magnitude, by scene, and the false events
in an hour of footage to which nothing was done.
"""

import argparse
import csv
import datetime
import json
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass

import numpy as np

from world.happenings import MOTIONS, NOTHING
from world.texts import PLAIN

TOLERANCE = 1.0
LABELS = [PLAIN[kind] for kind in PLAIN if kind not in (NOTHING, *MOTIONS)]


@dataclass
class Event:
    stream: str
    label: str
    start: float
    end: float
    emitted: float  # Seconds into the stream when it was reported.
    score: float  # The highest.


@dataclass
class Happening:
    stream: str
    scene: str
    label: str
    start: float
    end: float
    magnitude: str
    event: Event | None = None


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def replay(program, model, streams, labels, threshold=None, view="square"):
    """The events of every stream, and all streams' seconds. `threshold` None: the model's own."""
    rules = {"threshold": threshold, "release": round(0.66 * threshold, 3)} if threshold else {}
    configuration = {"streams": [{"name": "real", "url": "/nowhere.mp4", "view": view, "labels": [{"name": f"label{i}", "text": t, **rules} for i, t in enumerate(labels)]}]}
    if model:
        configuration["model"] = {"path": str(model)}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(configuration, file)  # JSON is YAML.
        file.flush()
        output = subprocess.run([program, "replay", *map(str, streams), "--config", file.name, "--json"], check=True,
                                capture_output=True, text=True).stdout
    events, total = {}, 0.0
    for line in map(json.loads, output.splitlines()):
        if line["type"] == "replay":
            total = line["seconds"]
        if line["type"] != "event":
            continue
        key = line["video"], line["id"]
        if line["state"] == "started":
            events[key] = Event(pathlib.Path(line["video"]).stem, line["text"], seconds(line["start_time"]), np.inf,
                                seconds(line["time"]), line["score"])
        events[key].score = max(events[key].score, line["top_score"] or 0)
        if line["end_time"]:
            events[key].end = seconds(line["end_time"])
    return list(events.values()), total


def read_happenings(folder):
    with open(folder / "events.csv", newline="") as file:
        return [Happening(r["stream"], r["scene"], r["label"], float(r["start"]), float(r["end"]), r["magnitude"])
                for r in csv.DictReader(file)]


def match(happenings, events):
    """Gives each happening its event; returns the events that none wanted. In order of their ends, which finds most pairs."""
    left = sorted(events, key=lambda event: event.end)
    for happening in sorted(happenings, key=lambda h: h.end):
        happening.event = next((e for e in left if (e.stream, e.label) == (happening.stream, happening.label)
                                and e.start <= happening.end + TOLERANCE and e.end >= happening.start - TOLERANCE), None)
        if happening.event is not None:
            left = [e for e in left if e is not happening.event]
    return left


def figures(happenings, false):
    """F1, precision, recall and the median and 95th percentile of the delay."""
    found = [h for h in happenings if h.event]
    precision = len(found) / max(len(found) + len(false), 1)
    recall = len(found) / max(len(happenings), 1)
    delays = [h.event.emitted - h.start for h in found]
    late = (f"{np.median(delays):.1f}", f"{np.percentile(delays, 95):.1f}") if delays else ("–", "–")
    return 2 * len(found) / max(len(found) * 2 + len(false) + len(happenings) - len(found), 1), precision, recall, *late


def row(name, happenings, false):
    f1, precision, recall, median, late = figures(happenings, false)
    return f"| {name} | {f1:.2f} | {precision:.2f}, {recall:.2f} | {len(happenings)} | {median}, {late} s |"


def grouped(happenings, false, names, of):
    for name in names:
        yield row(name, [h for h in happenings if of(h) == name], [e for e in false if of(e) == name])


def report(happenings, false, hours, quiet_false, quiet_hours):
    labels = sorted({h.label for h in happenings}, key=LABELS.index)
    by_label = {label: figures([h for h in happenings if h.label == label], [e for e in false if e.label == label])[0]
                for label in labels}
    lines = ["| label | F1 | precision, recall | happenings | delay, median and p95 |", "|---|---|---|---|---|"]
    lines += grouped(happenings, false, labels, lambda x: x.label)
    lines += [row("all together", happenings, false), "", f"Macro F1 {np.mean(list(by_label.values())):.3f}; "
              f"{len(false) / hours:.1f} false events an hour among happenings, {len(quiet_false) / quiet_hours:.2f} in "
              f"{quiet_hours:.2f} hours of untouched footage.", "", "| label | magnitude | detected |", "|---|---|---|"]
    for label in labels:
        some = [h for h in happenings if h.label == label and h.magnitude]
        for magnitude in sorted({h.magnitude for h in some}, key=lambda m: (len(m.split(".")[0].split()[0]), m)):
            those = [h for h in some if h.magnitude == magnitude]
            lines.append(f"| {label} | {magnitude} | {sum(h.event is not None for h in those)} of {len(those)} |")
    lines += ["", "| scene | F1 | precision, recall | happenings | delay, median and p95 |", "|---|---|---|---|---|"]
    lines += grouped(happenings, false, sorted({h.scene for h in happenings}), lambda x: x.scene if isinstance(x, Happening)
                     else x.stream.rsplit("-", 1)[0])
    if quiet_false:
        lines += ["", "False on untouched footage: " + ", ".join(f"{e.label} ({e.stream} at {e.start:.0f} s, {e.score:.2f})"
                                                                 for e in quiet_false)]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--streams", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, help="the embedded one unless given")
    parser.add_argument("--threshold", type=float, help="for every label, instead of the model's")
    parser.add_argument("--view", choices=["square", "whole", "tiles"], default="square", help="of every stream")
    arguments = parser.parse_args()
    streams = sorted(arguments.streams.glob("*.mp4"))
    quiet = [path for path in streams if path.stem.endswith("-quiet")]
    done = [path for path in streams if path not in quiet]
    happenings = read_happenings(arguments.streams)
    events, length = replay(arguments.watchword, arguments.model, done, LABELS, arguments.threshold, arguments.view)
    quiet_false, quiet_length = replay(arguments.watchword, arguments.model, quiet, LABELS, arguments.threshold, arguments.view)
    print(report(happenings, match(happenings, events), length / 3600, quiet_false, quiet_length / 3600))


if __name__ == "__main__":
    main()
