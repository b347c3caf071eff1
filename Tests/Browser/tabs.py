#!/usr/bin/env python3
"""The live page in many tabs and under other addresses, in headless Chromium.

    python3 Tests/Browser/tabs.py DAEMON METRICS ADDRESS...

DAEMON is the process identifier of a running daemon with one stream, whose scores come all the time; METRICS is the address
of its metrics. Each ADDRESS is one of its page, such as a proxy's. The page must work at each of them, and in eight tabs of
the first. The script prints a line for each failure and exits with 1.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
import urllib.request

from browser import Browser, limit, wait_for

daemon, metrics, *addresses = sys.argv[1:]
failures = []


def expect(truth, what):
    if not truth:
        failures.append(what)


def subscribers():
    with urllib.request.urlopen(metrics, timeout=limit) as answer:
        return int(re.search(rb"^watchword_subscribers (\d+)", answer.read(), re.M)[1])


def state(browser):
    return browser.run("return document.getElementById('link').dataset.state")


def wait_for_page(browser, what):
    wait_for(f"the page {what}", lambda: browser.run("return document.documentElement.dataset.ready === 'yes'"))
    wait_for(f"a picture {what}", lambda: browser.run("return document.querySelector('.view img').naturalWidth > 0"))
    browser.run("document.querySelector('.score').textContent = '–'")
    wait_for(f"a score {what}", lambda: browser.run(r"return /\d\.\d\d/.test(document.querySelector('.score').textContent)"))
    wait_for(f"live {what}", lambda: state(browser) == "live")


def wait_for_picture(browser, what):
    """Waits for a picture that is not there yet."""
    before = browser.run("return document.querySelector('.view img').src")
    wait_for(f"a new picture {what}", lambda: browser.run("return document.querySelector('.view img').src") != before)


def hide(browser, is_hidden):
    browser.run(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => arguments[0]});"
        "document.dispatchEvent(new Event('visibilitychange'))".replace("arguments[0]", "true" if is_hidden else "false")
    )


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    profile = tempfile.mkdtemp(prefix="watchword-browser-")
    browser = Browser(profile)
    try:
        for address in addresses[1:]:
            browser.open(address)
            wait_for_page(browser, f"at {address}")
            expect(not browser.errors(), f"errors at {address}: {browser.errors()}")
        browser.open(addresses[0])
        wait_for_page(browser, "in the first tab")
        first = browser.call("GET", f"{browser.session}/window")
        tabs = [first] + [browser.open_tab(addresses[0]) for _ in range(7)]
        for number, tab in enumerate(tabs):
            browser.turn_to(tab)
            # Whatever a browser without a screen takes a tab in the background for.
            hide(browser, False)
            wait_for_page(browser, f"in tab {number + 1}")
            wait_for_picture(browser, f"in tab {number + 1}")
            expect(not browser.errors(), f"errors in tab {number + 1}: {browser.errors()}")
        wait_for("one stream for all tabs", lambda: subscribers() == 1)

        for tab in tabs[:-1]:
            browser.turn_to(tab)
            hide(browser, True)
        browser.turn_to(tabs[-1])
        wait_for_page(browser, "in the tab that is left")
        wait_for("the stream of the tab that is left", lambda: subscribers() == 1)
        hide(browser, True)
        wait_for("no stream for hidden tabs", lambda: subscribers() == 0)
        hide(browser, False)
        wait_for_page(browser, "in the tab that came back")

        # The connection stands and nothing comes.
        os.kill(int(daemon), signal.SIGSTOP)
        wait_for("a page that is not live", lambda: state(browser) != "live")
        os.kill(int(daemon), signal.SIGCONT)
        wait_for_page(browser, "after the daemon's pause")
    finally:
        os.kill(int(daemon), signal.SIGCONT)
        browser.close()
        shutil.rmtree(profile, ignore_errors=True)
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
