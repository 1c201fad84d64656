"""A pool of an Azure resource and one that speaks OpenAI's dialect: every kind of client can be served by either."""

import collections
import io

import pytest

from stack import DEPLOYMENTS, MODEL

# A resource that was away counts again as soon as it is back.
PATIENT = {
    "rules": [
        {
            "name": "failing",
            "failure_condition": {"count": 10_000, "interval": "10s", "error_reasons": ["connect"]},
            "trip_duration": "1s",
        }
    ]
}
# At Azure the model has a name of its own.
STACK = {
    "resources": [
        {
            "name": "azure",
            "region": "East US",
            "deployments": [{"name": "team-mini", "model": MODEL}, *DEPLOYMENTS],
            "backend": {"deployments": {MODEL: "team-mini", "*": "*"}},
        },
        {"name": "openai", "api": "openai", "backend": {"region": "elsewhere"}},
    ],
    "pool": {"circuit_breaker": PATIENT},
}
QUESTION = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
OTHER = {"azure": "openai", "openai": "azure"}


@pytest.fixture
def backends():
    return []


@pytest.fixture
def client(clients, surface, backends):
    return clients.surface(surface, backends)


@pytest.fixture(params=["azure", "openai"])
def only(request, stack):
    """The other resource is switched off."""
    stack.fault(OTHER[request.param], "refuse")
    yield request.param
    stack.fault(OTHER[request.param], None)


def test_the_requests_are_shared_out(client):
    raws = [client.chat.completions.with_raw_response.create(**QUESTION) for _ in range(6)]
    served = collections.Counter((raw.headers["x-routed-backend"], raw.headers["x-ms-region"]) for raw in raws)
    assert served == {("azure", "East US"): 3, ("openai", "elsewhere"): 3}
    models = {raw.headers["x-routed-backend"]: raw.parse().model for raw in raws}
    assert models == {"azure": MODEL, "openai": "gpt-4o-mini-2024-07-18"}


def test_a_chat_whole_and_streamed(client, only, backends):
    answer = client.chat.completions.create(**QUESTION)
    assert answer.choices[0].message.content == "You said: Hello"
    assert ("prompt_filter_results" in answer.model_extra) == (only == "azure"), "the backend's answer as it is"
    chunks = list(client.chat.completions.create(**QUESTION, stream=True, stream_options={"include_usage": True}))
    said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert said == "You said: Hello"
    assert chunks[-1].usage.total_tokens > 0
    assert backends == [only, only]


def test_embeddings(client, only, backends):
    answer = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], dimensions=64)
    assert [len(one.embedding) for one in answer.data] == [64, 64]
    assert backends == [only]


def test_a_transcription(client, only, backends):
    recording = ("talk.mp3", io.BytesIO(b"sound" * 60_000), "audio/mpeg")
    answer = client.audio.transcriptions.create(model="whisper", file=recording, language="en")
    assert answer.text == "A recording of 300000 bytes called talk.mp3."
    assert backends == [only]


def test_a_response_is_read_and_continued(client, only, backends):
    made = client.responses.create(model=MODEL, input="Hello")
    assert client.responses.retrieve(made.id).output_text == "You said: Hello"
    with client.responses.stream(model=MODEL, input="again", previous_response_id=made.id) as stream:
        assert stream.get_final_response().previous_response_id == made.id
    assert set(backends) == {only}
