// The status page in front of the README's example: what it shows, and what it does while things happen.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { faintTexts } from './contrast.js';
import { Browser, needPrograms, picture, Stack, until } from './harness.js';
import { example } from './labs.js';

needPrograms();
const limits = { timeout: 30_000 };
const mini = 'gpt-4o-mini';

const row = (page, member) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: member }) });
const text = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ').trim();
const cellsOf = async (page, member) => (await row(page, member).getByRole('cell').allInnerTexts()).map((cell) => cell.trim());

// The page has got so many answers more.
async function answers(page, count) {
  for (let i = 0; i < count; ++i) await page.waitForResponse((response) => response.url().includes('/status'));
}

describe('the status page', { timeout: 180_000 }, () => {
  let browser;
  let stack;
  let page;
  before(async () => (browser = await Browser.start()), limits);
  after(() => browser?.stop(), limits);
  beforeEach(async () => (stack = await Stack.start(example.resources, example.gateway)), limits);
  afterEach(async () => {
    await page?.context().close();
    page = undefined;
    await stack.stop();
  }, limits);

  const shows = (what, look) =>
    until(what, async () => {
      try {
        return await look();
      } catch (error) {
        if (error instanceof assert.AssertionError) return false;
        throw error;
      }
    });
  const throttle = (ms, deployment = mini) =>
    stack.simulator.fault('eastus-ptu', { status: 429, retry_after_ms: ms, count: 1 }, deployment);

  it('shows members by priority with what they did in the last minute', limits, async () => {
    await throttle(60_000);
    for (let i = 0; i < 9; ++i) await stack.chat(mini);
    await stack.chat('gpt-4o', { stream: true });
    page = await browser.open(stack.admin);
    const headers = await page.locator('.members').getByRole('rowheader').allInnerTexts();
    assert.deepEqual(headers, [
      'Priority 1 · 18 % of the pool’s attempts in the last minute',
      'eastus-ptu\nEast US · PTU',
      'Priority 2 · 82 % of the pool’s attempts in the last minute',
      'westus\nWest US · pay-as-you-go',
      'swedencentral\nSweden Central · pay-as-you-go',
    ]);
    const ptu = await cellsOf(page, 'eastus-ptu');
    assert.match(ptu[0], /^open\s+gpt-4o-mini\s+throttled, (\d+ s|1 min 0 s) left\s+1 closed$/);
    assert.equal(ptu[2], '2\n2 in all', 'requests');
    assert.equal(ptu[3], '1\n1 in all', 'throttled');
    const west = await cellsOf(page, 'westus');
    assert.match(west[1], /^(56|44) %\s+by weight 50 %$/);
    assert.match(west[6], /^\d+ ms\s+p95 \d+ ms$/, 'first byte');
    assert.match(await text(page.locator('#totals')), /Failed for clients 0 % 0 since the start/);
    assert.match(await text(page.locator('footer')), /spillway\.yaml SHA-256 [0-9a-f]{64}/);
    assert.equal(await text(page.locator('#state')), 'ready');
    await picture(page, 'light');
    assert.deepEqual(page.complaints, []);
  });

  it('shows a member trip and recover without being loaded again', limits, async () => {
    page = await browser.open(stack.admin);
    await page.evaluate(() => (window.sameDocument = true));
    const circuits = row(page, 'eastus-ptu').getByRole('cell').first();
    assert.equal(await text(circuits), 'none used yet');
    await stack.chat(mini);
    await shows('a closed circuit', async () => (await text(circuits)) === '1 closed');

    await throttle(4_000);
    await stack.chat(mini);
    await shows('an open circuit', async () => /^open gpt-4o-mini throttled, [\d.]+ s left$/.test(await text(circuits)));
    const left = async () => Number((await text(circuits)).match(/([\d.]+) s left/)?.[1] ?? 0);
    const first = await left();
    const texts = new Set();
    await shows('a countdown that runs between answers', async () => texts.add(await text(circuits)).size > 8);
    assert.ok((await left()) < first);
    assert.match(await text(page.locator('.pool > summary')), /1 circuit not closed/);
    await shows('it is said aloud', async () => (await text(page.locator('#said'))).includes('Circuit gpt-4o-mini of eastus-ptu is open.'));

    await shows('a closed circuit again', async () => (await text(circuits)) === '1 closed');
    const changes = await page.locator('#transitions').getByRole('row').allInnerTexts();
    assert.equal(changes.length, 2);
    assert.match(changes[0], /eastus-ptu gpt-4o-mini\s+open → closed/);
    assert.match(changes[1], /closed → open\s+throttled, for 4\.00 s/);
    assert.ok(await page.evaluate(() => window.sameDocument));
    assert.deepEqual(page.complaints, []);
  });

  it('says that the gateway cannot be reached, since when, and when it is back', limits, async () => {
    page = await browser.open(stack.admin);
    await stack.gateway.stop();
    const alarm = page.getByRole('alert');
    await alarm.waitFor();
    assert.match(await text(alarm), /^The gateway cannot be reached since \d\d:\d\d:\d\d \(\d+ s\)\. What is shown is from then\.$/);
    assert.equal(await text(page.locator('#state')), 'unreachable');
    assert.equal(await row(page, 'westus').count(), 1, 'the last known state stays');
    await stack.serveAgain();
    await alarm.waitFor({ state: 'hidden' });
    assert.equal(await text(page.locator('#state')), 'ready');
    assert.ok(page.complaints.every((complaint) => /Failed to load resource.*ERR_/.test(complaint)), page.complaints.join('\n'));
  });

  it('lists reloads, refused ones with their problems', limits, async () => {
    page = await browser.open(stack.admin);
    const good = stack.config;
    stack.write({ ...good, drain_timout: '3s' });
    assert.equal(await stack.reload(), 422);
    stack.write({ ...good, drain_timeout: '3s' });
    assert.equal(await stack.reload(), 200);
    const reloads = page.locator('#reloads').getByRole('row');
    await shows('both and the start', async () => (await reloads.count()) === 3);
    const [accepted, refused, start] = await reloads.allInnerTexts();
    assert.match(accepted, /reload\s+accepted [0-9a-f]{12}/);
    assert.match(refused, /reload\s+refused[^]*drain_timeout/);
    assert.match(start, /start/);
    assert.deepEqual(page.complaints, []);
  });

  it('is quiet while nobody looks', limits, async () => {
    page = await browser.open(stack.admin);
    let asked = 0;
    page.on('request', () => (asked += 1));
    const pretend = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await pretend(true);
    await until('an answer that was on its way', () => page.waitForLoadState('networkidle').then(() => true));
    asked = 0;
    const { uptime_ms: then } = await (await fetch(`${stack.admin}/status`)).json();
    await until('time in which it would have asked twice', async () => {
      const { uptime_ms: now } = await (await fetch(`${stack.admin}/status`)).json();
      return now - then > 2_500;
    });
    assert.equal(asked, 0);
    await pretend(false);
    await until('it asks again', () => asked > 0);
  });

  it('can be read in both colours', limits, async () => {
    await throttle(60_000);
    for (let i = 0; i < 3; ++i) await stack.chat(mini);
    page = await browser.open(stack.admin);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await faintTexts(page), [], colorScheme);
      await picture(page, colorScheme);
    }
    const grounds = new Set();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    assert.equal(grounds.size, 2);
  });

  it('fits a phone', limits, async () => {
    await throttle(60_000);
    for (let i = 0; i < 3; ++i) await stack.chat(mini);
    page = await browser.open(stack.admin, { viewport: { width: 360, height: 740 } });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no scrolling sideways');
    assert.match(await text(row(page, 'eastus-ptu')), /throttled/, 'and it still is a table for a screen reader');
    await picture(page, 'phone');
  });

  it('counts down in whole seconds for those who want no motion', limits, async () => {
    await throttle(8_000);
    await stack.chat(mini);
    page = await browser.open(stack.admin, { reducedMotion: 'reduce' });
    assert.match(await text(row(page, 'eastus-ptu').getByRole('cell').first()), /throttled, \d s left/);
  });

  it('can be used with the keyboard alone', limits, async () => {
    await stack.chat(mini);
    page = await browser.open(stack.admin);
    const focused = () =>
      page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        const { activeElement } = document;
        const name = activeElement.getAttribute('aria-labelledby')?.split('-')[0] ?? (activeElement.id || activeElement.innerText.split('\n')[0]);
        return { name, seen: outlineStyle !== 'none' && outlineWidth !== '0px' };
      });
    const stops = [];
    for (let i = 0; i < 6; ++i) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    const names = ['Skip to the pools', 'filter', 'openai', '1 closed', 'transitions', 'reloads'];
    assert.deepEqual(stops, names.map((name) => ({ name, seen: true })));

    await page.locator('.pool > summary').focus();
    await page.keyboard.press('Enter');
    assert.equal(await row(page, 'westus').isVisible(), false, 'folded');
    await answers(page, 2);
    assert.equal(await row(page, 'westus').isVisible(), false, 'and stays so');
    await page.keyboard.press('Enter');
    assert.equal(await row(page, 'westus').isVisible(), true);

    await page.getByLabel('Show only').fill('west');
    assert.equal(await text(page.locator('#found')), '1 of 3 members');
    assert.equal(await row(page, 'eastus-ptu').isVisible(), false);
    assert.equal(await row(page, 'westus').isVisible(), true);
  });
});
