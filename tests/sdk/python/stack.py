"""A simulator with several resources and a gateway in front of it."""

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

# What a resource is made of; `backend` completes what the gateway is told of it.
STANDARD = [
    {"name": name, "region": region, "kind": "ptu" if name.endswith("ptu") else "paygo"}
    for name, region in REGIONS.items()
]
# One of them speaks OpenAI's own dialect.
SEPARATE = [
    {"name": "eastus", "region": "East US"},
    {"name": "westus", "region": "West US"},
    {"name": "openai", "api": "openai"},
]
DEPLOYMENTS = [
    {"name": MODEL, "version": "2024-07-18", "context_window": 10_000_000},
    {"name": "gpt-4o", "latency": {"first_byte": "100ms"}},
    {"name": "o3", "latency": {"first_byte": "1m"}},
    {"name": "text-embedding-3-small"},
    {"name": "gpt-image-1"},
    {"name": "whisper"},
    {"name": "tts"},
]


class Stack:
    """A simulator with resources that answer at once (but for gpt-4o and o3), and a gateway in front of it.

    `pool` completes the pool of them all, and `config` the gateway's configuration.
    """

    def __init__(self, resources=STANDARD, members=None, pool=None, **config):
        self.resources = resources
        names = members or [one["name"] for one in resources]
        self._pool = {"name": "openai", "members": [{"backend": name} for name in names], **(pool or {})}
        self._config = config
        self.folder = tempfile.TemporaryDirectory(prefix="spillway-sdk-")
        self.simulator = self.gateway = None
        try:
            make_certificates(self._path(""))
            self.ca = str(self._path("ca.pem"))
            self._start_simulator()
            self._start_gateway()
        except BaseException:
            self._stop_programs()
            raise

    def _path(self, name):
        return pathlib.Path(self.folder.name) / name

    def _write(self, name, config):
        self._path(name).write_text(json.dumps(config, indent=1))  # JSON is YAML
        return str(self._path(name))

    def _start_simulator(self):
        resources = [
            {
                "keys": [f"{one['name']}-key"],
                "address": "127.0.0.1:0",
                "deployments": DEPLOYMENTS,
                **{key: value for key, value in one.items() if key != "backend"},
            }
            for one in self.resources
        ]
        config = self._write("lab.yaml", {"control": {"address": "127.0.0.1:0"}, "resources": resources})
        self.simulator = Program(os.environ["SPILLWAY_LAB_PROGRAM"], "simulate", "--config", config)
        self.control = self.simulator.printed(
            "address of the control listener",
            lambda lines: next(iter(re.findall(r"counters: (http://\S+)", "\n".join(lines))), None),
        )

    def _backend(self, resource, address):
        told = {key: resource[key] for key in ("name", "region", "kind", "api") if key in resource}
        auth = {"api_key": f"{resource['name']}-key"}
        return {**told, "url": f"http://{address}", "auth": auth, **resource.get("backend", {})}

    def _start_gateway(self):
        running = {one["name"]: one["address"] for one in json.loads(fetch(f"{self.control}/resources"))["resources"]}
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
            "backends": [self._backend(one, running[one["name"]]) for one in self.resources],
            "pools": [self._pool],
            **self._config,
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

    def restart(self):
        """The gateway, at another address. What it has printed before is looked through now."""
        self.gateway.stop()
        self._look_for_keys()
        self._start_gateway()

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
        self._look_for_keys()

    def _look_for_keys(self):
        secrets = [KEY, *(f"{one['name']}-key" for one in self.resources)]
        assert not any(secret in line for secret in secrets for line in self.gateway.lines), "a key in the log"
