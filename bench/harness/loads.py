"""What is done to a gateway in one turn, and what was measured. Each load takes a Turn and returns numbers by name."""
import dataclasses
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from harness import processes


@dataclasses.dataclass(frozen=True)
class Turn:
    """One contender, running, and what a load needs to know."""
    program: processes.Program
    started: float  # time.monotonic() just before it was started
    port: int
    ca: pathlib.Path | None  # None: clients speak plain HTTP
    requests: pathlib.Path
    warmup_requests: pathlib.Path
    tools: pathlib.Path
    lua: pathlib.Path
    folder: pathlib.Path
    seconds: float

    def cpu(self):
        self.program.check()
        return processes.cpu_ns(self.program.pid)

    def client(self, tool, *arguments):
        """The command of one of our clients."""
        command = [str(self.tools / tool), "--port", str(self.port), "--requests", str(self.requests), *arguments]
        return command + (["--ca", str(self.ca)] if self.ca else [])

    def load(self, connections, *arguments):
        """The command of a bench_load that runs for the seconds of a turn."""
        return self.client("bench_load", "--connections", str(connections), "--seconds", str(self.seconds),
                           "--warmup", str(min(0.5, self.seconds / 2)), *arguments)


PATIENCE = 120  # seconds that no load takes


class Client:
    """One of our clients, which stops at the moments we want to measure at."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.daemon = True
        self.watchdog.start()

    def wait_for(self, word):
        line = self.process.stdout.readline().strip()
        if line != word:
            raise RuntimeError(f"{' '.join(self.process.args)} said {line!r} instead of {word!r}")

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _measured(turn, command):
    """Runs one of our clients: its result, and the CPU time the gateway spent between `measure` and `done`, in ns."""
    with Client(command) as client:
        client.wait_for("measure")
        before = turn.cpu()
        client.go_on()
        client.wait_for("done")
        spent = turn.cpu() - before
        client.go_on()
        return client.result(), spent


def _requests(result, spent):
    succeeded = max(result["succeeded"], 1)
    return {"cpu_us": spent / 1e3 / succeeded, "rps": result["succeeded"] / max(result["seconds"], 1e-9),
            "p50_us": result["p50_us"], "p99_us": result["p99_us"], "failed": result["failed"]}


def saturation(connections=64):
    """As many requests as go through, by wrk."""
    def run(turn):
        url = f"{'https' if turn.ca else 'http'}://127.0.0.1:{turn.port}/"

        def wrk(seconds):
            environment = {**os.environ, "BENCH_REQUESTS": str(turn.requests)}
            command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(turn.lua), url]
            printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True,
                                     timeout=PATIENCE).stdout
            return json.loads(printed.strip().rpartition("\n")[2])

        with Client(turn.client("bench_load", "--connections", str(connections), "--seconds", "0.3")) as warmup:
            warmup.wait_for("measure")
        before = turn.cpu()
        result = wrk(max(1, round(turn.seconds)))
        spent = turn.cpu() - before
        return _requests({**result, "succeeded": result["requests"] - result["failed"]}, spent)
    return run


def closed(connections):
    """As many requests as go through, over connections that are all there before it begins."""
    return lambda turn: _requests(*_measured(turn, turn.load(connections)))


def rate(requests_per_second, connections=64):
    return lambda turn: _requests(*_measured(turn, turn.load(connections, "--rate", str(requests_per_second))))


def streams(count):
    def run(turn):
        command = turn.client("bench_sse", "--streams", str(count), "--warmup-requests", str(turn.warmup_requests))
        result, spent = _measured(turn, command)
        return {"cpu_us": spent / 1e3 / max(result["events"], 1), "p50_us": result["p50_us"], "p99_us": result["p99_us"],
                "failed": result["failed"]}
    return run


# How long streams have been idle when their memory is counted: long enough for what opening them took to be given back.
idle_seconds = 3


def idle_streams(count):
    def run(turn):
        before = processes.pss_bytes(turn.program.pid)
        with Client(turn.client("bench_sse", "--streams", str(count), "--hold", "1")) as client:
            client.wait_for("measure")
            time.sleep(idle_seconds)
            after = processes.pss_bytes(turn.program.pid)
            client.go_on()
            events = client.result()["events"]
        return {"memory_bytes": (after - before) / count, "failed": count - events}
    return run


def system_calls(connections, count, *pace):
    """Counted by strace, which slows everything down: no times are taken."""
    def run(turn):
        counts = turn.folder / "strace"
        attach = [argument for pid in processes.tree(turn.program.pid) for argument in ("-p", str(pid))]
        command = turn.client("bench_load", "--connections", str(connections), "--count", str(count), *pace)
        with Client(command) as client:
            client.wait_for("measure")
            with subprocess.Popen(["strace", "-f", "-c", "-o", str(counts), *attach], stderr=subprocess.PIPE,
                                  text=True) as tracer:
                tracer.stderr.readline()  # attached
                time.sleep(0.2)  # to all the other threads, too
                client.go_on()
                client.wait_for("done")
                tracer.send_signal(signal.SIGINT)
                _, said = tracer.communicate()
            client.go_on()
            result = client.result()
        total = re.search(r"^100\.00\s+\S+\s+\S+\s+(\d+)", counts.read_text(encoding="ascii") if counts.exists() else "",
                          re.MULTILINE)
        if not total:
            raise RuntimeError(f"strace counted nothing: {said.strip()}")
        return {"calls": int(total.group(1)) / max(result["succeeded"], 1), "failed": result["failed"]}
    return run


def first_answer():
    """From the start of the program to the first 200."""
    def run(turn):
        size, _, rest = turn.requests.read_bytes().partition(b"\n")
        request = rest[:int(size)]
        while time.monotonic() < turn.started + 10:
            try:
                with socket.create_connection(("127.0.0.1", turn.port), timeout=5) as connection:
                    connection.sendall(request)
                    if connection.recv(65536).startswith(b"HTTP/1.1 200"):
                        return {"start_ms": (time.monotonic() - turn.started) * 1e3}
            except OSError:
                pass
            time.sleep(0.0005)
        raise RuntimeError(turn.program.complaint())
    return run
