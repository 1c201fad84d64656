// States that are rare, or that a test cannot wait for: what the gateway says is changed on its way to the page.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, needPrograms, picture, Stack } from './harness.js';
import { example } from './labs.js';

needPrograms();
const limits = { timeout: 30_000 };

describe('the status page shows', { timeout: 120_000 }, () => {
  let browser;
  let stack;
  before(async () => {
    browser = await Browser.start();
    stack = await Stack.start(example.resources, example.gateway);
    await stack.chat('gpt-4o-mini');
  }, limits);
  after(async () => {
    await browser?.stop();
    await stack?.stop();
  }, limits);

  // The page as it looks when `change` has had its way with what /status says.
  async function changed(change, look) {
    const page = await browser.open(stack.admin, {}, async (route) => {
      const response = await route.fetch();
      const status = await response.json();
      change(status, ...status.pools[0].members);
      await route.fulfill({ response, json: status });
    });
    await look(page);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
  const member = (page, name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
  const circuit = (state, rule, reopens_in_ms = null) => ({ deployment: 'gpt-4o', state, rule, reopens_in_ms });

  it('a half-open circuit, which has no end to count down to', limits, () =>
    changed(
      (_, ptu) => ptu.circuits.push(circuit('half_open', 'failing')),
      async (page) => {
        const cell = await member(page, 'eastus-ptu').getByRole('cell').first().innerText();
        assert.equal(cell.replace(/\s+/g, ' '), 'half-open gpt-4o failing, one probe at a time 1 closed');
      },
    ));

  it('a member that is drained, and one without an access token', limits, () =>
    changed(
      (_, ptu, west) => Object.assign(ptu, { credential: 'missing' }) && Object.assign(west, { weight: 0 }),
      async (page) => {
        assert.match(await member(page, 'eastus-ptu').innerText(), /no access token/);
        assert.doesNotMatch(await member(page, 'eastus-ptu').innerText(), /drained/);
        assert.match(await member(page, 'westus').innerText(), /drained[^]*by weight 0 %/);
        assert.match(await member(page, 'swedencentral').innerText(), /by weight 100 %/);
      },
    ));

  it('that a pool has nobody left', limits, () =>
    changed(
      (status, ...members) => {
        status.pools[0].ready = false;
        for (const one of members) one.circuits = [circuit('open', 'failing', 75_000)];
      },
      async (page) => {
        assert.equal(await page.locator('#state').innerText(), 'not ready: openai');
        assert.match(await page.locator('.pool > summary').innerText(), /no eligible member/);
        assert.match(await member(page, 'westus').innerText(), /failing, 1 min 1\d s left/);
        assert.match(await page.title(), /not ready/);
        await picture(page, 'not-ready');
      },
    ));

  it('that the gateway is draining', limits, () =>
    changed(
      (status) => (status.draining = true),
      async (page) => assert.equal(await page.locator('#state').innerText(), 'draining'),
    ));

  it('names as they are written, whatever they look like', limits, () => {
    const name = '<img src=x onerror="console.error(1)"><b>bold</b>';
    return changed(
      (status, ptu) => {
        ptu.backend = ptu.region = status.pools[0].name = status.config.path = name;
        ptu.circuits = [{ ...circuit('open', name, 60_000), deployment: name }];
        status.transitions = [{ number: 1, time: status.time, backend: name, deployment: name, from: 'closed', to: 'open', rule: name, open_for_ms: 1 }];
        status.reloads = [{ time: status.time, result: 'failure', sha256: '', problem_count: 1, problems: [name] }];
      },
      async (page) => {
        assert.equal(await page.locator('main img, main b b, footer img').count(), 0);
        assert.equal(await page.locator('.member strong').first().innerText(), name);
        assert.equal(await page.locator('#config-path').innerText(), name);
      },
    );
  });

  it('no mark of weights under least_latency, which knows none', limits, () =>
    changed(
      (status) => (status.pools[0].strategy = 'least_latency'),
      async (page) => {
        assert.match(await page.locator('.pool > summary').innerText(), /least latency/);
        assert.doesNotMatch(await member(page, 'westus').innerText(), /by weight/);
      },
    ));
});
