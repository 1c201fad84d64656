// What a client does with its connections: it keeps them, and it leaves.
import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after } from 'node:test';
import OpenAI, { APIUserAbortError, AzureOpenAI } from 'openai';
import { question } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';
import { until } from './harness/until.js';

// A backend whose streams never end and which notices when they are given up.
const witness = createServer((request, response) => {
  request.resume();
  witness.streams += 1;
  response.on('close', () => (witness.givenUp += 1));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const choices = [{ index: 0, delta: { content: 'on ' }, finish_reason: null }];
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'endless', choices };
  const more = () => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const timer = setInterval(more, 10);
  response.on('close', () => clearInterval(timer));
  more();
});
Object.assign(witness, { streams: 0, givenUp: 0 });
witness.listen(0, '127.0.0.1');
await once(witness, 'listening');
after(() => witness.close());

const withWitness = (backends) => {
  const { pools } = onePool(backends);
  return {
    backends: [...backends, { name: 'witness', url: `http://127.0.0.1:${witness.address().port}` }],
    pools: [
      ...pools,
      { name: 'endless', members: [{ backend: 'witness' }] },
      { name: 'one', members: [{ backend: 'westus' }] },
    ],
    routes: [
      { name: 'endless', match: { models: ['endless'] }, pool: 'endless' },
      { name: 'pinned', match: { path: '/one' }, rewrite_path: '/openai', pool: 'one' },
      { name: 'azure', match: { path: '/openai' }, pool: 'openai' },
    ],
  };
};

suite('connections', { gateway: withWitness }, (stack, test) => {
  const endless = () => ({ ...question(), model: 'endless', stream: true });

  const leaves = {
    'breaking out of the loop': async (stream) => {
      for await (const chunk of stream) if (chunk) break;
    },
    AbortController: async (stream, controller) => {
      for await (const chunk of stream) if (chunk) controller.abort();
    },
  };

  for (const [name, leave] of Object.entries(leaves)) {
    test(`a stream given up by ${name} is given up at the backend`, async () => {
      const { streams, givenUp } = witness;
      const cancelled = () => stack.gateway.metric('attempts_total', { backend: 'witness', outcome: 'cancelled' });
      const cancelledBefore = await cancelled();
      const controller = new AbortController();
      const client = new AzureOpenAI(stack.azure());
      const stream = await client.chat.completions.create(endless(), { signal: controller.signal });
      assert.equal((await stack.gateway.member('witness')).in_flight, 1);
      await leave(stream, controller);
      await until('the backend notices', () => witness.givenUp === givenUp + 1);
      assert.equal(witness.streams, streams + 1);
      await until('nothing in flight', async () => (await stack.gateway.member('witness')).in_flight === 0);
      await until('counted as cancelled', async () => (await cancelled()) === cancelledBefore + 1);
      await until('no stream is counted', async () => (await stack.gateway.metric('streams_active')) === 0);
      assert.equal(
        (await stack.gateway.member('witness')).failures,
        0,
        "a client that goes is not the backend's fault",
      );
    });
  }

  test('a request given up before its answer is given up at the backend', async () => {
    await stack.simulator.fault(undefined, 'stall');
    const controller = new AbortController();
    const answer = new OpenAI(stack.v1()).chat.completions.create(question(), { signal: controller.signal });
    const rejected = assert.rejects(answer, APIUserAbortError);
    const inFlight = () => stack.gateway.metric('backend_in_flight');
    await until('in flight', async () => (await inFlight()) === 1);
    controller.abort();
    await rejected;
    await until('nothing in flight', async () => (await inFlight()) === 0);
    await stack.simulator.fault(undefined, null);
    assert.equal(await stack.gateway.metric('retries_total'), 0, 'nobody waits for another attempt');
  });

  test('one connection serves many requests, on both sides', async () => {
    const opened = [];
    const count = ({ connectParams }) => connectParams.protocol === 'https:' && opened.push(connectParams);
    diagnostics.subscribe('undici:client:connected', count);
    const client = new OpenAI(stack.v1({ baseURL: `${stack.gateway.url}/one/v1` }));
    const before = await stack.simulator.requests('westus', '200');
    for (let i = 0; i < 20; ++i) {
      await client.chat.completions.create(question(`turn ${i}`));
      if (i % 5 === 0) await assert.rejects(client.chat.completions.create({ ...question(), temperature: 9 }));
    }
    diagnostics.unsubscribe('undici:client:connected', count);
    assert.equal((await stack.simulator.requests('westus', '200')) - before, 20);
    assert.ok(opened.length <= 1, `${opened.length} connections to the gateway`);
    // Earlier tests may have left one on each of the two workers.
    const kept = await until('kept', () =>
      stack.gateway.metric('upstream_connections', { backend: 'westus', state: 'idle' }),
    );
    assert.ok(kept <= 2, `${kept} connections to the backend`);
  });

  test('connections live on over errors made by the gateway', async () => {
    const opened = [];
    const count = ({ connectParams }) => connectParams.protocol === 'https:' && opened.push(connectParams);
    const client = new OpenAI(stack.v1({ apiKey: 'wrong' }));
    await assert.rejects(client.models.list());
    diagnostics.subscribe('undici:client:connected', count);
    for (let i = 0; i < 10; ++i) await assert.rejects(client.chat.completions.create(question('x'.repeat(100_000))));
    diagnostics.unsubscribe('undici:client:connected', count);
    assert.equal(opened.length, 0, `${opened.length} new connections`);
  });

  test('a body of unknown length is sent in chunks and arrives whole', async () => {
    const text = JSON.stringify(question('piece '.repeat(50_000)));
    async function* pieces() {
      for (let at = 0; at < text.length; at += 10_000) yield Buffer.from(text.slice(at, at + 10_000));
    }
    const client = new OpenAI(stack.v1());
    const answer = await client.post('/chat/completions', {
      body: pieces(),
      headers: { 'content-type': 'application/json' },
    });
    assert.ok(answer.usage.prompt_tokens >= 75_000, `${answer.usage.prompt_tokens} tokens`);
  });
});
