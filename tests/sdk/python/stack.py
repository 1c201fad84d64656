"""A simulator with three resources and a gateway in front of it."""

import contextlib
import json
import os
import pathlib
import re
import tempfile
import urllib.error

from certificates import make_certificates
from programs import Program, fetch, until

KEY = "key-of-the-tests"
API_VERSION = "2024-10-21"
MODEL = "gpt-4o-mini"
REGIONS = {"eastus-ptu": "East US", "westus": "West US", "swedencentral": "Sweden Central"}


class Stack:
    """A simulator with three resources that answer at once, and a gateway in front of it."""

    def __init__(self, members=tuple(REGIONS), **config):
        self.folder = tempfile.TemporaryDirectory(prefix="spillway-sdk-")
        self.simulator = self.gateway = None
        try:
            make_certificates(self._path(""))
            self.ca = str(self._path("ca.pem"))
            self._start_simulator()
            self._start_gateway(members, config)
        except BaseException:
            self._stop_programs()
            raise

    def _path(self, name):
        return pathlib.Path(self.folder.name) / name

    def _write(self, name, config):
        self._path(name).write_text(json.dumps(config, indent=1))  # JSON is YAML
        return str(self._path(name))

    def _start_simulator(self):
        deployments = [
            {"name": MODEL, "version": "2024-07-18", "context_window": 10_000_000},
            {"name": "text-embedding-3-small"},
            {"name": "gpt-image-1"},
            {"name": "whisper"},
            {"name": "tts"},
        ]
        resources = [
            {
                "name": name,
                "region": region,
                "keys": [f"{name}-key"],
                "address": "127.0.0.1:0",
                "kind": "ptu" if name.endswith("ptu") else "paygo",
                "deployments": deployments,
            }
            for name, region in REGIONS.items()
        ]
        config = self._write("lab.yaml", {"control": {"address": "127.0.0.1:0"}, "resources": resources})
        self.simulator = Program(os.environ["SPILLWAY_LAB_PROGRAM"], "simulate", "--config", config)
        self.control = self.simulator.printed(
            "address of the control listener",
            lambda lines: next(iter(re.findall(r"counters: (http://\S+)", "\n".join(lines))), None),
        )

    def _start_gateway(self, members, config):
        running = json.loads(fetch(f"{self.control}/resources"))["resources"]
        whole = {
            "listeners": [
                {
                    "address": "127.0.0.1:0",
                    "tls": {"certificate": str(self._path("server.pem")), "private_key": str(self._path("server.key"))},
                }
            ],
            "admin": {"address": "127.0.0.1:0"},
            "workers": 2,
            "clients": [{"name": "tests", "keys": [KEY]}],
            "backends": [
                {
                    "name": one["name"],
                    "url": f"http://{one['address']}",
                    "region": one["region"],
                    "kind": one["kind"],
                    "auth": {"api_key": f"{one['name']}-key"},
                }
                for one in running
            ],
            "pools": [{"name": "openai", "members": [{"backend": name} for name in members]}],
            **config,
        }
        self.gateway = Program(os.environ["SPILLWAY_PROGRAM"], "serve", "--config", self._write("spillway.yaml", whole))

        def listening(is_admin):
            def find(lines):
                events = [json.loads(line) for line in lines if line.startswith("{")]
                return next(
                    (
                        one["address"]
                        for one in events
                        if one.get("message") == "listening" and one.get("admin", False) == is_admin
                    ),
                    None,
                )

            return self.gateway.printed("addresses of the listeners", find)

        self.url = f"https://{listening(False)}"
        self.admin = f"http://{listening(True)}"

        def ready():
            try:
                return fetch(f"{self.admin}/readyz")
            except urllib.error.HTTPError:
                return None

        until("ready", ready)

    def fault(self, resource, fault, deployment=None):
        """Of one resource, or of all (None); a word such as "reset", an object, or None to clear it."""
        fetch(f"{self.control}/faults", {"resource": resource, "deployment": deployment, "fault": fault})

    def requests(self, name=None, outcome=None):
        """How many requests a resource, or all of them, answered, or answered so: requests("westus", "429")."""
        resources = json.loads(fetch(f"{self.control}/resources"))["resources"]
        return sum(
            count
            for one in resources
            if name in (None, one["name"])
            for outcomes in one["requests"].values()
            for key, count in outcomes.items()
            if outcome in (None, key)
        )

    def status(self):
        return json.loads(fetch(f"{self.admin}/status"))

    def _stop_programs(self):
        with contextlib.ExitStack() as everything:
            everything.callback(self.folder.cleanup)
            for program in filter(None, (self.simulator, self.gateway)):
                everything.callback(program.stop)

    def stop(self):
        self._stop_programs()
        secrets = [KEY, *(f"{name}-key" for name in REGIONS)]
        assert not any(secret in line for secret in secrets for line in self.gateway.lines), "a key in the log"
