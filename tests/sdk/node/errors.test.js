// Errors as the SDK's exceptions: the gateway's own, and those of backends.
import assert from 'node:assert/strict';
import OpenAI, {
  APIError,
  APIConnectionTimeoutError,
  AuthenticationError,
  AzureOpenAI,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
} from 'openai';
import { chatText, collect, gatewayId, model, question, rejection } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';

const withDenied = (backends) => ({
  ...onePool(backends),
  routes: [
    {
      name: 'gated',
      match: { path: '/openai', models: ['o3*'] },
      deny: { status: 403, message: 'This model is not available.' },
    },
    { name: 'azure', match: { path: '/openai' }, pool: 'openai' },
  ],
});

suite('errors', { gateway: withDenied }, (stack, test) => {
  const azure = (options) => new AzureOpenAI(stack.azure(options));
  const v1 = (options) => new OpenAI(stack.v1(options));

  test('a wrong key is an AuthenticationError and nothing is forwarded', async () => {
    const before = await stack.simulator.allRequests();
    for (const client of [azure({ apiKey: 'wrong' }), v1({ apiKey: 'wrong' })]) {
      const error = await rejection(client.chat.completions.create(question()), AuthenticationError);
      assert.equal(error.status, 401);
      assert.equal(error.code, 'invalid_api_key');
      assert.equal(error.param, null);
      assert.ok(error.type);
      assert.match(error.requestID, gatewayId);
      assert.ok(!error.message.includes('wrong'), 'the key is not repeated');
    }
    assert.equal(await stack.simulator.allRequests(), before);
  });

  test('no key is another AuthenticationError', async () => {
    const client = azure({ defaultHeaders: { 'api-key': null } });
    const error = await rejection(client.chat.completions.create(question()), AuthenticationError);
    assert.equal(error.code, 'missing_api_key');
  });

  test("a key of a backend is not a key of the gateway's", async () => {
    const client = azure({ apiKey: 'westus-key' });
    assert.equal((await rejection(client.models.list(), AuthenticationError)).code, 'invalid_api_key');
  });

  test("a wrong parameter is the backend's own BadRequestError, sent once", async () => {
    const before = await stack.simulator.allRequests();
    const error = await rejection(azure().chat.completions.create({ ...question(), temperature: 9 }), BadRequestError);
    assert.equal(error.param, 'temperature');
    assert.equal(error.type, 'invalid_request_error');
    assert.ok(error.headers.get('x-routed-backend'));
    assert.ok(error.headers.get('x-ms-region'));
    assert.equal(await stack.simulator.allRequests(), before + 1);
  });

  test('a filtered prompt keeps its details and is not sent elsewhere', async () => {
    const before = await stack.simulator.allRequests();
    await stack.simulator.fault(undefined, { kind: 'content_filter' });
    const error = await rejection(azure().chat.completions.create(question()), BadRequestError);
    await stack.simulator.fault(undefined, null);
    assert.equal(error.code, 'content_filter');
    assert.equal(error.error.innererror.code, 'ResponsibleAIPolicyViolation');
    assert.equal(error.error.innererror.content_filter_result.violence.severity, 'medium');
    assert.equal(await stack.simulator.allRequests(), before + 1);
  });

  test('an unknown deployment is a NotFoundError with code DeploymentNotFound', async () => {
    for (const client of [azure(), v1()]) {
      const wanted = client.chat.completions.create({ ...question(), model: 'gpt-4o-gone' });
      const error = await rejection(wanted, NotFoundError);
      assert.equal(error.code, 'DeploymentNotFound');
    }
  });

  test('a path without a route is a NotFoundError of the gateway', async () => {
    const client = new OpenAI({ ...stack.v1(), baseURL: `${stack.gateway.url}/elsewhere/v1` });
    const error = await rejection(client.chat.completions.create(question()), NotFoundError);
    assert.equal(error.code, 'route_not_found');
    assert.equal(error.headers.get('x-routed-backend'), null);
  });

  test('a denied model is a PermissionDeniedError', async () => {
    const error = await rejection(
      azure().chat.completions.create({ ...question(), model: 'o3-mini' }),
      PermissionDeniedError,
    );
    assert.equal(error.code, 'denied');
    assert.match(error.message, /This model is not available\./);
  });

  test('two models in one body are refused', async () => {
    const body = `{"model":"${model}","messages":[],"model":"other"}`;
    const posted = v1().post('/chat/completions', { body, headers: { 'content-type': 'application/json' } });
    const error = await rejection(posted, BadRequestError);
    assert.equal(error.code, 'bad_request');
  });

  test('an error in the middle of a stream is an APIError', async () => {
    await stack.simulator.fault(undefined, { kind: 'stream_error', after: 3 });
    const stream = await azure().chat.completions.create({ ...question(), stream: true });
    const error = await rejection(collect(stream), APIError);
    await stack.simulator.fault(undefined, null);
    assert.equal(error.code, 'server_error');
  });

  test('a stream that breaks off never looks complete', async () => {
    await stack.simulator.fault(undefined, { kind: 'cut', after: 3 });
    const chunks = [];
    const stream = await azure().chat.completions.create({ ...question(), stream: true });
    await assert.rejects(async () => {
      for await (const chunk of stream) chunks.push(chunk);
    });
    await stack.simulator.fault(undefined, null);
    assert.ok(chunks.length > 0, 'what had arrived was relayed');
    assert.ok(chunks.every((chunk) => !chunk.choices[0]?.finish_reason));
  });

  test('an answer that breaks off is an error too', async () => {
    await stack.simulator.fault(undefined, { kind: 'cut', count: 1 });
    await assert.rejects(azure().chat.completions.create(question()));
    await stack.simulator.reset();
  });

  test("the SDK's own time limit ends the request", async () => {
    await stack.simulator.fault(undefined, 'stall');
    const late = azure({ timeout: 300 }).chat.completions.create(question());
    await rejection(late, APIConnectionTimeoutError);
    await stack.simulator.fault(undefined, null);
    assert.equal(
      chatText(await collect(await v1().chat.completions.create({ ...question('on'), stream: true }))),
      'You said: on',
    );
  });
});
