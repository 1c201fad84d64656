"""Errors as the package's exceptions: the gateway's own, and those of backends."""

import openai
import pytest

from stack import MODEL

QUESTION = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def no_faults(stack):
    yield
    stack.fault(None, None)


@pytest.mark.parametrize("kind", ["azure", "v1"])
def test_a_wrong_key(clients, stack, kind):
    before = stack.requests()
    with pytest.raises(openai.AuthenticationError) as refused:
        getattr(clients, kind)(api_key="wrong").chat.completions.create(**QUESTION)
    assert refused.value.status_code == 401
    assert refused.value.code == "invalid_api_key"
    assert len(refused.value.request_id) == 32
    assert stack.requests() == before


def test_an_unknown_deployment(client):
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(**{**QUESTION, "model": "gpt-4o-gone"})
    assert refused.value.code == "DeploymentNotFound"


def test_a_wrong_parameter_is_the_backends_own_error_sent_once(client, stack):
    before = stack.requests()
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**QUESTION, temperature=9)
    assert (refused.value.param, refused.value.type) == ("temperature", "invalid_request_error")
    assert refused.value.response.headers["x-routed-backend"]
    assert stack.requests() == before + 1


def test_a_filtered_prompt_keeps_its_details(client, stack):
    stack.fault(None, "content_filter")
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**QUESTION)
    assert refused.value.code == "content_filter"
    assert refused.value.body["innererror"]["code"] == "ResponsibleAIPolicyViolation"


def test_an_error_in_the_middle_of_a_stream(client, stack):
    stack.fault(None, {"kind": "stream_error", "after": 3})
    with pytest.raises(openai.APIError) as broken:
        list(client.chat.completions.create(**QUESTION, stream=True))
    assert broken.value.code == "server_error"


def test_a_stream_that_breaks_off_never_looks_complete(client, stack):
    stack.fault(None, {"kind": "cut", "after": 3, "count": 1})
    chunks = []
    with pytest.raises(Exception, match="(?i)incomplete|closed|disconnect|connection|peer"):
        for chunk in client.chat.completions.create(**QUESTION, stream=True):
            chunks.append(chunk)
    assert chunks
    assert not any(choice.finish_reason for chunk in chunks for choice in chunk.choices)


def test_two_throttled_backends_are_not_noticed(client, stack):
    for name in ("eastus-ptu", "westus"):
        stack.fault(name, {"status": 429, "retry_after_ms": 1, "count": 1})
    for _ in range(3):
        assert client.chat.completions.create(**QUESTION).choices[0].message.content == "You said: Hello"


def test_the_packages_own_retry_waits_as_told(clients, stack):
    before = stack.requests()
    stack.fault(None, {"status": 429, "retry_after_ms": 300, "count": 1})
    assert (
        clients.azure(max_retries=1).chat.completions.create(**QUESTION).choices[0].message.content == "You said: Hello"
    )
    assert stack.requests() == before + 4


def test_no_backend_left(client, stack):
    stack.fault(None, {"status": 429, "retry_after_ms": 200})
    with pytest.raises(openai.InternalServerError) as refused:
        client.chat.completions.create(**QUESTION)
    assert refused.value.status_code == 503
    assert refused.value.code == "no_backend_available"
    assert int(refused.value.response.headers["retry-after"]) == 1
    assert 0 < int(refused.value.response.headers["retry-after-ms"]) <= 200
    assert "x-routed-backend" not in refused.value.response.headers
    stack.fault(None, None)
    patient = client.with_options(max_retries=2)
    assert patient.chat.completions.create(**QUESTION).choices[0].message.content == "You said: Hello"
