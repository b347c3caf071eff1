"""Compares Watchword with its peers in one run and prints tables for RESULTS.md.

    make bench                          # or: python Benchmarks/compare.py --watchword .build/release/watchword
    python Benchmarks/compare.py --models embedded --video day.mp4

The contenders take turns, round after round, so that changes in the machine's speed affect all of them equally. Each has the
same checkpoint, the same number of threads and cached label embeddings. A peer computes a whole window for each decision.
Watchword's `exact` does too, except for block 0 of frames that it has already encoded. `cached` encodes one frame. `sweep`
also encodes one frame, and runs the window's class tokens again.

A model is a published size, whose weights are random, or `embedded`, whose weights are trained. Drift on random weights shows
rounding; on the trained model and a video it shows what a user would get. Peers are started a few at a time, since each keeps
gigabytes; Watchword takes its turns beside each of these groups, and ratios are of the same group.

A group that is measured is kept in --results, and a run that was ended goes on from there.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

import estimates

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["torch", "torch-compile", "torch-int8", "onnxruntime", "onnxruntime-dynamic", "onnxruntime-qdq", "openvino-default",
         "openvino-f32", "openvino-int8"]
LEVELS = ["exact", "sweep", "cached"]
# Processors with instructions for bytes multiply so many times as many of them.
BYTES_PER_FLOAT = 4


class Peer:
    def __init__(self, name, model, arguments):
        self.name, self.times = name, []
        command = [sys.executable, HERE / "peers.py", name, model, str(arguments.threads), str(arguments.labels)]
        self.process = subprocess.Popen(command + ([arguments.video] if arguments.video else []), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline().strip()
        ready = line.startswith("ready ")
        self.drift = json.loads(line.removeprefix("ready ")) if ready else None
        self.failure = None if ready else (line or "failed: the process ended")

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.times.append(float(self.process.stdout.readline()))

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024

    def result(self):
        kept = {"name": self.name, "failure": self.failure}
        return kept if self.failure else kept | {"times": self.times, "drift": self.drift, "memory": self.memory()}

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def quantile(values, share):
    values = sorted(values)
    return values[round((len(values) - 1) * share)]


def variants(watchword):
    """The ways in which this program can compute: by default, in each precision, and as each processor below this one."""
    # It names what it knows where it is given something else.
    refusal = subprocess.run([watchword, "bench", "--isa", "none"], capture_output=True, text=True).stderr
    names = re.search(r"use one of (.*?)\.\n", refusal)
    isas = names.group(1).split(", ")[1:] if names else []
    return [[]] + [["--precision", name] for name in ("float32", "int8")] + [["--isa", name] for name in isas]


def bench(arguments, model, variant):
    command = [arguments.watchword, "bench", "--model", model, "--labels", str(arguments.labels), "--threads",
               str(arguments.threads), "--rounds", "2", "--json"] + variant
    run = subprocess.run(command, capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else None


def agreement(arguments, model):
    """Drift of Watchword's levels from `exact` on the video, by `eval --agreement`; empty without a video."""
    if not arguments.video:
        return {}
    labels = HERE / "labels.txt"
    command = [arguments.watchword, "eval", "--agreement", arguments.video, "--model", model, "--labels", labels, "--json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    reports = [report for report in map(json.loads, lines) if report["type"] == "agreement"]
    return {report["reuse"]: {"mean": report["logit_drift"]["mean_in_deviations"],
                              "p99": report["logit_drift"]["p99_in_deviations"], "top1": report["top1_agreement"]}
            for report in reports}


def measure(arguments, model, names):
    peers = [Peer(name, model, arguments) for name in names]
    reports = []
    for _ in range(arguments.rounds):
        for peer in peers:
            for _ in range(0 if peer.failure else arguments.windows):
                peer.step()
        reports.append(bench(arguments, model, []))
    results = [peer.result() for peer in peers]
    for peer in peers:
        peer.end()
    return {"peers": results, "reports": reports}


def checkpoint(arguments, name, directory):
    if name == "embedded":
        return str(arguments.embedded)
    model = f"{directory}/{name}"
    subprocess.run([arguments.watchword, "model", "random", model, "--size", name], check=True, stdout=subprocess.DEVNULL)
    if arguments.dtype == "keep":
        return model
    converted = f"{model}-{arguments.dtype}"
    subprocess.run([arguments.watchword, "model", "convert", model, converted, "--dtype", arguments.dtype], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", model], check=True)
    return converted


def kept(arguments, key, make):
    """What was measured under this key before, or is now."""
    path = pathlib.Path(arguments.results) / f"{key}.json"
    if path.exists() and not arguments.again:
        return json.loads(path.read_text())
    value = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(value))
    path.with_suffix(".part").rename(path)
    return value


def gather(reports, pick):
    return [value for report in reports if report for value in pick(report)["values"]]


def level_times(reports, level):
    return gather(reports, lambda report: report["cached"]["1"] if level == "cached" else report[level])


def judged(drift):
    return f"{drift['mean']:.4f}, {drift['p99']:.3f} | {drift['top1'] * 100:.1f} %" if drift else " | "


def table(name, groups, ours, drifts):
    """`groups`: what `measure` returned; `ours`: the reports of each variant."""
    every = [report for group in groups for report in group["reports"]]
    first = every[0]
    peak = max(report["peak"] for report in every)
    out = [f"### {name}", "",
           f"Multiply-add peak {peak / 1e9:.0f} GFLOP/s ({first['threads']} threads, {first['backend']}).", "",
           "| a decision by | median | p95 | ÷ our exact | ÷ our cached | drift: mean, p99 | top-1 | share of the float peak | resident |",
           "|---|---|---|---|---|---|---|---|---|"]
    for group in groups:
        exact, cached = (statistics.median(level_times(group["reports"], level)) for level in ("exact", "cached"))
        for peer in group["peers"]:
            if peer["failure"]:
                out.append(f"| {peer['name']} | {peer['failure']} | | | | | | | |")
                continue
            median = statistics.median(peer["times"])
            out.append(f"| {peer['name']} | {median:.1f} ms | {quantile(peer['times'], .95):.1f} ms | {median / exact:.2f} | "
                       f"{median / cached:.2f} | {judged(peer['drift'])} | | {peer['memory'] / 1e6:.0f} MB |")
    reference = {level: statistics.median(level_times(every, level)) for level in LEVELS}
    for variant, reports in [([], every)] + ours:
        reports = [report for report in reports if report]
        if not reports:
            out.append(f"| Watchword {' '.join(variant)} | not on this machine | | | | | | | |")
            continue
        resident = statistics.median(report["resident_bytes"] for report in reports)
        for level in LEVELS:
            times = level_times(reports, level)
            median = statistics.median(times)
            if level == "exact" and all(report.get("exact_int8") for report in reports):
                whole = gather(reports, lambda report: report["exact_int8"])
                out.append(f"| **{' '.join(['Watchword exact in int8'] + variant)}** | {statistics.median(whole):.1f} ms | "
                           f"{quantile(whole, .95):.1f} ms | {statistics.median(whole) / reference['exact']:.2f} | "
                           f"{statistics.median(whole) / reference['cached']:.2f} | | | | |")
            share = statistics.median(report[level + "_share"] for report in reports)
            title = " ".join(["Watchword", level] + variant)
            out.append(f"| **{title}** | {median:.1f} ms | {quantile(times, .95):.1f} ms | {median / reference['exact']:.2f} | "
                       f"{median / reference['cached']:.2f} | {judged(drifts.get(level) if not variant else None)} | "
                       f"{share * 100:.0f} % | {resident / 1e6:.0f} MB |")
    rates = {streams: int(streams) * 1000 / statistics.median(gather(every, lambda r: r["cached"][streams]))  # noqa: B023
             for streams in ("1", "2", "4", "8")}
    line = ", ".join(f"{rate:.1f} ({rate / rates['1']:.2f}×)" for rate in rates.values())
    out += ["", f"Frames per second, `cached`, with 1, 2, 4 and 8 streams in a batch: {line}. Weights "
            f"{first['weight_bytes'] / 1e6:.0f} MB, frame memory {first['memory_bytes_per_stream'] / 1e6:.1f} MB a stream.", ""]
    # The arithmetic of a frame: share of the peak × peak × time.
    report = every[-1]
    work = report["cached_share"] * report["peak"] * report["cached"]["1"]["median"] / 1e3
    shares = [statistics.median(report["cached_share"] for report in reports if report) / ratio if any(reports) else None
              for ratio, name in ((1, "float32"), (BYTES_PER_FLOAT, "int8"))
              for variant, reports in ours if variant == ["--precision", name]]
    out += estimates.cameras(work, shares, max(rates.values()), first["frames"], processor())
    return "\n".join(out)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", default=".build/release/watchword")
    parser.add_argument("--models", nargs="+", default=["embedded", "b32x8", "b16x8", "b16x32"],
                        help="embedded, or published sizes, which get random weights")
    parser.add_argument("--embedded", type=pathlib.Path, default=HERE.parent / "Training/model")
    parser.add_argument("--video", help="for the trained model: drift is measured on it, otherwise on noise")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--together", type=int, default=3, help="peers in memory at a time")
    parser.add_argument("--dtype", choices=["keep", "float16", "bfloat16"], default="keep",
                        help="type of a random checkpoint's weight matrices")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--windows", type=int, default=2, help="windows of each peer per round")
    parser.add_argument("--labels", type=int, default=16)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--results", default=".build/bench", help="a folder for what was measured")
    parser.add_argument("--again", action="store_true", help="measure again what is there")
    arguments = parser.parse_args()
    print(f"{datetime.date.today()}, {processor()}, {arguments.threads} threads, {arguments.labels} labels, "
          f"load before {os.getloadavg()[0]:.1f}\n", flush=True)
    video = arguments.video
    for name in arguments.models:
        # A video says nothing about random weights.
        arguments.video = video if name == "embedded" else None
        with tempfile.TemporaryDirectory() as directory:
            model, groups = checkpoint(arguments, name, directory), []
            for start in range(0, max(1, len(arguments.peers)), arguments.together):
                names = arguments.peers[start:start + arguments.together]
                key = "-".join([name, arguments.dtype] + names)
                groups.append(kept(arguments, key, lambda: measure(arguments, model, names)))  # noqa: B023
            ours = [(variant, kept(arguments, "-".join([name, arguments.dtype] + variant),
                                   lambda: [bench(arguments, model, variant) for _ in range(arguments.rounds)]))  # noqa: B023
                    for variant in variants(arguments.watchword)[1:]]
            drifts = kept(arguments, f"{name}-drift", lambda: agreement(arguments, model))  # noqa: B023
            print(table(name, groups, ours, drifts), flush=True)


main()
