// Realtime sessions over WebSocket: the classes of the OpenAI package and a plain `ws` client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after } from 'node:test';
import { randomBytes } from 'node:crypto';
import OpenAI, { AzureOpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS as BetaRealtimeWS } from 'openai/beta/realtime/ws';
import WebSocket, { WebSocketServer } from 'ws';
import { tally } from './harness/answers.js';
import { key } from './harness/gateway.js';
import { onePool, suite } from './harness/suite.js';
import { until } from './harness/until.js';

const model = 'gpt-realtime';
const resources = ['eastus', 'westus'].map((name) => ({
  name,
  region: name,
  keys: [`${name}-key`],
  deployments: [{ name: `${name}-realtime`, model }],
}));
const renamed = (backends) =>
  onePool(backends.map((backend) => ({ ...backend, deployments: { [model]: `${backend.name}-realtime` } })));

// The SDK's `WebSocket` class takes the global one, as browsers have it.
globalThis.WebSocket = WebSocket;

// The events of a session up to one of this type.
function eventsUntil(session, type) {
  return new Promise((resolve, reject) => {
    const seen = [];
    session.on('error', reject);
    session.on('event', (event) => {
      seen.push(event);
      if (event.type === type) resolve([...seen]);
    });
  });
}

const say = (text) => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});

suite('realtime', { resources, gateway: renamed }, (stack, test) => {
  const v1 = () => new OpenAI(stack.v1());
  const azure = () => new AzureOpenAI(stack.azure({ deployment: model }));
  const sessions = {
    'OpenAIRealtimeWS of OpenAI': () => new OpenAIRealtimeWS({ model }, v1()),
    'OpenAIRealtimeWS of AzureOpenAI': () => OpenAIRealtimeWS.azure(azure()),
    'OpenAIRealtimeWebSocket of OpenAI, with the key as a subprotocol': () =>
      new OpenAIRealtimeWebSocket({ model, dangerouslyAllowBrowser: true }, v1()),
    'OpenAIRealtimeWebSocket of AzureOpenAI, with the key in the query': () =>
      OpenAIRealtimeWebSocket.azure(azure(), { dangerouslyAllowBrowser: true }),
    'the beta OpenAIRealtimeWS of AzureOpenAI': () => BetaRealtimeWS.azure(azure()),
  };

  for (const [name, open] of Object.entries(sessions)) {
    test(`${name}: a session from its first event to its close`, async () => {
      const session = await open();
      const created = await eventsUntil(session, 'session.created');
      assert.equal(created[0].type, 'session.created');
      session.send(say('Hello there.'));
      session.send({ type: 'response.create' });
      const events = await eventsUntil(session, 'response.done');
      const text = events
        .filter(({ type }) => /^response\.(output_)?text\.delta$/.test(type))
        .map(({ delta }) => delta)
        .join('');
      assert.match(text, /Hello there\./);
      assert.ok(events.at(-1).response.usage.total_tokens > 0);
      const closed = new Promise((resolve) => session.socket.addEventListener('close', resolve));
      session.close({ code: 1000, reason: 'done' });
      assert.equal((await closed).code, 1000);
    });
  }

  const url = (query = `model=${model}`) => `${stack.gateway.url.replace('https', 'wss')}/openai/v1/realtime?${query}`;
  const headers = { 'api-key': key };

  // The answer to a handshake that is refused.
  async function refusal(socket) {
    const [, response] = await once(socket, 'unexpected-response');
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks)), headers: response.headers };
  }

  test('sessions are spread over the members and say where they are', async () => {
    const backends = [];
    for (let i = 0; i < 6; ++i) {
      const socket = new WebSocket(url(), { headers });
      const [response] = await once(socket, 'upgrade');
      backends.push(response.headers['x-routed-backend']);
      socket.terminate();
    }
    assert.deepEqual(tally(backends), { eastus: 3, westus: 3 });
    await until('no stream left', async () => (await stack.gateway.metric('streams_active')) === 0);
  });

  test('a handshake without a key, with a wrong one or for an unknown model is refused', async () => {
    assert.equal((await refusal(new WebSocket(url()))).body.error.code, 'missing_api_key');
    const wrong = new WebSocket(url(), { headers: { 'api-key': 'guess' } });
    assert.equal((await refusal(wrong)).body.error.code, 'invalid_api_key');
    const unknown = await refusal(new WebSocket(url('model=gpt-5'), { headers }));
    assert.deepEqual([unknown.status, unknown.body.error.code], [400, 'model_not_found']);
  });

  test('a refused handshake goes to the next member', async () => {
    await stack.simulator.fault('eastus', { status: 429 });
    try {
      for (let i = 0; i < 4; ++i) {
        const socket = new WebSocket(url(), { headers });
        const [response] = await once(socket, 'upgrade');
        assert.equal(response.headers['x-routed-backend'], 'westus');
        socket.terminate();
      }
    } finally {
      await stack.simulator.reset();
    }
  });
});

// A `ws` server as the only backend, so that both ends are that package.
const echo = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
const handshakes = [];
echo.on('connection', (socket, request) => {
  handshakes.push(request);
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});

suite(
  'a plain WebSocket client',
  {
    resources: resources.slice(0, 1),
    gateway: ([backend]) => onePool([{ ...backend, url: `http://127.0.0.1:${echo.address().port}` }]),
  },
  (stack, test) => {
    const open = async (options, deployment = model) => {
      const url = `${stack.gateway.url.replace('https', 'wss')}/openai/realtime?api-version=v&deployment=${deployment}`;
      const socket = new WebSocket(url, { headers: { 'api-key': key }, ...options });
      await once(socket, 'open');
      return socket;
    };
    const reply = async (socket) => (await once(socket, 'message'))[0];

    for (const perMessageDeflate of [true, false]) {
      test(`text and binary come back whole, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
        const socket = await open({ perMessageDeflate });
        assert.equal(socket.extensions, perMessageDeflate ? 'permessage-deflate' : '');
        socket.send('Größe ✓ 日本 🌍');
        assert.equal((await reply(socket)).toString(), 'Größe ✓ 日本 🌍');
        const audio = randomBytes(5 << 20);
        socket.send(audio);
        assert.ok(audio.equals(await reply(socket)));
        socket.close(1000);
        await once(socket, 'close');
      });
    }

    test('the backend sees its own key and none of the gateway', async () => {
      (await open()).terminate();
      const { rawHeaders, url } = handshakes.at(-1);
      assert.ok(!JSON.stringify([rawHeaders, url]).includes(key));
      assert.ok(rawHeaders.includes('eastus-key'));
      assert.equal(url, `/openai/realtime?api-version=v&deployment=${model}`);
    });

    test('ping and pong pass in both directions', async () => {
      const socket = await open();
      socket.ping('there');
      assert.equal((await once(socket, 'pong'))[0].toString(), 'there');
      const [peer] = [...echo.clients].slice(-1);
      peer.ping('back');
      assert.equal((await once(peer, 'pong'))[0].toString(), 'back');
      socket.terminate();
    });

    for (const code of [1000, 1011, 4000]) {
      test(`close code ${code} passes in both directions`, async () => {
        for (const [from, to] of [
          [0, 1],
          [1, 0],
        ]) {
          const socket = await open();
          const ends = [socket, [...echo.clients].slice(-1)[0]];
          const closed = once(ends[to], 'close');
          ends[from].close(code, 'why');
          const [seen, reason] = await closed;
          assert.deepEqual([seen, reason.toString()], [code, 'why']);
        }
      });
    }

    test('a client that is terminated ends the connection of the backend', async () => {
      const socket = await open();
      const [peer] = [...echo.clients].slice(-1);
      const closed = once(peer, 'close');
      socket.terminate();
      assert.equal((await closed)[0], 1006);
    });

    test('a backend that is terminated ends the connection of the client', async () => {
      const socket = await open();
      const closed = once(socket, 'close');
      [...echo.clients].slice(-1)[0].terminate();
      assert.equal((await closed)[0], 1006);
    });

    test('the log has one line a session', async () => {
      const socket = await open({ perMessageDeflate: false }, 'logged');
      socket.send('12345');
      await reply(socket);
      socket.close(1000);
      await once(socket, 'close');
      const line = await until('the line', () => stack.gateway.log().find(({ model }) => model === 'logged'));
      assert.equal(line.status, 101);
      assert.equal(line.stream, true);
      assert.equal(line.aborted_by, 'none');
      assert.equal(line.bytes_in, 6 + 5 + (6 + 2)); // a masked message and a masked Close frame
      assert.equal(line.bytes_out, 2 + 5 + (2 + 2));
    });
  },
);

after(() => echo.close());
