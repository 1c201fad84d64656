"""A client that sees the bytes: whether an answer came whole, and may leave whenever it likes."""
import asyncio
import contextlib
import ssl
import time

import rig
from rig import certificates

CHAT = "/openai/v1/chat/completions"
RESPONSES = "/openai/v1/responses"


def head(path, size, method="POST", more=""):
    return (f"{method} {path} HTTP/1.1\r\nHost: {certificates.GATEWAY}\r\napi-key: {rig.KEY}\r\nContent-Type: application/json\r\n{more}"
            f"Content-Length: {size}\r\n\r\n").encode("ascii")


def trusting(*roots):
    context = ssl.create_default_context()
    for root in roots:
        context.load_verify_locations(root)
    return context


class Chunks:
    """The content of a chunked body, without extensions and trailers, which the gateway never sends."""

    def __init__(self):
        self._raw = bytearray()
        self.content = bytearray()
        self.ended = False

    def feed(self, piece):
        self._raw += piece
        at = 0
        while not self.ended:
            line = self._raw.find(b"\r\n", at)
            if line < 0:
                break
            size = int(self._raw[at:line], 16)
            end = line + 2 + size
            if len(self._raw) < end + 2:
                break
            if self._raw[end:end + 2] != b"\r\n":
                raise ValueError("a chunk that does not end")
            self.content += self._raw[line + 2:end]
            at = end + 2
            self.ended = size == 0
        del self._raw[:at]
        if self.ended and self._raw:
            raise ValueError("bytes behind an answer")


class Answer:
    """As much of one as has come."""

    def __init__(self):
        self.status = 0  # 0: not even a head
        self.fields = {}
        self.body = bytearray()
        self.whole = False  # it came to the end that its framing gives it

    @property
    def backend(self):
        return self.fields.get("x-routed-backend")

    def __str__(self):
        return f"status {self.status} of {self.backend}, {len(self.body)} bytes, {'whole' if self.whole else 'not whole'}"


class Connection:
    def __init__(self, reader, writer, port):
        self._reader, self._writer, self.port = reader, writer, port
        self.used_at = time.monotonic()

    @classmethod
    async def open(cls, port, tls=None):
        name = certificates.GATEWAY if tls else None
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name)
        return cls(reader, writer, port)

    @property
    def certificate(self):
        """The serial number of the server's."""
        return self._writer.get_extra_info("peercert")["serialNumber"]

    async def send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self, enough=None):
        """The next answer: until it is whole, the connection ends, or more than `enough` bytes of its body are there."""
        answer = Answer()
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            answer.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
            answer.status = int(lines[0].split(" ")[1])
            if "content-length" in answer.fields:
                await self._counted(answer, int(answer.fields["content-length"]), enough)
            else:
                await self._chunked(answer, enough)
        self.used_at = time.monotonic()
        return answer

    async def _counted(self, answer, size, enough):
        while len(answer.body) < size and (enough is None or len(answer.body) <= enough):
            piece = await self._reader.read(min(65536, size - len(answer.body)))
            if not piece:
                return
            answer.body += piece
        answer.whole = len(answer.body) == size

    async def _chunked(self, answer, enough):
        if answer.fields.get("transfer-encoding") != "chunked":
            raise ValueError(f"an answer without an end: {answer.fields}")
        chunks = Chunks()
        answer.body = chunks.content
        while not chunks.ended and (enough is None or len(answer.body) <= enough):
            piece = await self._reader.read(65536)
            if not piece:
                return
            chunks.feed(piece)
        answer.whole = chunks.ended

    async def call(self, data):
        await self.send(data)
        return await self.receive()

    async def closed(self):
        """Waits until the server has closed it; what else came."""
        with contextlib.suppress(OSError):
            return await self._reader.read()
        return b""

    def leave(self, reset=False):
        if reset:
            self._writer.transport.abort()
        else:
            self._writer.close()
