"""Assistants, threads and runs over resources that know nothing of each other's."""

import openai
import pytest

from stack import MODEL, SEPARATE

STACK = {"resources": SEPARATE, "pool": {"affinity": {"header": "x-session-id"}}}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def user(content, **more):
    return {"role": "user", "content": content, **more}


def newest(client, thread):
    message = next(iter(client.beta.threads.messages.list(thread)))
    return message.role, message.content[0].text.value


def test_a_thread_is_made_and_run_in_one_request_and_polled(everywhere):
    def body(client, words):
        assistant = client.beta.assistants.create(model=MODEL, name=words)
        run = client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id, thread={"messages": [user(words)]}, poll_interval_ms=5
        )
        assert (run.status, run.assistant_id) == ("completed", assistant.id)
        assert newest(client, run.thread_id) == ("assistant", f"You said: {words}")

        client.beta.threads.messages.create(run.thread_id, **user("again"))
        following = client.beta.threads.runs.create_and_poll(
            thread_id=run.thread_id, assistant_id=assistant.id, poll_interval_ms=5
        )
        assert following.thread_id == run.thread_id
        assert newest(client, run.thread_id) == ("assistant", "You said: again")
        steps = list(client.beta.threads.runs.steps.list(following.id, thread_id=run.thread_id))
        assert [step.type for step in steps] == ["message_creation"]
        client.beta.threads.delete(run.thread_id)
        client.beta.assistants.delete(assistant.id)
        with pytest.raises(openai.NotFoundError):
            client.beta.assistants.retrieve(assistant.id)

    everywhere(body)


class Listener(openai.AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.said = ""
        self.threads = set()

    def on_text_delta(self, delta, snapshot):
        self.said += delta.value

    def on_event(self, event):
        self.threads.add(getattr(event.data, "thread_id", None))


def test_streamed_runs_over_a_vector_store(everywhere):
    def body(client, words):
        file = client.files.create(file=("w.txt", words.encode()), purpose="assistants")
        store = client.vector_stores.create(file_ids=[file.id])
        tool = {"type": "file_search"}
        tool_resources = {"file_search": {"vector_store_ids": [store.id]}}
        assistant = client.beta.assistants.create(model=MODEL, tools=[tool], tool_resources=tool_resources)
        assert assistant.tool_resources.file_search.vector_store_ids == [store.id]
        attached = user(words, attachments=[{"file_id": file.id, "tools": [tool]}])
        thread = client.beta.threads.create(messages=[attached], tool_resources=tool_resources)

        listener = Listener()
        with client.beta.threads.runs.stream(
            thread_id=thread.id, assistant_id=assistant.id, event_handler=listener
        ) as stream:
            stream.until_done()
        assert listener.said == f"You said: {words}"
        assert listener.threads - {None} == {thread.id}
        assert stream.get_final_run().thread_id == thread.id

        with client.beta.threads.create_and_run_stream(
            assistant_id=assistant.id, thread={"messages": [user("look")]}
        ) as stream:
            stream.until_done()
        assert newest(client, stream.get_final_run().thread_id) == ("assistant", "You said: look")

    everywhere(body)


def test_a_thread_made_by_itself_is_where_the_sessions_assistant_is(clients, surface):
    used = set()
    for number in range(12):
        backends = []
        client = clients.surface(surface, backends, default_headers={"x-session-id": f"session {number}"})
        assistant = client.beta.assistants.create(model=MODEL)
        thread = client.beta.threads.create(messages=[user("Hello")])
        run = client.beta.threads.runs.create_and_poll(
            thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=5
        )
        assert run.status == "completed"
        assert len(set(backends)) == 1
        used.update(backends)
    assert len(used) == len(SEPARATE), "sessions are spread"
