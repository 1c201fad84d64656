"""The session cookie, kept by the cookie jars of requests, httpx and the SDK itself."""

import collections

import pytest
import requests

from stack import API_VERSION, KEY, MODEL, REGIONS

STACK = {"pool": {"affinity": {"cookie": {"name": "SessionId"}}}, "affinity_secrets": ["secret-of-the-tests"]}
QUESTION = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def ask(stack):
    url = f"{stack.url}/openai/deployments/{MODEL}/chat/completions?api-version={API_VERSION}"

    def send(session):
        answer = session.post(url, json=QUESTION, headers={"api-key": KEY}, timeout=15)
        assert answer.json()["choices"][0]["message"]["content"] == "You said: Hello"
        return answer

    return send


@pytest.fixture
def session(stack):
    with requests.Session() as made:
        made.trust_env = False
        made.verify = stack.ca
        yield made


def test_a_session_of_requests_keeps_to_one_backend(session, ask):
    first, *others = [ask(session) for _ in range(10)]
    assert first.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert {answer.headers["x-routed-backend"] for answer in others} == {first.headers["x-routed-backend"]}
    assert not any("set-cookie" in answer.headers for answer in others)


def test_without_cookies_the_requests_are_shared_out(session, ask):
    backends = collections.Counter()
    for _ in range(9):
        backends[ask(session).headers["x-routed-backend"]] += 1
        session.cookies.clear()
    assert backends == dict.fromkeys(REGIONS, 3)


def test_a_client_of_the_sdk_keeps_to_one_backend(clients, surface):
    used = set()
    for _ in range(3):
        backends = []
        client = clients.surface(surface, backends)
        for _ in range(3):
            client.chat.completions.create(**QUESTION)
            list(client.chat.completions.create(**QUESTION, stream=True))
            client.responses.create(model=MODEL, input="Hello")
            client.files.list()
        assert len(set(backends)) == 1
        used.update(backends)
    assert used == set(REGIONS), "each client is a session of its own"


def test_a_session_moves_when_its_resource_is_throttled_and_stays_there(session, ask, stack):
    first = ask(session).headers["x-routed-backend"]
    cookie = session.cookies["SessionId"]
    stack.fault(first, {"status": 429, "retry_after_ms": 60_000})
    moved = ask(session).headers["x-routed-backend"]
    assert moved != first
    assert session.cookies["SessionId"] != cookie
    stack.fault(first, None)
    assert {ask(session).headers["x-routed-backend"] for _ in range(5)} == {moved}
