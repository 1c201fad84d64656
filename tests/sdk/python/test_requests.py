"""Without the package: `requests` with one Session and an api-key, as many notebooks do it."""

import collections
import json

import pytest
import requests

from stack import API_VERSION, KEY, MODEL, REGIONS

STACK = {
    "routes": [
        {"name": "azure", "match": {"path": "/openai"}, "pool": "openai"},
        {"name": "seed", "match": {"path": "/routing"}, "rewrite_path": "/openai", "pool": "openai"},
    ]
}
BODY = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def session(stack):
    with requests.Session() as made:
        made.trust_env = False
        made.verify = stack.ca
        made.headers["api-key"] = KEY
        yield made


@pytest.fixture
def chat_url(stack):
    return f"{stack.url}/openai/deployments/{MODEL}/chat/completions?api-version={API_VERSION}"


def test_twenty_runs_over_one_connection(session, chat_url):
    answers = [session.post(chat_url, json=BODY, timeout=15) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    regions = collections.Counter(answer.headers["x-ms-region"] for answer in answers)
    assert sorted(regions.values()) == [6, 7, 7]
    assert set(regions) == set(REGIONS.values())
    pools = session.get_adapter(chat_url).poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]


def test_the_subscription_key_header(session, chat_url):
    del session.headers["api-key"]
    session.headers["Ocp-Apim-Subscription-Key"] = KEY
    assert session.post(chat_url, json=BODY, timeout=15).json()["choices"][0]["message"]["content"] == "You said: Hello"


def test_a_path_of_ones_own(session, stack):
    url = f"{stack.url}/routing/responses?api-version=2025-03-01-preview"
    answer = session.post(url, json={"model": MODEL, "input": "Hello", "store": False}, timeout=15)
    assert answer.status_code == 200
    assert answer.json()["output"][0]["content"][0]["text"] == "You said: Hello"


def test_a_stream_line_by_line(session, chat_url):
    with session.post(chat_url, json={**BODY, "stream": True}, stream=True, timeout=15) as answer:
        lines = [line.decode() for line in answer.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert (
        "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
        == "You said: Hello"
    )


def test_a_body_in_chunks(session, chat_url):
    text = json.dumps({"messages": [{"role": "user", "content": "piece " * 50_000}]}).encode()
    pieces = (text[at : at + 10_000] for at in range(0, len(text), 10_000))
    answer = session.post(chat_url, data=pieces, headers={"content-type": "application/json"}, timeout=15)
    assert answer.json()["usage"]["prompt_tokens"] >= 75_000


def test_no_key(session, chat_url):
    del session.headers["api-key"]
    answer = session.post(chat_url, json=BODY, timeout=15)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_api_key")
    assert answer.headers["x-request-id"]
