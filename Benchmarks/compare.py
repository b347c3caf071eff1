"""Compares Watchword with its peers in one run and prints a table for RESULTS.md.

    make bench                          # or: python Benchmarks/compare.py --watchword .build/release/watchword

The contenders take turns, round after round, so that changes in the machine's speed affect all of them equally. Each has the
same checkpoint of random weights, the same number of threads and cached label embeddings. A peer computes a whole window
for each decision. Watchword's `exact` does too, except for block 0 of frames that it has already encoded. `cached` encodes
one frame. `sweep` also encodes one frame, and runs the window's class tokens again.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["transformers", "compile", "onnxruntime", "openvino"]


class Peer:
    def __init__(self, name, model, threads, labels):
        self.name, self.times = name, []
        self.process = subprocess.Popen(
            [sys.executable, HERE / "peers.py", name, model, str(threads), str(labels)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline().strip()
        self.failure = None if line == "ready" else (line or "failed: the process ended")

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.times.append(float(self.process.stdout.readline()))

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def quantile(values, share):
    values = sorted(values)
    return values[round((len(values) - 1) * share)]


def measure(arguments, size, directory):
    model = f"{directory}/{size}"
    subprocess.run([arguments.watchword, "model", "random", model, "--size", size], check=True, stdout=subprocess.DEVNULL)
    if arguments.dtype != "keep":
        whole, model = model, f"{model}-{arguments.dtype}"
        subprocess.run([arguments.watchword, "model", "convert", whole, model, "--dtype", arguments.dtype], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", whole], check=True)
    peers = [Peer(name, model, arguments.threads, arguments.labels) for name in arguments.peers]
    reports = []
    for _ in range(arguments.rounds):
        for peer in peers:
            if not peer.failure:
                for _ in range(arguments.windows):
                    peer.step()
        command = [arguments.watchword, "bench", "--model", model, "--labels", str(arguments.labels), "--threads",
                   str(arguments.threads), "--rounds", "2", "--json"]
        reports.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    rows = [(peer.name, peer.times, peer.memory(), peer.failure) for peer in peers]
    for peer in peers:
        peer.end()
    subprocess.run(["rm", "-rf", model], check=True)
    return rows, reports


def table(size, rows, reports):
    gather = lambda pick: [value for report in reports for value in pick(report)["values"]]  # noqa: E731
    levels = [("exact", gather(lambda r: r["exact"])), ("sweep", gather(lambda r: r["sweep"])),
              ("cached", gather(lambda r: r["cached"]["1"]))]
    alive = [(name, statistics.median(times)) for name, times, _, failure in rows if not failure]
    best = min((median for _, median in alive), default=float("nan"))
    peak = max(report["peak"] for report in reports)
    mean = lambda key: statistics.median(report[key] for report in reports)  # noqa: E731
    out = [f"### {size}", "",
           f"Multiply-add peak {peak / 1e9:.0f} GFLOP/s ({reports[0]['threads']} threads, {reports[0]['backend']}).", "",
           "| a decision by | median | p95 | best peer's window ÷ this | share of peak | resident |",
           "|---|---|---|---|---|---|"]
    for name, times, memory, failure in rows:
        if failure:
            out.append(f"| {name} | {failure} | | | | |")
        else:
            median = statistics.median(times)
            out.append(f"| {name} | {median:.1f} ms | {quantile(times, .95):.1f} ms | {best / median:.2f} | | "
                       f"{memory / 1e6:.0f} MB |")
    resident = f"{mean('resident_bytes') / 1e6:.0f} MB"
    for name, times in levels:
        median = statistics.median(times)
        out.append(f"| **Watchword {name}** | {median:.1f} ms | {quantile(times, .95):.1f} ms | {best / median:.2f} | "
                   f"{mean(name + '_share') * 100:.0f} % | {resident} |")
    single = 1000 / statistics.median(levels[-1][1])
    rates = []
    for streams in ("1", "2", "4", "8"):
        rate = int(streams) * 1000 / statistics.median(gather(lambda r: r["cached"][streams]))
        rates.append(f"{rate:.1f} ({rate / single:.2f}×)")
    out += ["", f"Frames per second, `cached`, with 1, 2, 4 and 8 streams in a batch: {', '.join(rates)}. Weights "
            f"{mean('weight_bytes') / 1e6:.0f} MB, frame memory {mean('memory_bytes_per_stream') / 1e6:.1f} MB a stream.", ""]
    return "\n".join(out)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", default=".build/release/watchword")
    parser.add_argument("--sizes", nargs="+", default=["b32x8", "b16x8", "b16x32"])
    parser.add_argument("--peers", nargs="+", default=PEERS)
    parser.add_argument("--dtype", choices=["keep", "float16", "bfloat16"], default="keep",
                        help="type of the checkpoint's weight matrices; all contenders compute in 32 bits")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--windows", type=int, default=2, help="windows of each peer per round")
    parser.add_argument("--labels", type=int, default=16)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    print(f"{datetime.date.today()}, {processor()}, {arguments.threads} threads, {arguments.labels} labels, "
          f"load before {os.getloadavg()[0]:.1f}\n", flush=True)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as directory:
            print(table(size, *measure(arguments, size, directory)), flush=True)


main()
