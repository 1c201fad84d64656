// Responses and conversations over resources that know nothing of each other's.
import assert from 'node:assert/strict';
import OpenAI, { BadRequestError, NotFoundError, toFile } from 'openai';
import { collect, model, routed } from './harness/answers.js';
import { suite } from './harness/suite.js';
import { onEverySurface, separateResources } from './harness/surfaces.js';
import { until } from './harness/until.js';

const marked = /^(resp|conv)_[0-9a-f]+_spw[0-9A-Za-z_-]{16}$/;

suite('responses of several resources', { resources: separateResources }, (stack, test) => {
  const each = (title, body) => onEverySurface(stack, test, title, body);

  each('a chain stays where it began', async (client, words) => {
    let last = await client.responses.create({ model, input: words });
    assert.match(last.id, marked);
    for (let i = 1; i <= 5; ++i) {
      const next = await client.responses.create({ model, input: `${words} ${i}`, previous_response_id: last.id });
      assert.equal(next.previous_response_id, last.id);
      assert.equal(next.output_text, `You said: ${words} ${i}`);
      assert.ok(next.usage.input_tokens > last.usage.input_tokens, 'all that was said before is read again');
      last = next;
    }
  });

  each('a response is read, its input listed, and deleted', async (client, words) => {
    const say = (text) => ({ role: 'user', content: [{ type: 'input_text', text }] });
    const input = [say('first'), say(words)];
    const made = await client.responses.create({ model, input });
    const read = await client.responses.retrieve(made.id);
    assert.equal(read.id, made.id, 'the same id in every answer');
    assert.deepEqual(read.output, made.output);
    const items = await collect(client.responses.inputItems.list(made.id));
    assert.deepEqual(
      items.map((item) => item.content[0].text),
      ['first', words],
    );
    await client.responses.delete(made.id);
    await assert.rejects(client.responses.retrieve(made.id), NotFoundError);
  });

  each('streamed chains: the helper, and a stream taken up again', async (client, words) => {
    const first = await client.responses.stream({ model, input: words }).finalResponse();
    assert.match(first.id, marked);
    const events = await collect(
      await client.responses.create({ model, input: 'go on', previous_response_id: first.id, stream: true }),
    );
    const { response } = events.at(-1);
    const ids = events.filter((event) => event.response).map((event) => event.response.id);
    assert.ok(ids.length >= 3);
    assert.deepEqual(new Set(ids), new Set([response.id]), 'one id in all events');
    assert.equal(response.previous_response_id, first.id);
    const rest = await collect(await client.responses.retrieve(response.id, { stream: true, starting_after: 2 }));
    assert.deepEqual(rest, events.slice(3));
    const helped = client.responses.stream({ response_id: response.id, starting_after: 1 });
    const whole = await helped.finalResponse();
    assert.equal(whole.id, response.id);
    assert.equal(whole.output_text, 'You said: go on');
  });

  each('a background response is polled, another cancelled', async (client, words) => {
    const asked = { input: words, background: true };
    const { id } = await client.responses.create({ ...asked, model: 'gpt-4o' });
    const unwanted = await client.responses.create({ ...asked, model: 'o3', previous_response_id: id });
    const cancelled = await client.responses.cancel(unwanted.id);
    assert.equal(cancelled.status, 'cancelled');
    assert.equal(cancelled.id, unwanted.id);
    const done = await until('completed', async () => {
      const now = await client.responses.retrieve(id);
      return now.status === 'completed' && now;
    });
    assert.equal(done.output_text, `You said: ${words}`);
  });

  each('what is not stored is not found where it was made', async (client, words) => {
    const made = await client.responses.create({ model, input: words, store: false });
    assert.match(made.id, marked);
    await assert.rejects(client.responses.retrieve(made.id), NotFoundError);
  });

  each('a conversation is made, used, changed and deleted', async (client, words) => {
    const conversation = await client.conversations.create({
      metadata: { topic: words },
      items: [{ type: 'message', role: 'user', content: words }],
    });
    assert.match(conversation.id, marked);
    const byName = await client.responses.create({ model, input: 'by name', conversation: conversation.id });
    assert.equal(byName.conversation.id, conversation.id);
    await client.responses.create({ model, input: 'by object', conversation: { id: conversation.id } });

    const made = await client.conversations.items.create(conversation.id, {
      items: [{ type: 'message', role: 'user', content: 'one more' }],
    });
    assert.equal(made.data[0].role, 'user');
    const items = await collect(client.conversations.items.list(conversation.id, { limit: 2, order: 'asc' }));
    assert.deepEqual(
      items.map((item) => item.role),
      ['user', 'user', 'assistant', 'user', 'assistant', 'user'],
    );
    const item = await client.conversations.items.retrieve(items[2].id, { conversation_id: conversation.id });
    assert.equal(item.content[0].text, 'You said: by name');
    await client.conversations.items.delete(item.id, { conversation_id: conversation.id });
    assert.equal((await collect(client.conversations.items.list(conversation.id))).length, 5);

    const changed = await client.conversations.update(conversation.id, { metadata: { topic: 'another' } });
    assert.equal(changed.id, conversation.id);
    assert.equal((await client.conversations.retrieve(conversation.id)).metadata.topic, 'another');
    await client.conversations.delete(conversation.id);
    await assert.rejects(client.conversations.retrieve(conversation.id), NotFoundError);
  });

  test('ids of two resources in one request are refused', async () => {
    const client = new OpenAI(stack.v1());
    const file = await toFile(Buffer.from('words'), 'notes.txt');
    const upload = () => client.files.create({ file, purpose: 'assistants' }).withResponse();
    const [one, other] = [await upload(), await upload()];
    assert.notEqual(routed(one.response), routed(other.response));
    const before = await stack.simulator.allRequests();
    const both = client.vectorStores.create({ file_ids: [one.data.id, other.data.id] });
    await assert.rejects(both, (error) => error instanceof BadRequestError && error.code === 'bad_request');
    assert.equal(await stack.simulator.allRequests(), before, 'no resource is asked');
  });

  test('an id from before the gateway is found by asking around', async () => {
    const [owner] = separateResources;
    const baseURL = `${stack.simulator.urls[owner.name]}/openai/v1`;
    const direct = new OpenAI(stack.v1({ baseURL, apiKey: owner.keys[0] }));
    const { id } = await direct.responses.create({ model, input: 'long ago' });
    const client = new OpenAI(stack.v1());
    for (let i = 0; i < 3; ++i) {
      const { data, response } = await client.responses.retrieve(id).withResponse();
      assert.equal(routed(response), owner.name);
      assert.match(data.id, marked);
      assert.ok(data.id.startsWith(id));
      assert.equal(data.output_text, 'You said: long ago');
    }
  });

  test('an owner that is away is 503, and nobody else is asked', async () => {
    const client = new OpenAI(stack.v1());
    const { data, response } = await client.responses.create({ model, input: 'Hello' }).withResponse();
    await stack.simulator.fault(routed(response), { status: 429, retry_after_ms: 60_000 });
    const next = { model, input: 'again', previous_response_id: data.id };
    await assert.rejects(client.responses.create(next), { status: 429 });
    const before = await stack.simulator.allRequests();
    await assert.rejects(client.responses.create(next), (error) => {
      assert.equal(error.status, 503);
      assert.equal(error.code, 'owner_unavailable');
      assert.ok(Number(error.headers.get('retry-after-ms')) > 30_000);
      return true;
    });
    assert.equal(await stack.simulator.allRequests(), before);
  });
});
