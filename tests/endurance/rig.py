"""The built gateway and what stands around it: started, asked, watched through /proc, and ended by its id."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SPILLWAY_RELEASE", ROOT / "build/release"))

sys.path.insert(0, str(ROOT / "bench"))
from harness import certificates, machine  # noqa: E402, F401
from harness.processes import PROC, Program, allow_many_files, cpu_ns, free_port  # noqa: E402, F401

KEY = "key-of-the-endurance-tests"
PATIENCE = 30  # seconds for what must happen, on a machine with much else to do
KIB, MIB = 1 << 10, 1 << 20


def until(what, condition, patience=PATIENCE, pause=0.02):
    """What the condition says as soon as that is something."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"not within {patience} s: {what}")


def memory(pid, field="VmRSS"):
    """Bytes of RAM it has; VmHWM: the most it had since it began, or since forget_peak()."""
    status = (PROC / str(pid) / "status").read_text(encoding="ascii", errors="replace")
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE).group(1)) * KIB


def forget_peak(pid):
    (PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")  # proc(5)


def descriptors(pid):
    return len(os.listdir(PROC / str(pid) / "fd"))


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def configuration(config):
    """The text of a file with this, an admin listener and one client with the tests' key."""
    whole = {"admin": {"address": "127.0.0.1:0"}, "clients": [{"name": "tests", "keys": [KEY]}], **config}
    return json.dumps(whole, indent=1)  # JSON is YAML


class Gateway:
    """`spillway serve` with a file of this text. `ports` are those of its listeners, in order."""

    def __init__(self, folder, text, **options):
        self.file = pathlib.Path(folder, "gateway.yaml")
        self.reloads = 0
        self.file.write_text(text, encoding="utf-8")
        command = [str(BUILD / "spillway"), "serve", "--config", str(self.file)]
        self.program = Program(command, folder, "gateway", **options)
        self.pid = self.program.pid
        *self.ports, self.admin = until("listening", self._listening)
        until("ready", self._is_ready)

    def _listening(self):
        self.program.check()
        found = [line for line in self.log() if line.get("message") == "listening"]
        # The admin listener is the last.
        return [int(line["address"].rsplit(":", 1)[1]) for line in found] if found and found[-1].get("admin") else None

    def _is_ready(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=PATIENCE) as answer:
            return answer.status == 200

    def log(self, level=None):
        lines = self.program.output.read_text(encoding="utf-8", errors="replace").splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [event for event in events if level in (None, event.get("level"))]

    def metric(self, name):
        """The sum of the series whose names begin so; a label may be part of the name."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode("ascii")
        return sum(float(value) for series, value in re.findall(r"^(\S+) (\S+)$", text, re.MULTILINE) if series.startswith(name))

    def reload(self, text):
        self.file.write_text(text, encoding="utf-8")
        self.reloads += 1
        self.program.process.send_signal(signal.SIGHUP)
        until("reloaded", lambda: self.metric("spillway_config_reloads_total") >= self.reloads)

    def stop(self):
        """Asks it to end; the exit code."""
        if self.program.process.poll() is None:
            self.program.process.send_signal(signal.SIGTERM)
        return self.program.process.wait(timeout=60)


class Simulated:
    """A simulated resource in a process of its own, which can die and come back at the same port."""

    def __init__(self, folder, name, deployments):
        self.name, self.folder = name, folder
        self.port = free_port()
        self.killed = []  # when, on time.monotonic()
        config = {"resources": [{"name": name, "region": "Test", "address": f"127.0.0.1:{self.port}", "keys": [f"key-of-{name}"],
                                 "deployments": deployments}]}
        self.file = pathlib.Path(folder, f"{name}.yaml")
        self.file.write_text(json.dumps(config), encoding="utf-8")
        self.start()

    def start(self):
        self.program = Program([str(BUILD / "spillway-lab"), "simulate", "--config", str(self.file)], self.folder, self.name)
        until(f"{self.name} listens", self._listens)

    def _listens(self):
        self.program.check()
        return answers(self.port)

    def backend(self):
        """What a gateway is told of it."""
        return {"name": self.name, "url": f"http://127.0.0.1:{self.port}", "auth": {"api_key": f"key-of-{self.name}"}}

    def kill(self):
        self.killed.append(time.monotonic())
        self.program.process.send_signal(signal.SIGKILL)
        self.program.process.wait(timeout=PATIENCE)

    def died_between(self, began, ended):
        return any(began <= moment <= ended for moment in self.killed)

    def stop(self):
        self.program.stop()


def serial(certificate):
    said = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", str(certificate)], check=True, capture_output=True, text=True)
    return said.stdout.strip().removeprefix("serial=")


def where():
    """Where and when, for the head of a table."""
    said = machine.describe(ROOT, BUILD / "spillway")
    return f"{said['cpu']}; {said['memory']}; Linux {said['kernel']}; {said['date']}; commit {said['commit']}"


def table(title, rows):
    """Rows of texts with the same number of columns, the first as wide as it needs."""
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(["", title, where(), "", *(f"  {line}" for line in lines), ""])
