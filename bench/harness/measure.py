"""Runs scenarios: the contenders in turn, A B C A B C."""
import dataclasses
import pathlib
import socket
import sys
import tempfile
import time

from harness import certificates, contenders, loads, processes, request_files


@dataclasses.dataclass(frozen=True)
class Options:
    rounds: int
    seconds: float
    contenders: tuple
    tools: pathlib.Path
    spillway: pathlib.Path


def note(text):
    print(text, file=sys.stderr, flush=True)


def wait_until_open(program, port):
    deadline = time.monotonic() + 10
    while True:
        program.check()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{program.name} does not listen: {program.complaint()}") from None
            time.sleep(0.005)


class Stage:
    """Backends, certificates and requests of one scenario, and the gateways in front of them."""

    def __init__(self, scenario, options, folder):
        self.scenario = scenario
        self.options = options
        self.folder = folder
        self.files = processes.allow_many_files()
        self.backends = []
        self.gateways = {}
        certificates.make(folder)

    def __enter__(self):
        members = max([self.scenario.site.members, *(v.changes.get("members", 0) for v in self.scenario.variants)])
        ports = []
        for index, arguments in enumerate(self.scenario.backends):
            command = [str(self.options.tools / "bench_backend"), "--listeners", str((members + 1) // 2), *arguments]
            if self.scenario.site.backend_tls:
                command += ["--certificate", str(self.folder / f"{certificates.BACKEND}.pem"),
                            "--key", str(self.folder / f"{certificates.BACKEND}.key")]
            backend = processes.Program(command, self.folder, f"backend-{index}")
            self.backends.append(backend)
            while not backend.output.read_text(encoding="ascii").endswith("\n"):
                backend.check()
                time.sleep(0.002)
            ports.append([int(port) for port in backend.output.read_text(encoding="ascii").split()[1:]])
        # In turn, so that the first two are of two processes.
        self.ports = tuple(port for pair in zip(*ports) for port in pair)
        return self

    def __exit__(self, *_):
        for program in (*self.gateways.values(), *self.backends):
            program.stop()

    def start(self, variant):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        port = processes.free_port()
        site = dataclasses.replace(self.scenario.site, **variant.changes)
        place = contenders.Place(folder, port, self.ports, self.folder, self.options.tools, self.options.spillway, self.files)
        asked = {**self.scenario.requests, "keys": site.keys, "models": site.pools}
        requests = request_files.write(folder / "requests", **asked)
        warmup = request_files.write(folder / "warmup", **asked, more="x-bench-events: 5\r\n")
        command = contenders.CONTENDERS[variant.contender](site, place)
        started = time.monotonic()
        program = processes.Program(command, folder, variant.contender)
        self.gateways[variant.name] = program
        return loads.Turn(program, started, port, self.folder / "ca.pem" if site.client_tls else None, requests, warmup,
                          self.options.tools, pathlib.Path(__file__).parents[1] / "post.lua", folder,
                          self.options.seconds)

    def take_turn(self, turn):
        return {f"{cell}.{name}": value for cell, load in self.scenario.loads.items() for name, value in load(turn).items()}


def run_scenario(scenario, options):
    """Values by variant and metric: a list with one of each round."""
    variants = [variant for variant in scenario.variants if variant.contender in options.contenders]
    values = {variant.name: {} for variant in variants}
    rounds = scenario.rounds or options.rounds * scenario.slices
    options = dataclasses.replace(options, seconds=options.seconds / scenario.slices)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Stage(scenario, options, pathlib.Path(name)) as stage:
        turns = {}
        for number in range(rounds):
            for variant in variants:
                if scenario.fresh or variant.name not in turns:
                    turns[variant.name] = stage.start(variant)
                turn = turns[variant.name]
                if "start" not in scenario.loads:
                    wait_until_open(turn.program, turn.port)
                for metric, value in stage.take_turn(turn).items():
                    values[variant.name].setdefault(metric, []).append(value)
                if scenario.fresh:
                    turn.program.stop()
            note(f"  {scenario.name}: round {number + 1} of {rounds}")
    return values
