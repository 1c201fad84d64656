// Chat completions and embeddings through the two classes of the OpenAI package.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI } from 'openai';
import { chatText, collect, model, question, region, routed, tally } from './harness/answers.js';
import { suite } from './harness/suite.js';

const regions = { 'eastus-ptu': 'East US', westus: 'West US', swedencentral: 'Sweden Central' };
const withUsage = { stream: true, stream_options: { include_usage: true } };

const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string', default: 'Paris' } }, required: ['city'] },
  },
};

suite('chat completions', {}, (stack, test) => {
  const clients = {
    AzureOpenAI: () => new AzureOpenAI(stack.azure()),
    OpenAI: () => new OpenAI(stack.v1()),
  };

  for (const [name, client] of Object.entries(clients)) {
    test(`${name}: an answer comes through whole and says where it was made`, async () => {
      const { data, response } = await client().chat.completions.create(question()).withResponse();
      assert.equal(data.choices[0].message.content, 'You said: Say this back to me.');
      assert.equal(data.choices[0].finish_reason, 'stop');
      assert.equal(data.model, 'gpt-4o-mini-2024-07-18');
      assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
      assert.equal(data.prompt_filter_results[0].prompt_index, 0);
      assert.equal(region(response), regions[routed(response)]);
      assert.equal(response.headers.get('x-routing-strategy'), 'round_robin');
      assert.equal(response.headers.get('x-circuit-state'), 'closed');
      assert.match(response.headers.get('apim-request-id'), /^[0-9a-f-]{36}$/);
      assert.equal(data._request_id, response.headers.get('x-request-id'));
    });

    test(`${name}: a stream comes through in order, with its usage at the end`, async () => {
      const { data: stream, response } = await client()
        .chat.completions.create({ ...question('Größe ✓ 日本 🌍, byte for byte.'), ...withUsage })
        .withResponse();
      const chunks = await collect(stream);
      assert.match(response.headers.get('content-type'), /^text\/event-stream/);
      assert.ok(regions[routed(response)]);
      assert.equal(chatText(chunks), 'You said: Größe ✓ 日本 🌍, byte for byte.');
      assert.ok(chunks[0].prompt_filter_results);
      assert.equal(chunks[1].choices[0].delta.role, 'assistant');
      assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
      assert.deepEqual(chunks.at(-1).choices, []);
      assert.equal(chunks.at(-1).usage.completion_tokens, chunks.length - 4);
      assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
      assert.equal(new Set(chunks.slice(1).map((chunk) => chunk.id)).size, 1);
    });

    test(`${name}: a stream without include_usage has none`, async () => {
      const chunks = await collect(await client().chat.completions.create({ ...question(), stream: true }));
      assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
      assert.ok(chunks.every((chunk) => chunk.usage === undefined));
    });

    test(`${name}: a tool is called, whole and in pieces`, async () => {
      const body = { ...question('Please use get_weather.'), tools: [weatherTool] };
      const { choices } = await client().chat.completions.create(body);
      assert.equal(choices[0].finish_reason, 'tool_calls');
      assert.equal(choices[0].message.content, null);
      assert.equal(choices[0].message.tool_calls[0].function.name, 'get_weather');
      assert.deepEqual(JSON.parse(choices[0].message.tool_calls[0].function.arguments), { city: 'Paris' });

      const runner = client().chat.completions.stream(body);
      const { tool_calls: calls } = await runner.finalMessage();
      assert.equal(calls[0].function.name, 'get_weather');
      assert.deepEqual(JSON.parse(calls[0].function.arguments), { city: 'Paris' });
    });

    test(`${name}: embeddings travel as base64 and arrive as numbers`, async () => {
      const input = ['one', 'two', 'three'];
      const { data } = await client().embeddings.create({ model: 'text-embedding-3-small', input, dimensions: 64 });
      const plain = await client().embeddings.create({
        model: 'text-embedding-3-small',
        input,
        dimensions: 64,
        encoding_format: 'float',
      });
      assert.deepEqual(
        data.map((one) => one.index),
        [0, 1, 2],
      );
      for (const [index, { embedding }] of data.entries()) {
        assert.equal(embedding.length, 64);
        assert.ok(Math.abs(embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-4, 'a vector of length 1');
        embedding.forEach((x, i) => assert.ok(Math.abs(x - plain.data[index].embedding[i]) < 1e-6));
      }
    });
  }

  test('asResponse gives the answer as it came', async () => {
    const response = await clients.AzureOpenAI().chat.completions.create(question('raw')).asResponse();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal((await response.json()).choices[0].message.content, 'You said: raw');
    assert.ok(regions[routed(response)]);
  });

  test('both classes count as one caller of the pool: the turns go on', async () => {
    const backends = [];
    for (let i = 0; i < 6; ++i) {
      for (const client of [clients.AzureOpenAI(), clients.OpenAI()]) {
        const { response } = await client.chat.completions.create(question()).withResponse();
        backends.push(routed(response));
      }
    }
    assert.deepEqual(tally(backends), { 'eastus-ptu': 4, westus: 4, swedencentral: 4 });
  });

  test('a hundred requests at once are all answered and spread evenly', async () => {
    const before = await Promise.all(Object.keys(regions).map((name) => stack.simulator.requests(name, '200')));
    const client = new AzureOpenAI(stack.azure());
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => client.chat.completions.create(question(`number ${i}`)).withResponse()),
    );
    answers.forEach(({ data }, i) => assert.equal(data.choices[0].message.content, `You said: number ${i}`));
    const counts = Object.values(tally(answers.map(({ response }) => routed(response)))).sort();
    assert.deepEqual(counts, [33, 33, 34]);
    const after = await Promise.all(Object.keys(regions).map((name) => stack.simulator.requests(name, '200')));
    assert.deepEqual(after.map((count, i) => count - before[i]).sort(), [33, 33, 34], 'one attempt a request');
  });

  test('thirty streams at once do not mix', async () => {
    const client = new OpenAI(stack.v1());
    const texts = await Promise.all(
      Array.from({ length: 30 }, async (_, i) =>
        chatText(await collect(await client.chat.completions.create({ ...question(`stream ${i}`), stream: true }))),
      ),
    );
    texts.forEach((text, i) => assert.equal(text, `You said: stream ${i}`));
  });

  test('a prompt of a megabyte arrives whole', async () => {
    const content = 'abcdefgh'.repeat(131_072);
    const { usage } = await clients.AzureOpenAI().chat.completions.create(question(content));
    assert.equal(
      usage.prompt_tokens,
      (await clients.OpenAI().chat.completions.create(question(content))).usage.prompt_tokens,
    );
    assert.ok(usage.prompt_tokens >= content.length / 4, `${usage.prompt_tokens} tokens`);
  });

  test('the models are listed', async () => {
    const ids = (await collect(clients.OpenAI().models.list())).map(({ id }) => id);
    assert.ok(ids.includes(model));
    assert.equal((await clients.AzureOpenAI().models.retrieve(model)).id, model);
  });
});
