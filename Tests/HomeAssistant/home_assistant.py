"""A Home Assistant without a screen, as its owner sets it up: an account, then the MQTT integration by its own dialogue."""

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import urllib.error
import urllib.parse
import urllib.request

import aiohttp

from peers import Process, expect, free_port, patience

configuration = """\
homeassistant: {{name: Test, time_zone: UTC, unit_system: metric}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
frontend:
recorder: {{commit_interval: 0}}
notify:
logger: {{default: warning}}
automation: !include automations.yaml
panel_iframe: {{watchword: {{title: Watchword, url: "{page}"}}}}
"""


class HomeAssistant(Process):
    def __init__(self, directory, page, automation, blueprint):
        self.directory, self.port = f"{directory}/homeassistant", free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.token = None
        blueprints = f"{self.directory}/blueprints/automation/watchword"
        os.makedirs(blueprints)
        shutil.copy(blueprint, blueprints)
        for name, text in [
            ("configuration.yaml", configuration.format(port=self.port, page=page)),
            ("automations.yaml", json.dumps([automation])),
        ]:
            with open(f"{self.directory}/{name}", "w") as file:
                file.write(text)
        hass = f"{os.path.dirname(sys.executable)}/hass"
        super().__init__([hass, "--config", self.directory, "--skip-pip"], f"{directory}/homeassistant.log")

    def start(self):
        super().start()
        self.wait("Home Assistant", self.is_running)
        if self.token is None:
            self.token = self.onboard()
        self.wait("Home Assistant's start", lambda: self.get("/api/config")["state"] == "RUNNING")

    def is_running(self):
        with contextlib.suppress(OSError):
            return self.ask("/api/onboarding") is not None

    def onboard(self):
        client = {"client_id": f"{self.address}/"}
        owner = {"name": "Owner", "username": "owner", "password": "a password", "language": "en"}
        code = self.ask("/api/onboarding/users", {**client, **owner})["auth_code"]
        form = urllib.parse.urlencode({**client, "grant_type": "authorization_code", "code": code}).encode()
        self.token = self.ask("/auth/token", form)["access_token"]
        # The first one is short-lived.
        request = {"type": "auth/long_lived_access_token", "client_name": "test", "lifespan": 1}
        return self.command(request)

    def connect(self, broker):
        """Adds the MQTT integration."""
        flow = self.get("/api/config/config_entries/flow", {"handler": "mqtt"})
        settings = {"broker": "127.0.0.1", "port": broker.port}
        done = self.get(f"/api/config/config_entries/flow/{flow['flow_id']}", settings)
        expect(done["type"] == "create_entry", f"Home Assistant does not take the broker: {done}")

    # What it answers.

    def ask(self, path, body=None, **headers):
        """The answer, as JSON or as bytes. The body is a form's bytes or a JSON object."""
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.address + path, body, headers)
        with urllib.request.urlopen(request, timeout=patience) as answer:
            isJSON = answer.headers.get_content_type() == "application/json"
            return json.load(answer) if isJSON else answer.read()

    def get(self, path, body=None):
        return self.ask(path, body, Authorization=f"Bearer {self.token}")

    def command(self, request):
        """The result of a command of the WebSocket API."""
        return asyncio.run(self.converse(request))

    async def converse(self, request):
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{self.address}/api/websocket", max_msg_size=0) as peer:
            await peer.receive_json()
            await peer.send_json({"type": "auth", "access_token": self.token})
            expect((await peer.receive_json())["type"] == "auth_ok", "Home Assistant refuses its own token")
            await peer.send_json({"id": 1, **request})
            answer = await peer.receive_json()
            expect(answer["success"], f"{request['type']}: {answer}")
            return answer["result"]

    def entities(self):
        """The entities of MQTT by their unique identifiers."""
        found = self.command({"type": "config/entity_registry/list"})
        return {entity["unique_id"]: entity for entity in found if entity["platform"] == "mqtt"}

    def devices(self):
        """The names of the devices of MQTT by their identifiers."""
        found = self.command({"type": "config/device_registry/list"})
        return {pair[1]: device["name"] for device in found for pair in device["identifiers"] if pair[0] == "mqtt"}

    def state(self, entity):
        """The state of an entity; nil if it has none."""
        with contextlib.suppress(urllib.error.HTTPError):
            return self.get(f"/api/states/{entity}")

    def picture(self, image):
        """The bytes of an image entity, by the image proxy; nil if it has none."""
        with contextlib.suppress(urllib.error.HTTPError):
            return self.get(f"/api/image_proxy/{image}")

    def recorded(self, entity):
        """Every state of an entity in the recorder's database, with its attributes, in order."""
        query = """
            SELECT state, shared_attrs FROM states JOIN states_meta USING (metadata_id)
            LEFT JOIN state_attributes USING (attributes_id) WHERE states_meta.entity_id = ? ORDER BY state_id
        """
        path = f"file:{self.directory}/home-assistant_v2.db?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True)) as database:
            return [(state, json.loads(text or "{}")) for state, text in database.execute(query, [entity])]

    def complaints(self):
        """The warnings and errors in its log."""
        complaints = (line for line in self.said().splitlines() if " WARNING " in line or " ERROR " in line)
        # That its packages are installed beforehand, and that its Python is old.
        return [line for line in complaints if "[homeassistant.bootstrap]" not in line]
