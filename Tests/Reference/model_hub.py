#!/usr/bin/env python3
"""A local hub that answers like Hugging Face's and fails on demand.

    model_hub.py --files DIR --log FILE [--token SECRET] [--release FILE]

The hub serves the files of DIR as every repository. It serves small files itself, with the git blob's SHA-1 as the ETag.
It serves files over 64 KiB as git LFS does: it redirects to a second server under another host name, with the SHA-256 as
X-Linked-Etag. The name of the repository selects what goes wrong (TROUBLES below). Each request is logged as a JSON line.
The hub prints its URL when both servers listen.
"""
import argparse
import hashlib
import json
import pathlib
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TROUBLES = {
    "gated": "403: its conditions have not been accepted",
    "private": "401 without the token",
    "missing": "404: no such repository",
    "bert": "a model of another kind",
    "renamed": "redirects within the hub to org/tiny",
    "circle": "redirects to itself",
    "cut": "the first connection for the weights breaks in the middle",
    "unresumable": "the same, and the server does not support ranges",
    "stalled": "the first connection for the weights falls silent in the middle, until the client hangs up",
    "wrong": "one byte of the weights differs",
    "longer": "more bytes come than announced",
    "held": "the first connection for the weights pauses in the middle until the file of --release is there",
    "busy": "503 to the first requests for the weights",
    "limited": "429 with a Retry-After of 2 s to the first requests for the weights, and again to one that comes too early",
    "dated": "the same with a date as Retry-After",
    "closed": "429 with a Retry-After of a day to every request for the weights",
    "plain": "a web server that is not a hub",
    "sharded": "the weights in two shards, which an index names",
    "escaping": "an index that names a file outside the repository",
    "slashes": "an ETag that would lead out of the cache",
}
LARGE = 1 << 16


class Hub:
    def __init__(self, options):
        self.files = {path.name: path.read_bytes() for path in pathlib.Path(options.files).iterdir() if path.is_file()}
        self.token = options.token
        self.release = pathlib.Path(options.release) if options.release else None
        self.log = open(options.log, "a", buffering=1)
        self.lock = threading.Lock()
        self.seen = set()
        self.due = {}
        self.contents = ""

    def file(self, trouble, name):
        """Returns the bytes of a repository's file, or None."""
        weights = self.files["model.safetensors"]
        half = len(weights) // 2
        if trouble in ("sharded", "escaping"):
            shards = ["a.safetensors", "b.safetensors" if trouble == "sharded" else "../../../escaped"]
            index = json.dumps({"weight_map": dict(zip("xy", shards))}).encode()
            made = {"model.safetensors.index.json": index, shards[0]: weights[:half], shards[1]: weights[half:]}
            return None if name == "model.safetensors" else made.get(name, self.files.get(name))
        if trouble == "bert" and name == "config.json":
            return b'{"model_type": "bert"}'
        return self.files.get(name)

    def first_time(self, *what):
        with self.lock:
            if what in self.seen:
                return False
            self.seen.add(what)
            return True


def commit(repository):
    return hashlib.sha1(repository.encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def hub(self):
        return self.server.hub

    def note(self):
        entry = {"method": self.command, "host": self.headers["Host"], "path": self.path, "server": self.server.role,
                 "range": self.headers["Range"], "authorization": self.headers["Authorization"]}
        self.hub.log.write(json.dumps(entry) + "\n")

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.note()
        if self.server.role == "contents":
            _, trouble, name = urllib.parse.urlsplit(self.path).path.split("/", 2)
            return self.send_contents(trouble, name)
        owner, repository, _, revision, name = self.path.lstrip("/").split("/", 4)
        refusal = {
            "gated": (403, "GatedRepo"), "missing": (404, "RepoNotFound"),
            "private": None if self.headers["Authorization"] == f"Bearer {self.hub.token}" else (401, "RepoNotFound"),
        }.get(repository)
        if refusal:
            return self.answer(refusal[0], [("X-Error-Code", refusal[1])], b"the page of an error")
        if repository in ("renamed", "circle"):
            target = "tiny" if repository == "renamed" else repository
            return self.answer(307, [("Location", f"/{owner}/{target}/resolve/{revision}/{name}")])
        if name == "model.safetensors" and repository in ("limited", "dated", "closed"):
            key = self.command + repository
            due = self.hub.due.setdefault(key, time.monotonic() + (86400 if repository == "closed" else 2))
            if time.monotonic() < due:
                later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3.5))
                value = {"limited": "2", "dated": later, "closed": "86400"}[repository]
                return self.answer(429, [("Retry-After", value)], b"slower")
        if (repository, name) == ("busy", "model.safetensors") and self.hub.first_time(self.command):
            return self.answer(503, (), b"busy")
        if urllib.parse.unquote(revision) not in ("main", "refs/pr/1", commit(repository)):
            return self.answer(404, [("X-Error-Code", "RevisionNotFound")])
        body = self.hub.file(repository, name)
        headers = [("X-Repo-Commit", commit(repository))]
        if body is None:
            return self.answer(404, headers + [("X-Error-Code", "EntryNotFound")], b"Entry not found")
        if repository == "plain":
            return self.answer(200, [("ETag", '"1-2"')], body)
        if repository == "slashes":
            return self.answer(200, headers + [("ETag", '"../../../../escaped"')], body)
        if len(body) < LARGE:
            blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
            return self.answer(200, headers + [("ETag", f'"{blob}"')], body)
        headers += [("X-Linked-Etag", f'"{hashlib.sha256(body).hexdigest()}"'), ("X-Linked-Size", str(len(body))),
                    ("Location", f"{self.hub.contents}/{repository}/{name}?Signature=let-me-in")]
        self.answer(302, headers)

    def send_contents(self, trouble, name):
        body = self.hub.file(trouble, name)
        if trouble == "wrong":
            body = body[:100] + bytes([body[100] ^ 1]) + body[101:]
        if trouble == "longer":
            body += b"more"
        start, status = 0, 200
        if self.headers["Range"] and trouble != "unresumable":
            start, status = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")), 206
        if start >= len(body):
            return self.answer(416, [("Content-Range", f"bytes */{len(body)}")])
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        end = len(body)
        first = self.hub.first_time("contents", trouble)
        if trouble in ("cut", "unresumable", "stalled", "held") and first:
            end = len(body) // 2
        self.wfile.write(body[start:end])
        self.wfile.flush()
        if end < len(body) and trouble == "held":
            while not self.hub.release.exists():
                time.sleep(0.02)
            self.wfile.write(body[end:])
        elif end < len(body):
            if trouble == "stalled":
                self.connection.recv(1)
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub, role):
        self.hub, self.role = hub, role
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_):
        pass  # The client has hung up.


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--token")
    parser.add_argument("--release")
    hub = Hub(parser.parse_args())
    contents = Server(hub, "contents")
    hub.contents = f"http://localhost:{contents.server_port}"
    threading.Thread(target=contents.serve_forever, daemon=True).start()
    server = Server(hub, "hub")
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
