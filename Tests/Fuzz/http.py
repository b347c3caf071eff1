#!/usr/bin/env python3
"""Sends malformed HTTP to a real daemon that listens beyond loopback with a token.

    python3 Tests/Fuzz/http.py WATCHWORD [SECONDS]

The test starts the program with the tiny model. It sends damaged, truncated, slow and oversized requests over many
connections, for SECONDS (default: 60). It fails in any of these cases:

- The daemon dies or stops answering.
- An answer is not well-formed HTTP.
- A request without the right token reaches anything but /healthz, /readyz and the request for the token.
- An answer contains data from a file outside the program.

The test prints how many requests got each status.
"""

import collections
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

program, limit = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
token = "c4nary-token-c4nary-token"
lock = threading.Lock()
statuses = collections.Counter()
faults = []

paths = [
    "/", "/page.js", "/page.css", "/openapi.json", "/metrics", "/healthz", "/readyz", "/api/v1/streams", "/api/v1/events",
    "/api/v1/events?since=0&limit=5", "/api/v1/events/stream?since=0&types=event,scores", "/api/v1/streams/live/frame.jpg",
    "/../../../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/api/v1/streams/..%2f..%2f..%2fetc%2fpasswd/frame.jpg",
    "//etc/passwd", "/Page/../../etc/passwd", "/..\\..\\etc\\passwd", "/?token=wrong-wrong-wrong-wrong", "*", "http://x/api/v1/streams",
    "/kept", "/kept/", "/kept/api/v1/streams", "/kept/kept/metrics", "/kept//", "/kept/../metrics", "/kept?token=wrong",
    "/api/v1/streams/live/frame.jpg?key=0123456789abcdef0123456789abcdef", "/api/v1/streams/live/frame.jpg?key=",
    "/kept/api/v1/streams/live/frame.jpg?key=x&key=y", "/feed.js", "/feedworker.js",
]
methods = ["GET"] * 12 + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI", "get", "", "G\0T"]
versions = ["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.", "", "HTTP/1.1 x"]
fields = [
    b"Host: 127.0.0.1", b"Host: evil.example", b"Host: [::1]:99", b"Host:", b"Authorization: Bearer x", b"Authorization: Bearer",
    b"Authorization: Basic YTpi", b"Authorization: Basic " + b"A" * 3000, b"Authorization: Basic =", b"Authorization: Basic Og==",
    b"X-Forwarded-Prefix: /a", b"X-Forwarded-Prefix: //evil.example\"", b"X-Ingress-Path: /\xff", b"X-Forwarded-Proto: https",
    b"Host: localhost.", b"Host: localhost:", b"Host: .", b"Cookie: watchword=x", b"Cookie: watchword=; watchword=\xff", b"Content-Length: 0",
    b"Content-Length: 18446744073709551617", b"Content-Length: -1", b"Transfer-Encoding: chunked", b"Connection: close",
    b"Connection: keep-alive", b"Last-Event-ID: 99999999999999999999", b"Last-Event-ID: a-b-c", b"Origin: null",
    b" folded: yes", b"X" * 5000 + b": y", b"Y: " + b"z" * 20000, b"Sec-Fetch-Site: cross-site", b"\x00\x01: \x02", b"Expect: 100-continue",
    b"Upgrade: websocket", b"Range: bytes=0-1", b"Accept-Encoding: gzip", b"Bad\xc3Name: x", b"NoColon",
]


def request(generator):
    head = f"{generator.choice(methods)} {generator.choice(paths)} {generator.choice(versions)}".encode()
    chosen = [b"Host: 127.0.0.1"] if generator.random() < 0.8 else []
    chosen += generator.sample(fields, generator.choice([0, 0, 1, 1, 2, 5]))
    data = head + b"\r\n" + b"".join(field + b"\r\n" for field in chosen) + b"\r\n"
    data = bytearray(data)
    for _ in range(generator.choice([0, 0, 1, 2, 8])):
        place = generator.randrange(len(data) + 1)
        kind = generator.randrange(5)
        if kind == 0 and place < len(data):
            data[place] = generator.randrange(256)
        elif kind == 1:
            data[place:place + generator.randrange(1, 40)] = b""
        elif kind == 2:
            data[place:place] = generator.choice([b"\r\n", b"\n", b"\r", b"\0", b"%", b"%00", b" ", b":", b"\xff\xfe"])
        elif kind == 3:
            data[place:place] = generator.randbytes(generator.randrange(1, 60))
        elif len(data) < 4000:
            data += data[:place]
    if generator.random() < 0.01:
        data += generator.randbytes(generator.choice([1000, 70_000]))
    return bytes(data)


def fault(what, sent, received):
    with lock:
        faults.append(f"{what}: sent {sent[:300]!r}, received {received[:300]!r}")


def check(sent, received):
    """Checks that all answers on one connection contain only what may be sent without the token."""
    if token.encode() in received or b"root:x:0:0" in received or b"seq" in received or b"\xff\xd8\xff" in received:
        fault("data without the token", sent, received)
    rest = received
    while rest:
        match = re.match(rb"HTTP/1\.1 (\d{3}) [A-Z][A-Za-z ]+\r\n((?:[A-Za-z-]+: [^\r\n]*\r\n)+)\r\n", rest)
        if not match:
            return fault("malformed HTTP", sent, rest)
        status, head = int(match[1]), match[2]
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        rest = rest[match.end():]
        # The answer to HEAD has no body.
        body = rest[:length] if not rest.startswith(b"HTTP/1.1 ") else b""
        rest = rest[len(body):]
        with lock:
            statuses[status] += 1
        isHarmless = body in (b"", b'{"status":"ok"}\n', b'{"status":"ready"}\n') or b"color-scheme" in body
        if status == 200 and not isHarmless and b"<svg" not in body:
            fault("an answer without the token", sent, body)


def attack(port, end, seed):
    generator = random.Random(seed)
    while time.monotonic() < end:
        sent = request(generator)
        received = b""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
                style = generator.random()
                if style < 0.1:
                    for start in range(0, len(sent), 97):
                        connection.sendall(sent[start:start + 97])
                else:
                    connection.sendall(sent)
                if style > 0.9:
                    continue
                connection.shutdown(socket.SHUT_WR)
                while chunk := connection.recv(65536):
                    received += chunk
        except TimeoutError:
            fault("the connection neither answered nor ended within 15 s", sent, received)
        except (ConnectionResetError, BrokenPipeError):
            with lock:
                statuses["reset"] += 1
            continue
        except OSError as error:
            with lock:
                statuses[type(error).__name__] += 1
            continue
        check(sent, received)


with tempfile.TemporaryDirectory(prefix="watchword-fuzz-") as directory:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(f"{directory}/w.yaml", "w", encoding="utf-8") as file:
        file.write(f"""
model: {{path: {root}/Tests/XCLIPTests/Golden/tiny}}
events: {{socket: {directory}/e.sock}}
http: {{listen: "0.0.0.0:{port}", token: "${{HTTP_TOKEN}}", path: /kept, frame_ancestors: ["https://ha.example"]}}
streams:
  - {{name: live, url: "lavfi:testsrc2=size=160x120:rate=10", window: 2s, threshold: 0, release: 0, labels: [anything]}}
""")
    environment = {**os.environ, "HTTP_TOKEN": token}
    with open(f"{directory}/log", "w", encoding="utf-8") as log:
        daemon = subprocess.Popen([program, "run", "--config", f"{directory}/w.yaml"], env=environment, stderr=log)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        seed = random.randrange(1 << 32)
        print(f"seed {seed}, {limit:.0f} s", flush=True)
        end = time.monotonic() + limit
        threads = [threading.Thread(target=attack, args=(port, end, seed + index)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
            connection.sendall(b"GET /api/v1/streams HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        if b'"stream":"live"' not in answer:
            faults.append(f"after the test, the daemon answers {answer[:200]!r}")
        if daemon.poll() is not None:
            faults.append(f"the daemon ended with {daemon.returncode}")
        with open(f"/proc/{daemon.pid}/status", encoding="utf-8") as file:
            print("  ".join(line.strip() for line in file if line.startswith(("VmRSS", "Threads", "FDSize"))))
    finally:
        daemon.terminate()
        daemon.wait()

print(f"{sum(statuses.values())} answers: " + ", ".join(f"{key}: {count}" for key, count in statuses.most_common()))
for line in faults[:20]:
    print(line)
sys.exit(1 if faults else 0)
