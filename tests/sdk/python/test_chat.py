"""Chat completions and embeddings, as AzureOpenAI and as OpenAI."""

import base64
import collections
import concurrent.futures
import json
import struct

import pytest

from programs import until
from stack import MODEL, REGIONS

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "default": "Paris"}},
            "required": ["city"],
        },
    },
}


def question(text="Say this back to me.", **more):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def test_an_answer_says_where_it_was_made(client):
    raw = client.chat.completions.with_raw_response.create(**question())
    answer = raw.parse()
    assert answer.choices[0].message.content == "You said: Say this back to me."
    assert answer.model == "gpt-4o-mini-2024-07-18"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert raw.headers["x-ms-region"] == REGIONS[raw.headers["x-routed-backend"]]
    assert raw.headers["x-routing-strategy"] == "round_robin"
    assert raw.headers["x-circuit-state"] == "closed"
    assert answer._request_id == raw.headers["x-request-id"]


def test_regions_counted_the_way_of_the_notebooks(client):
    regions = collections.Counter(
        client.chat.completions.with_raw_response.create(**question()).headers.get("x-ms-region") for _ in range(9)
    )
    assert regions == {"East US": 3, "West US": 3, "Sweden Central": 3}


def test_a_stream_comes_in_order_with_its_usage(client):
    chunks = list(
        client.chat.completions.create(
            **question("Größe ✓ 日本 🌍"), stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "You said: Größe ✓ 日本 🌍"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == len(chunks) - 4
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_a_stream_with_its_headers(client):
    with client.chat.completions.with_streaming_response.create(**question("flow", stream=True)) as raw:
        assert raw.headers["content-type"].startswith("text/event-stream")
        assert raw.headers["x-routed-backend"] in REGIONS
        assert list(raw.iter_lines())[-2:] == ["data: [DONE]", ""]


def test_a_stream_that_is_left_is_left_at_the_backend(client, stack):
    stack.fault(None, {"kind": "slow", "bytes": 64, "every_ms": 50})

    def in_flight():
        return sum(member["in_flight"] for member in stack.status()["pools"][0]["members"])

    with client.chat.completions.create(**question("a long answer " * 20, stream=True)) as stream:
        next(iter(stream))
        assert in_flight() == 1
    until("nothing in flight", lambda: in_flight() == 0, within=2)
    stack.fault(None, None)


def test_a_tool_is_called(client):
    choice = client.chat.completions.create(**question("Please use get_weather.", tools=[WEATHER])).choices[0]
    assert choice.finish_reason == "tool_calls"
    call = choice.message.tool_calls[0].function
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})


def test_embeddings_as_numbers_and_as_base64(client):
    wanted = {"model": "text-embedding-3-small", "input": ["one", "two"], "dimensions": 64}
    numbers = client.embeddings.create(**wanted, encoding_format="float").data
    packed = client.embeddings.create(**wanted, encoding_format="base64").data
    assert [one.index for one in numbers] == [0, 1]
    for plain, coded in zip(numbers, packed, strict=True):
        assert len(plain.embedding) == 64
        assert plain.embedding == pytest.approx(struct.unpack("<64f", base64.b64decode(coded.embedding)), abs=1e-6)


def test_a_hundred_requests_at_once_are_spread_evenly(client, stack):
    before = stack.requests()

    def ask(number):
        raw = client.chat.completions.with_raw_response.create(**question(f"number {number}"))
        assert raw.parse().choices[0].message.content == f"You said: number {number}"
        return raw.headers["x-routed-backend"]

    with concurrent.futures.ThreadPoolExecutor(20) as threads:
        backends = collections.Counter(threads.map(ask, range(100)))
    assert sorted(backends.values()) == [33, 33, 34]
    assert stack.requests() == before + 100


def test_a_prompt_of_a_megabyte_arrives_whole(client):
    assert client.chat.completions.create(**question("abcdefgh" * 131072)).usage.prompt_tokens >= 262144


def test_the_models_are_listed(client):
    assert MODEL in [model.id for model in client.models.list()]
