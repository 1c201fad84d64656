"""How soon nothing is left of a request whose client has gone, in every phase. Asserted generously: the machine may be busy."""
import asyncio
import contextlib
import time

from client import Connection
from crowds import REQUEST, STREAM_HEAD, Figures, Scripted, chunk, percentile
import rig

CALLS = 200
THROTTLED = b"HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 110000\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


class ClientsThatLeave(Figures):
    """Clients that leave"""

    async def leave_again_and_again(self, gateway, phase, reached, freed):
        """`reached(connection)` waits until the request is where its client leaves it; `freed()` until that has come through, and says when."""
        times = []
        for number in range(CALLS):
            connection = await Connection.open(gateway.ports[0])
            await connection.send(REQUEST)
            await reached(connection)
            left = time.monotonic()
            connection.leave(reset=number % 2 == 1)
            times.append(1000 * (await asyncio.wait_for(freed(), rig.PATIENCE) - left))
        shown = f"{percentile(times, 50):.1f} ms, {percentile(times, 99):.1f} ms, {max(times):.1f} ms"
        self.row(f"U29 {phase}: p50, p99, longest of {CALLS}", shown, "p99 100 ms")
        self.assertLess(percentile(times, 99), 1000)

    async def until_the_backend_is_let_go(self, phase, begin, reached):
        asked, closed = asyncio.Queue(), asyncio.Queue()

        async def script(reader, writer):
            writer.write(begin)
            asked.put_nowait(None)
            with contextlib.suppress(OSError):
                await reader.read()
            closed.put_nowait(time.monotonic())
            raise ConnectionError

        async with Scripted(script) as backend:
            await self.leave_again_and_again(self.gateway(backend.config()), phase, lambda connection: reached(asked, connection), closed.get)

    async def test_U29_before_the_head(self):
        await self.until_the_backend_is_let_go("before the answer's head, the backend's connection is closed", b"", lambda asked, _: asked.get())

    async def test_U29_in_a_stream(self):
        begin = STREAM_HEAD + chunk(b"data: 1\n\n")
        await self.until_the_backend_is_let_go("in a stream, the backend's connection is closed", begin, lambda _, connection: connection.receive(enough=1))

    async def until_no_client_is_left(self, phase, answer, reached, **config):
        async def script(_, writer):
            writer.write(answer)

        async with Scripted(script) as backend:
            one = backend.config()["backends"][0]
            gateway = self.gateway(backend.config(backends=[one, {**one, "name": "other"}], **config))
            await self.leave_again_and_again(gateway, phase, lambda _: reached(gateway), lambda: self.gone(gateway, pause=0.001))

    async def test_U29_before_another_attempt(self):
        number = 0

        async def refused_once_more(gateway):
            nonlocal number
            number += 1
            await self.until("refused", lambda: gateway.metric("spillway_attempts_total{") == number)

        pool = {"name": "all", "members": [{"backend": "scripted"}, {"backend": "other"}], "circuit_breaker": {"rules": []},
                "retry": {"interval": "1h", "first_fast_retry": False}}
        await self.until_no_client_is_left("before another attempt, the request has ended", FAILED, refused_once_more, pools=[pool])

    async def test_U29_while_no_backend_is_free(self):
        async def waiting(gateway):
            await self.until("throttled", lambda: gateway.metric("spillway_attempts_total{") == 2)
            await self.until("there", lambda: gateway.metric("spillway_client_connections") == 1)

        pool = {"name": "all", "members": [{"backend": "scripted"}, {"backend": "other"}]}
        await self.until_no_client_is_left("while it waits for a backend, the request has ended", THROTTLED, waiting, pools=[pool],
                                           on_exhausted={"wait": "10m"})
