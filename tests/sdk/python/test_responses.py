"""The Responses API and files. Their objects live in the resource that made them, so the pool has one member."""

import openai
import pytest

from programs import until
from stack import MODEL

STACK = {"members": ["westus"]}


@pytest.fixture(params=["AzureOpenAI", "OpenAI"])
def client(request, clients):
    return clients.azure(api_version="2025-03-01-preview") if request.param == "AzureOpenAI" else clients.v1()


def test_a_response_is_made_read_continued_and_deleted(client):
    raw = client.responses.with_raw_response.create(model=MODEL, input="first")
    made = raw.parse()
    assert raw.headers["x-routed-backend"] == "westus"
    assert made.output_text == "You said: first"
    assert client.responses.retrieve(made.id).output == made.output
    assert client.responses.input_items.list(made.id).data[0].content[0].text == "first"

    following = client.responses.create(model=MODEL, input="second", previous_response_id=made.id)
    assert following.previous_response_id == made.id
    assert following.usage.input_tokens > made.usage.input_tokens

    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_a_streamed_response_ends_with_response_completed(client):
    events = list(client.responses.create(model=MODEL, input="in pieces", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    assert (
        "".join(event.delta for event in events if event.type == "response.output_text.delta") == "You said: in pieces"
    )
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == "You said: in pieces"


def test_the_stream_helper(client):
    with client.responses.stream(model=MODEL, input="helped") as stream:
        for event in stream:
            assert event.type
        assert stream.get_final_response().output_text == "You said: helped"


def test_an_unknown_previous_response_is_the_backends_400(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=MODEL, input="x", previous_response_id="resp_unknown")
    assert refused.value.code == "previous_response_not_found"


def test_a_background_response_is_polled(client):
    made = client.responses.create(model=MODEL, input="later", background=True)
    done = until("completed", lambda: (now := client.responses.retrieve(made.id)).status == "completed" and now)
    assert done.output_text == "You said: later"


def test_a_file_is_uploaded_read_and_deleted(client):
    content = bytes(index % 251 for index in range(70_000))
    made = client.files.create(file=("bytes.bin", content), purpose="assistants")
    assert made.bytes == len(content)
    assert client.files.content(made.id).content == content
    assert client.files.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)
