// As large as it gets: 30 members, 20 deployments each.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, needPrograms, picture, Stack } from './harness.js';
import { large } from './labs.js';

needPrograms();
const limits = { timeout: 60_000 };

describe('the status page of a large gateway', { timeout: 120_000 }, () => {
  let browser;
  let stack;
  before(async () => {
    browser = await Browser.start();
    stack = await Stack.start(large.resources, large.gateway);
    const models = large.resources[0].deployments.map(({ name }) => name);
    // Every member serves every model; then three of them are throttled for some.
    const chats = async (name) => {
      for (let i = 0; i < 30; ++i) assert.equal(await stack.chat(name), 200);
    };
    await Promise.all(models.map(chats));
    for (const name of ['resource-02', 'resource-05', 'resource-09'])
      await stack.simulator.fault(name, { status: 429, retry_after_ms: 60_000 });
    await Promise.all(models.slice(0, 7).map(chats));
  }, limits);
  after(async () => {
    await browser?.stop();
    await stack?.stop();
  }, limits);

  it('sums up what is well and lists what is not', limits, async () => {
    const page = await browser.open(stack.admin, { viewport: { width: 1440, height: 900 } });
    const rows = page.locator('.members tr:has(td)');
    assert.equal(await rows.count(), 30);
    const circuits = await rows.locator('.circuits').allInnerTexts();
    assert.equal(circuits[0], '20 closed');
    for (const i of [1, 4, 8]) {
      assert.equal(circuits[i].match(/open\n/g).length, 7, circuits[i]);
      assert.match(circuits[i], /13 closed$/);
    }
    assert.match(await page.locator('.pool > summary').innerText(), /21 circuits not closed/);
    await picture(page, 'large');
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  it('keeps every row where it is', limits, async () => {
    const page = await browser.open(stack.admin);
    const names = () => page.locator('.member strong').allInnerTexts();
    const order = await names();
    assert.deepEqual(order, large.resources.map(({ name }) => name));
    await page.evaluate(() => {
      window.rowsMoved = false;
      const isRow = (node) => node.nodeName === 'TR';
      new MutationObserver((changes) => {
        window.rowsMoved ||= changes.some(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes].some(isRow));
      }).observe(document.querySelector('.members'), { childList: true, subtree: true });
    });
    for (let i = 0; i < 3; ++i) {
      await stack.chat('model-01');
      await page.waitForResponse((response) => response.url().includes('/status'));
    }
    assert.deepEqual(await names(), order);
    assert.equal(await page.evaluate(() => window.rowsMoved), false);
    await page.context().close();
  });

  it('finds by name', limits, async () => {
    const page = await browser.open(stack.admin);
    const shown = () => page.locator('.members tr:has(td):visible').count();
    const find = async (name) => {
      await page.getByLabel('Show only').fill(name);
      return shown();
    };
    assert.equal(await find('RESOURCE-07'), 1);
    assert.equal(await find('sweden'), 5, 'a region');
    assert.equal(await find('model-20'), 30, 'a deployment');
    assert.equal(await find('everything'), 30, 'a pool');
    assert.equal(await find('nothing of the kind'), 0);
    assert.equal(await page.locator('#found').innerText(), '0 of 30 members');
    assert.equal(await find(''), 30);
    await page.context().close();
  });

  it('fits a phone, too', limits, async () => {
    const page = await browser.open(stack.admin, { viewport: { width: 360, height: 740 } });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.context().close();
  });

  it('asks for little', limits, async () => {
    const body = await (await fetch(`${stack.admin}/status?history=true`)).text();
    assert.ok(body.length < 300_000, `${body.length} bytes`);
  });
});
