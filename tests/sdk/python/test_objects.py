"""Files and what is made of them, over resources that know nothing of each other's."""

import json
import re

import openai
import pytest

from programs import until
from stack import MODEL, SEPARATE

STACK = {"resources": SEPARATE}
MARKED = re.compile(r".+_spw[0-9A-Za-z_-]{16}")
CHAT = "/v1/chat/completions"


def upload(client, text, purpose="assistants", name="notes.txt"):
    made = client.files.create(file=(name, text.encode()), purpose=purpose)
    assert MARKED.fullmatch(made.id)
    return made


def test_a_file_is_uploaded_read_and_deleted(everywhere):
    def body(client, words):
        made = upload(client, words)
        assert client.files.retrieve(made.id).filename == "notes.txt"
        assert client.files.content(made.id).text == words
        assert client.files.delete(made.id).deleted
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve(made.id)

    everywhere(body)


def test_a_batch_runs_over_an_uploaded_file(everywhere):
    def body(client, words):
        asked = {"model": MODEL, "messages": [{"role": "user", "content": words}]}
        lines = [{"custom_id": f"line-{i}", "method": "POST", "url": CHAT, "body": asked} for i in range(3)]
        source = upload(client, "\n".join(map(json.dumps, lines)), "batch", "in.jsonl")
        order = {"input_file_id": source.id, "endpoint": CHAT, "completion_window": "24h"}
        made = client.batches.create(**order)
        assert made.input_file_id == source.id
        done = until("completed", lambda: (now := client.batches.retrieve(made.id)).status == "completed" and now)
        output = [json.loads(line) for line in client.files.content(done.output_file_id).text.splitlines()]
        assert [line["custom_id"] for line in output] == ["line-0", "line-1", "line-2"]
        said = {line["response"]["body"]["choices"][0]["message"]["content"] for line in output}
        assert said == {f"You said: {words}"}
        assert client.files.retrieve(done.output_file_id).purpose == "batch_output"
        assert client.batches.cancel(client.batches.create(**order).id).status == "cancelled"

    everywhere(body)


def test_an_upload_in_parts_becomes_a_file(everywhere):
    def body(client, words):
        content = words.encode() * 3
        made = client.uploads.upload_file_chunked(
            file=content,
            filename="whole.txt",
            bytes=len(content),
            mime_type="text/plain",
            purpose="assistants",
            part_size=len(words),
        )
        assert made.status == "completed"
        assert client.files.content(made.file.id).content == content

    everywhere(body)


def test_a_vector_store_is_filled_searched_and_used_as_a_tool(everywhere):
    def body(client, words):
        made = upload(client, words)
        store = client.vector_stores.create(name=words, file_ids=[made.id])
        assert MARKED.fullmatch(store.id)
        assert [one.id for one in client.vector_stores.files.list(store.id)] == [made.id]
        found = list(client.vector_stores.search(store.id, query="words"))
        assert [(one.file_id, one.content[0].text) for one in found] == [(made.id, words)]
        tool = {"type": "file_search", "vector_store_ids": [store.id]}
        assert client.responses.create(model=MODEL, input=words, tools=[tool]).output_text == f"You said: {words}"
        batch = client.vector_stores.file_batches.create_and_poll(
            store.id, file_ids=[made.id], poll_interval_ms=5
        )
        assert batch.file_counts.completed == 1
        assert client.vector_stores.files.retrieve(made.id, vector_store_id=store.id).vector_store_id == store.id
        client.vector_stores.delete(store.id)
        with pytest.raises(openai.NotFoundError):
            client.vector_stores.retrieve(store.id)

    everywhere(body)


def test_a_container_holds_files_and_serves_the_code_interpreter(everywhere):
    def body(client, words):
        container = client.containers.create(name="workbench")
        made = client.containers.files.create(container.id, file=("data.csv", words.encode()))
        assert client.containers.files.content.retrieve(made.id, container_id=container.id).text == words
        tool = {"type": "code_interpreter", "container": container.id}
        assert client.responses.create(model=MODEL, input=words, tools=[tool]).output_text == f"You said: {words}"
        assert [one.id for one in client.containers.files.list(container.id)] == [made.id]
        client.containers.delete(container.id)
        with pytest.raises(openai.NotFoundError):
            client.containers.retrieve(container.id)

    everywhere(body)


def test_a_fine_tuning_job_runs_over_an_uploaded_file(everywhere):
    def body(client, words):
        source = upload(client, words, "fine-tune", "train.jsonl")
        job = client.fine_tuning.jobs.create(model=MODEL, training_file=source.id)
        assert job.training_file == source.id
        done = until("done", lambda: (now := client.fine_tuning.jobs.retrieve(job.id)).status == "succeeded" and now)
        assert done.fine_tuned_model
        assert len(list(client.fine_tuning.jobs.list_events(job.id, limit=1))) == 2
        assert len(list(client.fine_tuning.jobs.checkpoints.list(job.id))) == 1
        unwanted = client.fine_tuning.jobs.create(model=MODEL, training_file=source.id)
        assert client.fine_tuning.jobs.cancel(unwanted.id).status == "cancelled"

    everywhere(body)


def test_the_pages_of_a_list_come_from_one_resource(everywhere, surface):
    def body(client, words):
        source = upload(client, words, "batch")
        order = {"input_file_id": source.id, "endpoint": CHAT, "completion_window": "24h"}
        made = [client.batches.create(**order, metadata={"of": surface + words}).id for _ in range(7)]
        # A page has no owner until it names one: the last of the page before.
        page = client.batches.list(limit=3, after=made[-1])
        older = [batch.id for batch in page if batch.metadata == {"of": surface + words}]
        assert older == made[-2::-1]

    everywhere(body)
