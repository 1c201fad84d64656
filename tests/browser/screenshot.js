// Takes the picture of the README, docs/images/status.png: five minutes of the example's life. `npm run screenshot`.
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser, needPrograms, Stack } from './harness.js';
import { example } from './labs.js';

needPrograms();
const seconds = Number(process.argv[2] ?? 310);
const image = fileURLToPath(new URL('../../docs/images/status.png', import.meta.url));

const browser = await Browser.start();
const stack = await Stack.start(example.resources, example.gateway);
const page = await browser.open(stack.admin, { viewport: { width: 1280, height: 800 } });

const begun = Date.now();
const elapsed = () => (Date.now() - begun) / 1000;
let over = false;
// A caller who thinks between two questions, some of them only in every other minute.
async function caller(model, options, think, onlyAtTimes) {
  while (!over) {
    if (!onlyAtTimes || Math.floor(elapsed() / 50) % 2 === 1) await stack.chat(model, options);
    await pause(think);
  }
}
const callers = [
  caller('gpt-4o', { stream: true }, 150),
  caller('gpt-4o', { stream: true }, 220),
  caller('gpt-4o-mini', {}, 90),
  caller('gpt-4o-mini', {}, 130),
  caller('gpt-4o', { stream: true }, 60, true),
  caller('gpt-4o-mini', {}, 40, true),
];
const full = (ms) => stack.simulator.fault('eastus-ptu', { status: 429, retry_after_ms: ms, count: 1 }, 'gpt-4o-mini');
for (let times = 0; elapsed() < seconds - 45; ++times) {
  await pause(25_000);
  if (times === 3) await stack.reload();
  await full(12_000);
}
await pause(40_000);
await full(14_000);
await pause(5_000);
await page.screenshot({ path: image });
over = true;
await Promise.all(callers);
await browser.stop();
await stack.stop();
