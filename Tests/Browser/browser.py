"""Headless Chromium, driven over WebDriver with the standard library alone."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

limit = float(os.environ.get("TEST_PATIENCE", "600"))


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_for(what, condition):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            value = condition()
            if value:
                return value
        time.sleep(0.02)
    raise SystemExit(f"timed out waiting for {what}")


class Browser:
    """A session of chromedriver."""

    def __init__(self, profile):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent,
        )
        self.session = ""
        wait_for("chromedriver", lambda: self.call("GET", "/status")["ready"])
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--window-size=1280,900", f"--user-data-dir={profile}",
        ]
        wanted = {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": int(limit * 1000), "pageLoad": int(limit * 1000)},
        }
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{made['sessionId']}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=limit) as answer:
            return json.load(answer)["value"]

    def run(self, script, *arguments):
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": arguments})

    def run_async(self, script, *arguments):
        return self.call("POST", f"{self.session}/execute/async", {"script": script, "args": arguments})

    def open(self, address):
        self.call("POST", f"{self.session}/url", {"url": address})

    def errors(self):
        log = self.call("POST", f"{self.session}/se/log", {"type": "browser"})
        return [entry for entry in log if entry["level"] == "SEVERE"]

    def open_tab(self, address):
        """Opens the address in a new tab, which becomes the current one, and returns the tab."""
        tab = self.call("POST", f"{self.session}/window/new", {"type": "tab"})["handle"]
        self.turn_to(tab)
        self.open(address)
        return tab

    def turn_to(self, tab):
        self.call("POST", f"{self.session}/window", {"handle": tab})

    def close(self):
        with contextlib.suppress(OSError):
            if self.session:
                self.call("DELETE", self.session)
        # SIGTERM may be blocked, because the parent's signal mask is inherited. SIGKILL cannot be.
        self.driver.kill()
        self.driver.wait()
