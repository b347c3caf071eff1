#!/usr/bin/env python3
"""Kills the process that reads one of eight streams, again and again at random moments.

    python3 Tests/Fuzz/capture_storm.py WATCHWORD [KILLS [SEED]]

The streams are films of this test's own, read with the tiny model. The test fails in any of these cases:

- One of the seven other streams loses its connection or a sampled picture.
- The killed stream does not come back, or a crash is not counted.
- A thread, a descriptor or a process is left over.

It prints how long the stream was away, and what the daemon holds after every hundred kills.
"""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
patience = float(os.environ.get("TEST_PATIENCE", "600"))
# Longer than the test: at its end a film would be opened anew.
hours = 1 + kills / 500
others = [f"s{number}" for number in range(7)]
failures = []


def expect(truth, what):
    if not truth:
        failures.append(what)


def make_film(directory):
    minute, film = f"{directory}/minute.mp4", f"{directory}/film.mp4"
    encode = ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=10", "-t", "60"]
    subprocess.run([*encode, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-pix_fmt", "yuv420p", minute], check=True)
    repeat = ["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", str(int(hours * 60)), "-i", minute]
    subprocess.run([*repeat, "-c", "copy", film], check=True)
    return film


def configuration(directory, film):
    stream = "window: 1s, threshold: 0, release: 0, min_duration: 0s, cooldown: 0s, labels: [{name: a, text: anything}]"
    streams = "".join(f"  - {{name: {name}, url: {film}, {stream}}}\n" for name in [*others, "killed"])
    return (
        f"model: {{path: {root}/Tests/XCLIPTests/Golden/tiny}}\n"
        f"events: {{socket: {directory}/events.sock, journal: none}}\nstreams:\n{streams}"
    )


class Daemon:
    def __init__(self, directory):
        self.path = f"{directory}/events.sock"
        self.log = open(f"{directory}/log", "w+")
        words = [program, "run", "--config", f"{directory}/watchword.yaml"]
        self.process = subprocess.Popen(words, stdout=self.log, stderr=subprocess.STDOUT)

    def status(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path)
            connection.sendall(b'{"status":{}}\n')
            for line in connection.makefile():
                status = json.loads(line)
                if status["type"] == "status":
                    return status["frames"], {stream["stream"]: stream for stream in status["streams"]}

    def wait(self, what, condition):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit(f"the daemon ended with {self.process.returncode}")
            with contextlib.suppress(OSError):
                if value := condition(self.status()[1]):
                    return value
            time.sleep(0.01)
        sys.exit(f"waited in vain for {what}")

    def children(self):
        found = []
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/task/{thread}/children") as file:
                found += file.read().split()
        return sorted(map(int, found))

    def holdings(self):
        """Threads, descriptors, and processes of its own."""
        own = f"/proc/{self.process.pid}"
        return len(os.listdir(f"{own}/task")), len(os.listdir(f"{own}/fd")), len(self.children())

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def running(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def storm(daemon, numbers):
    """Kills the process again and again, and returns how long the stream was away, and the processes."""
    away, processes = [], []
    for count in range(1, kills + 1):
        killed = daemon.wait("another process", lambda streams: new_process(streams["killed"], processes))
        processes.append(killed)
        time.sleep(numbers.random() * 0.6)
        os.kill(killed, signal.SIGKILL)
        begin = time.monotonic()
        pictures = daemon.status()[1]["killed"]["pictures"]
        daemon.wait("a picture after the kill", lambda streams: streams["killed"]["pictures"] > pictures)
        away.append(time.monotonic() - begin)
        if count % 100 == 0 or count == kills:
            ordered = sorted(away)
            median, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
            print(
                f"{count} kills: away for {median:.2f} s (median), {late:.2f} s (99 %), {ordered[-1]:.2f} s (most); "
                f"threads, descriptors, processes {daemon.holdings()}, {daemon.resident()} MiB",
                flush=True,
            )
    return away, processes


def new_process(stream, known):
    process = stream.get("capture_pid")
    return process if process and process not in known[-1:] else None


def within(now, before):
    return now if all(count <= limit for count, limit in zip(now, before)) else None


def main():
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="watchword-storm-") as directory:
        with open(f"{directory}/watchword.yaml", "w") as file:
            file.write(configuration(directory, make_film(directory)))
        daemon = Daemon(directory)
        try:
            daemon.wait("all streams", lambda streams: all(stream["pictures"] > 10 for stream in streams.values()))
            (frames, first), begin, before = daemon.status(), time.monotonic(), daemon.holdings()
            away, processes = storm(daemon, random.Random(seed))
            daemon.wait("the last process", lambda streams: new_process(streams["killed"], processes))
            (_, last), passed = daemon.status(), time.monotonic() - begin
            for name in others:
                pictures = last[name]["pictures"] - first[name]["pictures"]
                what = f"{name}: {pictures} pictures in {passed:.1f} s, {last[name]['dropped']} dropped"
                print(what)
                expect(last[name]["connections"] == 1 and last[name]["crashes"] == 0, f"{name} was disturbed")
                expect(last[name]["dropped"] == first[name]["dropped"], f"{what}: some were dropped")
                expect(pictures >= passed * frames - 2, f"{what}, but {frames} a second are sampled")
            expect(last["killed"]["crashes"] == kills, f"{last['killed']['crashes']} crashes were counted")
            # A connection that has just been opened holds a little more for a moment.
            after = daemon.wait("what is held to be as before", lambda _: within(daemon.holdings(), before))
            print(f"threads, descriptors, processes: {before} before, {after} after")
            children = daemon.children()
            daemon.process.send_signal(signal.SIGTERM)
            expect(daemon.process.wait(patience) == 0, "the daemon did not end well")
            expect(not any(map(running, processes + children)), "a process is left over")
        finally:
            daemon.process.kill()
            daemon.process.wait()
    print("\n".join(failures) or f"{kills} kills: nothing was lost")
    sys.exit(1 if failures else 0)


main()
