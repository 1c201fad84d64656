"""Responses and conversations over resources that know nothing of each other's."""

import re

import openai
import pytest

from programs import until
from stack import MODEL, SEPARATE

STACK = {"resources": SEPARATE}
MARKED = re.compile(r"(resp|conv)_[0-9a-f]+_spw[0-9A-Za-z_-]{16}")


def message(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def test_a_chain_stays_where_it_began(everywhere):
    def body(client, words):
        last = client.responses.create(model=MODEL, input=words)
        assert MARKED.fullmatch(last.id)
        for number in range(5):
            following = client.responses.create(
                model=MODEL, input=f"{words} {number}", previous_response_id=last.id
            )
            assert following.previous_response_id == last.id
            assert following.output_text == f"You said: {words} {number}"
            assert following.usage.input_tokens > last.usage.input_tokens
            last = following

    everywhere(body)


def test_a_response_is_read_its_input_listed_and_deleted(everywhere):
    def body(client, words):
        made = client.responses.create(model=MODEL, input=[message("first"), message(words)])
        read = client.responses.retrieve(made.id)
        assert (read.id, read.output) == (made.id, made.output)
        assert [item.content[0].text for item in client.responses.input_items.list(made.id)] == ["first", words]
        client.responses.delete(made.id)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(made.id)

    everywhere(body)


def test_streamed_chains(everywhere):
    def body(client, words):
        with client.responses.stream(model=MODEL, input=words) as stream:
            ids = {event.response.id for event in stream if hasattr(event, "response")}
            first = stream.get_final_response()
        assert ids == {first.id}
        assert MARKED.fullmatch(first.id)
        events = list(client.responses.create(model=MODEL, input="go on", previous_response_id=first.id, stream=True))
        last = events[-1].response
        assert last.previous_response_id == first.id
        assert list(client.responses.retrieve(last.id, stream=True, starting_after=2)) == events[3:]
        with client.responses.stream(response_id=last.id) as stream:
            assert stream.until_done().get_final_response().id == last.id

    everywhere(body)


def test_a_background_response_is_polled_another_cancelled(everywhere):
    def body(client, words):
        asked = {"input": words, "background": True}
        made = client.responses.create(**asked, model="gpt-4o")
        unwanted = client.responses.create(**asked, model="o3", previous_response_id=made.id)
        cancelled = client.responses.cancel(unwanted.id)
        assert (cancelled.id, cancelled.status) == (unwanted.id, "cancelled")
        done = until("completed", lambda: (now := client.responses.retrieve(made.id)).status == "completed" and now)
        assert done.output_text == f"You said: {words}"

    everywhere(body)


def test_what_is_not_stored_is_not_found_where_it_was_made(everywhere):
    def body(client, words):
        made = client.responses.create(model=MODEL, input=words, store=False)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(made.id)

    everywhere(body)


def test_a_conversation_is_made_used_changed_and_deleted(everywhere):
    def body(client, words):
        conversation = client.conversations.create(metadata={"topic": words}, items=[message(words)])
        assert MARKED.fullmatch(conversation.id)
        by_name = client.responses.create(model=MODEL, input="by name", conversation=conversation.id)
        assert by_name.conversation.id == conversation.id
        client.responses.create(model=MODEL, input="by object", conversation={"id": conversation.id})
        added = client.conversations.items.create(conversation.id, items=[message("one more")])
        assert added.data[0].content[0].text == "one more"

        items = list(client.conversations.items.list(conversation.id, limit=2, order="asc"))
        assert [item.role for item in items] == ["user", "user", "assistant", "user", "assistant", "user"]
        item = client.conversations.items.retrieve(items[2].id, conversation_id=conversation.id)
        assert item.content[0].text == "You said: by name"
        client.conversations.items.delete(item.id, conversation_id=conversation.id)
        assert len(list(client.conversations.items.list(conversation.id))) == 5

        assert client.conversations.update(conversation.id, metadata={"topic": "another"}).id == conversation.id
        assert client.conversations.retrieve(conversation.id).metadata == {"topic": "another"}
        client.conversations.delete(conversation.id)
        with pytest.raises(openai.NotFoundError):
            client.conversations.retrieve(conversation.id)

    everywhere(body)
