// Priorities, throttling, a region that is switched off: callers see 200 throughout.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI } from 'openai';
import { chatText, collect, model, question, region, routed, tally } from './harness/answers.js';
import { onePool, suite } from './harness/suite.js';
import { until } from './harness/until.js';

// `count` chats one after the other, as AzureOpenAI and OpenAI in turn; each must be answered.
async function chats(stack, count) {
  const responses = [];
  for (let i = 0; i < count; ++i) {
    const client = i % 2 ? new OpenAI(stack.v1()) : new AzureOpenAI(stack.azure());
    const { data, response } = await client.chat.completions.create(question(`chat ${i}`)).withResponse();
    assert.equal(data.choices[0].message.content, `You said: chat ${i}`);
    responses.push(response);
  }
  return responses;
}

const ptuFirst = (backends) => ({
  ...onePool(backends, [
    { backend: 'eastus-ptu', priority: 1 },
    { backend: 'westus', priority: 2, weight: 50 },
    { backend: 'swedencentral', priority: 2, weight: 50 },
  ]),
  response_headers: { attempts: true },
});

suite('provisioned throughput first', { gateway: ptuFirst }, (stack, test) => {
  test('takes everything while it can', async () => {
    const responses = await chats(stack, 10);
    assert.deepEqual(tally(responses.map(routed)), { 'eastus-ptu': 10 });
    assert.ok(responses.every((response) => region(response) === 'East US'));
    assert.ok(responses.every((response) => response.headers.get('x-routing-strategy') === 'priority'));
    assert.ok(responses.every((response) => response.headers.get('x-attempts') === 'eastus-ptu;200'));
  });

  test('spills over when it is full, within the request, and nobody sees a 429', async () => {
    const earlier = await Promise.all(['westus', 'swedencentral'].map((name) => stack.simulator.requests(name)));
    assert.deepEqual(earlier, [0, 0]);
    await stack.simulator.fault('eastus-ptu', { status: 429, retry_after_ms: 60_000 });
    const responses = await chats(stack, 20);
    assert.match(responses[0].headers.get('x-attempts'), /^eastus-ptu;429, (westus|swedencentral);200$/);
    assert.ok(responses.slice(1).every((response) => /^\w+;200$/.test(response.headers.get('x-attempts'))));
    assert.deepEqual(tally(responses.map(routed)), { westus: 10, swedencentral: 10 });
    assert.equal(await stack.simulator.requests('eastus-ptu', '429'), 1, 'left alone while its circuit is open');
    const { circuits, throttled } = await stack.gateway.member('eastus-ptu');
    const circuit = circuits.find(({ deployment }) => deployment === model);
    assert.equal(circuit.state, 'open');
    assert.equal(circuit.rule, 'throttled');
    assert.ok(circuit.reopens_in_ms > 30_000);
    assert.equal(throttled, 1);
  });

  test('a stream is served elsewhere all the same', async () => {
    const client = new AzureOpenAI(stack.azure());
    const { data, response } = await client.chat.completions
      .create({ ...question('flow'), stream: true })
      .withResponse();
    assert.equal(chatText(await collect(data)), 'You said: flow');
    assert.notEqual(routed(response), 'eastus-ptu');
  });
});

suite('provisioned throughput that is full for a moment', { gateway: ptuFirst }, (stack, test) => {
  test('is found again by itself', async () => {
    await chats(stack, 1);
    await stack.simulator.fault('eastus-ptu', { status: 429, retry_after_ms: 300, count: 1 });
    const [spilled] = await chats(stack, 1);
    assert.notEqual(routed(spilled), 'eastus-ptu');
    await until('served by the provisioned resource', async () => routed((await chats(stack, 1))[0]) === 'eastus-ptu');
    assert.equal(await stack.simulator.requests('eastus-ptu', '429'), 1);
  });
});

// Really full, by the simulator's own arithmetic: 40 requests of 300 tokens against 3000 a minute.
const smallPtu = [
  {
    name: 'eastus-ptu',
    region: 'East US',
    kind: 'ptu',
    keys: ['eastus-ptu-key'],
    deployments: [{ name: model, capacity: 3000, window: '60s', completion_tokens: 300 }],
  },
  { name: 'westus', region: 'West US', keys: ['westus-key'], deployments: [{ name: model }] },
];
const ptuThenOne = (backends) => onePool(backends, [{ backend: 'eastus-ptu' }, { backend: 'westus', priority: 2 }]);

suite('provisioned throughput with a capacity', { resources: smallPtu, gateway: ptuThenOne }, (stack, test) => {
  test('serves what it can and the rest spills over, all at once', async () => {
    const client = new AzureOpenAI(stack.azure());
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        client.chat.completions.create({ ...question(), max_tokens: 300 }).withResponse(),
      ),
    );
    const counts = tally(answers.map(({ response }) => routed(response)));
    assert.ok(counts['eastus-ptu'] >= 1, 'the provisioned resource is used');
    assert.ok(counts.westus >= 1, 'and not enough');
    assert.equal(counts['eastus-ptu'] + counts.westus, 40);
    assert.ok((await stack.simulator.requests('eastus-ptu', '429')) >= 1);
  });
});

const quickProbe = (backends) => ({
  ...onePool(backends),
  pools: [
    {
      name: 'openai',
      members: backends.map(({ name }) => ({ backend: name })),
      circuit_breaker: {
        rules: [
          {
            name: 'failing',
            failure_condition: {
              count: 3,
              interval: '60s',
              status_code_ranges: ['500-599'],
              error_reasons: ['connect', 'reset'],
            },
            trip_duration: '1s',
            half_open: true,
          },
        ],
      },
    },
  ],
});

suite('a region that is switched off', { gateway: quickProbe }, (stack, test) => {
  test('is passed over, and callers see nothing of it', async () => {
    await chats(stack, 3);
    await stack.simulator.fault('westus', 'refuse');
    const responses = await chats(stack, 30);
    assert.deepEqual(Object.keys(tally(responses.map(routed))).sort(), ['eastus-ptu', 'swedencentral']);
    assert.ok((await stack.gateway.member('westus')).failures >= 3);
    assert.ok((await stack.gateway.metric('circuit_transitions_total', { backend: 'westus', to: 'open' })) >= 1);
  });

  test('is found by a probe when it is back', async () => {
    await stack.simulator.fault('westus', null);
    const first = await until('served by the region that was off', async () => {
      const [response] = await chats(stack, 1);
      return routed(response) === 'westus' && response;
    });
    assert.equal(first.headers.get('x-circuit-state'), 'half_open');
    const responses = await chats(stack, 9);
    assert.ok(tally(responses.map(routed)).westus >= 2, 'it has its turns again');
    assert.ok(responses.every((response) => response.headers.get('x-circuit-state') === 'closed'));
  });

  test('an answer lost before its first byte is asked for elsewhere', async () => {
    await stack.simulator.fault('swedencentral', { kind: 'reset', count: 2 });
    await chats(stack, 12);
    assert.equal(await stack.simulator.requests('swedencentral', 'reset'), 2);
  });

  test('a server error too', async () => {
    await stack.simulator.fault('eastus-ptu', { status: 500, count: 2 });
    await chats(stack, 12);
    assert.equal(await stack.simulator.requests('eastus-ptu', '500'), 2);
  });
});
