"""What is measured, and the goals the table is judged by."""
import dataclasses

from harness import loads
from harness.contenders import Site


@dataclasses.dataclass(frozen=True)
class Variant:
    """A contender, possibly with something of its own: `spillway, 10 pools`."""
    contender: str
    label: str = ""
    changes: dict = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        return f"{self.contender}, {self.label}" if self.label else self.contender


@dataclasses.dataclass(frozen=True)
class Goal:
    """At most `most`: times what `base` has, or, without a base, as it is. For the variants of Spillway but `base`."""
    most: float
    base: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """A metric that is shown: `cell.name` of what the loads return."""
    metric: str
    title: str
    unit: str
    goals: tuple = ()


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    loads: dict  # by the name of the cell
    rows: tuple
    variants: tuple
    site: Site = Site()
    backends: tuple = ((), ())  # arguments of each mock backend
    requests: dict = dataclasses.field(default_factory=dict)
    fresh: bool = False  # a process of its own for every turn
    rounds: int = 0  # 0: as many as asked for
    slices: int = 1  # so many times as many rounds, each so much shorter: for differences of a few percent


GATEWAYS = tuple(Variant(name) for name in ("nginx", "haproxy", "spillway"))
WITH_RELAY = (*GATEWAYS[:2], Variant("relay"), GATEWAYS[2])
ENDS = (("http-http", "HTTP to HTTP", False, False), ("https-http", "HTTPS to HTTP", True, False),
        ("https-https", "HTTPS to HTTPS", True, True))
CHEAPER = (Goal(0.9, "nginx"), Goal(1.5, "relay"))


def cpu(cell, what, *goals, title="CPU per request"):
    return Row(f"{cell}.cpu_us", f"{title}, {what}" if what else title, "µs", goals)


def failures(cell, what=""):
    return Row(f"{cell}.failed", f"Failures{what and ', '}{what}", "", (Goal(0),))


def _json():
    for name, title, client_tls, backend_tls in ENDS:
        yield Scenario(
            f"json.{name}", f"JSON chat (1.5 KB in, 1 KB out), {title}",
            {"saturation": loads.saturation(), "rate": loads.rate(1000)},
            (cpu("saturation", "at saturation", *CHEAPER), Row("saturation.rps", "Requests a second at saturation", "/s"),
             cpu("rate", "at 1000/s", *CHEAPER), Row("rate.p50_us", "Median latency at 1000/s", "µs"),
             Row("rate.p99_us", "p99 latency at 1000/s", "µs", (Goal(1.0, "nginx"),)),
             failures("saturation", "at saturation"), failures("rate", "at 1000/s")),
            WITH_RELAY, Site(client_tls=client_tls, backend_tls=backend_tls))


def _streams():
    for name, title, tls in (("plain", "plain", False), ("tls", "TLS on both sides", True)):
        yield Scenario(
            f"sse.{name}", f"SSE, 200 streams of 100 events 20 ms apart, {title}", {"streams": loads.streams(200)},
            (cpu("streams", "", Goal(0.9, "nginx"), title="CPU per event"), Row("streams.p50_us", "Median delay of an event", "µs"),
             Row("streams.p99_us", "p99 delay of an event", "µs", (Goal(1.0, "nginx"),)), failures("streams")),
            WITH_RELAY, Site(client_tls=tls, backend_tls=tls, streaming=True), (("--answer", "sse"),) * 2, {"stream": True})


def _idle():
    for count in (1000, 5000):
        for name, title, tls, most in (("plain", "plain", False, 10_000), ("tls", "TLS on both sides", True, 50_000)):
            yield Scenario(
                f"idle.{count}.{name}", f"{count} idle SSE streams, {title}", {"idle": loads.idle_streams(count)},
                (Row("idle.memory_bytes", "Memory per stream", "B", (Goal(most),)), failures("idle")), GATEWAYS,
                Site(client_tls=tls, backend_tls=tls, streaming=True, connections=count + 100),
                (("--answer", "hold"),) * 2, {"stream": True}, fresh=True)


def _sizes():
    yield Scenario("request-1mb", "Request of 1 MB, 8 connections", {"closed": loads.closed(8)},
                   (cpu("closed", "", Goal(0.9, "nginx")), Row("closed.rps", "Requests a second", "/s"), failures("closed")),
                   WITH_RELAY, Site(most_body=1_050_000), requests={"size": 1_000_000})
    yield Scenario("answer-256kb", "Answer of 256 KB, 16 connections", {"saturation": loads.saturation(16)},
                   (cpu("saturation", "", Goal(0.9, "nginx")), Row("saturation.rps", "Requests a second", "/s"),
                    failures("saturation")), WITH_RELAY, Site(most_body=300_000), (("--bytes", "262144"),) * 2)


def _throttled():
    rows = (cpu("rate", "at 1000/s", Goal(1.0, "nginx")), Row("rate.p50_us", "Median latency at 1000/s", "µs"),
            Row("rate.p99_us", "p99 latency at 1000/s", "µs"), failures("rate"))
    lenient = {"lenient": True}
    yield Scenario("throttled.one", "One backend answers 429 to everything", {"rate": loads.rate(1000)}, rows, GATEWAYS,
                   backends=(("--throttle", "all", "--retry-after-ms", "1000"), ()))
    yield Scenario("throttled.tenth", "Both backends answer 429 to 10 % of the requests, never to the same ones",
                   {"rate": loads.rate(1000)}, rows,
                   (Variant("nginx", "", lenient), Variant("haproxy", "", lenient), Variant("spillway"),
                    Variant("spillway", "waits", {"patient": True}), Variant("spillway", "breaker at 50 %", lenient)), Site(),
                   (("--throttle", "3", "--retry-after-ms", "10"), ("--throttle", "7", "--retry-after-ms", "10")))


def _growth():
    for name, what, numbers in (("pools", "pools", (1, 10, 100)), ("members", "members", (3, 30)),
                                ("keys", "client keys", (10, 1000))):
        labels = [f"{number} {what}" if number > 1 else f"1 {what[:-1]}" for number in numbers]
        variants = tuple(Variant("spillway", label, {name: number}) for label, number in zip(labels, numbers))
        yield Scenario(f"growth.{name}", f"Cost as {what} grow", {"closed": loads.closed(64)},
                       (cpu("closed", "at saturation", Goal(1.03, variants[0].name)), failures("closed")),
                       (Variant("nginx"), *variants), slices=4)


def _connections():
    counts = (64, 512, 4096)
    yield Scenario("growth.connections", "Cost as client connections grow",
                   {str(count): loads.closed(count) for count in counts},
                   tuple(row for count in counts
                         for row in (cpu(str(count), f"{count} connections"), failures(str(count), f"{count} connections"))),
                   GATEWAYS, Site(connections=4096))


def _others():
    logs = tuple(Variant(name, label, {"access_log": on}) for name in ("nginx", "haproxy", "spillway")
                 for label, on in (("log off", False), ("log on", True)))
    yield Scenario("access-log", "Access log off and on, HTTP to HTTP", {"closed": loads.closed(64), "rate": loads.rate(1000)},
                   (cpu("closed", "at saturation", Goal(1.05, "spillway, log off")),
                    cpu("rate", "at 1000/s", Goal(1.05, "spillway, log off"))), logs, slices=4)
    for name, title, client_tls, backend_tls in ENDS:
        yield Scenario(f"system-calls.{name}", f"System calls of a JSON request, {title}",
                       {"one": loads.system_calls(1, 400, "--rate", "100"), "many": loads.system_calls(64, 4000)},
                       (Row("one.calls", "One request at a time, with pauses", "", (Goal(7),)),
                        Row("many.calls", "64 connections", "", (Goal(7),))), WITH_RELAY,
                       Site(client_tls=client_tls, backend_tls=backend_tls),
                       # Without a delay a traced gateway is so slow that it never has to wait for an answer.
                       (("--delay-ms", "2"),) * 2, rounds=1)
    yield Scenario("start", "Start", {"start": loads.first_answer()},
                   (Row("start.start_ms", "From start to the first answer", "ms", (Goal(100),)),), GATEWAYS, fresh=True)


def all_scenarios():
    return [*_json(), *_streams(), *_sizes(), *_throttled(), *_idle(), *_growth(), *_connections(), *_others()]
