// The Responses API. Its objects live in the resource that made them, so the pool has one member.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI, NotFoundError, BadRequestError } from 'openai';
import { collect, model, routed } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';

const oneMember = (backends) => onePool(backends, [{ backend: 'westus' }]);

suite('responses', { gateway: oneMember }, (stack, test) => {
  const clients = {
    AzureOpenAI: () => new AzureOpenAI(stack.azure({ apiVersion: '2025-03-01-preview' })),
    OpenAI: () => new OpenAI(stack.v1()),
  };

  for (const [name, client] of Object.entries(clients)) {
    test(`${name}: a response is made, read, continued and deleted`, async () => {
      const { data: made, response } = await client().responses.create({ model, input: 'first' }).withResponse();
      assert.equal(routed(response), 'westus');
      assert.equal(made.status, 'completed');
      assert.equal(made.output_text, 'You said: first');

      const read = await client().responses.retrieve(made.id);
      assert.deepEqual(read.output, made.output);
      const items = await collect(client().responses.inputItems.list(made.id));
      assert.equal(items[0].content[0].text, 'first');

      const next = await client().responses.create({ model, input: 'second', previous_response_id: made.id });
      assert.equal(next.previous_response_id, made.id);
      assert.ok(next.usage.input_tokens > made.usage.input_tokens, 'the conversation is read again');

      await client().responses.delete(made.id);
      await assert.rejects(client().responses.retrieve(made.id), (error) => {
        assert.ok(error instanceof NotFoundError);
        const known = made.id.replace(/_spw.*/, '');
        assert.equal(error.error.message, `Response with id '${known}' not found.`, "the backend's own message");
        return true;
      });
    });

    test(`${name}: a streamed response ends with response.completed`, async () => {
      const events = await collect(await client().responses.create({ model, input: 'in pieces', stream: true }));
      assert.equal(events[0].type, 'response.created');
      assert.deepEqual(
        events.map((event) => event.sequence_number),
        events.map((_, i) => i),
      );
      const deltas = events.filter((event) => event.type === 'response.output_text.delta');
      assert.ok(deltas.length > 1);
      assert.equal(deltas.map((event) => event.delta).join(''), 'You said: in pieces');
      assert.equal(events.at(-1).type, 'response.completed');
      assert.equal(events.at(-1).response.output[0].content[0].text, 'You said: in pieces');

      const again = await collect(
        await client().responses.retrieve(events[0].response.id, { stream: true, starting_after: 3 }),
      );
      assert.deepEqual(
        again.map((event) => event.sequence_number),
        events.slice(4).map((event) => event.sequence_number),
      );
    });

    test(`${name}: an unknown previous_response_id is the backend's 400`, async () => {
      const wrong = client().responses.create({ model, input: 'x', previous_response_id: 'resp_unknown' });
      await assert.rejects(wrong, (error) => {
        assert.ok(error instanceof BadRequestError);
        assert.equal(error.code, 'previous_response_not_found');
        return true;
      });
    });
  }

  test('a background response is polled until it is done', async () => {
    const client = clients.OpenAI();
    const { id } = await client.responses.create({ model, input: 'later', background: true });
    let response;
    const deadline = Date.now() + 10_000;
    do {
      response = await client.responses.retrieve(id);
    } while (response.status !== 'completed' && Date.now() < deadline);
    assert.equal(response.output_text, 'You said: later');
  });

  test('a file is uploaded, read and deleted', async () => {
    const client = clients.OpenAI();
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251));
    const file = await client.files.create({ file: new File([content], 'bytes.bin'), purpose: 'assistants' });
    assert.equal(file.bytes, content.length);
    const back = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    assert.ok(back.equals(content));
    await client.files.delete(file.id);
    await assert.rejects(client.files.retrieve(file.id), NotFoundError);
  });
});
