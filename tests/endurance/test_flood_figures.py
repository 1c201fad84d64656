"""Messages that would fill the memory: each is refused within its limits, however many come at once."""
import asyncio
import collections
import contextlib

from client import CHAT, Connection
from crowds import REQUEST, Figures, Scripted, all_of, answer_at_once
import rig
from rig import KIB, MIB

CROWD = 100
EACH = 128 * KIB  # what a live request may cost

START = f"POST {CHAT} HTTP/1.1\r\nHost: gateway\r\napi-key: {rig.KEY}\r\n".encode("ascii")
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"


def pieces(data, size=65536):
    return (data[at:at + size] for at in range(0, len(data), size))


def fields(count):
    return (b"x-%05d: 1\r\n" % number for number in range(count))


class Floods(Figures):
    """Floods"""

    async def refused(self, name, start, more, statuses):
        """A crowd sends this, each as much as it gets rid of; its memory, and that it was refused and everyone else is served."""
        async def client(_):
            connection = await Connection.open(self.running.ports[0])
            answer = asyncio.create_task(connection.receive())
            with contextlib.suppress(OSError):
                await connection.send(start)
                for piece in more():
                    if answer.done():
                        break
                    await connection.send(piece)
                    await asyncio.sleep(0)
            told = (await answer).status
            connection.leave()
            return told

        growth, told = await self.grown(self.running, all_of(CROWD, client))
        counts = collections.Counter(told)
        # A client that is still sending when it is refused may see the connection reset instead.
        self.assertLessEqual(set(counts), {*statuses, 0}, name)
        shown = ", ".join(f"{count} x {status or 'cut'}" for status, count in counts.most_common())
        self.row(f"{name}, {CROWD} at once: {shown}", f"{growth / MIB:.1f} MiB more", f"{CROWD * EACH / MIB:.1f} MiB")
        self.assertLessEqual(growth, CROWD * EACH)
        await self.still_serves(self.running)

    async def test_H11_chunk_extensions(self):
        async with Scripted(answer_at_once) as backend:
            self.running = self.gateway(backend.config())
            long = b"f;a=" + b"x" * (4 << 20) + b"\r\n"
            await self.refused("H11 an extension of 4 MB", CHUNKED, lambda: pieces(long), {400})
            small = (b"1;" + b"x" * 1000 + b"\r\n \r\n") * 4000
            await self.refused("H11 chunks of one byte with extensions of 1 KB, 4 MB", CHUNKED, lambda: pieces(small), {400})
            dense = b"1\r\n \r\n" * 700_000
            await self.refused("H11 chunks of one byte, 4 MB", CHUNKED, lambda: pieces(dense), {400})
            self.assertEqual(backend.requests, 3)

    async def test_H12_trailers(self):
        async with Scripted(answer_at_once) as backend:
            self.running = self.gateway(backend.config())
            long = b"x-a: " + b"x" * (4 << 20) + b"\r\n"
            await self.refused("H12 a trailer of 4 MB", CHUNKED + b"2\r\n{}\r\n0\r\n", lambda: pieces(long), {400, 431})
            await self.refused("H12 trailers of 4 MB", CHUNKED + b"2\r\n{}\r\n0\r\n", lambda: pieces(b"x-a: 1\r\n" * 500_000), {400, 431})
            self.assertEqual(backend.requests, 2)

    async def test_H22_heads(self):
        async with Scripted(answer_at_once) as backend:
            self.running = self.gateway(backend.config())
            await self.refused("H22 a field of 70 KB", START, lambda: pieces(b"x: " + b"x" * 70_000 + b"\r\n\r\n"), {400, 431})
            await self.refused("H22 a head of 1 MB", START, lambda: pieces((b"x: " + b"x" * 1000 + b"\r\n") * 1000 + b"\r\n"), {400, 431})
            await self.refused("H22 20000 fields", START, lambda: pieces(b"".join(fields(20_000)) + b"\r\n"), {400, 431})
            await self.refused("H22 20000 fields, one in a segment", START, lambda: fields(20_000), {400, 431})
            self.assertEqual(backend.requests, 4)

    async def test_U24_heads_of_answers(self):
        for name, piece, count in (("a head of 1 MB", b"x-field: " + b"x" * 1000 + b"\r\n", 1000), ("an endless head", b"x-field: 1\r\n", 1 << 40),
                                   ("an endless line", b"x" * 1000, 1 << 40)):
            async def script(_, writer, piece=piece, count=count):
                writer.write(b"HTTP/1.1 200 OK\r\n")
                for _ in range(count):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                writer.write(b"Content-Length: 0\r\n\r\n")

            async def client(_):
                connection = await Connection.open(gateway.ports[0])
                answer = await connection.call(REQUEST)
                connection.leave()
                return answer.status

            async with Scripted(script) as backend:
                gateway = self.gateway(backend.config())
                growth, told = await self.grown(gateway, all_of(CROWD, client))
                gateway.stop()
            self.row(f"U24 {name} of an answer, {CROWD} at once: {told.count(503)} x 503", f"{growth / MIB:.1f} MiB more", f"{CROWD * EACH / MIB:.1f} MiB")
            self.assertEqual(told, [503] * CROWD)
            self.assertLessEqual(growth, CROWD * EACH)
