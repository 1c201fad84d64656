"""Half an hour of all at once (Q04): mixed traffic, backends that die, certificates and configurations that change, clients that leave.

SPILLWAY_SOAK_MINUTES (30) says how long, SPILLWAY_SOAK_SEED begins with the random numbers of another run.
"""
import asyncio
import copy
import os
import pathlib
import random
import shutil
import statistics
import tempfile
import time
import unittest

from client import Connection, trusting
import rig
from rig import certificates
from traffic import RATE, Traffic

MINUTES = float(os.environ.get("SPILLWAY_SOAK_MINUTES", "30"))
SEED = int(os.environ.get("SPILLWAY_SOAK_SEED", random.SystemRandom().randrange(1 << 32)))
KILL_EVERY, RELOAD_EVERY, SAMPLE_EVERY = 10, 30, 10  # seconds
GROWTH = 5_000_000  # bytes, after the fifth minute

QUICK = {"first_byte": "10ms", "per_token": "5ms"}
DEPLOYMENTS = [
    {"name": "short", "completion_tokens": 16, "latency": QUICK},
    {"name": "long", "completion_tokens": 150, "latency": QUICK},
    {"name": "large", "completion_tokens": 20000},  # 130 kB at once
]
# A backend is away for some seconds, so its circuit need not stay open for the default minute.
BREAKER = {"rules": [{"name": "failing", "failure_condition": {"count": 3, "interval": "10s", "error_reasons": ["connect", "reset", "timeout"]},
                      "trip_duration": "2s", "half_open": True}]}


class Q04TheSoak(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spillway-soak-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.chance = random.Random(SEED)
        for name in ("old", "new"):
            (self.folder / name).mkdir()
            certificates.make(self.folder / name)
        self.use_certificate("old")
        self.backends = [rig.Simulated(self.folder, name, DEPLOYMENTS) for name in ("north", "east", "south", "west")]
        for backend in self.backends:
            self.addCleanup(backend.stop)
        self.gateway = rig.Gateway(self.folder, rig.configuration(self.config()))
        self.addCleanup(self.gateway.program.stop)
        self.samples = []  # (seconds since the start, bytes, descriptors)

    def use_certificate(self, name):
        for ending in ("pem", "key"):
            shutil.copy(self.folder / name / f"{certificates.GATEWAY}.{ending}", self.folder / f"next.{ending}")
            os.replace(self.folder / f"next.{ending}", self.folder / f"server.{ending}")

    def config(self):
        return {
            "listeners": [{"address": "127.0.0.1:0", "tls": {"certificate": str(self.folder / "server.pem"), "private_key": str(self.folder / "server.key")}},
                          {"address": "127.0.0.1:0"}],
            "workers": 2,
            "backends": [backend.backend() for backend in self.backends],
            "pools": [{"name": "all", "members": [{"backend": backend.name} for backend in self.backends], "circuit_breaker": BREAKER}],
            "log": {"access_one_in": 1000},
        }

    def changed(self, number):
        """The configuration with something else in it that clients do not notice."""
        config = copy.deepcopy(self.config())
        backend = config["backends"][number % 4]
        change = number % 5
        if change == 0:
            config["clients"] = [{"name": "tests", "keys": [rig.KEY]}, {"name": "new", "keys": [f"another-key-{number}"]}]
        elif change == 1:
            backend["region"] = f"Region {number}"
        elif change == 2:
            config["pools"][0]["members"][number % 4]["weight"] = 2
        elif change == 3:
            config["routes"] = [{"name": f"route-{number}", "match": {"path": "/openai"}, "pool": "all"}]
        else:
            backend["limits"] = {"max_connections": 500 + number % 7}
        return rig.configuration(config)

    async def kill_backends(self):
        last, due = None, time.monotonic()
        while True:
            due += KILL_EVERY
            await asyncio.sleep(due - time.monotonic())
            last = self.chance.choice([backend for backend in self.backends if backend is not last])
            last.kill()
            await asyncio.sleep(self.chance.uniform(2, 5))
            await asyncio.to_thread(last.start)

    async def reload(self, tls):
        number = 0
        while True:
            await asyncio.sleep(RELOAD_EVERY)
            number += 1
            name = ("old", "new")[number % 2]
            self.use_certificate(name)
            await asyncio.to_thread(self.gateway.reload, self.changed(number))
            connection = await Connection.open(self.gateway.ports[0], tls)
            self.assertEqual(connection.certificate, rig.serial(self.folder / name / f"{certificates.GATEWAY}.pem"))
            connection.leave()

    async def sample(self, traffic):
        began = time.monotonic()
        while True:
            elapsed = time.monotonic() - began
            self.samples.append((elapsed, rig.memory(self.gateway.pid), rig.descriptors(self.gateway.pid)))
            if len(self.samples) % 6 == 1:
                print(f"{elapsed / 60:5.1f} min  {self.samples[-1][1] / rig.MIB:6.1f} MiB  {self.samples[-1][2]:4} descriptors  "
                      f"{traffic.counts['sent']} sent, {len(traffic.lost)} lost", flush=True)
            await asyncio.sleep(SAMPLE_EVERY)

    async def play(self):
        tls = trusting(self.folder / "old/ca.pem", self.folder / "new/ca.pem")
        traffic = Traffic(self.gateway, tls, self.backends, self.chance)
        others = [asyncio.create_task(one) for one in (self.kill_backends(), self.reload(tls), self.sample(traffic))]
        await traffic.run(MINUTES * 60)
        for task in others:
            self.assertFalse(task.done() and task.exception(), task)
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return traffic

    def resident(self, first, last):
        """The median between two moments, in minutes: a sample sees what just then was under way."""
        return statistics.median(size for moment, size, _ in self.samples if first * 60 <= moment < last * 60)

    def descriptors_given_back(self, before):
        """Connections to backends are kept idle for a minute."""
        rig.until("descriptors as at the start", lambda: rig.descriptors(self.gateway.pid) <= before, patience=90, pause=1)
        return rig.descriptors(self.gateway.pid)

    def test_nothing_is_lost_and_nothing_grows(self):
        print(f"\n{MINUTES:g} minutes, SPILLWAY_SOAK_SEED={SEED}", flush=True)
        time.sleep(1)  # until the connection of who asked whether it is ready is over
        before = rig.descriptors(self.gateway.pid)
        traffic = asyncio.run(self.play())
        after = self.descriptors_given_back(before)
        failed = self.gateway.metric('spillway_config_reloads_total{result="failure"}')
        internal = self.gateway.metric("spillway_internal_errors_total")
        retries = self.gateway.metric("spillway_retries_total")
        code = self.gateway.stop()
        errors = self.gateway.log("error")
        counts, long_enough = traffic.counts, MINUTES >= 10
        early = self.resident(5, 6) if long_enough else self.samples[0][1]
        late = self.resident(MINUTES - 1, MINUTES)
        print(rig.table(f"The soak: {MINUTES:g} minutes, {RATE} requests a second, seed {SEED}", [
            ("", "measured", "goal"),
            ("requests sent", counts["sent"], ""),
            ("answered whole", counts["answered"], ""),
            ("left on purpose", counts["left"], ""),
            *((f"  {name}", counts[f"left: {name}"], "") for name in ("head", "body", "waiting", "answer")),
            ("answers cut by the death of their backend", counts["broken"], ""),
            ("cut ones that look whole", len(traffic.dishonest), 0),
            ("lost", len(traffic.lost), 0),
            ("connections of clients", counts["connections"], ""),
            ("attempts after the first", f"{retries:.0f}", ""),
            ("backends killed", sum(len(backend.killed) for backend in self.backends), ""),
            ("reloads, each with another certificate", self.gateway.reloads, ""),
            ("reloads that failed", f"{failed:.0f}", 0),
            ("internal errors", f"{internal:.0f}", 0),
            ("errors in the log", len(errors), 0),
            (f"resident memory {'in the sixth minute' if long_enough else 'at the start'}", f"{early / rig.MIB:.1f} MiB", ""),
            ("resident memory in the last minute", f"{late / rig.MIB:.1f} MiB", f"at most {GROWTH / 1e6:.0f} MB more" if long_enough else ""),
            ("most resident memory", f"{max(size for _, size, _ in self.samples) / rig.MIB:.1f} MiB", ""),
            ("descriptors before", before, ""),
            ("most descriptors", max(count for _, _, count in self.samples), ""),
            ("descriptors after", after, before),
            ("exit code", code, 0)]), flush=True)
        self.assertEqual(traffic.lost[:5], [])
        self.assertEqual(traffic.dishonest[:5], [])
        self.assertEqual(counts["sent"], counts["answered"] + counts["left"] + counts["broken"])
        self.assertEqual(sorted(traffic.by), sorted(backend.name for backend in self.backends))
        self.assertEqual((failed, internal, errors[:5]), (0, 0, []))
        self.assertEqual(code, 0)
        if long_enough:
            self.assertLessEqual(late - early, GROWTH)


if __name__ == "__main__":
    unittest.main()
