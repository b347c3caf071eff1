"""Measures what subscribers cost the recogniser.

    python3 Benchmarks/subscribers.py --watchword .build/release/watchword

A daemon watches a moving picture with a B/32-sized model. It runs in turns without and with 500 subscribers to everything,
including scores; some of them never read. With --page, there are instead 20 clients of the live page's events, a picture
and the metrics fetched every second, and an MQTT broker (mosquitto must be installed). The script prints the lag from
picture to decision and the processor time of a step, for both kinds of turn, and their ratio. It needs only the standard
library.
"""

import argparse
import http.client
import json
import pathlib
import selectors
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

CONFIGURATION = """
model: {{path: {model}, reuse: cached}}
events: {{socket: {folder}/events.sock, journal: {folder}/events.sqlite}}
{more}
defaults: {{window: 4s, threshold: 0, release: 0, min_duration: 0s, cooldown: 0s, audit: 0, confirm: false, gate: 0}}
streams:
  - name: moving
    url: lavfi:testsrc2=size=640x360:rate=25
    labels: [{{name: one, text: a person walks}}, {{name: two, text: a door opens}}, {{name: three, text: nothing happens}}]
"""


class Subscribers:
    """Connections to the feed. One thread reads from those that read; the others are never read."""

    def __init__(self, path, count, silent):
        self.received, self.stopping = 0, False
        self.selector, self.sockets = selectors.DefaultSelector(), []
        for index in range(count):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(path)
            connection.sendall(b'{"subscribe":{"types":["event","stream","scores"]}}\n')
            self.sockets.append(connection)
            if index >= silent:
                connection.setblocking(False)
                self.selector.register(connection, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while not self.stopping:
            for key, _ in self.selector.select(0.2):
                try:
                    self.received += key.fileobj.recv(1 << 16).count(b"\n")
                except OSError:
                    self.selector.unregister(key.fileobj)

    def close(self):
        self.stopping = True
        self.thread.join()
        for connection in self.sockets:
            connection.close()


class Page:
    """Stands for open pages, a Prometheus and a broker."""

    def __init__(self, port, broker_port, clients):
        self.received, self.stopping = 0, False
        self.broker = subprocess.Popen(["mosquitto", "-p", str(broker_port)], stderr=subprocess.DEVNULL)
        self.streams = []
        for _ in range(clients):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/api/v1/events/stream?types=event,stream,scores")
            self.streams.append((connection, connection.getresponse()))
        self.threads = [threading.Thread(target=self.follow, args=(stream,)) for _, stream in self.streams]
        self.threads.append(threading.Thread(target=self.ask, args=(port,)))
        for thread in self.threads:
            thread.start()

    def follow(self, stream):
        try:
            while not self.stopping and (line := stream.readline()):
                self.received += line.startswith(b"data:")
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def ask(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while not self.stopping:
            for path in ("/metrics", "/api/v1/streams/moving/frame.jpg"):
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                assert response.status == 200, (path, response.status)
            time.sleep(1)

    def close(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        for connection, _ in self.streams:
            connection.close()
        self.broker.terminate()
        self.broker.wait()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def inference_seconds(process):
    """Returns the processor time of the recognition threads."""
    total = 0
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            if name.startswith(("inference", "ww-kernels")):
                total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue
    return total / 1e9


def decisions(watchword, path):
    out = subprocess.run([watchword, "status", "--json", "--socket", path], capture_output=True, check=True).stdout
    stream = json.loads(out)["streams"][0]
    return stream["decisions"], stream["lag_seconds"], stream["dropped"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchword", required=True)
    parser.add_argument("--subscribers", type=int, default=500)
    parser.add_argument("--silent", type=int, default=50)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model, path = f"{folder}/model", f"{folder}/events.sock"
        subprocess.run([arguments.watchword, "model", "random", model, "--size", "b32x8"], check=True, capture_output=True)
        configuration = pathlib.Path(folder) / "watchword.yaml"
        web, broker = free_port(), free_port()
        more = f"http: {{listen: 127.0.0.1:{web}}}\nmqtt: {{url: mqtt://127.0.0.1:{broker}}}" if arguments.page else ""
        configuration.write_text(CONFIGURATION.format(model=model, folder=folder, more=more))
        daemon = subprocess.Popen([arguments.watchword, "run", "--config", str(configuration)], stderr=subprocess.DEVNULL)
        try:
            while not pathlib.Path(path).exists() or decisions(arguments.watchword, path)[0] < 5:
                time.sleep(0.5)
            measured = {False: [], True: []}
            for turn in range(2 * arguments.turns):
                # Each kind of turn comes first as often as second.
                crowded = (turn % 2 == 1) != (turn // 2 % 2 == 1)
                crowd = None
                if crowded and arguments.page:
                    crowd = Page(web, broker, 20)
                elif crowded:
                    crowd = Subscribers(path, arguments.subscribers, arguments.silent)
                time.sleep(1)
                before = decisions(arguments.watchword, path)[0], inference_seconds(daemon)
                lags, end = [], time.monotonic() + arguments.seconds
                while time.monotonic() < end:
                    time.sleep(0.3)
                    lags.append(decisions(arguments.watchword, path)[1])
                after = decisions(arguments.watchword, path)
                steps = after[0] - before[0]
                used = (inference_seconds(daemon) - before[1]) / max(steps, 1)
                measured[crowded].append((statistics.median(lags), used))
                if crowd:
                    crowd.close()
                print(f"{'with' if crowded else 'without':8} {steps} steps, lag {statistics.median(lags) * 1e3:6.1f} ms, "
                      f"processor {used * 1e3:6.2f} ms a step, {after[2]} dropped"
                      + (f", {crowd.received} lines received" if crowd else ""), flush=True)
            for index, name in enumerate(("lag, picture to decision", "processor time")):
                without, crowded = (statistics.median(m[index] for m in measured[kind]) for kind in (False, True))
                print(f"{name}: {without * 1e3:.2f} ms without, {crowded * 1e3:.2f} ms with: "
                      f"{crowded / without:.3f}×")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(20)


if __name__ == "__main__":
    main()
