// A pool of an Azure resource and one that speaks OpenAI's dialect: every kind of client can be served by either.
import assert from 'node:assert/strict';
import { NotFoundError, toFile } from 'openai';
import { chatText, collect, model, question, region, routed, tally } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';
import { surfaces } from './harness/surfaces.js';

const audio = { name: 'whisper' };
const embeddings = { name: 'text-embedding-3-small' };
// At Azure the model has a name of its own.
const resources = [
  {
    name: 'azure',
    region: 'East US',
    keys: ['azure-key'],
    deployments: [{ name: 'team-mini', model }, audio, embeddings],
  },
  { name: 'openai', api: 'openai', keys: ['openai-key'], deployments: [{ name: model }, audio, embeddings] },
];

// A resource that was away counts again as soon as it is back.
const patient = {
  rules: [
    {
      name: 'failing',
      failure_condition: { count: 10_000, interval: '10s', error_reasons: ['connect'] },
      trip_duration: '1s',
    },
  ],
};
const mixed = (backends) => {
  const named = { azure: { deployments: { [model]: 'team-mini', '*': '*' } }, openai: { region: 'elsewhere' } };
  const { pools, ...rest } = onePool(backends.map((backend) => ({ ...backend, ...named[backend.name] })));
  return { ...rest, pools: [{ ...pools[0], circuit_breaker: patient }] };
};

const other = { azure: 'openai', openai: 'azure' };

suite('a pool of both dialects', { resources, gateway: mixed }, (stack, test) => {
  test('shares the requests out', async () => {
    for (const connect of Object.values(surfaces)) {
      const client = connect(stack);
      const answers = [];
      for (let i = 0; i < 6; ++i) answers.push(await client.chat.completions.create(question()).withResponse());
      assert.deepEqual(tally(answers.map(({ response }) => routed(response))), { azure: 3, openai: 3 });
      assert.deepEqual(tally(answers.map(({ response }) => region(response))), { 'East US': 3, elsewhere: 3 });
      for (const { data } of answers) assert.equal(data.choices[0].message.content, 'You said: Say this back to me.');
    }
  });

  for (const only of Object.keys(other)) {
    for (const [name, connect] of Object.entries(surfaces)) {
      const forced = (title, body) =>
        test(`${name}, ${only} alone: ${title}`, async () => {
          await stack.simulator.fault(other[only], 'refuse');
          try {
            await body(connect(stack));
          } finally {
            await stack.simulator.fault(other[only], null);
          }
        });

      forced('a chat, whole and streamed', async (client) => {
        const { data, response } = await client.chat.completions.create(question()).withResponse();
        assert.equal(routed(response), only);
        assert.equal(data.choices[0].message.content, 'You said: Say this back to me.');
        assert.equal('prompt_filter_results' in data, only === 'azure', "the backend's answer as it is");
        const stream = await client.chat.completions.create({
          ...question('in pieces'),
          stream: true,
          stream_options: { include_usage: true },
        });
        const chunks = await collect(stream);
        assert.equal(chatText(chunks), 'You said: in pieces');
        assert.ok(chunks.at(-1).usage.total_tokens > 0);
      });

      forced('embeddings', async (client) => {
        const input = ['one', 'two'];
        const asked = { model: embeddings.name, input, dimensions: 64 };
        const { data, response } = await client.embeddings.create(asked).withResponse();
        assert.equal(routed(response), only);
        assert.deepEqual(
          data.data.map((one) => one.embedding.length),
          [64, 64],
        );
      });

      forced('a transcription', async (client) => {
        const file = await toFile(Buffer.alloc(300_000, 'sound'), 'talk.mp3', { type: 'audio/mpeg' });
        const asked = { model: audio.name, file, language: 'en' };
        const { data, response } = await client.audio.transcriptions.create(asked).withResponse();
        assert.equal(routed(response), only);
        assert.equal(data.text, 'A recording of 300000 bytes called talk.mp3.');
      });

      forced('a response, read and continued', async (client) => {
        const { data: made, response } = await client.responses.create({ model, input: 'Hello' }).withResponse();
        assert.equal(routed(response), only);
        assert.equal((await client.responses.retrieve(made.id)).output_text, 'You said: Hello');
        const next = client.responses.stream({ model, input: 'again', previous_response_id: made.id });
        assert.equal((await next.finalResponse()).previous_response_id, made.id);
      });
    }
  }

  test('a backend of OpenAI never sees an api-version', async () => {
    assert.deepEqual(await stack.simulator.apiVersions('openai'), ['-']);
    assert.deepEqual(await stack.simulator.apiVersions('azure'), ['-', '2025-03-01-preview']);
  });

  test('a model that neither has is 404 in the words of whoever was asked', async () => {
    for (const connect of Object.values(surfaces)) {
      const asked = connect(stack).chat.completions.create({ ...question(), model: 'nobody-has-it' });
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof NotFoundError);
        assert.ok(['azure', 'openai'].includes(routed(error)));
        return true;
      });
    }
  });
});
