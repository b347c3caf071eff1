"""Watchword in a real Home Assistant: PYTHON Tests/HomeAssistant/checks.py WATCHWORD, by Tests/HomeAssistant/run.

Two daemons with prefixes that differ in one character, a mosquitto and a Home Assistant run on this machine, on ports of
their own. Prints one line for each check, and exits 0 if none failed. TEST_RESTARTS is how often the broker is restarted.
"""

import datetime
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

from home_assistant import HomeAssistant
from peers import Broker, Failure, Watchword, expect, same, wait

program = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
restarts = int(os.environ.get("TEST_RESTARTS", "24"))

# The members of a record that the event entity takes over.
members = ["id", "label", "text", "score", "top_score", "threshold", "start_time", "end_time", "duration", "end_reason", "time"]
labels = {"one": "one thing", "other": "something else"}
# One of a text alone, which is no level of a topic as it is.
yard = {"one": "one thing", 'A "Käfer" at 100 %: big/small +#?': None}


class Site:
    """The broker, the daemons and Home Assistant."""

    def __init__(self, directory):
        self.directory = directory
        self.broker = Broker(directory)
        shared = (program, root, directory)
        self.first = Watchword(*shared, "first", self.broker, {"door": labels, "yard": yard}, "home/ww")
        self.second = Watchword(*shared, "second", self.broker, {"door": labels}, "home-ww")
        automation = {
            "id": "notify",
            "alias": "notify",
            "use_blueprint": {
                "path": "watchword/notify.yaml",
                "input": {
                    "detection": "binary_sensor.door_one",
                    "picture": "image.door_one_picture",
                    "phone": "notify.persistent_notification",
                },
            },
        }
        blueprint = f"{root}/Config/homeassistant/notify.yaml"
        self.home = HomeAssistant(directory, f"http://127.0.0.1:{self.first.port}/", automation, blueprint)
        self.first.ancestor = self.home.address

    def start(self):
        self.broker.start()
        self.first.start()
        wait("what the first daemon announces", lambda: len(self.announced(self.first)) == len(self.names(self.first)))
        self.home.start()
        self.home.connect(self.broker)
        # So that the entities of the first daemon have the plain names.
        wait("the entities of the first daemon", lambda: self.entities(self.first) == self.names(self.first))
        self.second.start()

    def end(self):
        for process in (self.first, self.second, self.home, self.broker):
            process.end(signal.SIGKILL)

    def announced(self, daemon):
        """The configurations that the broker keeps of a daemon."""
        return {topic for topic in self.broker.retained("homeassistant/#") if owns(daemon, topic.split("/")[2])}

    def names(self, daemon):
        """The names that a daemon's entities are to have, with their devices'."""
        found = set()
        for stream, labels in daemon.streams.items():
            found |= {(stream, name) for name in ("Connection", "Trouble", "Event", *labels)}
            found |= {(stream, f"{label} picture") for label in labels}
        return found

    def owned(self, daemon):
        """The entities of a daemon in the registry: their names in `entity_id`, by device and name."""
        devices = self.home.devices()
        found = {}
        for unique, entity in self.home.entities().items():
            for identifier, name in devices.items():
                prefix, _, stream = identifier.rpartition("_")
                if unique.startswith(f"{identifier}_") and owns(daemon, prefix) and name == stream:
                    found[name, entity["original_name"]] = entity["entity_id"]
        return found

    def entities(self, daemon):
        return set(self.owned(daemon))

    def states(self, daemon):
        return {name: self.home.state(entity) for name, entity in self.owned(daemon).items()}

    def is_away(self, daemon):
        states = self.states(daemon)
        return states and all(state and state["state"] == "unavailable" for state in states.values())

    def is_there(self, daemon):
        states = self.states(daemon)
        there = all(state and state["state"] != "unavailable" for state in states.values())
        return set(states) == self.names(daemon) and there

    def has_event(self, daemon, after, stream="door"):
        """Whether Home Assistant has an event of a stream that came after that record."""
        events = recorded_events(self, daemon, stream)
        return events and events[-1]["seq"] > after


def owns(daemon, node):
    """Whether identifiers that begin so are of a daemon: a prefix with a slash has a number behind it."""
    topic = daemon.topic
    return node.rpartition("--")[0] == topic.replace("/", "-") if "/" in topic else node == topic


def recorded_events(site, daemon, stream):
    """The events that Home Assistant has recorded. A state that comes back after an absence is the same event."""
    entity = site.owned(daemon).get((stream, "Event"))
    found, times = [], set()
    for state, attributes in site.home.recorded(entity) if entity else []:
        if "seq" in attributes and (state, attributes["seq"]) not in times:
            times.add((state, attributes["seq"]))
            found.append(attributes)
    return found


def recorded_changes(site, daemon, stream, label):
    """The changes of a label's state that Home Assistant has recorded: the event and the state."""
    found, last = [], None
    for state, attributes in site.home.recorded(site.owned(daemon)[stream, label]):
        if state in ("on", "off"):
            if state != last and last is not None:
                found.append((attributes.get("id"), state))
            last = state
    return found


def compare(site, daemon, after, through):
    """Holds the recorder against the feed: each event once, in order, as it was."""
    events = daemon.events(after, through)
    for stream in daemon.streams:
        wanted = [event for event in events if event["stream"] == stream]
        found = [event for event in recorded_events(site, daemon, stream) if after < event["seq"] <= through]
        same([event["seq"] for event in found], [event["seq"] for event in wanted], f"the records of {stream}")
        for event, record in zip(found, wanted):
            same(event["event_type"], record["state"], f"the type of {record['seq']}")
            for member in members:
                same(event.get(member), record.get(member), f"{member} of {record['seq']}")


def moment(text):
    return datetime.datetime.fromisoformat(text)


# The checks, in order. Each goes on from where the one before left off.


def entities(site):
    "Every entity that is announced is there, with its device and its name, and nothing is complained of"
    for daemon in (site.first, site.second):
        wait(f"the entities of {daemon.directory}", lambda: site.is_there(daemon))
        topics = wait("what is announced", lambda: site.announced(daemon))
        same(len(topics), len(site.names(daemon)), "configurations")
    same(site.owned(site.first)["door", "one"], "binary_sensor.door_one", "the label's entity")
    same(site.home.state("binary_sensor.door_connection")["state"], "on", "the connection")
    same(site.home.state("binary_sensor.door_trouble")["state"], "off", "trouble")
    same(site.home.complaints(), [], "warnings")


def events(site):
    "The recorder has each event once, in order, with the members of the record"
    for daemon in (site.first, site.second):
        after = daemon.head()
        wait("events", lambda: site.has_event(daemon, after + 60))
        wait("events of the last stream", lambda: all(site.has_event(daemon, after + 60, stream) for stream in daemon.streams))
        compare(site, daemon, after, after + 60)


def states(site):
    "Each label's state turns on and off with its events"
    after = site.first.head()
    wait("events", lambda: site.has_event(site.first, after + 60))
    wanted = [event for event in site.first.events(after, after + 60) if event["stream"] == "door" and event["label"] == "one"]
    identifiers = {event["id"] for event in wanted}
    found = [change for change in recorded_changes(site, site.first, "door", "one") if change[0] in identifiers]
    # An event that began before is found with its start.
    if found and found[0][1] == "on" and wanted[0]["state"] == "ended":
        found = found[1:]
    wanted = [(event["id"], "on" if event["state"] == "started" else "off") for event in wanted]
    same(found[: len(wanted)], wanted, "the changes")


def pictures(site):
    "The image is the picture of the label's last event, byte by byte"
    seen = set()

    def shows():
        event = site.home.state("binary_sensor.door_one")["attributes"]["id"]
        image = site.home.picture("image.door_one_picture")
        if image and image == site.first.picture(event):
            seen.add((event, image))
        return len(seen) > 2

    wait("three pictures", shows)
    same(len({image for _, image in seen}), 3, "different pictures")


def blueprint(site):
    "The blueprint is taken as it is, and sends a notification with the event's picture"
    known = site.home.command({"type": "blueprint/list", "domain": "automation"})
    same(known["watchword/notify.yaml"].get("error"), None, "the blueprint's fault")

    runs = {}

    def observe():
        traces = site.home.command({"type": "trace/list", "domain": "automation", "item_id": "notify"})
        for trace in traces:
            if trace["state"] == "stopped" and trace["run_id"] not in runs:
                request = {"type": "trace/get", "domain": "automation", "item_id": "notify", "run_id": trace["run_id"]}
                runs[trace["run_id"]] = site.home.command(request)["trace"]
        return len(runs) > 20

    # The first few may have begun before there was a picture.
    wait("the automation", observe)
    shown = [moment(state) for state, _ in site.home.recorded("image.door_one_picture") if state[0].isdigit()]
    for trace in list(runs.values())[5:]:
        state = trace["trigger/0"][0]["changed_variables"]["trigger"]["to_state"]
        call = next(step for steps in trace.values() for step in steps if "params" in (step.get("result") or {}))
        data = call["result"]["params"]["service_data"]
        same(data["data"]["tag"], state["attributes"]["id"], "the tag")
        same(data["title"], "door one", "the title")
        expect(data["message"].startswith("one thing ("), f"the message {data['message']}")
        began, sent = moment(state["last_changed"]), moment(call["timestamp"])
        picture = max((time for time in shown if time <= sent), default=None)
        expect(picture and picture >= began, f"the event of {began} was sent at {sent} with the picture of {picture}")
    # A telephone has no token but the address's own.
    expect(data["data"]["image"].startswith("/api/image_proxy/image.door_one_picture?token="), data["data"]["image"])
    expect(site.home.ask(data["data"]["image"])[:2] == b"\xff\xd8", "the address gives no JPEG")
    notes = site.home.command({"type": "persistent_notification/get"})
    expect(any(note["title"] == "door one" for note in notes), f"no notification: {notes}")


def availability(site):
    "All entities of a daemon that stops or dies become unavailable and come back; the other's do not"
    before = {entity: len(site.home.recorded(entity)) for entity in site.owned(site.second).values()}
    for number, code in ((signal.SIGTERM, 0), (signal.SIGKILL, -9)):
        same(site.first.end(number), code, "the daemon's exit code")
        wait("the entities to be unavailable", lambda: site.is_away(site.first))
        site.first.begin()
        wait("the entities to be back", lambda: site.is_there(site.first))
    for entity, count in before.items():
        expect("unavailable" not in [state for state, _ in site.home.recorded(entity)[count:]], f"{entity} was away")


def restarted_broker(site):
    "Each record is recorded once, in order, over %d restarts of the broker"
    # A daemon that has just started looks for what earlier runs left. To the broker it is a subscriber of what the other one
    # announces, as Home Assistant is.
    time.sleep(6)
    daemons = (site.first, site.second)
    after = [daemon.head() for daemon in daemons]
    for number in range(restarts):
        before = [daemon.head() for daemon in daemons]
        for daemon, seq in zip(daemons, before):
            wait("events", lambda: site.has_event(daemon, seq))
        site.broker.end()
        absent = [daemon.head() for daemon in daemons]
        wait("records without a broker", lambda: all(daemon.head() > seq + 6 for daemon, seq in zip(daemons, absent)))
        site.broker.start()
        for daemon, seq in zip(daemons, absent):
            wait(f"what restart {number + 1} held up", lambda: site.has_event(daemon, seq + 6))
    through = [daemon.head() for daemon in daemons]
    for daemon, seq in zip(daemons, through):
        wait("the last events", lambda: all(site.has_event(daemon, seq, stream) for stream in daemon.streams))
    for daemon, first, last in zip(daemons, after, through):
        compare(site, daemon, first, last)


restarted_broker.__doc__ %= restarts


def restarted_home(site):
    "After a restart of Home Assistant, and of a daemon meanwhile, all entities are there again, without complaint"
    site.home.end()
    site.second.end()
    said = len(site.home.complaints())
    site.second.begin()
    site.home.start()
    for daemon in (site.first, site.second):
        wait("the entities", lambda: site.is_there(daemon))
        after = daemon.head()
        wait("events", lambda: site.has_event(daemon, after))
    same(site.home.complaints()[said:], [], "warnings")


def reloaded(site):
    "A label and a stream that a reload takes away go, and come back with the next"
    whole = site.first.streams
    for streams in ({"door": {"other": "something else"}}, whole):
        site.first.configure(streams)
        site.first.process.send_signal(signal.SIGHUP)
        wait(f"the entities of {streams}", lambda: site.entities(site.first) == site.names(site.first))
        wait("them to be available", lambda: site.is_there(site.first))


def taken_back(site):
    "With discovery off or another prefix of discovery, the former entities go, and only those"
    for mqtt in (", discovery: 'off'", "", ", discovery: elsewhere", ""):
        site.first.end()
        site.first.configure(mqtt=mqtt)
        site.first.begin()
        wanted = set() if mqtt else site.names(site.first)
        wait(f"the entities with the usual topic{mqtt}", lambda: site.entities(site.first) == wanted)
    expect(not site.broker.retained("elsewhere/#"), "what was announced elsewhere is still there")
    same(site.entities(site.second), site.names(site.second), "the other daemon's")


def another_topic(site):
    "With another topic the entities of the former one go, and nothing of them stays at the broker"
    site.first.end()
    former = set(site.home.entities())
    site.first.topic = "house"
    site.first.configure()
    site.first.begin()
    wait("the new entities", lambda: site.is_there(site.first))
    kept = {unique for unique in former if unique.startswith("home-ww_")}
    wait("the former ones to go", lambda: former & set(site.home.entities()) == kept)
    same(site.broker.retained("home/ww/#"), set(), "what is retained of the former topic")
    expect(site.is_there(site.second), "the other daemon's entities are not there")


def cleared(site):
    "`watchword mqtt clear` takes all of one daemon back and nothing of the other"
    site.first.end()
    site.first.clear()
    wait("the entities to go", lambda: not site.entities(site.first))
    same(site.broker.retained("house/#"), set(), "what is retained of it")
    expect(site.is_there(site.second), "the other daemon's entities are not there")
    site.second.end()
    site.second.clear()
    wait("the entities to go", lambda: not site.home.entities())
    same(site.broker.retained("#"), set(), "what is retained")


def page(site):
    "The page may stand in a panel of Home Assistant, and serves below the path of its ingress"
    panel = site.home.command({"type": "get_panels"})["watchword"]
    same(panel["config"]["url"], f"http://127.0.0.1:{site.first.port}/", "the panel's address")
    headers, body = site.first.ask("/")
    expect(b"<html" in body, "no page")
    expect(f"frame-ancestors 'self' {site.home.address}" in headers["Content-Security-Policy"], f"{headers}")
    for header in ("X-Ingress-Path", "X-Forwarded-Prefix"):
        description = json.loads(site.first.ask("/openapi.json", **{header: "/api/hassio_ingress/abc"})[1])
        same(description["servers"][0]["url"], "/api/hassio_ingress/abc", f"the address with {header}")


checks = [
    entities, events, states, pictures, blueprint, page, availability, restarted_broker, restarted_home, reloaded,
    taken_back, another_topic, cleared,
]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = tempfile.mkdtemp(prefix="watchword-home-", dir="/tmp")
    site, failed = Site(directory), 0
    try:
        site.start()
        for check in checks:
            try:
                check(site)
                print(f"PASS  {check.__doc__}", flush=True)
            except Exception as error:
                failed += 1
                print(f"FAIL  {check.__doc__}\n      {error}", flush=True)
                if not isinstance(error, Failure):
                    traceback.print_exc()
    finally:
        site.end()
    print(f"home assistant: {len(checks) - failed} passed, {failed} failed")
    if failed:
        sys.exit(f"the logs are in {directory}")
    shutil.rmtree(directory)


main()
