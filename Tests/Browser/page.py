#!/usr/bin/env python3
"""The live page in a real browser: headless Chromium, driven over WebDriver with the standard library alone.

    python3 Tests/Browser/page.py WATCHWORD CONFIGURATION RULES

The test starts the program with the configuration, which must serve the page and have one stream named `live`, whose label
`anything` is always detected. It opens the page and checks it, reloads the configuration to cause a live event, tries a
threshold, kills the daemon and starts it again. RULES is a file of [{rules, samples, events}]; the page's own rules must
give the same events. The test prints its measurements as one JSON object. If a check fails, it prints a line for each
failure and exits with 1.
"""

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from browser import Browser, die_with_parent, limit, wait_for

program, configuration, rules_file = sys.argv[1:]
with open(configuration, encoding="utf-8") as file:
    text = file.read()
port = int(re.search(r"listen: 127\.0\.0\.1:(\d+)", text)[1])
events_socket = re.search(r"socket: (\S+)", text)[1]
base = f"http://127.0.0.1:{port}"
failures = []


def expect(truth, what):
    if not truth:
        failures.append(what)


class EventTimes(threading.Thread):
    """Records when each event's start arrived over the event socket."""

    def __init__(self):
        super().__init__(daemon=True)
        self.started = {}
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(events_socket)
        self.lines = self.socket.makefile(encoding="utf-8")
        self.lines.readline()  # The greeting: whatever comes from here on is sent to this client.

    def run(self):
        for line in self.lines:
            record = json.loads(line)
            if record["type"] == "event" and record["state"] == "started":
                self.started[record["id"]] = time.time() * 1000


def start_daemon():
    daemon = subprocess.Popen([program, "run", "--config", configuration], preexec_fn=die_with_parent)
    wait_for("the page", lambda: urllib.request.urlopen(f"{base}/readyz", timeout=limit).status == 200)
    return daemon


def check_page(browser, report):
    browser.open(f"{base}/")
    wait_for("the page's start", lambda: browser.run("return document.documentElement.dataset.ready === 'yes'"))
    report["load_ms"] = round(browser.run("return performance.getEntriesByType('navigation')[0].duration"), 1)
    # What the load waits for; what is fetched afterwards, over and over, is no part of it.
    report["load_requests"], report["load_bytes"] = browser.run(
        "const page = performance.getEntriesByType('navigation')[0];"
        "const parts = performance.getEntriesByType('resource').filter(e => e.startTime < page.domContentLoadedEventStart);"
        "return [1 + parts.length, parts.reduce((sum, e) => sum + e.transferSize, page.transferSize)]"
    )
    wait_for("a picture", lambda: browser.run("return document.querySelector('.view img').naturalWidth > 0"))
    wait_for("a score", lambda: browser.run(r"return /\d\.\d\d/.test(document.querySelector('.score').textContent)"))
    wait_for("an open event", lambda: browser.run("return document.querySelectorAll('#open li').length === 1"))
    wait_for("a stream that is online", lambda: browser.run("return document.querySelector('.state').textContent") == "online")
    # On a busy machine what the page shows may be old for a moment, and it says so.
    wait_for("a live page", lambda: browser.run("return document.getElementById('link').dataset.state") == "live")
    wait_for("words for the chart", lambda: browser.run("return !!document.querySelector('canvas').ariaLabel"))
    unnamed = browser.run(
        "return [...document.querySelectorAll('input, button, img, canvas, a')].filter(e => !e.hidden && !("
        "e.ariaLabel || e.alt || e.textContent.trim() || e.labels?.[0]?.textContent.trim())).map(e => e.outerHTML)"
    )
    expect(not unnamed, f"a screen reader has no name for {unnamed}")
    wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
    expect(wide <= 0, f"the page is {wide} pixels too wide")
    drawn = browser.run(
        "const c = document.querySelector('canvas');"
        "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x)"
    )
    expect(drawn, "the chart is empty")


def check_live_event(browser, daemon, times, report):
    # The model sees the square in the middle, and that is what the page draws: as wide as the picture is high.
    wait_for("what the model sees", lambda: browser.run("return document.querySelectorAll('.seen i').length") == 1)
    box, picture = browser.run(
        "const size = (e) => { const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.width, r.height]; };"
        " return [size(document.querySelector('.seen i')), size(document.querySelector('.view img'))]"
    )
    expect(abs(box[1] / box[2] - 1) < 0.05 and abs(box[2] / picture[2] - 1) < 0.02, f"what the model sees is drawn {box} on {picture}")
    expect(abs(box[0] - picture[0]) < 3, f"what the model sees is drawn beside the middle: {box} on {picture}")
    browser.run(
        "window.shown = {}; new MutationObserver(() => { for (const e of document.querySelectorAll('#open li'))"
        " window.shown[e.dataset.id] ??= Date.now(); }).observe(document.getElementById('open'), {childList: true})"
    )
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(text.replace("window: 400ms", "window: 480ms"))
    daemon.send_signal(signal.SIGHUP)
    new = wait_for("a live event", lambda: next(iter(times.started), None))
    shown = wait_for("the event on the page", lambda: browser.run("return window.shown[arguments[0]]", new))
    report["event_delay_ms"] = round(shown - times.started[new], 1)
    wait_for("the end of the previous event", lambda: browser.run("return document.querySelectorAll('#recent li').length"))
    expect("started" in browser.run("return document.getElementById('news').textContent"), "the page announces nothing to screen readers")


def check_threshold(browser):
    def slide(value):
        browser.run(
            "const s = document.querySelector('.tune input'); s.value = arguments[0];"
            "s.dispatchEvent(new Event('input', {bubbles: true}))", value,
        )
        return browser.run(
            "return [document.querySelector('.change').hidden, document.querySelector('.change code').textContent,"
            " document.querySelector('.tune output').textContent, document.querySelector('.tune input').ariaValueText"
            " ?? document.querySelector('.tune input').getAttribute('aria-valuetext')]"
        )

    hidden, line, output, spoken = slide("0.99")
    expect(not hidden and line == "- {name: anything, text: anything at all, threshold: 0.99, release: 0.99}", f"the line is {line!r}")
    expect(output.startswith("0 events in "), f"at 0.99 the page shows {output!r}")
    expect(spoken.startswith("0.99, would be"), f"a screen reader hears {spoken!r}")
    # The slider's lowest value is below every score of this stream.
    expect(slide("0.01")[2].startswith("1 event in "), f"at 0.01 the page shows {slide('0.01')[2]!r}")
    browser.run("document.querySelector('.reset').click()")
    expect(browser.run("return document.querySelector('.change').hidden"), "undo does not remove the line")


def check_rules(browser):
    with open(rules_file, encoding="utf-8") as file:
        cases = json.load(file)
    expect(len(cases) > 50 and any(len(case["events"]) > 3 for case in cases), "there are too few cases")
    found = browser.run_async(
        "const [cases, done] = arguments; import('/rules.js').then(({eventsIn, withThreshold}) =>"
        " done(cases.map(c => [eventsIn(c.samples, c.rules).map(e => [e.start, e.end]),"
        " withThreshold(c.rules, c.tried.threshold).release])))", cases,
    )
    for case, (events, release) in zip(cases, found):
        tried = case["tried"]
        expect(release == tried["release"], f"the page's release is {release} and the daemon's {tried}: {case['rules']}")
        expect(events == case["events"], f"the page finds {events} and the daemon {case['events']}: {case}")


def check_label_lines(browser):
    label = {"label": "fall", "text": "a, b", "texts": ["a, b", "c"], "combine": "max", "against": ["true"],
             "threshold": 0.6, "release": 0.6}
    line = browser.run_async(
        "const [label, done] = arguments; import('/rules.js').then(({labelLine}) => done(labelLine(label, 0.9)))", label,
    )
    wanted = '- {name: fall, text: ["a, b", c], combine: max, against: ["true"], threshold: 0.9, release: 0.9}'
    expect(line == wanted, f"the line is {line!r}")


def check_lengths(browser):
    seconds = [0, 9.94, 10.2, 59.7, 119.6, 125.4, 3599.7, 3661]
    shown = browser.run_async(
        "const [seconds, done] = arguments; import('/format.js').then(({length}) => done(seconds.map(length)))", seconds,
    )
    wanted = ["0.0 s", "9.9 s", "10 s", "1 min 0 s", "2 min 0 s", "2 min 5 s", "1 h 0 min", "1 h 1 min"]
    expect(shown == wanted, f"the page writes lengths as {shown}")


def check_signals(browser):
    """The scores of signals are in the stream's entry, and no decision brings them."""
    rules = {"threshold": 0.5, "release": 0.3, "min_duration": 0, "hold": 1, "cooldown": 1, "merge_gap": 0}
    stream = {"stream": "other", "state": "online", "labels": [{"label": "out", "text": "signal:lights-out", **rules}],
              "signals": {"blank": 0.1, "lights-out": 0.75}, "window_seconds": 4, "reuse": "cached", "view": "square",
              "decisions": 0}
    score, is_scored = browser.run_async(
        "const [stream, done] = arguments; import('/stream.js').then(({StreamCard}) => { const card = new StreamCard(stream);"
        " card.addSignals(stream, Date.now() / 1000);"
        " done([card.element.querySelector('.score').textContent, card.isScored]); })", stream,
    )
    expect(score == "0.75", f"the page shows {score!r} for a signal of 0.75")
    expect(is_scored is False, "the page waits for decisions on signals")


def check_scores_come(browser):
    browser.run("document.querySelector('.score').textContent = '–'")
    wait_for("scores again", lambda: browser.run(r"return /\d\.\d\d/.test(document.querySelector('.score').textContent)"))


def check_restart(browser, daemon, report):
    errors = browser.errors()
    expect(not errors, f"the console has errors: {errors}")
    daemon.kill()
    daemon.wait()
    wait_for("the page to notice", lambda: browser.run("return document.getElementById('link').dataset.state") == "lost")
    daemon = start_daemon()
    ready = time.monotonic()
    wait_for("the page to be live again", lambda: browser.run("return document.getElementById('link').dataset.state") == "live")
    report["live_again_s"] = round(time.monotonic() - ready, 2)
    check_scores_come(browser)
    wait_for("one open event", lambda: browser.run("return document.querySelectorAll('#open li').length") == 1)
    # The only errors that the browser may report meanwhile are failed connections.
    strange = [error for error in browser.errors() if "net::ERR_" not in error["message"]]
    expect(not strange, f"the console has errors: {strange}")
    # The page goes on, and still has nothing to say.
    for _ in range(3):
        check_scores_come(browser)
    expect(not browser.errors(), "the console has errors after the restart")
    return daemon


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = {}
    with contextlib.ExitStack() as stack:
        profile = tempfile.mkdtemp(prefix="watchword-browser-")
        stack.callback(shutil.rmtree, profile, ignore_errors=True)
        daemon = start_daemon()
        stack.callback(lambda: (daemon.kill(), daemon.wait()))
        browser = Browser(profile)
        stack.callback(browser.close)
        check_page(browser, report)
        times = EventTimes()
        times.start()
        check_live_event(browser, daemon, times, report)
        check_threshold(browser)
        check_rules(browser)
        check_label_lines(browser)
        check_lengths(browser)
        check_signals(browser)
        daemon = check_restart(browser, daemon, report)
    print(json.dumps(report))
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
