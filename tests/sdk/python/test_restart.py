"""Two hundred conversations at the same time, and a gateway that is started anew in the middle of them."""

import asyncio
import collections

from stack import MODEL, SEPARATE

STACK = {"resources": SEPARATE, "affinity_secrets": ["secret-of-the-tests"]}
CONVERSATIONS = 200


class Talk:
    def __init__(self, number):
        self.number = number
        self.said = []
        self.backends = set()
        self.last = None
        self.tokens = 0

    async def go_on(self, client):
        """One more turn, every other one streamed."""
        words = f"conversation {self.number}, turn {len(self.said)}"
        asked = {"model": MODEL, "input": words}
        if self.last:
            asked["previous_response_id"] = self.last
        if (self.number + len(self.said)) % 2:
            raw = await client.responses.with_raw_response.create(**asked, stream=True)
            events = [event async for event in raw.parse()]
            response = events[-1].response
        else:
            raw = await client.responses.with_raw_response.create(**asked)
            response = raw.parse()
        assert response.output_text == f"You said: {words}"
        assert response.previous_response_id == self.last
        assert response.usage.input_tokens > self.tokens, "all that was said before is read again"
        self.backends.add(raw.headers["x-routed-backend"])
        self.said.append(words)
        self.last, self.tokens = response.id, response.usage.input_tokens


async def go_on_with_all(client, talks, turns):
    limit = asyncio.Semaphore(20)

    async def one(talk):
        for _ in range(turns(talk)):
            async with limit:
                await talk.go_on(client)

    await asyncio.gather(*map(one, talks))


def test_conversations_survive_a_restart(clients, stack):
    talks = [Talk(number) for number in range(CONVERSATIONS)]

    async def run(turns):
        async with clients.async_v1() as client:
            await go_on_with_all(client, talks, turns)

    asyncio.run(run(lambda talk: 1 + talk.number % 2))
    stack.restart()
    asyncio.run(run(lambda talk: 2 - talk.number % 2))
    assert {len(talk.said) for talk in talks} == {3}
    assert {len(talk.backends) for talk in talks} == {1}
    shares = collections.Counter(backend for talk in talks for backend in talk.backends)
    assert sorted(shares.values()) == [66, 67, 67]
    assert stack.requests() == stack.requests(outcome="200") == 3 * CONVERSATIONS
