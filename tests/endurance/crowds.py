"""What the figures are measured with: a backend that follows a script, many clients at once, one load that is as it should be."""
import asyncio
import contextlib
import json
import os
import pathlib
import tempfile
import time
import unittest

from client import CHAT, Connection, head
import rig

HELLO = json.dumps({"model": "short", "messages": [{"role": "user", "content": "Hello"}]}).encode("ascii")
REQUEST = head(CHAT, len(HELLO)) + HELLO
JSON_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_CIRCUITS = {"rules": []}


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


async def answer_at_once(_, writer):
    writer.write(JSON_ANSWER)


class Scripted:
    """A backend; `script(reader, writer)` is what it does when it has read a request."""

    def __init__(self, script):
        self._script = script
        self.requests = 0
        self.port = 0
        self._connections = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for one in self._connections:
            one.cancel()
        await asyncio.gather(*self._connections)

    def config(self, **more):
        """Of a gateway in front of it."""
        return {
            "listeners": [{"address": "127.0.0.1:0"}],
            "workers": 2,
            "backends": [{"name": "scripted", "url": f"http://127.0.0.1:{self.port}", "limits": {"max_connections": 5000}}],
            "pools": [{"name": "all", "members": [{"backend": "scripted"}], "circuit_breaker": NO_CIRCUITS}],
            "log": {"access_one_in": 1000},
            **more,
        }

    async def _serve(self, reader, writer):
        self._connections.add(asyncio.current_task())
        # Not cancelled either: asyncio's streams would complain.
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = text.partition(b"content-length:")[2].split(b"\r\n")[0]
                await reader.readexactly(int(size or 0))
                self.requests += 1
                await self._script(reader, writer)
                await writer.drain()
        writer.close()
        self._connections.discard(asyncio.current_task())


async def all_of(count, client):
    """So many clients at once; what each returned. A number tells them apart."""
    return await asyncio.gather(*(client(number) for number in range(count)))


async def load(gateway, seconds, rate=100, ca=None):
    """Requests at a fixed rate by the load generator; the 99th percentile in milliseconds and how many failed."""
    scheme, port = ("https", gateway.ports[-1]) if ca else ("http", gateway.ports[0])
    with tempfile.NamedTemporaryFile() as saved:
        process = await asyncio.create_subprocess_exec(
            str(rig.BUILD / "spillway-lab"), "load", "--url", f"{scheme}://127.0.0.1:{port}/openai/v1", "--model", "short", "--quiet",
            "--rate", str(rate), "--duration", f"{seconds}s", "--json", saved.name, *(["--ca", str(ca)] if ca else []),
            env={**os.environ, "SPILLWAY_API_KEY": rig.KEY}, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        await process.wait()
        said = json.loads(pathlib.Path(saved.name).read_text(encoding="utf-8"))
    return said["response_ms"]["p99"], said["totals"]["failed"]


def percentile(values, share):
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


class Figures(unittest.IsolatedAsyncioTestCase):
    """Its figures go into one table, which the last test of a class prints."""
    rows = []

    @classmethod
    def setUpClass(cls):
        rig.allow_many_files()
        cls.rows = [("", "measured", "goal")]

    @classmethod
    def tearDownClass(cls):
        print(rig.table(cls.__doc__ or cls.__name__, cls.rows), flush=True)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spillway-figures-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # it would take most of the time

    def gateway(self, config, **options):
        started = rig.Gateway(self.folder, rig.configuration(config), **options)
        self.addCleanup(started.program.stop)
        return started

    def row(self, name, measured, goal=""):
        self.rows.append((name, measured, goal))

    async def grown(self, gateway, work):
        """By how many bytes its memory was larger at its largest while this ran; and what that returned."""
        before = rig.memory(gateway.pid)
        rig.forget_peak(gateway.pid)
        result = await work
        return max(0, rig.memory(gateway.pid, "VmHWM") - before), result

    async def until(self, what, condition, patience=rig.PATIENCE, pause=0.05):
        await asyncio.to_thread(rig.until, what, condition, patience, pause)

    async def gone(self, gateway, patience=rig.PATIENCE, pause=0.05):
        """Until the gateway has no clients; when that was."""
        await self.until("clients gone", lambda: gateway.metric("spillway_client_connections") == 0, patience, pause)
        return time.monotonic()

    async def still_serves(self, gateway):
        connection = await Connection.open(gateway.ports[0])
        answer = await connection.call(REQUEST)
        connection.leave()
        self.assertEqual(answer.status, 200)
