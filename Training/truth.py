"""How true the model is on real cameras: python truth.py --watchword PROGRAM --streams DIR [--model DIR]

DIR is what make_real.py wrote. Every stream runs through `watchword replay`, as the daemon would watch it: with the labels of
camera trouble that the model scores, and with the signals that say the same without it. Events and happenings of a label
match where they overlap after the happening is widened by a second on both sides, one to one. Prints, as Markdown: each
label by the model, by the signals and by both together, where overlapping events of a label count once; then both
together by label, magnitude and scene, and the false events in an hour of footage to which nothing was done.
"""

import argparse
import csv
import datetime
import json
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass, replace

import numpy as np

from make_real import UNSEEN
from world.happenings import MOTIONS, NOTHING
from world.texts import PLAIN

TOLERANCE = 1.0
LABELS = [PLAIN[kind] for kind in PLAIN if kind not in (NOTHING, *MOTIONS)]
# The signal of each kind, and the rules that Config/tamper.yaml gives it.
BRIEF = {"min_duration": "300ms", "hold": "1s", "cooldown": "1s"}
SIGNALS = {PLAIN[kind]: (f"signal:{signal}", rules) for kind, signal, rules in [
    ("pan_left", "pan-left", {}), ("pan_right", "pan-right", {}), ("tilt_up", "tilt-up", {}), ("tilt_down", "tilt-down", {}),
    ("knocked", "moved", {}), ("shake", "shake", {}), ("covered", "covered", {}), ("defocus", "defocus", {}),
    ("lights_off", "lights-out", {}), ("lights_on", "lights-on", {}), ("flash", "flash", {}), ("freeze", "stopped", {}),
    ("breakup", "damaged", {}), ("to_day", "day", {}), ("to_night", "infrared", BRIEF), ("black", "blank", BRIEF),
    ("noisy", "noise", BRIEF)]}


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


def replay(program, model, streams, labels, threshold=None, view=None):
    """The events of every stream, and all streams' seconds. `threshold` None: the model's own."""
    rules = {"threshold": threshold, "release": round(0.66 * threshold, 3)} if threshold else {}
    return run(program, model, streams, [(text, text, rules) for text in labels], view)


def replay_signals(program, streams):
    """The same, of the signals alone. An event has the label whose happening it reports."""
    return run(program, None, streams, [(label, text, rules) for label, (text, rules) in SIGNALS.items()])


def run(program, model, streams, labels, view=None):
    """`labels`: what an event is of, the text, the rules."""
    if not streams:
        return [], 0.0
    listed = [{"name": f"label{i}", "text": text, **rules} for i, (_, text, rules) in enumerate(labels)]
    names = {text: label for label, text, _ in labels}
    configuration = {"streams": [{"name": "real", "url": "/nowhere.mp4", "labels": listed}]}
    if view:
        configuration["streams"][0]["view"] = view
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
            events[key] = Event(pathlib.Path(line["video"]).stem, names[line["text"]], seconds(line["start_time"]), np.inf,
                                seconds(line["time"]), line["score"])
        events[key].score = max(events[key].score, line["top_score"] or 0)
        if line["end_time"]:
            events[key].end = seconds(line["end_time"])
    return list(events.values()), total


def together(*many):
    """The events of several detectors: those of one label that overlap are one."""
    merged = []
    for event in sorted((e for events in many for e in events), key=lambda e: (e.stream, e.label, e.start)):
        last = merged[-1] if merged else None
        if last and (last.stream, last.label) == (event.stream, event.label) and event.start <= last.end:
            last.end, last.emitted = max(last.end, event.end), min(last.emitted, event.emitted)
            last.score = max(last.score, event.score)
        else:
            merged.append(replace(event))
    return merged


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


def read_truth(folder, events):
    """The happenings, each with its event, and the false events. What cannot be seen need not be reported, and may be."""
    happenings = read_happenings(folder)
    unseen = [h for h in happenings if h.magnitude == UNSEEN]
    happenings = [h for h in happenings if h.magnitude != UNSEEN]
    false = match(happenings, events)
    return happenings, [e for e in false if not any((e.stream, e.label) == (h.stream, h.label) and e.start <= h.end + TOLERANCE
                                                    and e.end >= h.start - TOLERANCE for h in unseen)]


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
              f"{len(false) / hours:.1f} false events an hour among happenings" + (
                  f", {len(quiet_false) / quiet_hours:.2f} in {quiet_hours:.2f} hours of untouched footage."
                  if quiet_hours else "."), "", "| label | magnitude | detected |", "|---|---|---|"]
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


def compare(folder, detectors, quiet_hours):
    """A row a label, a column a detector: F1, precision and recall; `detectors`: {name: (events, false on quiet footage)}."""
    columns = {}
    for name, (events, quiet) in detectors.items():
        happenings, false = read_truth(folder, events)
        labels = sorted({h.label for h in happenings}, key=LABELS.index)
        rows = [figures([h for h in happenings if h.label == label], [e for e in false if e.label == label]) for label in labels]
        columns[name] = [*rows, figures(happenings, false)], np.mean([r[0] for r in rows]), len(quiet)
    lines = [f"| label | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for index, label in enumerate([*labels, "all together"]):
        cells = [f"{f1:.2f} ({precision:.2f}, {recall:.2f})" for f1, precision, recall, *_ in (c[0][index] for c in columns.values())]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines.append(f"| macro F1 | {' | '.join(f'{c[1]:.3f}' for c in columns.values())} |")
    lines.append(f"| delay, median and p95 | {' | '.join('{3}, {4} s'.format(*c[0][-1]) for c in columns.values())} |")
    if quiet_hours:
        lines.append("| false an hour on untouched footage | "
                     f"{' | '.join(f'{c[2] / quiet_hours:.2f}' for c in columns.values())} |")
    return "F1 (precision, recall):\n\n" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--streams", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, help="the embedded one unless given")
    parser.add_argument("--threshold", type=float, help="for every label, instead of the model's")
    parser.add_argument("--view", choices=["square", "whole", "tiles"], help="of every stream; the model's own unless given")
    parser.add_argument("--signals-alone", action="store_true", help="leave the model out, which is most of the time")
    arguments = parser.parse_args()
    streams = sorted([*arguments.streams.glob("*.mp4"), *arguments.streams.glob("*.ts")])
    quiet = [path for path in streams if path.stem.endswith("-quiet")]
    done = [path for path in streams if path not in quiet]
    detectors = {}
    if not arguments.signals_alone:
        events, length = replay(arguments.watchword, arguments.model, done, LABELS, arguments.threshold, arguments.view)
        still, _ = replay(arguments.watchword, arguments.model, quiet, LABELS, arguments.threshold, arguments.view)
        detectors["the model"] = events, still
    events, length = replay_signals(arguments.watchword, done)
    still, quiet_length = replay_signals(arguments.watchword, quiet)
    detectors["the signals"] = events, still
    detectors["together"] = tuple(together(*some) for some in zip(*detectors.values()))
    print(compare(arguments.streams, detectors, quiet_length / 3600))
    events, still = detectors["together"]
    print(report(*read_truth(arguments.streams, events), length / 3600, still, quiet_length / 3600))


if __name__ == "__main__":
    main()
