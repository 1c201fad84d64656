"""The asynchronous client."""

import asyncio
import collections

from programs import until
from stack import MODEL


def question(text):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}]}


def test_a_hundred_requests_at_once(clients):
    async def run():
        async with clients.async_azure() as client:
            raws = await asyncio.gather(
                *(
                    client.chat.completions.with_raw_response.create(**question(f"number {number}"))
                    for number in range(100)
                )
            )
        for number, raw in enumerate(raws):
            assert raw.parse().choices[0].message.content == f"You said: number {number}"
        return collections.Counter(raw.headers["x-routed-backend"] for raw in raws)

    assert sorted(asyncio.run(run()).values()) == [33, 33, 34]


def test_thirty_streams_at_once_do_not_mix(clients):
    async def text(client, number):
        stream = await client.chat.completions.create(**question(f"stream {number}"), stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    async def run():
        async with clients.async_azure() as client:
            return await asyncio.gather(*(text(client, number) for number in range(30)))

    assert asyncio.run(run()) == [f"You said: stream {number}" for number in range(30)]


def test_a_cancelled_request_frees_its_place(clients, stack):
    def in_flight():
        return sum(member["in_flight"] for member in stack.status()["pools"][0]["members"])

    async def run():
        async with clients.async_azure() as client:
            task = asyncio.create_task(client.chat.completions.create(**question("never")))
            await asyncio.to_thread(until, "in flight", lambda: in_flight() == 1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()

    stack.fault(None, "stall")
    asyncio.run(run())
    until("nothing in flight", lambda: in_flight() == 0)
    stack.fault(None, None)
