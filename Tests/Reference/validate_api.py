#!/usr/bin/env python3
"""Checks a running daemon's answers against its OpenAPI document.

    python3 Tests/Reference/validate_api.py http://127.0.0.1:8642 Sources/WebFeed/Page/openapi.json

It requests every path, with every kind of answer that can be provoked. It prints one line for each answer that differs from
the document, and then exits with 1.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

import jsonschema

base, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    document = json.load(file)
failures = []
limit = float(os.environ.get("TEST_PATIENCE", "600"))


def resolve(node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def ask(template, target, status, headers=None):
    """Sends a request, checks the status, media type and body of the answer, and returns the body."""
    request = urllib.request.Request(base + target, headers=headers or {})
    try:
        answer = urllib.request.urlopen(request, timeout=limit)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        body, kind = answer.read(), answer.headers["Content-Type"].split(";")[0]
    name = f"{target} ({answer.status})"
    if answer.status != status:
        failures.append(f"{name}: expected {status}: {body[:200]!r}")
        return None
    responses = document["paths"][template]["get"]["responses"]
    if str(status) not in responses:
        failures.append(f"{name}: the document does not list this status")
        return None
    content = resolve(responses[str(status)]).get("content", {})
    if kind not in content:
        failures.append(f"{name}: {kind} is not among {sorted(content)}")
        return None
    if kind == "application/json":
        value = json.loads(body)
        schema = content[kind].get("schema")
        if schema:
            check(name, schema, value)
        return value
    return body


def check(name, schema, value):
    validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    for error in validator.iter_errors(value):
        failures.append(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message}")


def closed(node):
    """Returns the schema with all unlisted members forbidden, so that members missing from the document are found."""
    if isinstance(node, dict):
        node = {key: closed(value) for key, value in node.items()}
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
    elif isinstance(node, list):
        node = [closed(value) for value in node]
    return node


document["components"] = closed(document["components"])
for schema in document["components"]["schemas"].values():
    jsonschema.Draft202012Validator.check_schema(schema)

def await_picture(target):
    """Returns once there is one: until then the answer is 202, and 503 while the camera is away."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(base + target, timeout=limit) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            if error.status != 503:
                return
        time.sleep(0.02)


streams = ask("/api/v1/streams", "/api/v1/streams", 200)
names = [stream["stream"] for stream in streams["streams"]] if streams else []
ask("/healthz", "/healthz", 200)
ask("/readyz", "/readyz", 200)
ask("/", "/", 200)
described = ask("/openapi.json", "/openapi.json", 200)
await_picture(f"/api/v1/streams/{names[0]}/frame.jpg")
picture = ask("/api/v1/streams/{name}/frame.jpg", f"/api/v1/streams/{names[0]}/frame.jpg", 200)
if picture is not None and not (picture[:2] == b"\xff\xd8" and picture[-2:] == b"\xff\xd9"):
    failures.append("frame.jpg is not a JPEG")
ask("/api/v1/streams/{name}/frame.jpg", "/api/v1/streams/nobody/frame.jpg", 404)
events = ask("/api/v1/events", "/api/v1/events?limit=5", 200)
if not (events and events["events"]):
    failures.append("there are no events to check")
ask("/api/v1/events", f"/api/v1/events?since=0&stream={names[0]}&state=started,ended&limit=2", 200)
ask("/api/v1/events", "/api/v1/events?limit=0", 400)
ask("/api/v1/events", "/api/v1/events?colour=red", 400)
ask("/api/v1/events/stream", "/api/v1/events/stream?types=all", 400)
ask("/api/v1/events", "/api/v1/events", 421, {"Host": "evil.example"})
ask("/api/v1/events", "/api/v1/events", 403, {"Origin": "http://evil.example"})

print("\n".join(failures))
sys.exit(1 if failures else 0)
