// The session cookie, kept by a client of its own as a browser would, and used through the SDKs.
import assert from 'node:assert/strict';
import { chatText, collect, model, question, routed, tally } from './harness/answers.js';
import { key } from './harness/gateway.js';
import { onePool, suite } from './harness/suite.js';
import { surfaces } from './harness/surfaces.js';

const withCookie = (backends) => {
  const { pools, ...rest } = onePool(backends);
  return {
    ...rest,
    affinity_secrets: ['secret-of-the-tests'],
    pools: [{ ...pools[0], affinity: { cookie: { name: 'SessionId' } } }],
  };
};

// A fetch that sends cookies back; `set` holds every Set-Cookie there was.
function browser() {
  const jar = new Map();
  const set = [];
  return {
    set,
    jar,
    fetch: async (url, options) => {
      const headers = new Headers(options.headers);
      if (jar.size > 0) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '));
      const response = await fetch(url, { ...options, headers });
      for (const line of response.headers.getSetCookie()) {
        set.push(line);
        jar.set(...line.split(';')[0].split(/=(.*)/s).slice(0, 2));
      }
      return response;
    },
  };
}

suite('sessions by cookie', { gateway: withCookie }, (stack, test) => {
  const chat = (fetch) =>
    fetch(`${stack.gateway.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(question()),
    });

  test('the first answer sets it, and the others stay', async () => {
    const { fetch, set } = browser();
    const backends = [];
    for (let i = 0; i < 10; ++i) {
      const response = await chat(fetch);
      assert.equal(response.status, 200);
      await response.text();
      backends.push(routed(response));
    }
    assert.equal(new Set(backends).size, 1, `one backend, not ${backends}`);
    assert.equal(set.length, 1);
    assert.match(set[0], /^SessionId=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    assert.ok(!set[0].includes(backends[0]), 'no name is revealed');
  });

  test('sessions are spread over the resources', async () => {
    const first = await Promise.all(Array.from({ length: 9 }, () => chat(fetch)));
    assert.deepEqual(Object.values(tally(first.map(routed))), [3, 3, 3]);
    const values = first.map((response) => response.headers.getSetCookie()[0].split(';')[0]);
    assert.equal(new Set(values).size, 9, 'a value of its own each');
  });

  for (const [name, connect] of Object.entries(surfaces)) {
    test(`${name}: a session keeps its place, streamed and not, whatever it asks for`, async () => {
      const { fetch, set } = browser();
      const client = connect(stack, { fetch });
      const backends = new Set();
      for (let i = 0; i < 4; ++i) {
        const whole = await client.chat.completions.create(question()).withResponse();
        const stream = await client.chat.completions.create({ ...question(), stream: true }).withResponse();
        assert.equal(chatText(await collect(stream.data)), 'You said: Say this back to me.');
        const response = await client.responses.create({ model, input: 'Hello' }).withResponse();
        const files = await client.files.list().withResponse();
        for (const one of [whole, stream, response, files]) backends.add(routed(one.response));
      }
      assert.equal(backends.size, 1, `one backend, not ${[...backends]}`);
      assert.equal(set.length, 1);
    });
  }

  test('a cookie of somebody else counts as none', async () => {
    const { fetch, jar, set } = browser();
    jar.set('SessionId', 'AAAAAAAAAAAAAAAAAAAAAAAA');
    jar.set('theme', 'dark');
    const first = await chat(fetch);
    assert.equal(first.status, 200);
    assert.equal(set.length, 1, 'a new one is set');
    assert.equal(routed(await chat(fetch)), routed(first));
    assert.equal(set.length, 1);
  });

  test('a session moves when its resource is throttled, and stays there', async () => {
    const { fetch, set } = browser();
    const first = routed(await chat(fetch));
    await stack.simulator.fault(first, { status: 429, retry_after_ms: 60_000 });
    const moved = await chat(fetch);
    assert.equal(moved.status, 200);
    assert.notEqual(routed(moved), first);
    assert.equal(set.length, 2, 'with a new cookie');
    await stack.simulator.fault(first, null);
    for (let i = 0; i < 5; ++i) assert.equal(routed(await chat(fetch)), routed(moved));
    assert.equal(set.length, 2);
  });
});
