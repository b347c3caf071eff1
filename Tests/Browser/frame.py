#!/usr/bin/env python3
"""The live page in the frame of another site's page, in headless Chromium.

    python3 Tests/Browser/frame.py PORT PAGE

PAGE is the address of a running daemon's page, which may be framed by http://127.0.0.1:PORT and by nobody else. The script
serves a page with such a frame on PORT. At that address the frame must show the live page, at work; at http://localhost:PORT,
which is another origin, the browser must refuse it. The script prints a line for each failure and exits with 1.
"""

import shutil
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from browser import Browser, wait_for

port, page = int(sys.argv[1]), sys.argv[2]


class Frame(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f'<!doctype html><title>frame</title><iframe src="{page}" width="1000" height="800"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def look(browser, host):
    """Opens the framing page and goes into its frame."""
    browser.open(f"http://{host}:{port}/")
    wait_for("the frame", lambda: browser.run("return document.readyState === 'complete'"))
    browser.call("POST", f"{browser.session}/frame", {"id": 0})


def main():
    server = ThreadingHTTPServer(("127.0.0.1", port), Frame)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profile = tempfile.mkdtemp(prefix="chromium-")
    browser = Browser(profile)
    failures = []
    try:
        look(browser, "127.0.0.1")
        wait_for("the page", lambda: browser.run("return document.documentElement.dataset.ready === 'yes'"))
        wait_for("a picture", lambda: browser.run("return document.querySelector('.view img').naturalWidth > 0"))
        failures += [entry["message"] for entry in browser.errors()]
        look(browser, "localhost")
        address = browser.run("return location.href")
        if not address.startswith("chrome-error:"):
            failures.append(f"a stranger's frame shows {address}")
        if not any("frame-ancestors" in entry["message"] for entry in browser.errors()):
            failures.append("the browser does not say that frame-ancestors forbids the frame")
    finally:
        browser.close()
        shutil.rmtree(profile, ignore_errors=True)
    print("\n".join(failures), file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
