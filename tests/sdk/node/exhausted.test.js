// When every backend is throttled: what callers see then.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI, InternalServerError, RateLimitError } from 'openai';
import { gatewayId, model, question, rejection, routed } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';
import { until } from './harness/until.js';

suite('every backend throttled', {}, (stack, test) => {
  const embed = () => new AzureOpenAI(stack.azure()).embeddings.create({ model: 'text-embedding-3-small', input: 'x' });

  test('callers see 503 with the time to wait, and no backend', async () => {
    const client = new AzureOpenAI(stack.azure());
    // A deployment gets a circuit of its own with its first answer.
    for (let i = 0; i < 3; ++i) await Promise.all([client.chat.completions.create(question()), embed()]);
    const before = await stack.simulator.allRequests();
    await stack.simulator.fault(undefined, { status: 429, retry_after_ms: 60_000 }, model);
    const error = await rejection(client.chat.completions.create(question()), InternalServerError);
    assert.equal(error.status, 503);
    assert.equal(error.code, 'no_backend_available');
    assert.match(error.requestID, gatewayId);
    const wait = Number(error.headers.get('retry-after-ms'));
    assert.ok(wait > 50_000 && wait <= 60_000, `${wait} ms`);
    assert.equal(error.headers.get('retry-after'), String(Math.ceil(wait / 1000)));
    assert.equal(error.headers.get('x-routed-backend'), null);
    assert.ok(!/eastus|westus|swedencentral|127\.0\.0\.1/.test(JSON.stringify(error.error)));

    await rejection(
      new OpenAI(stack.v1()).chat.completions.create({ ...question(), stream: true }),
      InternalServerError,
    );
    assert.equal((await stack.simulator.allRequests()) - before, 3, 'an open circuit gets nothing');
  });

  test('another model of the same backends is not affected', async () => {
    const { response } = await embed().withResponse();
    assert.equal(response.headers.get('x-circuit-state'), 'closed');
  });
});

const as429 = (backends) => ({ ...onePool(backends), on_exhausted: { status: 429 } });

suite('every backend throttled, on_exhausted 429', { gateway: as429 }, (stack, test) => {
  test("the SDK's own retry waits as long as the gateway says and succeeds", async () => {
    await stack.simulator.fault(undefined, { status: 429, retry_after_ms: 400, count: 1 });
    const client = new AzureOpenAI(stack.azure({ maxRetries: 1 }));
    const { data, response } = await client.chat.completions.create(question('patience')).withResponse();
    assert.equal(data.choices[0].message.content, 'You said: patience');
    assert.ok(routed(response));
    await until('two lines in the access log', () => stack.gateway.log().length === 2);
    assert.deepEqual(
      stack.gateway.log().map((line) => line.status),
      [429, 200],
    );
  });

  test('throttling is a RateLimitError', async () => {
    await stack.simulator.fault(undefined, { status: 429, retry_after_ms: 60_000 });
    const error = await rejection(new OpenAI(stack.v1()).chat.completions.create(question()), RateLimitError);
    assert.equal(error.status, 429);
    assert.equal(error.code, 'no_backend_available');
    assert.ok(Number(error.headers.get('retry-after')) >= 1);
  });
});

const asUpstream = (backends) => ({ ...onePool(backends), on_exhausted: { status: 'upstream' } });

suite('every backend throttled, on_exhausted upstream', { gateway: asUpstream }, (stack, test) => {
  test("the last backend's own 429 is relayed", async () => {
    await stack.simulator.fault(undefined, { status: 429, retry_after_ms: 60_000 });
    const error = await rejection(new OpenAI(stack.v1()).chat.completions.create(question()), RateLimitError);
    assert.equal(error.code, 'NoCapacity');
    assert.equal(error.headers.get('retry-after-ms'), '60000');
    assert.ok(error.headers.get('x-routed-backend'));
    assert.equal(await stack.simulator.allRequests(), 3);
  });
});
