"""Mixed traffic at a fixed rate, and what became of each request."""
import asyncio
import collections
import json
import time

from client import CHAT, RESPONSES, Connection, head

RATE = 120  # requests a second
STREAMS, LEAVING, TLS = 0.6, 0.1, 0.7  # shares
ANSWERED_WITHIN = 60  # seconds; most take less than one
KEPT_FOR = 30  # seconds that a connection may be idle; the gateway keeps it for 75


class Asked:
    """A request, chosen at random."""

    def __init__(self, chance):
        self.stream = chance.random() < STREAMS
        path = chance.choice([CHAT, RESPONSES])
        model = "long" if chance.random() < 0.2 else "short"
        size = chance.choice([20, 20, 2000, 200_000])
        if not self.stream and chance.random() < 0.2:
            model, size = "large", 20
        told = {"role": "system", "content": "x" * size}
        said = {"role": "user", "content": f"Number {chance.randrange(1000)}"}
        body = {"model": model, "stream": self.stream, "messages" if path == CHAT else "input": [told, said]}
        self.body = json.dumps(body).encode("ascii")
        self.head = head(path, len(self.body))
        self.end = b"data: [DONE]\n\n" if path == CHAT else b"event: response.completed\n"

    def is_answered(self, content):
        if self.stream:
            return self.end in content
        try:
            return "id" in json.loads(content)
        except ValueError:
            return False

    def __str__(self):
        return f"{self.head.split(b' ')[1].decode()}{' stream' if self.stream else ''}, {len(self.body)} bytes"


class Traffic:
    """Clients that come at a fixed rate whatever happens, on connections that are kept for a while."""

    def __init__(self, gateway, tls, backends, chance):
        self._gateway, self._tls, self._chance = gateway, tls, chance
        self._backends = {backend.name: backend for backend in backends}
        self._idle = []
        self.counts = collections.Counter()
        self.lost = []
        self.dishonest = []  # answers that were cut and do not look so
        self.by = collections.Counter()

    async def run(self, seconds):
        due = time.monotonic()
        end = due + seconds
        under_way = set()
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += 1 / RATE
            task = asyncio.create_task(self._one())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        while under_way:
            await asyncio.wait(under_way)
        for connection in self._idle:
            connection.leave()

    async def _connection(self):
        while self._idle:
            connection = self._idle.pop()
            if time.monotonic() - connection.used_at < KEPT_FOR:
                return connection
            connection.leave()
        encrypted = self._chance.random() < TLS
        self.counts["connections"] += 1
        return await Connection.open(self._gateway.ports[0 if encrypted else 1], self._tls if encrypted else None)

    async def _one(self):
        asked = Asked(self._chance)
        self.counts["sent"] += 1
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                connection = await self._connection()
                if self._chance.random() < LEAVING:
                    await self._leave(asked, connection)
                    return
                await connection.send(asked.head + asked.body)
                answer = await connection.receive()
        except Exception as error:  # pylint: disable=broad-except; whatever it is, the request is lost
            self.lost.append(f"{asked}: {error!r}")
            return
        self._judge(asked, answer, began, time.monotonic())
        if answer.whole and self._chance.random() < 0.9:
            self._idle.append(connection)
        else:
            connection.leave(reset=not answer.whole)

    def _judge(self, asked, answer, began, ended):
        served = 200 <= answer.status < 300
        finished = served and asked.is_answered(answer.body)
        if finished and answer.whole:
            self.counts["answered"] += 1
            self.by[answer.backend] += 1
        elif served and (finished or answer.whole):
            self.dishonest.append(f"{asked}: {answer}")
        elif served and self._backends[answer.backend].died_between(began, ended):
            self.counts["broken"] += 1
        else:
            self.lost.append(f"{asked}: {answer} {bytes(answer.body[:300])}")

    async def _leave(self, asked, connection):
        """In the middle of the head, of the body, while the gateway waits for the answer, in the middle of that."""
        phase = self._chance.choice(["head", "body", "waiting", "answer"])
        self.counts["left"] += 1
        self.counts[f"left: {phase}"] += 1
        whole = asked.head + asked.body
        if phase == "head":
            whole = whole[:self._chance.randrange(1, len(asked.head))]
        elif phase == "body":
            whole = whole[:self._chance.randrange(len(asked.head), len(whole))]
        try:
            await connection.send(whole)
            if phase == "answer":
                await connection.receive(self._chance.randrange(20_000))
            else:
                await asyncio.sleep(self._chance.random() * 0.05)
        except OSError:
            pass  # its backend may have been killed just then
        connection.leave(reset=self._chance.random() < 0.5)
