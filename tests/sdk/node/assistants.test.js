// Assistants, threads and runs over resources that know nothing of each other's.
import assert from 'node:assert/strict';
import { NotFoundError, toFile } from 'openai';
import { collect, model, tally } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';
import { onEverySurface, separateResources, surfaces, trail } from './harness/surfaces.js';

const marked = /_spw[0-9A-Za-z_-]{16}$/;
const quick = { pollIntervalMs: 5 };
const user = (content) => ({ role: 'user', content });

async function newest(client, thread) {
  const [message] = await collect(client.beta.threads.messages.list(thread));
  return [message.role, message.content[0].text.value];
}

suite('assistants of several resources', { resources: separateResources }, (stack, test) => {
  const each = (title, body) => onEverySurface(stack, test, title, body);

  each('an assistant is made, changed and deleted', async (client, words) => {
    const { id } = await client.beta.assistants.create({ model, name: words });
    assert.match(id, marked);
    assert.equal((await client.beta.assistants.update(id, { name: 'renamed' })).id, id);
    assert.equal((await client.beta.assistants.retrieve(id)).name, 'renamed');
    await client.beta.assistants.delete(id);
    await assert.rejects(client.beta.assistants.retrieve(id), NotFoundError);
  });

  each('a thread is made and run in one request, and polled', async (client, words) => {
    const assistant = await client.beta.assistants.create({ model });
    const asked = { assistant_id: assistant.id, thread: { messages: [user(words)] } };
    const run = await client.beta.threads.createAndRunPoll(asked, quick);
    assert.equal(run.status, 'completed');
    assert.equal(run.assistant_id, assistant.id);
    assert.match(run.thread_id, marked);
    assert.deepEqual(await newest(client, run.thread_id), ['assistant', `You said: ${words}`]);

    await client.beta.threads.messages.create(run.thread_id, user(`${words}, again`));
    const next = await client.beta.threads.runs.createAndPoll(run.thread_id, { assistant_id: assistant.id }, quick);
    assert.equal(next.thread_id, run.thread_id);
    assert.deepEqual(await newest(client, run.thread_id), ['assistant', `You said: ${words}, again`]);
    const steps = await collect(client.beta.threads.runs.steps.list(next.id, { thread_id: run.thread_id }));
    assert.equal(steps[0].type, 'message_creation');
    assert.equal((await collect(client.beta.threads.runs.list(run.thread_id))).length, 2);
    await client.beta.threads.delete(run.thread_id);
    await assert.rejects(client.beta.threads.retrieve(run.thread_id), NotFoundError);
  });

  each('streamed runs over a vector store', async (client, words) => {
    const file = await client.files.create({ file: await toFile(Buffer.from(words), 'w.txt'), purpose: 'assistants' });
    const store = await client.vectorStores.create({ file_ids: [file.id] });
    const tool_resources = { file_search: { vector_store_ids: [store.id] } };
    const assistant = await client.beta.assistants.create({ model, tools: [{ type: 'file_search' }], tool_resources });
    assert.deepEqual(assistant.tool_resources, tool_resources, 'the ids as the client knows them');
    const thread = await client.beta.threads.create({ messages: [user(words)], tool_resources });

    const stream = client.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id });
    const said = [];
    stream.on('textDelta', (delta) => said.push(delta.value));
    const events = await collect(stream);
    const run = await stream.finalRun();
    assert.equal(said.join(''), `You said: ${words}`);
    assert.equal(run.status, 'completed');
    assert.equal(run.thread_id, thread.id);
    const ids = events.flatMap(({ data }) => data.thread_id ?? []);
    assert.deepEqual(tally(ids), { [thread.id]: ids.length });
    const [message] = await stream.finalMessages();
    assert.equal(message.assistant_id, assistant.id);

    const both = await collect(
      await client.beta.threads.createAndRun({
        assistant_id: assistant.id,
        thread: { messages: [{ ...user('look'), attachments: [{ file_id: file.id, tools: [{ type: 'file_search' }] }] }] },
        stream: true,
      }),
    );
    assert.equal(both[0].event, 'thread.created');
    assert.equal(both.at(-1).data.thread_id, both[0].data.id);
    assert.deepEqual(await newest(client, both[0].data.id), ['assistant', 'You said: look']);
  });
});

const sessions = (backends) => {
  const { pools, ...rest } = onePool(backends);
  return { ...rest, pools: [{ ...pools[0], affinity: { header: 'x-session-id' } }] };
};

suite('assistants of a session', { resources: separateResources, gateway: sessions }, (stack, test) => {
  for (const [name, connect] of Object.entries(surfaces)) {
    test(`${name}: a thread made by itself is where the assistant is`, async () => {
      const used = new Set();
      for (let i = 0; i < 12; ++i) {
        const { backends, fetch } = trail();
        const client = connect(stack, { fetch, defaultHeaders: { 'x-session-id': `session ${i}` } });
        const assistant = await client.beta.assistants.create({ model });
        const thread = await client.beta.threads.create({ messages: [user('Hello')] });
        const run = await client.beta.threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, quick);
        assert.equal(run.status, 'completed');
        assert.equal(new Set(backends).size, 1, `one backend, not ${backends}`);
        used.add(backends[0]);
      }
      assert.equal(used.size, 3, 'sessions are spread');
    });
  }
});
