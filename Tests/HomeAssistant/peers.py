"""What Home Assistant works with: a broker, and daemons of Watchword."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

# Only ends a hang: a slow machine may take as long as it needs.
patience = float(os.environ.get("TEST_PATIENCE", "600"))


class Failure(Exception):
    """A check has failed, for the reason that it carries."""


def wait(what, condition):
    """Waits until the condition gives something, and returns that."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise Failure(f"waited in vain for {what}")


def expect(truth, what):
    if not truth:
        raise Failure(what)


def same(found, wanted, what):
    expect(found == wanted, f"{what}: found {found}, not {wanted}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A program with its log in a file."""

    def __init__(self, words, log):
        self.words, self.log, self.process = words, log, None

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.words, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, what, condition):
        """As `wait` does, but not for a program that has ended."""

        def alive():
            expect(self.process.poll() is None, f"{self.words[0]} ended with {self.process.returncode}: see {self.log}")
            return condition()

        return wait(what, alive)

    def end(self, number=signal.SIGTERM):
        """Ends it, and returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        try:
            code = self.process.wait(patience)
        finally:
            self.process.kill()
            self.process.wait()
        self.process = None
        return code

    def said(self):
        with contextlib.suppress(FileNotFoundError), open(self.log) as log:
            return log.read()
        return ""


class Broker(Process):
    """A mosquitto that keeps what is retained over a stop."""

    def __init__(self, directory):
        self.port = free_port()
        path = f"{directory}/mosquitto.conf"
        with open(path, "w") as file:
            file.write(
                f"user root\npersistence true\npersistence_location {directory}/\nlog_dest stderr\n"
                f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            )
        super().__init__(["/usr/sbin/mosquitto", "-c", path], f"{directory}/mosquitto.log")

    def start(self):
        before = self.said().count(" running")
        super().start()
        self.wait("the broker", lambda: self.said().count(" running") > before)

    def retained(self, topic):
        """The topics below this one of which the broker keeps a message."""
        words = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-t", topic]
        # Exit code 27 is its own time-out, the only end that a subscription has.
        found = subprocess.run([*words, "--retained-only", "-F", "%t", "-W", "2"], capture_output=True, text=True)
        expect(found.returncode in (0, 27), f"mosquitto_sub: {found.stderr}")
        return set(found.stdout.split())


class Watchword(Process):
    """A daemon whose labels begin and end an event every second with the tiny model."""

    def __init__(self, program, root, directory, name, broker, streams, topic):
        self.directory, self.program, self.root = f"{directory}/{name}", program, root
        self.broker, self.streams, self.topic = broker, streams, topic
        # The origin whose pages may show this daemon's in a frame.
        self.ancestor = "http://127.0.0.1"
        self.socket, self.port = f"{self.directory}/events.sock", free_port()
        os.mkdir(self.directory)
        self.file = f"{self.directory}/watchword.yaml"
        super().__init__([program, "run", "--config", self.file], f"{self.directory}/log")

    def configure(self, streams=None, mqtt=""):
        """Writes the file; `mqtt` has further settings of that section."""
        # The colours swap twice a second, which the labels follow. The noise makes every picture another.
        film = (
            "lavfi:color=0xFF8000:size=160x120:rate=20,drawbox=color=0x0080FF:t=fill:enable='gte(mod(t,1),0.5)',"
            "noise=alls=8:allf=t"
        )
        rules = (
            "window: 400ms, gate: 0, confirm: false, threshold: 0.25, release: 0.2, min_duration: 0s, hold: 0s, cooldown: 0s"
        )
        self.streams = streams or self.streams
        text = (
            f"model: {{path: {self.root}/Tests/XCLIPTests/Golden/tiny}}\n"
            f"events: {{socket: {self.socket}, journal: {self.directory}/events.sqlite, pictures: {self.directory}/pictures}}\n"
            f"http: {{listen: '127.0.0.1:{self.port}', frame_ancestors: ['{self.ancestor}']}}\n"
            f"mqtt: {{url: 'mqtt://127.0.0.1:{self.broker.port}', topic: {self.topic}{mqtt}}}\nstreams:\n"
        )
        for name, labels in self.streams.items():
            listed = [{"name": label, "text": words} if words else label for label, words in labels.items()]
            text += f'  - {{name: {name}, url: "{film}", {rules}, labels: {json.dumps(listed)}}}\n'
        with open(self.file, "w") as file:
            file.write(text)

    def start(self):
        self.configure()
        self.begin()

    def begin(self):
        super().start()
        self.wait(f"the daemon of {self.directory}", self.is_served)

    def is_served(self):
        with contextlib.suppress(OSError):
            return self.head() is not None

    def lines(self, request=None):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(patience)
            connection.connect(self.socket)
            if request:
                connection.sendall(json.dumps(request).encode() + b"\n")
            for line in connection.makefile():
                yield json.loads(line)

    def head(self):
        """The number of the newest record."""
        return next(self.lines())["seq_last"]

    def events(self, after, through):
        """The starts and ends of events among these records, as the socket replays them."""
        found, has_joined = [], False
        for line in self.lines({"subscribe": {"types": ["event", "stream"], "since": after}}):
            # Live records come before the answer.
            has_joined = has_joined or line["type"] == "snapshot"
            if not has_joined or line["type"] not in ("event", "stream"):
                continue
            if line["seq"] > through:
                return found
            if line["type"] == "event" and line["state"] != "updated":
                found.append(line)

    def ask(self, path, **headers):
        """The headers and the body of an answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=patience) as answer:
            return answer.headers, answer.read()

    def picture(self, event):
        """The picture of an event; nil if there is none yet."""
        with contextlib.suppress(urllib.error.HTTPError):
            return self.ask(f"/api/v1/events/{event}/picture.jpg")[1]

    def clear(self):
        """`watchword mqtt clear` of its topics."""
        words = [self.program, "mqtt", "clear", "--config", self.file, "--topic", self.topic]
        done = subprocess.run(words, capture_output=True, text=True)
        expect(done.returncode == 0, f"watchword mqtt clear: {done.stderr}")
