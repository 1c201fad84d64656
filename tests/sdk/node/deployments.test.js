// What a client asks for has another name in each backend: replaced in the path, in JSON and in forms.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI, BadRequestError, toFile } from 'openai';
import { collect, model, question, routed, tally } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';

const resource = (name, region, prefix) => ({
  name,
  region,
  keys: [`${name}-key`],
  deployments: [
    { name: `${prefix}-chat`, model: 'gpt-4o-mini', context_window: 10_000_000 },
    { name: `${prefix}.ears`, model: 'whisper' },
    { name: `${prefix}_numbers`, model: 'text-embedding-3-small' },
  ],
});
const resources = [
  resource('eastus', 'East US', 'east'),
  resource('westus', 'West US', 'a-much-longer-name-in-the-west'),
];

const mapped = (backends) =>
  onePool(
    backends.map((backend, i) => {
      const [chat, ears, numbers] = resources[i].deployments.map(({ name }) => name);
      return { ...backend, deployments: { [model]: chat, whisper: ears, 'text-embedding-3-small': numbers } };
    }),
  );

suite('mapped deployments', { resources, gateway: mapped }, (stack, test) => {
  const clients = {
    AzureOpenAI: (version) => new AzureOpenAI(stack.azure(version && { apiVersion: version })),
    OpenAI: () => new OpenAI(stack.v1()),
  };
  const twice = async (call) => {
    const both = [await call().withResponse(), await call().withResponse()];
    assert.deepEqual(tally(both.map(({ response }) => routed(response))), { eastus: 1, westus: 1 });
    return both.map(({ data }) => data);
  };

  for (const [name, client] of Object.entries(clients)) {
    test(`${name}: chat`, async () => {
      for (const data of await twice(() => client().chat.completions.create(question()))) {
        assert.equal(data.choices[0].message.content, 'You said: Say this back to me.');
      }
    });

    test(`${name}: a stream`, async () => {
      for (const stream of await twice(() => client().chat.completions.create({ ...question(), stream: true }))) {
        assert.ok((await collect(stream)).length > 3);
      }
    });

    test(`${name}: embeddings`, async () => {
      for (const { data } of await twice(() =>
        client().embeddings.create({ model: 'text-embedding-3-small', input: 'x' }),
      )) {
        assert.equal(data[0].embedding.length, 1536);
      }
    });

    test(`${name}: a form, whose file stays as it is`, async () => {
      const content = `--boundary\r\nname="model"\r\n\r\nwhisper ${'x'.repeat(10_000)}`;
      const file = await toFile(Buffer.from(content), 'whisper');
      for (const { text } of await twice(() => client().audio.transcriptions.create({ model: 'whisper', file }))) {
        assert.equal(text, `A recording of ${content.length} bytes called whisper.`);
      }
    });

    test(`${name}: responses`, async () => {
      for (const data of await twice(() =>
        client('2025-03-01-preview').responses.create({ model, input: 'x', store: false }),
      )) {
        assert.equal(data.status, 'completed');
      }
    });

    test(`${name}: a model nobody serves is refused by the gateway`, async () => {
      const before = await stack.simulator.allRequests();
      await assert.rejects(client().chat.completions.create({ ...question(), model: 'gpt-9' }), (error) => {
        assert.ok(error instanceof BadRequestError);
        assert.equal(error.code, 'model_not_found');
        return true;
      });
      assert.equal(await stack.simulator.allRequests(), before);
    });
  }

  test('the model may stand at the end of a large body', async () => {
    const messages = [{ role: 'user', content: `"model":"x" ${'long '.repeat(200_000)}` }];
    const answer = await clients.OpenAI().chat.completions.create({ messages, max_tokens: 3, model });
    assert.equal(answer.choices[0].finish_reason, 'length');
  });

  test('a request that is sent again bears the name of the other backend', async () => {
    await stack.simulator.fault('eastus', { status: 429, retry_after_ms: 60_000 });
    for (const client of [clients.AzureOpenAI(), clients.OpenAI()]) {
      const { response } = await client.chat.completions.create(question()).withResponse();
      assert.equal(routed(response), 'westus');
    }
    assert.equal(await stack.simulator.requests('eastus', '429'), 1);
    assert.equal(await stack.simulator.requests('westus', '404'), 0);
  });
});
